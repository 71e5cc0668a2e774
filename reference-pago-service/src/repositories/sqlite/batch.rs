//! Batches of pagos in SQLite: as many statements for one pago as for hundreds.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::outcomes::guardar;
use crate::database::RepositoryError;
use crate::models::{Account, Accounts, ClienteId, Estado, NewPago, PagoId, Timestamp, Veredicto};
use crate::repositories::outcomes::repetida;
use crate::repositories::rows::{moneda, monto, pago_id};
use crate::repositories::{Atencion, Batch, Clave, Decision, PagoOrder, Resolucion, Respuesta, Stored as _};

/// What is answered without a decision, by the place in the batch.
type Previas = HashMap<usize, Respuesta>;

/// The writer is alone in its transaction, so nobody's row is ever held by another.
pub(super) async fn decidir(writer: &mut SqliteConnection, batch: Batch) -> Result<Vec<Respuesta>, RepositoryError> {
    let mut previas = leer_previas(writer, &batch).await?;
    let mut cuentas = leer_cuentas(writer, &batch).await?;
    let nuevas = nuevas(&batch, &previas);
    let veredictos = cuentas.decidir(nuevas.iter().map(|(_, order)| &order.nuevo));
    let decididas = numerar(nuevas, veredictos, siguiente_id(writer).await?, Timestamp::now())?;
    registrar(writer, &decididas, &cuentas).await?;
    guardar(writer, registros(&decididas)?).await?;
    let decididas =
        decididas.into_iter().map(|(lugar, _, decision)| (lugar, Ok(Atencion::Decidida(Resolucion::Nueva(decision)))));
    previas.extend(decididas);
    Ok((0..batch.len()).filter_map(|lugar| previas.remove(&lugar)).collect())
}

/// The orders that are still to be decided, and their places.
fn nuevas<'l>(batch: &'l Batch, previas: &Previas) -> Vec<(usize, &'l PagoOrder)> {
    batch.iter().enumerate().filter(|(lugar, _)| !previas.contains_key(lugar)).collect()
}

type Decidida<'l> = (usize, &'l PagoOrder, Decision);

/// Gives the accepted orders their ids, in order of arrival.
fn numerar<'l>(
    nuevas: Vec<(usize, &'l PagoOrder)>,
    veredictos: Vec<Veredicto>,
    primero: i64,
    ahora: Timestamp,
) -> Result<Vec<Decidida<'l>>, RepositoryError> {
    let mut siguiente = primero;
    let mut numerada = |((lugar, order), veredicto): ((usize, &'l PagoOrder), Veredicto)| {
        let id = pago_id(siguiente)?;
        siguiente += i64::from(matches!(veredicto, Veredicto::Aceptado { .. }));
        Ok((lugar, order, Decision::of(veredicto, &order.nuevo, id, ahora)))
    };
    nuevas.into_iter().zip(veredictos).map(&mut numerada).collect()
}

/// `json_each` numbers the keys by their places in the batch; an order without one is `null` there.
const PREVIAS: &str = "
    select orden.key, huella, idioma, resultado
    from json_each(?1) as orden join idempotencia
        on sujeto = orden.value ->> 0 and operacion = orden.value ->> 1 and clave = orden.value ->> 2";

async fn leer_previas(writer: &mut SqliteConnection, batch: &Batch) -> Result<Previas, RepositoryError> {
    let clave = |order: &PagoOrder| {
        order.clave.as_ref().map(|clave| (clave.sujeto().to_owned(), clave.operacion(), clave.texto().to_owned()))
    };
    let claves: Vec<_> = batch.iter().map(clave).collect();
    if claves.iter().all(Option::is_none) {
        return Ok(Previas::new());
    }
    let filas: Vec<(i64, String, String, String)> = sqlx::query_as(PREVIAS).bind(json(&claves)?).fetch_all(writer).await?;
    Ok(filas.into_iter().filter_map(|fila| previa(batch, &fila)).collect())
}

