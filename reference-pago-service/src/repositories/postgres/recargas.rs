//! Recargas in PostgreSQL.

use sqlx::PgConnection;

use crate::database::RepositoryError;
use crate::models::{ClienteId, PositiveMonto};
use crate::repositories::outcomes::repetida;
use crate::repositories::rows::ClienteRow;
use crate::repositories::{Clave, Recarga, Resolucion};

/// As in a batch of pagos: what is kept under the key comes first, only `cuenta` sees the newest version of the row, and a key that
/// another process wrote in between undoes everything.
const RECARGAR: &str = "
    with previa as materialized (
        select huella = $6 as misma, idioma, resultado from idempotencia
        where sujeto = $3 and operacion = $4 and clave = $5
    ), cuenta as materialized (
        select id, saldo, $2::bigint * 0.01 as monto from clientes
        where id = $1 and not exists (select from previa) for no key update
    ), abono as (
        update clientes set saldo = cuenta.saldo + cuenta.monto
        from cuenta
        where clientes.id = cuenta.id and clientes.id = $1 and cuenta.saldo + cuenta.monto <= 99999999.99
        returning clientes.id, nombre, email, (clientes.saldo * 100)::bigint as saldo, moneda,
                  (extract(epoch from created_at) * 1000000)::bigint as created_at
    ), asiento as (
        insert into recargas (cliente_id, monto)
        select abono.id, cuenta.monto from abono join cuenta using (id)
    ), registro as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $3, $4, $5, $6, $7, (case
            when abono.id is null then '\"saldo_excedido\"'
            else json_build_object('recargado', json_build_object('id', abono.id, 'nombre', nombre, 'email', email,
                'saldo', abono.saldo, 'moneda', moneda, 'created_at', created_at))
            end)::text
        from cuenta left join abono using (id) where $5 is not null
    )
    select null as misma, null as idioma, null as resultado, abono.id, nombre, email, abono.saldo, moneda, created_at
    from cuenta left join abono using (id)
    union all
    select misma, idioma, resultado, null, null, null, null, null, null from previa";

#[derive(sqlx::FromRow)]
struct Fila {
    misma: Option<bool>,
    idioma: Option<String>,
    resultado: Option<String>,
    id: Option<i64>,
    nombre: Option<String>,
    email: Option<String>,
    saldo: Option<i64>,
    moneda: Option<String>,
    created_at: Option<i64>,
}

pub(super) async fn recargar(
    connection: &mut PgConnection,
    id: ClienteId,
    monto: PositiveMonto,
    clave: Option<Clave>,
) -> Result<Resolucion<Recarga>, RepositoryError> {
    let filas: Vec<Fila> = sqlx::query_as(RECARGAR)
        .bind(id.get())
        .bind(monto.centavos())
        .bind(clave.as_ref().map(Clave::sujeto))
        .bind(clave.as_ref().map(Clave::operacion))
        .bind(clave.as_ref().map(Clave::texto))
        .bind(clave.as_ref().map(Clave::huella))
        .bind(clave.as_ref().map(Clave::idioma))
        .fetch_all(connection)
        .await?;
    match filas.into_iter().next() {
        None => Ok(Resolucion::Nueva(Recarga::NoEncontrado)),
        Some(Fila { misma: Some(false), .. }) => Ok(Resolucion::Reutilizada),
        Some(Fila { misma: Some(true), resultado, idioma, .. }) => {
            repetida(&resultado.unwrap_or_default(), &idioma.unwrap_or_default())
        }
        Some(fila) => fila.cliente().map_or(Ok(Recarga::SaldoExcedido), recargado).map(Resolucion::Nueva),
    }
}

fn recargado(fila: ClienteRow) -> Result<Recarga, RepositoryError> {
    fila.try_into().map(Recarga::Recargado)
}

impl Fila {
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
