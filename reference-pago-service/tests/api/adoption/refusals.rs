//! What cannot be taken over without guessing is refused, by name of the rows, and nothing is changed.

use reference_pago_service::database::Database;
use reference_pago_service::migrate::{LegacyTables, MigrationError};
use reference_pago_service::schema_gate::{SchemaError, SchemaGate};

use super::legacy;
use crate::ledger::command::told;
use crate::support::{Fixture, on_both_engines};

on_both_engines!(empty:
    rows_that_cannot_be_adopted_are_named,
    all_rows_are_named_at_once,
    an_opening_recarga_above_the_largest_is_refused,
    tables_that_are_not_the_guidelines_are_refused,
    what_depends_on_the_tables_is_not_lost,
    a_service_does_not_start_on_what_it_cannot_adopt,
    the_command_names_the_rows_and_fails,
);

/// Why the adoption is refused. Nothing is changed and no e-mail is told.
async fn refusal(database: &Database) -> String {
    let before = legacy::content(database).await;
    let error = match database.migrate_up().await {
        Err(MigrationError::Adoption(error)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(legacy::content(database).await, before);
    assert!(!error.contains('@'), "{error}");
    error
}

const ROWS: &str = "the database cannot be adopted because of these rows, nothing was changed: ";
const CLEAN: &str = "delete from pagos where id > 9 or id <= 0; delete from clientes where id > 9 or id <= 0";

const CASES: &[(&str, &str)] = &[
    (
        "insert into clientes (id, nombre, email, saldo) values (11, 'a', 'ana@x.CL', 1), (12, 'j', 'Jose\u{301}@x.cl', 1)",
        "clientes whose e-mails differ only by case or composition: 1 = 11, 2 = 12",
    ),
    (
        "insert into clientes (id, nombre, email, saldo) values (11, 'a', 'b@x.cl', -0.01), (12, 'a', 'c@x.cl', -5)",
        "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99: 11, 12",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values
         (11, 1, 0, 'CLP', 'PROCESADO'), (12, 1, -1, 'CLP', 'ANULADO')",
        "pagos whose monto is not a whole number of hundredths between 0.01 and 99999999.99: 11, 12",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values
         (11, 1, 1, 'CLP', 'RECHAZADO'), (12, 1, 1, 'CLP', 'procesado')",
        "pagos whose estado is none of PENDIENTE, PROCESADO, ANULADO: 11, 12",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values (11, 2, 1, 'clp', 'PROCESADO'), (12, 2, 1, 'clp', 'ANULADO')",
        "pagos whose moneda is not three capital letters: 11, 12",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values
         (11, 1, 1, 'USD', 'PENDIENTE'), (12, 7, 1, 'EUR', 'PENDIENTE')",
        "clientes with pagos in several monedas: 1, 7",
    ),
    (
        "insert into clientes (id, nombre, email, saldo) values (0, 'a', 'b@x.cl', 1)",
        "clientes whose id is not greater than zero: 0",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values (-3, 1, 1, 'CLP', 'PROCESADO')",
        "pagos whose id is not greater than zero: -3",
    ),
];

const POSTGRES_CASES: &[(&str, &str)] = &[
    (
        "insert into clientes (id, nombre, email, saldo) values (11, 'a', 'b@x.cl', 'NaN')",
        "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99: 11",
    ),
    (
        "insert into clientes (id, nombre, email, saldo, created_at) values (11, 'a', 'b@x.cl', 1, 'infinity')",
        "clientes whose created_at is not an instant of the years 1 to 9999: 11",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at) values
         (11, 1, 1, 'CLP', 'PROCESADO', now(), '10000-01-01'), (12, 1, 1, 'CLP', 'PROCESADO', '0001-01-01 BC', null)",
        "pagos whose created_at or updated_at is not an instant of the years 1 to 9999: 11, 12",
    ),
];

const SQLITE_CASES: &[(&str, &str)] = &[
    (
        "insert into clientes (id, nombre, email, saldo) values
         (11, 'a', 'b@x.cl', 0.1 + 0.2), (12, 'a', 'c@x.cl', 1.005), (13, 'a', 'd@x.cl', 'mucho'), (14, 'a', 'e@x.cl', 9e999),
         (15, 'a', 'f@x.cl', 100000000), (16, 'a', 'g@x.cl', x'31')",
        "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99: 11, 12, 13, 14, 15, 16",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado) values (11, 1, 0.001, 'CLP', 'PROCESADO')",
        "pagos whose monto is not a whole number of hundredths between 0.01 and 99999999.99: 11",
    ),
    (
        "pragma foreign_keys = off;
         insert into pagos (id, cliente_id, monto, moneda, estado) values (11, 99, 1, 'CLP', 'PROCESADO');
         pragma foreign_keys = on",
        "pagos without a cliente: 11",
    ),
    (
        "insert into clientes (id, nombre, email, saldo, created_at) values
         (11, 'a', 'b@x.cl', 1, 'ayer'), (12, 'a', 'c@x.cl', 1, '2024-02-30 00:00:00'), (13, 'a', 'd@x.cl', 1, 1.5),
         (14, 'a', 'e@x.cl', 1, '2024-01-01 00:00:00+01:00'), (15, 'a', 'f@x.cl', 1, '2024-01-01 00:00:00.1234567'),
         (16, 'a', 'g@x.cl', 1, '2024-01-01'), (17, 'a', 'h@x.cl', 1, '2024-01-01 24:00:00'),
         (18, 'a', 'i@x.cl', 1, '2024-01-01 00:00:00.'), (19, 'a', 'j@x.cl', 1, 'now')",
        "clientes whose created_at is not an instant of the years 1 to 9999: 11, 12, 13, 14, 15, 16, 17, 18, 19",
    ),
    (
        "insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at) values
         (11, 1, 1, 'CLP', 'PROCESADO', '2024-01-01T00:00:00', ''), (12, 1, 1, 'CLP', 'PROCESADO', '0000-01-01 00:00:00', null)",
        "pagos whose created_at or updated_at is not an instant of the years 1 to 9999: 11, 12",
    ),
    (
        "insert into clientes (id, nombre, email, saldo) values (11, x'61', 'b@x.cl', 1), (12, 'a', x'61', 1)",
        "clientes whose nombre or email is not a text: 11, 12",
    ),
];

