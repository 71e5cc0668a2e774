//! Two instances on one PostgreSQL, and other people's transactions beside them.

use std::time::{Duration, Instant};

use reference_pago_service::database::Database;
use sqlx::{Connection as _, PgConnection};
use standards_axum::testing::TestAnswer;
use tokio::task::JoinSet;

use crate::support::http::{AnswerExt as _, Api, PAGOS, execute};
use crate::support::{Fixture, on_postgres};

/// The service with so many clientes of 1000.00.
async fn with_clientes(fixture: &Fixture, clientes: u64) -> Api {
    let api = Api::over(fixture).await;
    for number in 1..=clientes {
        assert_eq!(api.register(&format!("c{number}@x.cl"), "1000.00").await, number);
    }
    api
}

/// Many keys and many clientes in every batch, in every order: whatever could wait for each other does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_never_stand_in_each_others_way_for_good() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let other = fixture.another_instance().await;
        let apis = [with_clientes(&fixture, 16).await, Api::over(&other).await];
        let mut requests = JoinSet::new();
        for pair in 0..320_u64 {
            for api in apis.clone() {
                let body = format!(r#"{{"cliente_id":{},"monto":"0.01"}}"#, 1 + pair * 7 % 16);
                requests.spawn(async move { api.post_once(PAGOS, &format!("k{pair}"), body).await });
            }
        }
        let answers = requests.join_all().await;
        assert!(answers.iter().all(|answer| matches!(answer.status(), 200 | 409)), "{:?}", worst(&answers));
        assert_eq!(fixture.count("select count(*) from pagos").await, 320);
        fixture.assert_money_rule().await;
        other.database.close().await;
    })
    .await;
}

fn worst(answers: &[TestAnswer]) -> Option<&TestAnswer> {
    answers.iter().max_by_key(|answer| answer.status())
}

async fn hold(fixture: &Fixture, statement: &'static str) -> PgConnection {
    let Database::Postgres(postgres) = &fixture.database else { panic!("not PostgreSQL") };
    let mut connection = postgres.connect().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection
}

/// So many pagos of 1.00, all of them on their way.
fn pay(api: &Api, cliente_id: u64, times: usize) -> JoinSet<TestAnswer> {
    let mut waiting = JoinSet::new();
    for _ in 0..times {
        let api = api.clone();
        waiting.spawn(async move { api.pay(cliente_id, "1.00").await });
    }
    waiting
}

/// The session's lock timeout is a second.
async fn assert_unavailable(waiting: JoinSet<TestAnswer>) {
    for answer in waiting.join_all().await {
        answer.assert_refused(503, "SERVICE_UNAVAILABLE", "Servicio no disponible");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_holds_delays_nobody_else() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let api = with_clientes(&fixture, 3).await;
        let held = hold(&fixture, "begin; select from clientes where id = 2 for update").await;
        let waiting = pay(&api, 2, 8);
        tokio::time::sleep(Duration::from_millis(50)).await;
        for id in [1, 3, 1, 3] {
            let begun = Instant::now();
            assert_eq!(api.pay(id, "1.00").await.status(), 200);
            assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
        }
        assert_unavailable(waiting).await;
        drop(held);
        assert_eq!(api.pay(2, "1.00").await.status(), 200);
        fixture.assert_money_rule().await;
    })
    .await;
}

const IDLE: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'";

/// Somebody holds a whole table: nothing is paid, nothing hangs, and it passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_is_503_until_it_is_free() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let api = with_clientes(&fixture, 1).await;
        let held = hold(&fixture, "begin; lock table pagos in access exclusive mode").await;
        let begun = Instant::now();
        assert_unavailable(pay(&api, 1, 8)).await;
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        held.close().await.unwrap();
        assert_eq!(api.pay(1, "1.00").await.status(), 200);
        assert_eq!(fixture.count("select count(*) from pagos").await, 1);
        assert_eq!(fixture.count(IDLE).await, 0);
    })
    .await;
}

const READ: &str = "select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint
    from pg_stat_user_tables where relname in ('idempotencia', 'clientes', 'pagos')";

const MANY_ROWS: &str = "
    insert into clientes (nombre, email, email_normalizado, saldo) select 'a', n, n, 5 from generate_series(1, 30000) n;
    insert into recargas (cliente_id, monto) select id, 5 from clientes;
    insert into pagos (cliente_id, monto, estado) select id, 1, 'PENDIENTE' from clientes;
    insert into idempotencia select '', 'POST /pagos', 'x' || n, 'x', 'es', 'x' from generate_series(1, 30000) n";

/// Every operation under keys, several pagos at once and alone: plans for all of them.
async fn every_operation(api: &Api, round: usize) {
    let mut requests = JoinSet::new();
    for number in 0..64 {
        let (api, key) = (api.clone(), format!("k{round}-{number}"));
        let body = format!(r#"{{"cliente_id":{},"monto":"0.01"}}"#, 1 + number % 16);
        requests.spawn(async move { api.post_once(PAGOS, &key, body).await.status() });
    }
    requests.join_all().await;
    for number in 0..20 {
        let key = format!("k{round}+{number}");
        api.post_once(PAGOS, &key, r#"{"cliente_id":1,"monto":"0.01"}"#).await;
        api.post_once("/api/v1/clientes/1/recargas", &key, r#"{"monto":"0.01"}"#).await;
        api.post_once(&format!("{PAGOS}/{}/anulacion", 1 + number), &key, "").await;
    }
}

/// A plan that was made while the tables were empty is kept for as long as the connection lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_a_plan_made_on_empty_tables_reads_only_the_rows_that_it_needs() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        execute(&fixture, "vacuum analyze").await;
        let api = Api::over(&fixture).await;
        every_operation(&api, 0).await;
        hold(&fixture, MANY_ROWS).await.close().await.unwrap();
        // A session tells what it read when it ends.
        tokio::time::sleep(Duration::from_millis(500)).await;
        execute(&fixture, "select pg_stat_reset()").await;
        every_operation(&api, 1).await;
        // Each session tells what it read within a second or so, when it does something else.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        every_operation(&api, 2).await;
        let read = fixture.count(READ).await;
        assert!((1..20_000).contains(&read), "{read} rows were read");
        fixture.assert_money_rule().await;
    })
    .await;
}
