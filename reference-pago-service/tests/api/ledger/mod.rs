//! `verify-ledger`: what breaks the books is found and named, and nothing is written.

pub(crate) mod bulk;
pub(crate) mod command;

use std::time::{Duration, Instant};

use reference_pago_service::database::{Database, DatabaseOptions};
use reference_pago_service::models::ClienteId;
use reference_pago_service::repositories::{Ledger, open, verify_ledger};
use sqlx::{AssertSqlSafe, Executor as _};

use self::bulk::fill;
use crate::support::{Fixture, Random, new_cliente, new_pago, on_both_engines};

on_both_engines!(
    an_empty_database_has_no_violations,
    books_after_random_operations_have_no_violations,
    a_balance_edited_by_a_hundredth_is_found,
    a_deleted_pago_is_found,
    a_deleted_recarga_is_found,
    a_negative_balance_is_found,
    a_balance_above_the_largest_is_found,
    what_is_no_amount_ends_no_check,
    an_amount_of_zero_is_found,
    an_unknown_estado_is_found,
    another_moneda_is_found,
    rows_without_a_cliente_are_found,
    every_violation_is_told,
    books_are_checked_where_nothing_can_be_written,
    a_hundred_thousand_pagos_are_checked_in_time,
);

async fn check(database: &Database) -> (Ledger, Vec<String>) {
    let mut lines = Vec::new();
    let ledger = verify_ledger(database, |violation| lines.push(violation.to_string())).await.unwrap();
    lines.sort();
    (ledger, lines)
}

#[track_caller]
fn assert_lines(lines: &[String], expected: &[&str]) {
    assert_eq!(lines, expected);
}

/// Run statements on the books behind the service's back, and behind the constraints.
async fn tamper(database: &Database, statements: &str) {
    match database {
        Database::Sqlite(sqlite) => {
            let statements = format!(
                "pragma ignore_check_constraints = on; pragma foreign_keys = off; {statements};
                 pragma ignore_check_constraints = off; pragma foreign_keys = on"
            );
            sqlite.writer().execute(AssertSqlSafe(statements)).await.unwrap();
        }
        Database::Postgres(postgres) => {
            let statements = format!("{DROP_CONSTRAINTS}; {statements}");
            postgres.connect().await.unwrap().execute(AssertSqlSafe(statements)).await.unwrap();
        }
    }
}

const DROP_CONSTRAINTS: &str = "
    do $$
    declare c record;
    begin
        for c in select conrelid::regclass as tabla, conname from pg_constraint
                 where contype in ('c', 'f') and connamespace = 'public'::regnamespace loop
            execute format('alter table %s drop constraint %I', c.tabla, c.conname);
        end loop;
    end $$;
    alter table clientes alter column saldo type numeric";

/// `unit` hundredths as the engine writes them.
fn amount(database: &Database, cents: i64) -> String {
    match database {
        Database::Sqlite(_) => cents.to_string(),
        Database::Postgres(_) => format!("{cents} * 0.01"),
    }
}

/// A cliente with a recarga of 50.00 on top of 100.00, and pagos of 10.00 and 20.00.
async fn two_pagos(fixture: &Fixture) -> ClienteId {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    fixture.credit(id, "50.00").await.unwrap();
    for monto in ["10.00", "20.00"] {
        fixture.accepted(id, monto).await;
    }
    assert_lines(&check(&fixture.database).await.1, &[]);
    id
}

async fn an_empty_database_has_no_violations(fixture: Fixture) {
    assert_eq!(check(&fixture.database).await, (Ledger { clientes: 0, pagos: 0 }, vec![]));
}

async fn books_after_random_operations_have_no_violations(fixture: Fixture) {
    let mut random = Random::new();
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(fixture.created(&format!("c{number}@x.cl"), "100.00").await.id);
    }
    for _ in 0..120 {
        let id = ids[usize::try_from(random.below(5)).unwrap()];
        let monto = format!("{}.{:02}", random.below(60), 1 + random.below(99));
        if random.below(3) == 0 {
            _ = fixture.credit(id, &monto).await;
        } else {
            _ = fixture.pay(new_pago(id, &monto)).await;
        }
    }
    let (ledger, lines) = check(&fixture.database).await;
    assert_lines(&lines, &[]);
    assert_eq!(ledger.clientes, 5);
    assert!(ledger.pagos > 0);
}

async fn a_balance_edited_by_a_hundredth_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    let one = amount(&fixture.database, 1);
    tamper(&fixture.database, &format!("update clientes set saldo = saldo + {one}")).await;
    assert_lines(&check(&fixture.database).await.1, &["cliente 1: saldo 120.01, but recargas less pagos are 120.00"]);
}

async fn a_deleted_pago_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    tamper(&fixture.database, "delete from pagos where id = 1").await;
    let (ledger, lines) = check(&fixture.database).await;
    assert_eq!(ledger, Ledger { clientes: 1, pagos: 1 });
    assert_lines(&lines, &["cliente 1: saldo 120.00, but recargas less pagos are 130.00"]);
}

async fn a_deleted_recarga_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    tamper(&fixture.database, "delete from recargas where id = 2").await;
    assert_lines(&check(&fixture.database).await.1, &["cliente 1: saldo 120.00, but recargas less pagos are 70.00"]);
}