async fn rows_that_cannot_be_adopted_are_named(fixture: Fixture) {
    let database = &fixture.database;
    legacy::make(database).await;
    let own = if matches!(database, Database::Sqlite(_)) { SQLITE_CASES } else { POSTGRES_CASES };
    for (statements, expected) in CASES.iter().chain(own) {
        legacy::execute(database, statements).await;
        assert_eq!(refusal(database).await, format!("{ROWS}{expected}"));
        legacy::execute(database, CLEAN).await;
    }
    assert!(database.migrate_up().await.unwrap().is_some());
}

async fn all_rows_are_named_at_once(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    let rows = "
        insert into clientes (id, nombre, email, saldo) values (11, 'a', 'ANA@X.CL', -1), (12, 'a', 'sam@X.cl', 1);
        insert into pagos (id, cliente_id, monto, moneda, estado) values (11, 1, 0, 'USD', 'NULO'), (12, 11, -1, 'CLP', 'OTRO')";
    legacy::execute(&fixture.database, rows).await;
    let expected = "clientes whose e-mails differ only by case or composition: 1 = 11, 3 = 12; \
        clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99: 11; \
        pagos whose monto is not a whole number of hundredths between 0.01 and 99999999.99: 11, 12; \
        pagos whose estado is none of PENDIENTE, PROCESADO, ANULADO: 11, 12; \
        clientes with pagos in several monedas: 1";
    assert_eq!(refusal(&fixture.database).await, format!("{ROWS}{expected}"));
}

