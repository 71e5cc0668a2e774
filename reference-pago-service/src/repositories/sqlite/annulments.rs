//! Annulments in SQLite.

use sqlx::SqliteConnection;

use super::outcomes::{guardar_uno, previa};
use crate::database::RepositoryError;
use crate::models::{ClienteId, Monto, Pago, PagoId, Timestamp, Transition};
use crate::repositories::rows::{PagoRow, monto};
use crate::repositories::{Anulacion, Clave, Resolucion};

pub(super) async fn anular(
    writer: &mut SqliteConnection,
    id: PagoId,
    clave: Option<Clave>,
) -> Result<Resolucion<Anulacion>, RepositoryError> {
    if let Some(previa) = previa(writer, clave.as_ref()).await? {
        return Ok(previa);
    }
    let anulacion = decidir(writer, id).await?;
    if let Anulacion::Anulado { pago, nuevo_saldo } = &anulacion {
        marcar(writer, pago).await?;
        abonar(writer, pago.cliente_id, *nuevo_saldo).await?;
    }
    guardar_uno(writer, clave.as_ref(), &anulacion).await?;
    Ok(Resolucion::Nueva(anulacion))
}

async fn decidir(writer: &mut SqliteConnection, id: PagoId) -> Result<Anulacion, RepositoryError> {
    let Some((pago, saldo)) = leer(writer, id).await? else { return Ok(Anulacion::NoEncontrado) };
    let Some(estado) = Transition::ANNULMENT.aplicar(pago.estado) else {
        return Ok(Anulacion::NoAnulable { estado: pago.estado });
    };
    let Some(nuevo_saldo) = saldo.checked_add(pago.monto) else { return Ok(Anulacion::SaldoExcedido { monto: pago.monto }) };
    Ok(Anulacion::Anulado { pago: Pago { estado, ..pago }, nuevo_saldo })
}

#[derive(sqlx::FromRow)]
struct Fila {
    #[sqlx(flatten)]
    pago: PagoRow,
    saldo: i64,
}

const LEER: &str = "
    select pagos.id, cliente_id, monto, pagos.moneda, estado, pagos.created_at, saldo
    from pagos join clientes on clientes.id = cliente_id where pagos.id = ?1";

async fn leer(writer: &mut SqliteConnection, id: PagoId) -> Result<Option<(Pago, Monto)>, RepositoryError> {
    let fila: Option<Fila> = sqlx::query_as(LEER).bind(id.get()).fetch_optional(writer).await?;
    fila.map(|fila| Ok((fila.pago.try_into()?, monto(fila.saldo)?))).transpose()
}

async fn marcar(writer: &mut SqliteConnection, pago: &Pago) -> Result<(), sqlx::Error> {
    sqlx::query("update pagos set estado = ?2, updated_at = ?3 where id = ?1")
        .bind(pago.id.get())
        .bind(pago.estado.as_str())
        .bind(Timestamp::now().microseconds())
        .execute(writer)
        .await?;
    Ok(())
}

async fn abonar(writer: &mut SqliteConnection, id: ClienteId, nuevo_saldo: Monto) -> Result<(), sqlx::Error> {
    sqlx::query("update clientes set saldo = ?2 where id = ?1")
        .bind(id.get())
        .bind(nuevo_saldo.centavos())
        .execute(writer)
        .await?;
    Ok(())
}
