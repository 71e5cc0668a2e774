//! Recargas in PostgreSQL.

use std::sync::Arc;

use sqlx::PgConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::outcomes::Previous;
use crate::database::RepositoryError;
use crate::models::{Cliente, ClienteId, PositiveMonto, RecargaError};
use crate::repositories::rows::ClienteRow;

/// As in a batch of pagos: what is kept under the key comes first, only `account` sees the newest version of the row, and a key that
/// another process wrote in between undoes everything.
const CREDIT: &str = "
    with previous as materialized (
        select huella = $6 as same, idioma, resultado from idempotencia
        where sujeto = $3 and operacion = $4 and clave = $5
    ), account as materialized (
        select id, saldo, $2::bigint * 0.01 as monto from clientes
        where id = $1 and not exists (select from previous) for no key update
    ), credit as (
        update clientes set saldo = account.saldo + account.monto
        from account
        where clientes.id = account.id and clientes.id = $1 and account.saldo + account.monto <= 99999999.99
        returning clientes.id, nombre, email, (clientes.saldo * 100)::bigint as saldo, moneda,
                  (extract(epoch from created_at) * 1000000)::bigint as created_at
    ), entry as (
        insert into recargas (cliente_id, monto)
        select credit.id, account.monto from credit join account using (id)
    ), kept as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $3, $4, $5, $6, $7, (case
            when credit.id is null then '\"saldo_excedido\"'
            else json_build_object('recargado', json_build_object('id', credit.id, 'nombre', nombre, 'email', email,
                'saldo', credit.saldo, 'moneda', moneda, 'created_at', created_at))
            end)::text
        from account left join credit using (id) where $5 is not null
    )
    select null as same, null as idioma, null as resultado, credit.id, nombre, email, credit.saldo, moneda, created_at
    from account left join credit using (id)
    union all
    select same, idioma, resultado, null, null, null, null, null, null from previous";

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    previous: Previous,
    id: Option<i64>,
    nombre: Option<String>,
    email: Option<String>,
    saldo: Option<i64>,
    moneda: Option<String>,
    created_at: Option<i64>,
}

pub(super) async fn credit(
    connection: &mut PgConnection,
    id: ClienteId,
    monto: PositiveMonto,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Cliente, RecargaError>>, RepositoryError> {
    let key = key.as_deref();
    let rows: Vec<Row> = sqlx::query_as(CREDIT)
        .bind(id.get())
        .bind(monto.hundredths())
        .bind(key.map(|key| key.scope().subject()))
        .bind(key.map(|key| key.scope().operation()))
        .bind(key.map(|key| key.scope().key()))
        .bind(key.map(KeyedRequest::fingerprint))
        .bind(key.map(|key| key.language().tag()))
        .fetch_all(connection)
        .await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Keyed::Fresh(Err(RecargaError::ClienteNoEncontrado { cliente_id: id })));
    };
    read(row, (id, monto))
}

fn read(row: Row, request: (ClienteId, PositiveMonto)) -> Result<Keyed<Result<Cliente, RecargaError>>, RepositoryError> {
    if let Some(previous) = row.previous.answer(&request)? {
        return Ok(previous);
    }
    Ok(Keyed::Fresh(match row.cliente() {
        Some(row) => Ok(row.try_into()?),
        None => Err(RecargaError::SaldoExcedido { monto: request.1.monto() }),
    }))
}

impl Row {
    /// The cliente, if it was credited.
    fn cliente(self) -> Option<ClienteRow> {
        Some(ClienteRow {
            id: self.id?,
            nombre: self.nombre?,
            email: self.email?,
            saldo: self.saldo?,
            moneda: self.moneda?,
            created_at: self.created_at?,
        })
    }
}
