//! What PostgreSQL reads to decide a batch.

use std::time::Duration;

use reference_pago_service::database::Database;
use reference_pago_service::database::RepositoryError;
use reference_pago_service::models::ClienteId;
use reference_pago_service::models::{PagoError, Verdict};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder};
use sqlx::{Connection as _, PgConnection};
use standards_core::idempotency::Keyed;
use tokio::time::{sleep, timeout};

use crate::support::{Fixture, new_pago, on_postgres};

const ORDERS: i64 = 40;
const CLIENTES: i64 = 20_000;

/// The worst that a planner can be told: that there is nothing.
const NADIE: &str = "vacuum analyze clientes, pagos, idempotencia";
const TODOS: &str = "
    with c as (
        insert into clientes (nombre, email, email_normalizado, saldo)
        select n, n, n, 100 from generate_series(1, 20000) n returning id
    )
    insert into recargas (cliente_id, monto) select id, 100 from c";
/// The rows of `clientes` that were read, and how often one was written.
const READ: &str = "
    select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0), n_tup_ins + n_tup_upd
    from pg_stat_user_tables where relname = 'clientes'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_made_for_an_empty_table_reads_no_more_than_the_rows_named() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        execute(&fixture, NADIE).await;
        assert_eq!(pay(&fixture, 1).await, 0, "nobody is there to pay");
        execute(&fixture, TODOS).await;
        let mut connection = connect(&fixture).await;
        let before = read(&mut connection, CLIENTES).await;
        assert_eq!(pay(&fixture, CLIENTES / 2).await, ORDERS);
        fixture.database.close().await;
        let read = read(&mut connection, CLIENTES + ORDERS).await - before;
        assert!(read < 20 * ORDERS, "{read} rows for {ORDERS} orders");
        fixture.assert_money_rule().await;
    })
    .await;
}

async fn connect(fixture: &Fixture) -> PgConnection {
    let Database::Postgres(postgres) = &fixture.database else { panic!("PostgreSQL is asked for") };
    postgres.connect().await.unwrap()
}

/// In a session of its own: what a session read and wrote is told when it ends, if not before.
async fn execute(fixture: &Fixture, statement: &'static str) {
    let mut connection = connect(fixture).await;
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// One batch, for as many clientes from `first` on as it has orders; how many of them paid.
async fn pay(fixture: &Fixture, first: i64) -> i64 {
    let pago = |id| new_pago(ClienteId::new(id).unwrap(), "1.00");
    let batch: Batch = (first..first + ORDERS).map(|id| PagoOrder { pago: pago(id), key: None }).collect();
    let answers = fixture.repositories.pagos.decide(batch, LockWait::Skip).await.unwrap();
    answers.iter().map(|answer| i64::from(paid(answer))).sum()
}

fn paid(answer: &Result<Keyed<Verdict>, RepositoryError>) -> bool {
    match answer {
        Ok(Keyed::Fresh(Ok(_))) => true,
        Ok(Keyed::Fresh(Err(PagoError::ClienteNoEncontrado { .. }))) => false,
        other => panic!("{other:?}"),
    }
}

/// The rows read so far, once it is known that rows were `written` so often. What a session did is told soon after it ended.
async fn read(connection: &mut PgConnection, written: i64) -> i64 {
    let told = async {
        loop {
            let (read, known): (i64, i64) = sqlx::query_as(READ).fetch_one(&mut *connection).await.unwrap();
            if known >= written {
                return read;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), told).await.expect("the server never told of the rows that were written")
}
