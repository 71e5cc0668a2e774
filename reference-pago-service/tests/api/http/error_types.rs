//! What failed is named in `error.type`, by the same short name each time, and the traceback is the line that met it.

use reference_pago_service::database::{Database, DatabaseOptions};
use reference_pago_service::schema_gate::SchemaGate;
use standards_axum::testing::TestAnswer;

use crate::support::http::{AnswerExt as _, Api, PAGOS, execute};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_statement_that_the_database_refuses_is_an_sqlx_error,
    a_pool_without_a_connection_is_a_pool_that_timed_out,
    a_server_that_takes_no_connection_is_a_connection_that_failed,
    a_schema_that_is_not_in_place_is_the_code_of_its_row,
);

const PAGO: &str = r#"{"cliente_id":1,"monto":"1"}"#;

/// The only ERROR of the exchange: its `error.type` and its place. What PostgreSQL says is told without a line of its own source.
#[track_caller]
fn failed(exchange: &TestAnswer) -> (String, String) {
    let mut records = exchange.own_records();
    records.retain(|record| record["level"] == "ERROR");
    assert_eq!(records.len(), 1, "{records:#?}");
    let text = |key: &str| records[0]["error"][key].as_str().unwrap().to_owned();
    assert!(!text("message").contains(" at line "), "{}", text("message"));
    (text("type"), text("traceback"))
}

#[track_caller]
fn assert_failed(exchange: &TestAnswer, status: u16, error_type: &str, place: &str) {
    let (found, traceback) = failed(exchange);
    assert_eq!((exchange.status(), found.as_str()), (status, error_type), "{}", exchange.text());
    assert!(traceback.contains(place), "{traceback}");
}

async fn a_statement_that_the_database_refuses_is_an_sqlx_error(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    api.register("ana@x.cl", "1.00").await;
    execute(&fixture, "drop table pagos").await;
    assert_failed(&api.post(PAGOS, PAGO).await, 500, "sqlx::Error", "src/repositories/");
    assert_failed(&api.get(PAGOS).await, 500, "sqlx::Error", "src/repositories/");
}

const ASLEEP: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and state = 'active' and query = 'select pg_sleep(2)'";

/// A pago, once the only connection is at work.
async fn pay_meanwhile(fixture: &Fixture, api: &Api) -> TestAnswer {
    while fixture.count(ASLEEP).await == 0 {}
    api.post(PAGOS, PAGO).await
}

async fn a_pool_without_a_connection_is_a_pool_that_timed_out(fixture: Fixture) {
    let impatient = fixture.impatient().await;
    let api = Api::over(&impatient).await;
    match &impatient.database {
        Database::Sqlite(sqlite) => {
            let _held = sqlite.writer().acquire().await.unwrap();
            assert_failed(&api.post(PAGOS, PAGO).await, 503, "PoolTimedOut", "src/database/sqlite.rs");
        }
        Database::Postgres(postgres) => {
            let held =
                postgres.run(|connection| Box::pin(async { Ok(sqlx::query("select pg_sleep(2)").execute(connection).await?) }));
            let (held, paid) = tokio::join!(held, pay_meanwhile(&fixture, &api));
            held.unwrap();
            assert_failed(&paid, 503, "PoolTimedOut", "src/database/pool.rs");
        }
    }
    impatient.database.close().await;
}

async fn a_schema_that_is_not_in_place_is_the_code_of_its_row(fixture: Fixture) {
    let api = Api::behind(SchemaGate::default(), &fixture.database, &[]);
    assert_failed(&api.post(PAGOS, PAGO).await, 503, "SERVICE_UNAVAILABLE", "src/schema_gate.rs");
}

/// The gate was opened by a database that was there.
async fn a_server_that_takes_no_connection_is_a_connection_that_failed(fixture: Fixture) {
    let gate = SchemaGate::default();
    gate.open(&fixture.database, true).await.unwrap();
    let gone = "postgres://nobody@127.0.0.1:1/pagos".parse().unwrap();
    let gone = Database::open(&gone, &DatabaseOptions::default()).await.unwrap();
    let api = Api::behind(gate, &gone, &[]);
    assert_failed(&api.post(PAGOS, PAGO).await, 503, "ConnectionFailed", "src/database/connector.rs");
}