async fn an_opening_recarga_above_the_largest_is_refused(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    let pagos = |count: u32| {
        format!(
            "insert into pagos (id, cliente_id, monto, moneda, estado)
             with recursive n (n) as (select 101 union all select n + 1 from n where n < 100 + {count})
             select n, 2, 99999999.99, 'CLP', 'PROCESADO' from n"
        )
    };
    legacy::execute(&fixture.database, &pagos(10_001)).await;
    let expected = "clientes whose saldo and processed pagos together pass 999999999999.99: 2";
    assert_eq!(refusal(&fixture.database).await, format!("{ROWS}{expected}"));
    legacy::execute(&fixture.database, &format!("delete from pagos where id > 9; {}", pagos(10_000))).await;
    fixture.database.migrate_up().await.unwrap();
    assert_eq!(fixture.violations().await, Vec::<String>::new());
}

const TABLES: &str = "the tables clientes and pagos are not as the guideline's migration makes them, nothing was changed: ";

async fn tables_that_are_not_the_guidelines_are_refused(fixture: Fixture) {
    let database = &fixture.database;
    legacy::make(database).await;
    legacy::execute(database, "alter table clientes add column telefono varchar(20)").await;
    let column = if matches!(database, Database::Sqlite(_)) { "varchar(20)" } else { "character varying(20)" };
    let differences = format!("has clientes.telefono {column}");
    assert_eq!(database.legacy_tables().await.unwrap(), LegacyTables::Foreign(differences.clone()));
    assert_eq!(refusal(database).await, format!("{TABLES}{differences}"));
    legacy::execute(database, "alter table clientes drop column telefono; alter table pagos drop column updated_at; alter table pagos add column updated_at text").await;
    let refusal = match database.migrate_up().await {
        Err(error) => error.to_string(),
        Ok(adoption) => panic!("{adoption:?}"),
    };
    assert!(refusal.contains("has pagos.updated_at") && refusal.contains("lacks pagos.updated_at"), "{refusal}");
}

async fn what_depends_on_the_tables_is_not_lost(fixture: Fixture) {
    let database = &fixture.database;
    legacy::make(database).await;
    legacy::execute(database, "create view resumen as select count(*) as n from pagos").await;
    assert_eq!(refusal(database).await, format!("{TABLES}has view resumen"));
    legacy::execute(database, "drop view resumen; create table boletas (pago_id integer references pagos (id))").await;
    let key = if matches!(database, Database::Sqlite(_)) { "of boletas" } else { "boletas_pago_id_fkey of boletas" };
    assert_eq!(refusal(database).await, format!("{TABLES}has foreign key {key}"));
    legacy::execute(database, "drop table boletas").await;
    legacy::execute(database, trigger(database)).await;
    assert_eq!(refusal(database).await, format!("{TABLES}has trigger auditoria"));
}

fn trigger(database: &Database) -> &'static str {
    match database {
        Database::Sqlite(_) => "create trigger auditoria after delete on pagos begin select 1; end",
        Database::Postgres(_) => {
            "create function nada() returns trigger language plpgsql as 'begin return null; end';
             create trigger auditoria after delete on pagos for each row execute function nada()"
        }
    }
}

async fn a_service_does_not_start_on_what_it_cannot_adopt(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    legacy::execute(&fixture.database, "update clientes set saldo = -1 where id = 1").await;
    let gate = SchemaGate::default();
    let outcome = gate.open(&fixture.database, true).await;
    assert!(matches!(outcome, Err(SchemaError::Failed(MigrationError::Adoption(_)))), "{outcome:?}");
    assert!(gate.check().is_err());
}

async fn the_command_names_the_rows_and_fails(fixture: Fixture) {
    legacy::make(&fixture.database).await;
    legacy::execute(&fixture.database, "update clientes set saldo = -1").await;
    let reason = "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99";
    let expected = (Some(1), String::new(), format!("error: {ROWS}{reason}: 1, 2, 3, 7\n"));
    assert_eq!(told(&fixture, &["migrate", "up"]).await, expected);
}
