//! The threads of sqlx's SQLite connections know no task. What is logged there belongs to the request whose work it is all the same,
//! and each record tells by what it is about whether it does.

use std::time::Duration;

use reference_pago_service::database::Database;
use serde_json::Value;
use sqlx::ConnectOptions as _;
use standards_axum::testing::TestAnswer;
use standards_core::log::capture::Capture;
use tokio::task::JoinSet;
use tracing::info;

use crate::ledger::bulk::fill;
use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS};
use crate::support::{Fixture, on_sqlite};

const REQUESTS: u32 = 1_000;
const WRITTEN: &str = "Row written";

/// Has the thread of the one connection that writes log each row that it writes.
async fn watch_the_writer(fixture: &Fixture) {
    let Database::Sqlite(sqlite) = &fixture.database else { panic!("not SQLite") };
    let mut writer = sqlite.writer().acquire().await.unwrap();
    writer.lock_handle().await.unwrap().set_update_hook(|change| {
        let thread = std::thread::current();
        info!(table = change.table, row = change.rowid, thread_name = thread.name().unwrap_or_default(), "{WRITTEN}");
    });
}

/// Has the threads of the connections that read log each statement, as sqlx itself does it with slow ones.
fn watch_the_readers(fixture: &Fixture) {
    let Database::Sqlite(sqlite) = &fixture.database else { panic!("not SQLite") };
    let options = (*sqlite.readers().connect_options()).clone();
    let every_one_is_slow = options.log_slow_statements("debug".parse().unwrap(), Duration::ZERO);
    sqlite.readers().set_connect_options(every_one_is_slow);
}

/// The rows of `table` that are said to have been written in this request's name, on the thread of the connection.
fn written(log: &Capture, table: &str) -> Vec<i64> {
    let mut records = log.records();
    records.retain(|record| record["message"] == WRITTEN && record["context"]["table"] == table);
    let row = |record: &Value| {
        let thread_name = record["context"]["thread_name"].as_str().unwrap();
        assert!(thread_name.starts_with("sqlx-sqlite-worker"), "{record:#}");
        record["context"]["row"].as_i64().unwrap()
    };
    records.iter().map(row).collect()
}

/// A request that writes to the balance of a cliente whom no other one touches. Says which rows those are.
async fn write(api: Api, number: u32) -> (TestAnswer, [i64; 1]) {
    let exchange = match number % 4 {
        0 => api.post(CLIENTES, format!(r#"{{"nombre":"Ana","email":"nueva{number}@x.cl"}}"#)).await,
        1 => api.post_once(&format!("{CLIENTES}/{number}/recargas"), &format!("k{number}"), r#"{"monto":"1"}"#).await,
        2 => api.post(&format!("{PAGOS}/{number}/anulacion"), "").await,
        _ => api.pay(number.into(), "1.00").await,
    };
    let data = exchange.data();
    let cliente = if number % 4 < 2 { &data["id"] } else { &data["cliente_id"] };
    let id = cliente.as_i64().unwrap();
    (exchange, [id])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_writers_thread_logs_has_the_id_of_the_request_that_writes() {
    on_sqlite(async |fixture| {
        let fixture = fixture.migrated().await;
        fill(&fixture.database, REQUESTS, REQUESTS).await;
        watch_the_writer(&fixture).await;
        let (api, mut requests) = (Api::over(&fixture).await, JoinSet::new());
        for number in 1..=REQUESTS {
            let api = api.clone();
            requests.spawn(async move { (number, write(api, number).await) });
        }
        for (number, (exchange, own)) in requests.join_all().await {
            let written = written(exchange.log(), "clientes");
            // Pagos that are decided together are nobody's in particular; one that is decided alone is its request's.
            let of_a_batch = number % 4 == 3 && written.is_empty();
            assert!(written == own || of_a_batch, "request {number} wrote {own:?}, its log says {written:?}");
        }
        a_lone_pago_is_logged_as_its_requests(&api).await;
    })
    .await;
}

async fn a_lone_pago_is_logged_as_its_requests(api: &Api) {
    let (exchange, own) = write(api.clone(), 3).await;
    assert_eq!(written(exchange.log(), "clientes"), own);
    assert_eq!(written(exchange.log(), "pagos"), [exchange.data()["id"].as_i64().unwrap()]);
}

/// Rows that a request asks for, unlike most others.
const fn limit(number: u32) -> u32 {
    1 + number % 50
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_readers_threads_log_has_the_id_of_the_request_that_reads() {
    on_sqlite(async |fixture| {
        watch_the_readers(&fixture);
        let fixture = fixture.migrated().await;
        fill(&fixture.database, 50, 0).await;
        // Lists are shed first, when half of as many are in flight.
        let (api, mut requests) = (Api::with(&fixture, &[("MAX_IN_FLIGHT", "4096")]).await, JoinSet::new());
        for number in 0..REQUESTS {
            let api = api.clone();
            requests.spawn(async move { (number, api.get(&format!("{CLIENTES}?limit={}", limit(number))).await) });
        }
        for (number, exchange) in requests.join_all().await {
            assert_eq!(u32::try_from(exchange.ids().len()), Ok(limit(number)));
            let mut statements = exchange.log().records();
            // The first request of a connection opens it, which takes statements of its own.
            statements.retain(|record| record["logger"] == "sqlx::query" && record["context"]["rows_returned"] != 0);
            let read: Vec<_> = statements.iter().map(|record| &record["context"]["rows_returned"]).collect();
            assert_eq!(read, [limit(number)], "{statements:#?}");
        }
    })
    .await;
}
