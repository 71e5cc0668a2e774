//! Adoption on SQLite, where SQLAlchemy keeps amounts as floats and instants as text.

mod views;

use rust_decimal::Decimal;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Executor as _, SqliteConnection};

use self::views::SET_ASIDE;
use super::{Adoption, FIRST, LegacyTables, Refusals, Totals, reason, totals_of};
use crate::migrate::MigrationError;
use crate::models::Email;

/// How many e-mails are normalised at a time.
const BATCH: i64 = 5_000;

/// Takes the guideline's tables over, where they are.
///
/// The caller has begun an immediate transaction, in which no migration is applied yet.
pub(in crate::migrate) async fn adopt(
    migrator: &Migrator,
    connection: &mut SqliteConnection,
) -> Result<Option<Adoption>, MigrationError> {
    if !find(connection).await?.adoptable()? {
        return Ok(None);
    }
    connection.execute(SET_ASIDE).await?;
    normalise(connection).await?;
    refusals(connection).await?.none()?;
    let old = totals(connection, totals_of("legacy_clientes_read", "legacy_pagos_read")).await?;
    migrator.run_direct(Some(FIRST), connection, false).await?;
    connection.execute(COPY).await?;
    let adoption = old.kept_by(&totals(connection, totals_of("clientes", "pagos")).await?)?;
    connection.execute(DROP).await?;
    Ok(Some(adoption))
}

/// What stands there, and whether it is what SQLAlchemy makes of the guideline's models.
pub(in crate::migrate) async fn find(connection: &mut SqliteConnection) -> Result<LegacyTables, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(FIND).fetch_all(connection).await?;
    Ok(LegacyTables::judge(&found, &GUIDELINE))
}

const GUIDELINE: [&str; 12] = [
    "clientes.id INTEGER not null",
    "clientes.nombre VARCHAR(100) not null",
    "clientes.email VARCHAR(100) not null",
    "clientes.saldo NUMERIC(10, 2) not null",
    "clientes.created_at DATETIME",
    "pagos.id INTEGER not null",
    "pagos.cliente_id INTEGER not null",
    "pagos.monto NUMERIC(10, 2) not null",
    "pagos.moneda VARCHAR(3) not null",
    "pagos.estado VARCHAR(20) not null",
    "pagos.created_at DATETIME",
    "pagos.updated_at DATETIME",
];

/// What depends on the tables would be lost or left behind with them.
const FIND: &str = "
    select legacy.name || '.' || field.name || ' ' || field.type || case when field.\"notnull\" then ' not null' else '' end
    from sqlite_schema legacy join pragma_table_info(legacy.name) field
    where legacy.name in ('clientes', 'pagos')
    union all
    select 'trigger ' || name from sqlite_schema where type = 'trigger' and tbl_name in ('clientes', 'pagos')
    union all
    select 'view ' || name from sqlite_schema where type = 'view' and (sql like '%clientes%' or sql like '%pagos%')
    union all
    select 'foreign key of ' || legacy.name
    from sqlite_schema legacy join pragma_foreign_key_list(legacy.name) reference
    where reference.\"table\" in ('clientes', 'pagos') and legacy.name <> 'pagos'";

async fn normalise(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut last = i64::MIN;
    loop {
        let rows = emails_after(connection, last).await?;
        let Some((id, _)) = rows.last() else { return Ok(()) };
        last = *id;
        for (id, email) in rows {
            keep_normalised(connection, id, Email::from_database(email).normalized()).await?;
        }
    }
}

async fn emails_after(connection: &mut SqliteConnection, id: i64) -> Result<Vec<(i64, String)>, sqlx::Error> {
    sqlx::query_as("select id, email from legacy_clientes where id > ?1 and typeof(email) = 'text' order by id limit ?2")
        .bind(id)
        .bind(BATCH)
        .fetch_all(connection)
        .await
}

async fn keep_normalised(connection: &mut SqliteConnection, id: i64, email: String) -> Result<(), sqlx::Error> {
    sqlx::query("update legacy_clientes set email_normalizado = ?2 where id = ?1")
        .bind(id)
        .bind(email)
        .execute(connection)
        .await?;
    Ok(())
}

