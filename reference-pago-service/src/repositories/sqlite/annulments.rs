//! Annulments in SQLite.

use std::sync::Arc;

use sqlx::SqliteConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::outcomes::{keep_one, previous};
use crate::database::RepositoryError;
use crate::models::{Annulled, AnulacionError, ClienteId, Monto, Pago, PagoId, Timestamp, Transition};
use crate::repositories::rows::{PagoRow, monto};

pub(super) async fn annul(
    writer: &mut SqliteConnection,
    id: PagoId,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Annulled, AnulacionError>>, RepositoryError> {
    if let Some(previous) = previous(writer, key.as_deref(), &id).await? {
        return Ok(previous);
    }
    let verdict = match find(writer, id).await? {
        Some((pago, saldo)) => decide(pago, saldo),
        None => Err(AnulacionError::PagoNoEncontrado { pago_id: id }),
    };
    if let Ok(Annulled { pago, nuevo_saldo }) = &verdict {
        mark(writer, pago).await?;
        give_back(writer, pago.cliente_id, *nuevo_saldo).await?;
    }
    keep_one(writer, key.as_deref(), &verdict).await?;
    Ok(Keyed::Fresh(verdict))
}

fn decide(pago: Pago, saldo: Monto) -> Result<Annulled, AnulacionError> {
    let not_annullable = AnulacionError::PagoNoAnulable { pago_id: pago.id, estado: pago.estado };
    let estado = Transition::ANNULMENT.apply(pago.estado).ok_or(not_annullable)?;
    let nuevo_saldo = saldo.checked_add(pago.monto).ok_or(AnulacionError::SaldoExcedido { monto: pago.monto })?;
    Ok(Annulled { pago: Pago { estado, ..pago }, nuevo_saldo })
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    pago: PagoRow,
    saldo: i64,
}

const FIND: &str = "
    select pagos.id, cliente_id, monto, pagos.moneda, estado, pagos.created_at, saldo
    from pagos join clientes on clientes.id = cliente_id where pagos.id = ?1";

async fn find(writer: &mut SqliteConnection, id: PagoId) -> Result<Option<(Pago, Monto)>, RepositoryError> {
    let row: Option<Row> = sqlx::query_as(FIND).bind(id.get()).fetch_optional(writer).await?;
    row.map(|row| Ok((row.pago.try_into()?, monto(row.saldo)?))).transpose()
}

async fn mark(writer: &mut SqliteConnection, pago: &Pago) -> Result<(), sqlx::Error> {
    sqlx::query("update pagos set estado = ?2, updated_at = ?3 where id = ?1")
        .bind(pago.id.get())
        .bind(pago.estado.as_str())
        .bind(Timestamp::now().microseconds())
        .execute(writer)
        .await?;
    Ok(())
}

async fn give_back(writer: &mut SqliteConnection, id: ClienteId, nuevo_saldo: Monto) -> Result<(), sqlx::Error> {
    sqlx::query("update clientes set saldo = ?2 where id = ?1")
        .bind(id.get())
        .bind(nuevo_saldo.centavos())
        .execute(writer)
        .await?;
    Ok(())
}
