//! A database that the guideline's Alembic migration made is taken over with every row, or left as it was.

mod interruption;
mod legacy;
mod refusals;
mod schema;

use reference_pago_service::database::Database;
use reference_pago_service::migrate::{Adoption, LegacyTables};
use reference_pago_service::models::{Cliente, ClienteError, ClienteFilter, ClienteId, Moneda, Pago, PagoId};
use reference_pago_service::repositories::verify_ledger;
use reference_pago_service::schema_gate::{SchemaError, SchemaGate};
use tokio::task::JoinSet;

use crate::ledger::command::told;
use crate::support::{Fixture, email, monto, new_cliente, on_both_engines, page};

on_both_engines!(empty:
    every_cliente_is_adopted,
    every_pago_is_adopted,
    the_books_add_up_from_the_first_day,
    the_next_ids_follow_the_last_ones_given,
    an_adopted_cliente_pays_and_is_found_by_email,
    adopting_twice_changes_nothing,
    an_empty_legacy_database_is_adopted,
    of_instances_at_once_one_adopts_and_all_succeed,
    a_service_adopts_when_it_starts,
    the_command_says_what_it_will_adopt_and_what_it_adopted,
);

const ADOPTION: Adoption = Adoption { clientes: 4, pagos: 5 };

impl Fixture {
    /// A legacy database that was adopted.
    async fn adopted(self) -> Self {
        legacy::make(&self.database).await;
        assert_eq!(self.database.legacy_tables().await.unwrap(), LegacyTables::Guideline);
        assert_eq!(self.database.migrate_up().await.unwrap(), Some(ADOPTION));
        self
    }

    async fn violations(&self) -> Vec<String> {
        let mut lines = Vec::new();
        verify_ledger(&self.database, |violation| lines.push(violation.to_string())).await.unwrap();
        lines
    }
}

async fn cliente(fixture: &Fixture, id: i64) -> Cliente {
    fixture.cliente(ClienteId::new(id).unwrap()).await.unwrap()
}

async fn pago(fixture: &Fixture, id: i64) -> Pago {
    fixture.repositories.pagos.get(PagoId::new(id).unwrap()).await.unwrap().unwrap()
}

#[track_caller]
fn assert_cliente(cliente: &Cliente, [nombre, email, saldo, moneda, created_at]: [&str; 5]) {
    let seen = [
        cliente.nombre.as_str(),
        cliente.email.as_str(),
        &cliente.saldo.to_string(),
        cliente.moneda.as_str(),
        &cliente.created_at.to_string(),
    ];
    assert_eq!(seen, [nombre, email, saldo, moneda, created_at]);
}

async fn every_cliente_is_adopted(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    assert_cliente(&cliente(&fixture, 1).await, ["Ana", "Ana@X.cl", "100.10", "CLP", "2024-01-02T03:04:05.678Z"]);
    assert_eq!(cliente(&fixture, 1).await.created_at.microseconds() % 1_000_000, 678_901);
    assert_cliente(&cliente(&fixture, 2).await, ["José", "JOSÉ@x.cl", "0.00", "CLP", "2024-02-29T00:00:00.000Z"]);
    assert_cliente(&cliente(&fixture, 3).await, ["Sam", "sam@x.cl", "99999999.99", "USD", "2024-03-01T12:00:00.500Z"]);
    let undated = cliente(&fixture, 7).await;
    let adopted_at = undated.created_at.to_string();
    assert_cliente(&undated, ["Nadie", "nadie@x.cl", "0.29", "CLP", &adopted_at]);
    assert!(adopted_at.as_str() > "2025", "{adopted_at}");
}

async fn every_pago_is_adopted(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    let mut seen = Vec::new();
    for id in [1, 2, 3, 4, 9] {
        let Pago { id, cliente_id, monto, moneda, estado, created_at } = pago(&fixture, id).await;
        seen.push(format!("{id} {cliente_id} {monto} {moneda} {estado} {created_at}"));
    }
    let expected = [
        "1 1 0.07 CLP PROCESADO 2024-01-03T00:00:00.000Z",
        "2 1 5.00 CLP PENDIENTE 2024-01-03T00:00:02.000Z",
        "3 3 20.50 USD PROCESADO 2024-03-02T00:00:00.000Z",
        "4 3 1.00 USD ANULADO 2024-03-03T00:00:00.000Z",
        "9 7 3.33 CLP PROCESADO 2024-04-01T00:00:00.000Z",
    ];
    assert_eq!(seen, expected);
}