async fn refusals(connection: &mut SqliteConnection) -> Result<Refusals, sqlx::Error> {
    let mut refusals = Refusals::default();
    for (reason, query) in OFFENDERS {
        let ids: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await?;
        refusals.add(reason, &ids);
    }
    Ok(refusals)
}

/// Any column but an integer primary key may hold a value of any type.
const OFFENDERS: [(&str, &str); 13] = [
    (reason::CLIENTE_ID, "select cast(id as text) from legacy_clientes where id <= 0 order by id"),
    (reason::PAGO_ID, "select cast(id as text) from legacy_pagos where id <= 0 order by id"),
    (
        reason::TEXT,
        "select cast(id as text) from legacy_clientes where typeof(nombre) <> 'text' or typeof(email) <> 'text' order by id",
    ),
    (
        reason::EMAIL,
        "select group_concat(id, ' = ' order by id) from legacy_clientes where email_normalizado is not null
         group by email_normalizado having count(*) > 1 order by min(id)",
    ),
    (
        reason::SALDO,
        "select cast(id as text) from legacy_clientes_read
         where exact is not true or saldo not between 0 and 9999999999 order by id",
    ),
    (
        reason::MONTO,
        "select cast(id as text) from legacy_pagos_read
         where exact is not true or monto not between 1 and 9999999999 order by id",
    ),
    (
        reason::ESTADO,
        "select cast(id as text) from legacy_pagos where estado not in ('PENDIENTE', 'PROCESADO', 'ANULADO') order by id",
    ),
    (
        reason::MONEDA,
        "select cast(id as text) from legacy_pagos
         where typeof(moneda) <> 'text' or moneda not glob '[A-Z][A-Z][A-Z]' order by id",
    ),
    (
        reason::MONEDAS,
        "select cast(cliente_id as text) from legacy_pagos
         group by cliente_id having count(distinct moneda) > 1 order by cliente_id",
    ),
    (
        reason::ORPHAN,
        "select cast(id as text) from legacy_pagos where cliente_id not in (select id from legacy_clientes) order by id",
    ),
    (reason::CLIENTE_INSTANT, "select cast(id as text) from legacy_clientes_read where dated is not true order by id"),
    (reason::PAGO_INSTANT, "select cast(id as text) from legacy_pagos_read where dated is not true order by id"),
    (
        reason::OPENING,
        "select cast(cliente.id as text)
         from legacy_clientes_read cliente join legacy_pagos_read pago on pago.cliente_id = cliente.id
         where estado = 'PROCESADO' group by cliente.id
         having saldo + sum(monto) > 99999999999999 order by cliente.id",
    ),
];

/// As on PostgreSQL. The next ids are above the greatest; an earlier one SQLAlchemy's tables do not remember.
const COPY: &str = "
    insert into clientes (id, nombre, email, email_normalizado, saldo, moneda, created_at)
    select id, nombre, email, email_normalizado, saldo, coalesce(used.moneda, 'CLP'), coalesce(created_at, unixepoch() * 1000000)
    from legacy_clientes_read
    left join (select cliente_id, min(moneda) as moneda from legacy_pagos group by cliente_id) used on cliente_id = id
    order by id;

    insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at)
    select id, cliente_id, monto, moneda, estado,
           coalesce(created_at, updated_at, unixepoch() * 1000000), coalesce(updated_at, created_at, unixepoch() * 1000000)
    from legacy_pagos_read order by id;

    insert into recargas (cliente_id, monto, created_at)
    select id, saldo + coalesce(total, 0), created_at
    from clientes
    left join (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ) debits on cliente_id = id
    where saldo + coalesce(total, 0) > 0 order by id";

async fn totals(connection: &mut SqliteConnection, query: AssertSqlSafe<String>) -> Result<Totals, sqlx::Error> {
    let (clientes, pagos, saldo, monto) = sqlx::query_as(query).fetch_one(connection).await?;
    Ok(Totals { clientes, pagos, saldo: Decimal::new(saldo, 2), monto: Decimal::new(monto, 2) })
}

const DROP: &str = "
    drop view legacy_clientes_read;
    drop view legacy_pagos_read;
    drop table legacy_pagos;
    drop table legacy_clientes";
