//! The check of the books: what must hold for every cliente, read from one snapshot.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

use super::{postgres, sqlite};
use crate::database::{Database, RepositoryError};

/// How much was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Libro {
    /// How many clientes there are.
    pub clientes: i64,
    /// How many pagos there are.
    pub pagos: i64,
}

/// A rule of the books that a row breaks. Shown in one line, with ids and amounts and nothing else of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violacion {
    /// The rule.
    pub regla: Regla,
    /// The row of the table that the rule is about: a cliente, a pago or a recarga.
    pub id: i64,
    /// Its cliente.
    pub cliente_id: i64,
    /// The amount that the row holds.
    pub importe: String,
    /// The balance that the recargas and pagos add up to.
    pub esperado: String,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Regla {
    /// `saldo = sum(recargas.monto) - sum(pagos.monto where estado = 'PROCESADO')`.
    Saldo,
    /// A balance lies between 0.00 and 99999999.99.
    RangoDeSaldo,
    /// The amount of a pago is greater than zero and at most 99999999.99.
    MontoDePago,
    /// The amount of a recarga is greater than zero.
    MontoDeRecarga,
    /// The state of a pago is one of the three.
    Estado,
    /// A pago is in the currency of its cliente.
    Moneda,
    /// A pago has a cliente.
    PagoSinCliente,
    /// A recarga has a cliente.
    RecargaSinCliente,
}

/// Check the whole database and hand each violation to `informe` as it is found; memory does not grow with their number.
///
/// All is read from one snapshot, in a transaction that cannot write.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn verificar(database: &Database, mut informe: impl FnMut(Violacion) + Send) -> Result<Libro, RepositoryError> {
    match database {
        Database::Sqlite(sqlite) => sqlite::ledger::verificar(sqlite, &mut informe).await,
        Database::Postgres(postgres) => postgres::ledger::verificar(postgres, &mut informe).await,
    }
}

/// Who is told of each violation.
pub(super) type Informe<'a> = &'a mut (dyn FnMut(Violacion) + Send);

/// A violation as the engines return it: rule, row, cliente, amount, balance that was expected.
pub(super) type ViolationRow<A> = (String, i64, i64, Option<A>, Option<A>);

impl Violacion {
    pub(super) fn leer<A>(fila: ViolationRow<A>, texto: impl Fn(A) -> String) -> Result<Self, RepositoryError> {
        let (regla, id, cliente_id, importe, esperado) = fila;
        let regla = Regla::leer(&regla).ok_or_else(|| RepositoryError::internal("an unknown rule"))?;
        let texto = |importe: Option<A>| importe.map_or_else(|| "null".to_owned(), &texto);
        Ok(Self { regla, id, cliente_id, importe: texto(importe), esperado: texto(esperado) })
    }
}

impl Regla {
    /// The rule by the name that the statements give it.
    fn leer(nombre: &str) -> Option<Self> {
        Some(match nombre {
            "saldo" => Self::Saldo,
            "rango" => Self::RangoDeSaldo,
            "monto_pago" => Self::MontoDePago,
            "monto_recarga" => Self::MontoDeRecarga,
            "estado" => Self::Estado,
            "moneda" => Self::Moneda,
            "pago_sin_cliente" => Self::PagoSinCliente,
            "recarga_sin_cliente" => Self::RecargaSinCliente,
            _ => return None,
        })
    }
}

impl fmt::Display for Violacion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { regla, id, cliente_id, importe, esperado } = self;
        match regla {
            Regla::Saldo => write!(f, "cliente {id}: saldo {importe}, but recargas less pagos are {esperado}"),
            Regla::RangoDeSaldo => write!(f, "cliente {id}: saldo {importe} is not between 0.00 and 99999999.99"),
            Regla::MontoDePago => write!(f, "pago {id} of cliente {cliente_id}: monto {importe} is out of range"),
            Regla::MontoDeRecarga => write!(f, "recarga {id} of cliente {cliente_id}: monto {importe} is not greater than zero"),
            Regla::Estado => write!(f, "pago {id} of cliente {cliente_id}: unknown estado, monto {importe}"),
            Regla::Moneda => write!(f, "pago {id} of cliente {cliente_id}: another moneda than the cliente's, monto {importe}"),
            Regla::PagoSinCliente => write!(f, "pago {id}: there is no cliente {cliente_id}, monto {importe}"),
            Regla::RecargaSinCliente => write!(f, "recarga {id}: there is no cliente {cliente_id}, monto {importe}"),
        }
    }
}

/// The next row of an answer.
pub(super) async fn siguiente<T>(
    filas: &mut Pin<Box<dyn Stream<Item = Result<T, sqlx::Error>> + Send + '_>>,
) -> Result<Option<T>, sqlx::Error> {
    poll_fn(|context| filas.as_mut().poll_next(context)).await.transpose()
}

#[cfg(test)]
mod tests {
    use super::{Regla, Violacion};

    #[test]
    fn a_violation_is_one_line_of_ids_and_amounts() {
        let fila = ("saldo".to_owned(), 7, 7, Some(10_001), Some(10_000));
        let violacion = Violacion::leer(fila, |centavos: i64| centavos.to_string()).unwrap();
        assert_eq!(violacion.regla, Regla::Saldo);
        assert_eq!(violacion.to_string(), "cliente 7: saldo 10001, but recargas less pagos are 10000");
    }

    #[test]
    fn a_rule_that_is_not_known_is_a_defect() {
        let fila = ("otra".to_owned(), 7, 7, None::<i64>, None);
        assert!(Violacion::leer(fila, |centavos| centavos.to_string()).is_err());
    }
}