async fn the_books_add_up_from_the_first_day(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    assert_eq!(fixture.violations().await, Vec::<String>::new());
    let recargas = legacy::lines(
        &fixture.database,
        "select cliente_id || ' ' || monto from recargas",
        "select cliente_id || ' ' || (monto * 100)::bigint from recargas",
    );
    assert_eq!(recargas.await, ["1 10017", "3 10000002049", "7 362"]);
}

async fn the_next_ids_follow_the_last_ones_given(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    let id = fixture.created("nueva@x.cl", "5.00").await.id;
    // SQLAlchemy's tables on SQLite do not remember the ids of deleted rows.
    assert_eq!(id.get(), if matches!(fixture.database, Database::Sqlite(_)) { 8 } else { 10 });
    let (pago, _) = fixture.accepted(id, "1.00").await;
    assert_eq!(pago.id.get(), 10);
}

async fn an_adopted_cliente_pays_and_is_found_by_email(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    let (_, saldo) = fixture.accepted(ClienteId::new(1).unwrap(), "100.09").await;
    assert_eq!(saldo, monto("0.01"));
    assert_eq!(fixture.violations().await, Vec::<String>::new());
    let filter = ClienteFilter { email: Some(email("josé@X.CL")), page: page(0, 10, 0) };
    let found = fixture.repositories.clientes.list(filter).await.unwrap();
    assert_eq!(found.iter().map(|cliente| cliente.id.get()).collect::<Vec<_>>(), [2]);
    let again = fixture.create(new_cliente("ANA@x.CL", "0.00")).await;
    assert_eq!(again, Err(ClienteError::EmailDuplicado));
    assert_eq!(cliente(&fixture, 3).await.moneda, "USD".parse::<Moneda>().unwrap());
}

async fn adopting_twice_changes_nothing(fixture: Fixture) {
    let fixture = fixture.adopted().await;
    let before = legacy::content(&fixture.database).await;
    assert_eq!(fixture.database.migrate_up().await.unwrap(), None);
    assert_eq!(legacy::content(&fixture.database).await, before);
    assert_eq!(fixture.database.legacy_tables().await.unwrap(), LegacyTables::Absent);
    let status = fixture.database.migrate_status().await.unwrap();
    assert!(status.iter().all(|migration| migration.applied));
}

async fn an_empty_legacy_database_is_adopted(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    legacy::execute(&fixture.database, "delete from pagos; delete from clientes").await;
    assert_eq!(fixture.database.migrate_up().await.unwrap(), Some(Adoption { clientes: 0, pagos: 0 }));
    let id = fixture.created("nueva@x.cl", "5.00").await.id;
    assert_eq!(id.get(), if matches!(fixture.database, Database::Sqlite(_)) { 1 } else { 10 });
}

async fn of_instances_at_once_one_adopts_and_all_succeed(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    let mut instances = JoinSet::new();
    for _ in 0..6 {
        let fixture = fixture.clone();
        instances.spawn(async move {
            let instance = fixture.another_instance().await;
            let adoption = instance.database.migrate_up().await.unwrap();
            instance.database.close().await;
            adoption
        });
    }
    let adoptions: Vec<_> = instances.join_all().await.into_iter().flatten().collect();
    assert_eq!(adoptions, [ADOPTION]);
    assert_eq!(fixture.violations().await, Vec::<String>::new());
}

async fn a_service_adopts_when_it_starts(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    let gate = SchemaGate::default();
    assert!(matches!(gate.open(&fixture.database, false).await, Err(SchemaError::Pending)));
    gate.open(&fixture.database, true).await.unwrap();
    assert!(gate.check().is_ok());
    assert_eq!(cliente(&fixture, 1).await.saldo, monto("100.10"));
}

async fn the_command_says_what_it_will_adopt_and_what_it_adopted(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    let (status, said, _) = told(&fixture, &["migrate", "status"]).await;
    let legacy =
        "the tables are those of the guideline's Alembic migration: `migrate up` adopts them\n0001 pending clientes y pagos\n";
    assert!(status == Some(1) && said.starts_with(legacy), "{said}");
    let (status, said, _) = told(&fixture, &["migrate", "up"]).await;
    let adopted = "adopted: 4 clientes, 5 pagos\n0001 applied clientes y pagos\n";
    assert!(status == Some(0) && said.starts_with(adopted), "{said}");
    assert!(told(&fixture, &["migrate", "up"]).await.1.starts_with("0001 applied clientes y pagos\n"));
    let verdict = "ledger: 4 clientes, 5 pagos, 0 violations\n".to_owned();
    assert_eq!(told(&fixture, &["verify-ledger"]).await, (Some(0), verdict, String::new()));
}
