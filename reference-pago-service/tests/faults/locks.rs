//! Somebody else holds a lock.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use crate::support::{Attempt, Base, Outcome, SLACK, ServiceProcess, Trial, assert_as_in_runbook, pause, shared};

/// The service waits for a lock of PostgreSQL this long. Whoever comes second waits for the first one's place and then for the
/// row, and no statement takes longer than twice as long.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// And for the one lock of SQLite this long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const LOCK: &str = "select 1 from clientes where id = $1 for update";

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_else_has_locked_holds_up_nobody_else() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    let locked = trial.clientes[0];
    let mut outside = trial.base.postgres_session().await;
    let mut transaction = outside.begin().await.unwrap();
    sqlx::query(LOCK).bind(locked).execute(&mut *transaction).await.unwrap();
    let begun = Instant::now();
    pause(3000).await;
    let attempts = trial.books.attempts();
    transaction.rollback().await.unwrap();
    let recovery = trial.assert_recovery().await;
    let late = assert_others_unaffected(&attempts, begun, locked);
    assert_as_in_runbook(&trial.service.log(), "canceling statement due to lock timeout");
    trial.end(&format!("row lock, p99 of others {late:.0?}, well after {recovery:.0?}"), 2 * LOCK_TIMEOUT + SLACK).await;
}

/// Payments from other clientes were made, and soon. Says how soon, but for one in a hundred.
#[track_caller]
fn assert_others_unaffected(attempts: &[Attempt], since: Instant, locked: i64) -> Duration {
    let (of_locked, of_others): (Vec<&Attempt>, Vec<&Attempt>) =
        attempts.iter().filter(|attempt| attempt.ended() > since).partition(|attempt| attempt.cliente == locked);
    assert!(of_locked.iter().any(|attempt| attempt.outcome == Outcome::Unavailable), "{of_locked:?}");
    let unwell = of_others.iter().find(|attempt| attempt.is_unknown());
    assert!(unwell.is_none(), "{unwell:?}");
    let mut took: Vec<Duration> = of_others.iter().map(|attempt| attempt.took).collect();
    took.sort_unstable();
    let late = took[took.len() * 99 / 100];
    assert!(late < LOCK_TIMEOUT / 4, "{late:?}");
    late
}

/// The deadline of a request.
const DEADLINE: Duration = Duration::from_millis(300);

/// A service of impatient requests, and a cliente whose row `outside` holds.
async fn begin_locked(base: Base) -> (Trial, PgConnection) {
    let service = ServiceProcess::start_by("REQUEST_TIMEOUT_MS=300 exec \"$0\"", &base.url()).await;
    let trial = Trial::with(base, service).await;
    let mut outside = trial.base.postgres_session().await;
    sqlx::query("begin").execute(&mut outside).await.unwrap();
    sqlx::query(LOCK).bind(trial.clientes[0]).execute(&mut outside).await.unwrap();
    (trial, outside)
}

/// Pays from that cliente, and says under which id.
async fn pay_too_late(trial: &Trial) -> String {
    let attempt = trial.books.pay(&mut trial.service.client(), trial.clientes[0]).await;
    assert!(attempt.outcome == Outcome::Unavailable && attempt.took >= DEADLINE, "{attempt:?}");
    format!("pago-{}", attempt.hundredths)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_outlives_the_deadline_of_its_request() {
    let Some(server) = shared().await else { return };
    let (trial, mut outside) = begin_locked(server.database().await).await;
    let id = pay_too_late(&trial).await;
    assert!(trial.service.told(&id, "Pago procesado exitosamente").is_none(), "before its row was free");
    sqlx::query("rollback").execute(&mut outside).await.unwrap();
    let record = trial.service.tells(&id, "Pago procesado exitosamente").await;
    let pagos = trial.base.pagos().await;
    assert!(pagos.len() == 1 && record["context"]["pago_id"] == pagos[0].id, "{pagos:?} {record}");
    trial.end("deadline passed, paid", DEADLINE + SLACK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_fails_after_the_deadline_of_its_request_says_so() {
    let Some(server) = shared().await else { return };
    let (trial, mut outside) = begin_locked(server.database().await).await;
    let id = pay_too_late(&trial).await;
    let record = trial.service.tells(&id, "Terminó sin quien esperara la respuesta").await;
    assert_eq!(record["error"]["error_code"], "SERVICE_UNAVAILABLE", "{record}");
    assert_eq!(trial.base.pagos().await, []);
    sqlx::query("rollback").execute(&mut outside).await.unwrap();
    trial.end("deadline passed, not paid", DEADLINE + SLACK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_writes_to_the_sqlite_file_for_three_seconds() {
    let base = Base::sqlite();
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    let mut outside = trial.base.sqlite_session().await;
    sqlx::query("pragma busy_timeout = 5000").execute(&mut outside).await.unwrap();
    sqlx::query("begin immediate").execute(&mut outside).await.unwrap();
    pause(1500).await;
    assert_eq!(trial.service.status("/api/v1/pagos?limit=1").await, 200, "reading goes on");
    pause(1500).await;
    sqlx::query("rollback").execute(&mut outside).await.unwrap();
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("SQLite locked for 3 s, well after {recovery:.0?}"), BUSY_TIMEOUT + SLACK).await;
}
