//! The check of the books: what must hold for every cliente, read from one snapshot.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;
use rust_decimal::Decimal;

use super::{postgres, sqlite};
use crate::database::{Database, RepositoryError};

/// How much was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// How many clientes there are.
    pub clientes: i64,
    /// How many pagos there are.
    pub pagos: i64,
}

/// A rule of the books that a row breaks. Shown in one line, with ids and amounts and nothing else of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The row of the table that the rule is about: a cliente, a pago or a recarga.
    pub id: i64,
    /// Its cliente.
    pub cliente_id: i64,
    /// The amount that the row holds; `None` where that is none.
    pub amount: Option<Decimal>,
    /// The balance that the recargas and pagos add up to, for the rule of that.
    pub expected: Option<Decimal>,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `saldo = sum(recargas.monto) - sum(pagos.monto where estado = 'PROCESADO')`.
    Saldo,
    /// A balance lies between 0.00 and 99999999.99.
    SaldoRange,
    /// The amount of a pago is greater than zero and at most 99999999.99.
    PagoMonto,
    /// The amount of a recarga is greater than zero.
    RecargaMonto,
    /// The state of a pago is one of the three.
    Estado,
    /// A pago is in the currency of its cliente.
    Moneda,
    /// A pago has a cliente.
    PagoWithoutCliente,
    /// A recarga has a cliente.
    RecargaWithoutCliente,
}

/// Check the whole database and hand each violation to `report` as it is found; memory does not grow with their number.
///
/// All is read from one snapshot, in a transaction that cannot write.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn verify_ledger(database: &Database, mut report: impl FnMut(Violation) + Send) -> Result<Ledger, RepositoryError> {
    match database {
        Database::Sqlite(sqlite) => sqlite::ledger::verify_ledger(sqlite, &mut report).await,
        Database::Postgres(postgres) => postgres::ledger::verify_ledger(postgres, &mut report).await,
    }
}

/// Who is told of each violation.
pub(super) type Report<'a> = &'a mut (dyn FnMut(Violation) + Send);

impl Violation {
    /// `amounts` are what the row holds, and the balance that was expected of it.
    pub(super) fn read(rule: &str, id: i64, cliente_id: i64, amounts: [Option<Decimal>; 2]) -> Result<Self, RepositoryError> {
        let rule = Rule::read(rule).ok_or_else(|| RepositoryError::internal("an unknown rule"))?;
        let [amount, expected] = amounts;
        Ok(Self { rule, id, cliente_id, amount, expected })
    }
}

impl Rule {
    /// The rule by the name that the statements give it.
    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "saldo" => Self::Saldo,
            "saldo_range" => Self::SaldoRange,
            "pago_monto" => Self::PagoMonto,
            "recarga_monto" => Self::RecargaMonto,
            "estado" => Self::Estado,
            "moneda" => Self::Moneda,
            "pago_without_cliente" => Self::PagoWithoutCliente,
            "recarga_without_cliente" => Self::RecargaWithoutCliente,
            _ => return None,
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, id, cliente_id, .. } = self;
        let [amount, expected] = [self.amount, self.expected].map(Amount);
        match rule {
            Rule::Saldo => write!(f, "cliente {id}: saldo {amount}, but recargas less pagos are {expected}"),
            Rule::SaldoRange => write!(f, "cliente {id}: saldo {amount} is not between 0.00 and 99999999.99"),
            Rule::PagoMonto => write!(f, "pago {id} of cliente {cliente_id}: monto {amount} is out of range"),
            Rule::RecargaMonto => write!(f, "recarga {id} of cliente {cliente_id}: monto {amount} is not greater than zero"),
            Rule::Estado => write!(f, "pago {id} of cliente {cliente_id}: unknown estado, monto {amount}"),
            Rule::Moneda => write!(f, "pago {id} of cliente {cliente_id}: another moneda than the cliente's, monto {amount}"),
            Rule::PagoWithoutCliente => write!(f, "pago {id}: there is no cliente {cliente_id}, monto {amount}"),
            Rule::RecargaWithoutCliente => write!(f, "recarga {id}: there is no cliente {cliente_id}, monto {amount}"),
        }
    }
}

/// Whatever stands in the books is shown, be it out of range.
struct Amount(Option<Decimal>);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(amount) = self.0 else { return f.write_str("null") };
        // sqlx reads a zero without its decimals.
        let decimals = usize::try_from(amount.scale()).unwrap_or_default().max(2);
        write!(f, "{amount:.decimals$}")
    }
}

/// The next row of an answer.
pub(super) async fn next_row<T>(
    rows: &mut Pin<Box<dyn Stream<Item = Result<T, sqlx::Error>> + Send + '_>>,
) -> Result<Option<T>, sqlx::Error> {
    poll_fn(|context| rows.as_mut().poll_next(context)).await.transpose()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Rule, Violation};

    #[test]
    fn a_violation_is_one_line_of_ids_and_amounts() {
        let amounts = [10_001, -10_000].map(|centavos| Some(Decimal::new(centavos, 2)));
        let violation = Violation::read("saldo", 7, 7, amounts).unwrap();
        assert_eq!(violation.rule, Rule::Saldo);
        assert_eq!(violation.to_string(), "cliente 7: saldo 100.01, but recargas less pagos are -100.00");
    }

    #[test]
    fn an_amount_of_any_sign_and_size_has_two_decimals() {
        let told = |centavos| Violation::read("saldo_range", 7, 7, [Some(Decimal::new(centavos, 2)), None]).unwrap().to_string();
        assert_eq!(told(-1), "cliente 7: saldo -0.01 is not between 0.00 and 99999999.99");
        assert_eq!(told(i64::MIN), "cliente 7: saldo -92233720368547758.08 is not between 0.00 and 99999999.99");
    }

    #[test]
    fn a_rule_that_is_not_known_is_a_defect() {
        assert!(Violation::read("otra", 7, 7, [None; 2]).is_err());
    }
}