fn previa(batch: &Batch, (lugar, huella, idioma, resultado): &(i64, String, String, String)) -> Option<(usize, Respuesta)> {
    let lugar = usize::try_from(*lugar).ok()?;
    let misma = batch.get(lugar)?.clave.as_ref().is_some_and(|clave| clave.huella() == huella);
    let resolucion = if misma { repetida(resultado, idioma) } else { Ok(Resolucion::Reutilizada) };
    Some((lugar, resolucion.map(Atencion::Decidida)))
}

async fn leer_cuentas(writer: &mut SqliteConnection, batch: &Batch) -> Result<Accounts, RepositoryError> {
    let ids: Vec<_> = batch.iter().map(|order| order.nuevo.cliente_id.get()).collect();
    let filas: Vec<(i64, i64, String)> =
        sqlx::query_as("select id, saldo, moneda from clientes where id in (select value from json_each(?1))")
            .bind(json(&ids)?)
            .fetch_all(writer)
            .await?;
    let cuenta = |(id, saldo, codigo): (i64, i64, String)| {
        let cuenta = Account { saldo: monto(saldo)?, moneda: moneda(&codigo)? };
        Ok(ClienteId::new(id).map(|id| (id, cuenta)))
    };
    filas.into_iter().filter_map(|fila| cuenta(fila).transpose()).collect()
}

/// As `autoincrement` gives them: never one of a deleted row.
async fn siguiente_id(writer: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select coalesce(max(seq), 0) + 1 from sqlite_sequence where name = 'pagos'").fetch_one(writer).await
}

async fn registrar(writer: &mut SqliteConnection, decididas: &[Decidida<'_>], cuentas: &Accounts) -> Result<(), RepositoryError> {
    let aceptadas: Vec<_> = decididas.iter().filter_map(aceptada).collect();
    if aceptadas.is_empty() {
        return Ok(());
    }
    debitar(writer, &aceptadas, cuentas).await?;
    asentar(writer, &aceptadas).await
}

type Aceptada<'l> = (PagoId, &'l NewPago, Timestamp);

fn aceptada<'l>((_, order, decision): &Decidida<'l>) -> Option<Aceptada<'l>> {
    match decision {
        Decision::Aceptado { pago, .. } => Some((pago.id, &order.nuevo, pago.created_at)),
        _ => None,
    }
}

const DEBITAR: &str = "
    update clientes set saldo = final.value ->> 1
    from json_each(?1) as final where clientes.id = final.value ->> 0";

async fn debitar(writer: &mut SqliteConnection, aceptadas: &[Aceptada<'_>], cuentas: &Accounts) -> Result<(), RepositoryError> {
    let saldo = |(_, nuevo, _): &Aceptada<'_>| {
        let cliente_id = nuevo.cliente_id;
        cuentas.get(cliente_id).map(|cuenta| (cliente_id.get(), cuenta.saldo.centavos()))
    };
    let mut saldos: Vec<_> = aceptadas.iter().filter_map(saldo).collect();
    saldos.sort_unstable();
    saldos.dedup();
    sqlx::query(DEBITAR).bind(json(&saldos)?).execute(writer).await?;
    Ok(())
}

const ASENTAR: &str = "
    insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2, value ->> 4, value ->> 4 from json_each(?1)";

async fn asentar(writer: &mut SqliteConnection, aceptadas: &[Aceptada<'_>]) -> Result<(), RepositoryError> {
    let fila = |(id, nuevo, created_at): &Aceptada<'_>| {
        (id.get(), nuevo.cliente_id.get(), nuevo.monto.centavos(), nuevo.moneda, created_at.microseconds())
    };
    let filas: Vec<_> = aceptadas.iter().map(fila).collect();
    sqlx::query(ASENTAR).bind(json(&filas)?).bind(Estado::Procesado.as_str()).execute(writer).await?;
    Ok(())
}

fn registros<'l>(decididas: &[Decidida<'l>]) -> Result<Vec<(&'l Clave, String)>, RepositoryError> {
    let con_clave = decididas.iter().filter_map(|(_, order, decision)| Some((order.clave.as_ref()?, decision)));
    con_clave.filter_map(|(clave, decision)| Some(decision.escribir().transpose()?.map(|texto| (clave, texto)))).collect()
}

fn json(valores: &impl serde::Serialize) -> Result<String, RepositoryError> {
    serde_json::to_string(valores).map_err(RepositoryError::internal)
}