async fn a_negative_balance_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    let (minus, plus) = (amount(&fixture.database, -1), amount(&fixture.database, 12_001));
    tamper(
        &fixture.database,
        &format!("update clientes set saldo = {minus}; update pagos set monto = monto + {plus} where id = 1"),
    )
    .await;
    assert_lines(&check(&fixture.database).await.1, &["cliente 1: saldo -0.01 is not between 0.00 and 99999999.99"]);
}

async fn a_balance_above_the_largest_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    let extra = amount(&fixture.database, 9_999_988_000);
    tamper(
        &fixture.database,
        &format!("update clientes set saldo = saldo + {extra}; update recargas set monto = monto + {extra} where id = 1"),
    )
    .await;
    assert_lines(&check(&fixture.database).await.1, &["cliente 1: saldo 100000000.00 is not between 0.00 and 99999999.99"]);
}

/// PostgreSQL's NaN is larger than any number; SQLite keeps it as null, which the table refuses.
async fn what_is_no_amount_ends_no_check(fixture: Fixture) {
    two_pagos(&fixture).await;
    if matches!(fixture.database, Database::Postgres(_)) {
        tamper(&fixture.database, "update clientes set saldo = 'NaN'; update pagos set estado = 'otro' where id = 1").await;
        let expected = [
            "cliente 1: saldo null is not between 0.00 and 99999999.99",
            "cliente 1: saldo null, but recargas less pagos are 130.00",
            "pago 1 of cliente 1: unknown estado, monto 10.00",
        ];
        assert_lines(&check(&fixture.database).await.1, &expected);
    }
}

async fn an_amount_of_zero_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    let zeros = "update pagos set monto = 0 where id = 2; update recargas set monto = 0 where id = 1";
    tamper(&fixture.database, zeros).await;
    let expected = [
        "cliente 1: saldo 120.00, but recargas less pagos are 40.00",
        "pago 2 of cliente 1: monto 0.00 is out of range",
        "recarga 1 of cliente 1: monto 0.00 is not greater than zero",
    ];
    assert_lines(&check(&fixture.database).await.1, &expected);
}

async fn an_unknown_estado_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    tamper(&fixture.database, "update pagos set estado = 'procesado' where id = 1").await;
    let expected =
        ["cliente 1: saldo 120.00, but recargas less pagos are 130.00", "pago 1 of cliente 1: unknown estado, monto 10.00"];
    assert_lines(&check(&fixture.database).await.1, &expected);
}

async fn another_moneda_is_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    tamper(&fixture.database, "update pagos set moneda = 'USD' where id = 2").await;
    assert_lines(&check(&fixture.database).await.1, &["pago 2 of cliente 1: another moneda than the cliente's, monto 20.00"]);
}

async fn rows_without_a_cliente_are_found(fixture: Fixture) {
    two_pagos(&fixture).await;
    tamper(&fixture.database, "delete from clientes").await;
    let expected = [
        "pago 1: there is no cliente 1, monto 10.00",
        "pago 2: there is no cliente 1, monto 20.00",
        "recarga 1: there is no cliente 1, monto 100.00",
        "recarga 2: there is no cliente 1, monto 50.00",
    ];
    assert_lines(&check(&fixture.database).await.1, &expected);
}

async fn every_violation_is_told(fixture: Fixture) {
    fill(&fixture.database, 3_000, 0).await;
    tamper(&fixture.database, "delete from recargas").await;
    assert_eq!(check(&fixture.database).await.1.len(), 3_000);
}

async fn books_are_checked_where_nothing_can_be_written(fixture: Fixture) {
    two_pagos(&fixture).await;
    let reader = match &fixture.database {
        Database::Sqlite(sqlite) => {
            let options = sqlite.readers().connect_options();
            let url = format!("sqlite://{}?mode=ro", options.get_filename().display());
            Database::open(&url.parse().unwrap(), &DatabaseOptions::default()).await.unwrap()
        }
        Database::Postgres(postgres) => {
            postgres.connect().await.unwrap().execute(READ_ONLY).await.unwrap();
            fixture.another_instance().await.database
        }
    };
    assert!(open(&reader).clientes.create(new_cliente("otra@x.cl", "1.00")).await.is_err());
    assert_eq!(check(&reader).await, (Ledger { clientes: 1, pagos: 2 }, vec![]));
    reader.close().await;
}

const READ_ONLY: &str = "
    do $$ begin
        execute format('alter database %I set default_transaction_read_only = on', current_database());
    end $$";

async fn a_hundred_thousand_pagos_are_checked_in_time(fixture: Fixture) {
    fill(&fixture.database, 10_000, 100_000).await;
    let start = Instant::now();
    let (ledger, lines) = check(&fixture.database).await;
    let elapsed = start.elapsed();
    eprintln!("{}: 10^5 pagos checked in {elapsed:?}", fixture.database.engine());
    assert_eq!(ledger, Ledger { clientes: 10_000, pagos: 100_000 });
    assert_lines(&lines, &[]);
    // The aim is two seconds; the machine may be busy with other tests.
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}
