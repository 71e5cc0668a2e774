//! Tables that are altered while the service serves.

use reference_pago_service::database::Database;
use standards_axum::testing::TestAnswer;
use tokio::task::JoinSet;

use crate::support::http::{Api, CLIENTES, PAGOS, execute};
use crate::support::{Fixture, on_postgres};

/// Calls at once, so that several connections have their statements prepared.
const AT_ONCE: usize = 8;

/// What an operator may do to tables that are in use.
const ALTERATIONS: [&str; 6] = [
    "alter table clientes alter column nombre type varchar(300), alter column email type varchar(400)",
    "alter table pagos alter column estado type text; alter table clientes alter column moneda type varchar(10)",
    "alter table clientes alter column saldo type numeric(14, 2); alter table pagos alter column monto type numeric(14, 2)",
    "alter table clientes add column nota text default 'x'",
    "create table nueva (like idempotencia including all); drop table idempotencia; alter table nueva rename to idempotencia",
    "alter table clientes alter column nombre type text, drop column nota; reindex table pagos",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_whose_type_is_altered_while_serving_costs_no_request() {
    on_postgres(async |fixture| {
        let api = Api::over(&fixture).await;
        let id = api.register("ana@x.cl", "1000.00").await;
        every_operation(&api, id, "antes").await;
        for (number, alteration) in ALTERATIONS.into_iter().enumerate() {
            execute_all(&fixture, alteration).await;
            every_operation(&api, id, &format!("{number}")).await;
        }
        fixture.assert_money_rule().await;
    })
    .await;
}

async fn execute_all(fixture: &Fixture, statements: &'static str) {
    for statement in statements.split("; ") {
        execute(fixture, statement).await;
    }
}

/// Each operation twice: once on connections whose statements are old, once on the new ones.
async fn every_operation(api: &Api, id: u64, run: &str) {
    for turn in 0..2 {
        let cliente = format!("{CLIENTES}/{id}");
        let paths = [cliente.as_str(), CLIENTES, PAGOS, &format!("{PAGOS}?cliente_id={id}")].map(str::to_owned);
        at_once(run, |number| {
            let (api, path) = (api.clone(), paths[number % paths.len()].clone());
            async move { api.get(&path).await }
        })
        .await;
        let payments = at_once(run, |_| {
            let api = api.clone();
            async move { api.pay(id, "1.00").await }
        })
        .await;
        let pago = payments[0].data()["id"].as_u64().unwrap();
        one_by_one(api, id, pago, &format!("{run}-{turn}")).await;
    }
}

async fn one_by_one(api: &Api, id: u64, pago: u64, key: &str) {
    let cliente = format!("{CLIENTES}/{id}");
    for exchange in [
        api.post_once(PAGOS, key, format!(r#"{{"cliente_id":{id},"monto":"1.00"}}"#)).await,
        api.post_once(&format!("{cliente}/recargas"), key, r#"{"monto":"1.00"}"#).await,
        api.post(&format!("{PAGOS}/{pago}/anulacion"), "").await,
        api.post(CLIENTES, format!(r#"{{"nombre":"Eva","email":"{key}@x.cl"}}"#)).await,
        api.put(&cliente, r#"{"nombre":"Ana","email":"ana@x.cl"}"#).await,
    ] {
        assert_eq!(exchange.status(), 200, "{key}: {}", exchange.text());
    }
}

/// Calls that go at once and must all succeed.
async fn at_once<F>(run: &str, call: impl Fn(usize) -> F) -> Vec<TestAnswer>
where
    F: Future<Output = TestAnswer> + Send + 'static,
{
    let exchanges = (0..AT_ONCE).map(call).collect::<JoinSet<_>>().join_all().await;
    for exchange in &exchanges {
        assert_eq!(exchange.status(), 200, "{run}: {}", exchange.text());
    }
    exchanges
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_has_forgotten_its_statements_costs_no_request() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let cliente = fixture.created("ana@x.cl", "10.00").await;
        let lone = fixture.impatient().await;
        assert!(lone.cliente(cliente.id).await.is_some());
        let Database::Postgres(postgres) = &lone.database else { panic!("not PostgreSQL") };
        let forget =
            postgres.run(|connection| Box::pin(async { Ok(sqlx::raw_sql("deallocate all").execute(connection).await?) }));
        forget.await.unwrap();
        assert!(lone.cliente(cliente.id).await.is_some());
        lone.database.close().await;
    })
    .await;
}
