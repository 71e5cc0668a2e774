//! The schema and its versions.

use reference_pago_service::database::Database;
use tokio::task::JoinSet;

use crate::support::{Fixture, on_both_engines};

on_both_engines!(empty:
    a_new_database_has_none_of_the_migrations,
    migrating_twice_changes_nothing,
    instances_that_migrate_at_once_all_succeed,
    the_tables_have_the_columns_of_the_contract,
    the_database_itself_refuses_what_the_types_refuse,
);

async fn applied(fixture: &Fixture) -> Vec<bool> {
    let status = fixture.database.migrate_status().await.unwrap();
    assert!(status.is_sorted_by_key(|migration| migration.version) && status[0].version == 1);
    status.iter().map(|migration| migration.applied).collect()
}

async fn a_new_database_has_none_of_the_migrations(fixture: Fixture) {
    assert!(applied(&fixture).await.iter().all(|applied| !applied));
    fixture.database.migrate_up().await.unwrap();
    assert!(applied(&fixture).await.iter().all(|applied| *applied));
}

async fn migrating_twice_changes_nothing(fixture: Fixture) {
    fixture.database.migrate_up().await.unwrap();
    fixture.created("ana@x.cl", "1.00").await;
    fixture.database.migrate_up().await.unwrap();
    assert_eq!(fixture.count("select count(*) from clientes").await, 1);
}

async fn instances_that_migrate_at_once_all_succeed(fixture: Fixture) {
    let mut instances = JoinSet::new();
    for _ in 0..6 {
        let fixture = fixture.clone();
        instances.spawn(async move {
            let instance = fixture.another_instance().await.migrated().await;
            instance.database.close().await;
        });
    }
    instances.join_all().await;
    let versions = fixture.count("select count(*) from _sqlx_migrations").await;
    assert_eq!(usize::try_from(versions).unwrap(), applied(&fixture).await.len());
}

const COLUMNS: &str = "clientes: created_at email email_normalizado id moneda nombre saldo\n\
    idempotencia: clave created_at huella idioma operacion resultado sujeto\n\
    pagos: cliente_id created_at estado id moneda monto updated_at\n\
    recargas: cliente_id created_at id monto";

async fn the_tables_have_the_columns_of_the_contract(fixture: Fixture) {
    fixture.database.migrate_up().await.unwrap();
    let columns = columns(&fixture.database).await;
    let lines = columns.chunk_by(|a, b| a.0 == b.0).map(|table| {
        let names: Vec<&str> = table.iter().map(|(_, column)| column.as_str()).collect();
        format!("{}: {}", table[0].0, names.join(" "))
    });
    assert_eq!(lines.collect::<Vec<_>>().join("\n"), COLUMNS);
}

const SQLITE_COLUMNS: &str = "
    select tables.name, columns.name
    from sqlite_schema tables join pragma_table_info(tables.name) columns
    where tables.type = 'table' and tables.name not in ('sqlite_sequence', '_sqlx_migrations')
    order by 1, 2";
const POSTGRES_COLUMNS: &str = "
    select table_name::text, column_name::text from information_schema.columns
    where table_schema = 'public' and table_name <> '_sqlx_migrations' order by 1, 2";

async fn columns(database: &Database) -> Vec<(String, String)> {
    let columns = match database {
        Database::Sqlite(sqlite) => sqlx::query_as(SQLITE_COLUMNS).fetch_all(sqlite.readers()).await,
        Database::Postgres(postgres) => sqlx::query_as(POSTGRES_COLUMNS).fetch_all(&mut postgres.connect().await.unwrap()).await,
    };
    columns.unwrap()
}

const FORBIDDEN: [&str; 5] = ["-1, 'CLP'", "10000000000, 'CLP'", "1, 'clp'", "1, 'CL'", "null, 'CLP'"];

async fn the_database_itself_refuses_what_the_types_refuse(fixture: Fixture) {
    fixture.database.migrate_up().await.unwrap();
    let is_sqlite = fixture.database.engine() == "sqlite";
    let now = if is_sqlite { "0" } else { "now()" };
    let columns = "nombre, email, email_normalizado, saldo, moneda, created_at";
    let cliente = |values| format!("insert into clientes ({columns}) values ('a', 'a', 'a', {values}, {now})");
    for values in FORBIDDEN {
        assert!(!runs(&fixture.database, cliente(values)).await, "{values}");
    }
    let columns = "cliente_id, monto, estado, created_at, updated_at";
    let orphan = format!("insert into pagos ({columns}) values (99, 1, 'PROCESADO', {now}, {now})");
    assert!(!runs(&fixture.database, orphan).await);
    assert!(runs(&fixture.database, cliente("1, 'CLP'")).await);
}

async fn runs(database: &Database, statement: String) -> bool {
    let statement = sqlx::AssertSqlSafe(statement);
    match database {
        Database::Sqlite(sqlite) => sqlx::query(statement).execute(sqlite.writer()).await.is_ok(),
        Database::Postgres(postgres) => sqlx::query(statement).execute(&mut postgres.connect().await.unwrap()).await.is_ok(),
    }
}
