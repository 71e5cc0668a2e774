//! The schema of an adopted database is that of a new one.

use reference_pago_service::database::Database;

use super::legacy;
use crate::support::{Fixture, on_postgres, on_sqlite};

const SQLITE: &str = "
    select type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') from sqlite_schema
    where tbl_name not in ('alembic_version', '_sqlx_migrations')";

const POSTGRES: &str = "
    select concat_ws(' ', table_name, ordinal_position, column_name, data_type, character_maximum_length, numeric_precision,
                     numeric_scale, is_nullable, column_default, is_identity, identity_generation)
    from information_schema.columns where table_schema = 'public' and table_name not in ('alembic_version', '_sqlx_migrations')
    union all
    select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) from pg_constraint
    where connamespace = 'public'::regnamespace and conrelid <> 'alembic_version'::regclass
    union all
    select indexdef from pg_indexes where schemaname = 'public' and tablename not in ('alembic_version', '_sqlx_migrations')
    union all
    select concat_ws(' ', sequencename, data_type, start_value, min_value, max_value, increment_by, cycle)
    from pg_sequences where schemaname = 'public'
    union all
    select concat_ws(' ', relname, relkind, relpersistence) from pg_class
    where relnamespace = 'public'::regnamespace and relname not like 'alembic_version%'";

async fn schema(database: &Database) -> Vec<String> {
    legacy::lines(database, SQLITE, POSTGRES).await
}

async fn assert_same_schema(legacy: Fixture, fresh: Fixture) {
    let (adopted, fresh) = (legacy.adopted().await, fresh.migrated().await);
    if let Database::Postgres(_) = fresh.database {
        legacy::execute(&fresh.database, "create table alembic_version ()").await;
    }
    let (adopted, fresh) = (schema(&adopted.database).await, schema(&fresh.database).await);
    assert!(fresh.len() >= 8, "{fresh:?}");
    assert_eq!(adopted, fresh);
}

#[tokio::test]
async fn an_adopted_sqlite_schema_is_a_new_one() {
    on_sqlite(async |legacy| on_sqlite(async |fresh| assert_same_schema(legacy, fresh).await).await).await;
}

#[tokio::test]
async fn an_adopted_postgres_schema_is_a_new_one() {
    on_postgres(async |legacy| on_postgres(async |fresh| assert_same_schema(legacy, fresh).await).await).await;
}
