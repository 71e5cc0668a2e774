//! Batches of pagos in SQLite: as many statements for one pago as for hundreds.

use std::collections::HashMap;

use sqlx::SqliteConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::outcomes::keep;
use crate::database::RepositoryError;
use crate::models::{Accepted, Account, Accounts, ClienteId, Estado, Monto, PagoError, Timestamp, Verdict};
use crate::repositories::outcomes::replayed;
use crate::repositories::rows::{moneda, monto, pago_id};
use crate::repositories::{Batch, PagoOrder, Stored as _};

/// What is answered, by the place in the batch.
type Answers = HashMap<usize, Result<Keyed<Verdict>, RepositoryError>>;

/// The writer is alone in its transaction, so nobody's row is ever held by another.
pub(super) async fn decide(
    writer: &mut SqliteConnection,
    batch: Batch,
) -> Result<Vec<Result<Keyed<Verdict>, RepositoryError>>, RepositoryError> {
    let mut answers = find_previous(writer, &batch).await?;
    let mut accounts = find_accounts(writer, &batch).await?;
    let new: Vec<_> = batch.iter().enumerate().filter(|(place, _)| !answers.contains_key(place)).collect();
    let verdicts = accounts.decide(new.iter().map(|(_, order)| &order.pago));
    let decided = number(new, verdicts, next_id(writer).await?, Timestamp::now())?;
    note(writer, &decided, &accounts).await?;
    let kept = kept(&decided)?;
    if !kept.is_empty() {
        keep(writer, kept).await?;
    }
    answers.extend(decided.into_iter().map(|(place, _, verdict)| (place, Ok(Keyed::Fresh(verdict)))));
    Ok((0..batch.len()).filter_map(|place| answers.remove(&place)).collect())
}

type Decided<'b> = (usize, &'b PagoOrder, Verdict);

/// Gives the accepted orders their ids, in order of arrival.
fn number<'b>(
    new: Vec<(usize, &'b PagoOrder)>,
    verdicts: Vec<Result<Monto, PagoError>>,
    first: i64,
    now: Timestamp,
) -> Result<Vec<Decided<'b>>, RepositoryError> {
    let mut ids = first..;
    let mut numbered = |((place, order), verdict): ((usize, &'b PagoOrder), Result<Monto, PagoError>)| {
        let verdict = match verdict {
            Ok(nuevo_saldo) => Ok(order.pago.accepted(pago_id(ids.next().unwrap_or_default())?, now, nuevo_saldo)),
            Err(refusal) => Err(refusal),
        };
        Ok((place, order, verdict))
    };
    new.into_iter().zip(verdicts).map(&mut numbered).collect()
}

/// `json_each` numbers the keys by their places in the batch; an order without one is `null` there.
const PREVIOUS: &str = "
    select orders.key, huella, idioma, resultado
    from json_each(?1) as orders join idempotencia
        on sujeto = orders.value ->> 0 and operacion = orders.value ->> 1 and clave = orders.value ->> 2";

async fn find_previous(writer: &mut SqliteConnection, batch: &Batch) -> Result<Answers, RepositoryError> {
    let keys: Vec<_> = batch.iter().map(key).collect();
    if keys.iter().all(Option::is_none) {
        return Ok(Answers::new());
    }
    let rows: Vec<(i64, String, String, String)> = sqlx::query_as(PREVIOUS).bind(json(&keys)?).fetch_all(writer).await?;
    Ok(rows.into_iter().filter_map(|row| previous(batch, &row)).collect())
}

fn key(order: &PagoOrder) -> Option<(&str, &str, &str)> {
    let scope = order.key.as_deref()?.scope();
    Some((scope.subject(), scope.operation(), scope.key()))
}

type Previous = (usize, Result<Keyed<Verdict>, RepositoryError>);

fn previous(batch: &Batch, (place, fingerprint, language, outcome): &(i64, String, String, String)) -> Option<Previous> {
    let place = usize::try_from(*place).ok()?;
    let order = batch.get(place)?;
    let same = order.key.as_ref().is_some_and(|key| key.fingerprint() == fingerprint);
    Some((place, if same { replayed(outcome, language, &order.pago) } else { Ok(Keyed::Reused) }))
}

async fn find_accounts(writer: &mut SqliteConnection, batch: &Batch) -> Result<Accounts, RepositoryError> {
    let ids: Vec<_> = batch.iter().map(|order| order.pago.cliente_id.get()).collect();
    let rows: Vec<(i64, i64, String)> =
        sqlx::query_as("select id, saldo, moneda from clientes where id in (select value from json_each(?1))")
            .bind(json(&ids)?)
            .fetch_all(writer)
            .await?;
    let account = |(id, saldo, code): (i64, i64, String)| {
        let account = Account { saldo: monto(saldo)?, moneda: moneda(&code)? };
        Ok(ClienteId::new(id).map(|id| (id, account)))
    };
    rows.into_iter().filter_map(|row| account(row).transpose()).collect()
}

/// As `autoincrement` gives them: never one of a deleted row.
async fn next_id(writer: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select coalesce(max(seq), 0) + 1 from sqlite_sequence where name = 'pagos'").fetch_one(writer).await
}

async fn note(writer: &mut SqliteConnection, decided: &[Decided<'_>], accounts: &Accounts) -> Result<(), RepositoryError> {
    let accepted: Vec<_> = decided.iter().filter_map(|(_, _, verdict)| verdict.as_ref().ok()).collect();
    if accepted.is_empty() {
        return Ok(());
    }
    debit(writer, &accepted, accounts).await?;
    insert(writer, &accepted).await
}

const DEBIT: &str = "
    update clientes set saldo = final.value ->> 1
    from json_each(?1) as final where clientes.id = final.value ->> 0";

async fn debit(writer: &mut SqliteConnection, accepted: &[&Accepted], accounts: &Accounts) -> Result<(), RepositoryError> {
    let saldo = |Accepted { pago, .. }: &&Accepted| {
        let account = accounts.get(pago.cliente_id);
        account.map(|account| (pago.cliente_id.get(), account.saldo.hundredths()))
    };
    let mut saldos: Vec<_> = accepted.iter().filter_map(saldo).collect();
    saldos.sort_unstable();
    saldos.dedup();
    sqlx::query(DEBIT).bind(json(&saldos)?).execute(writer).await?;
    Ok(())
}

const INSERT: &str = "
    insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2, value ->> 4, value ->> 4 from json_each(?1)";

async fn insert(writer: &mut SqliteConnection, accepted: &[&Accepted]) -> Result<(), RepositoryError> {
    let row = |Accepted { pago, .. }: &&Accepted| {
        (pago.id.get(), pago.cliente_id.get(), pago.monto.hundredths(), pago.moneda, pago.created_at.microseconds())
    };
    let rows: Vec<_> = accepted.iter().map(row).collect();
    sqlx::query(INSERT).bind(json(&rows)?).bind(Estado::Procesado.as_str()).execute(writer).await?;
    Ok(())
}

fn kept<'b>(decided: &[Decided<'b>]) -> Result<Vec<(&'b KeyedRequest, String)>, RepositoryError> {
    let keyed = decided.iter().filter_map(|(_, order, verdict)| Some((order.key.as_deref()?, verdict)));
    keyed.filter_map(|(key, verdict)| Some(verdict.write().transpose()?.map(|text| (key, text)))).collect()
}

fn json(values: &impl serde::Serialize) -> Result<String, RepositoryError> {
    serde_json::to_string(values).map_err(RepositoryError::internal)
}
