//! Adoption on PostgreSQL.

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::{Adoption, FIRST, LegacyTables, Refusals, Totals, reason, totals_of};
use crate::migrate::MigrationError;
use crate::models::Email;

/// How many e-mails are normalised at a time.
const BATCH: i64 = 5_000;

/// Takes the guideline's tables over, where they are.
///
/// The caller holds the lock of the migrations, and none is applied yet.
pub(in crate::migrate) async fn adopt(
    migrator: &Migrator,
    connection: &mut PgConnection,
) -> Result<Option<Adoption>, MigrationError> {
    let mut transaction = connection.begin().await?;
    if !find(&mut transaction).await?.adoptable()? {
        return Ok(None);
    }
    transaction.execute(SET_ASIDE).await?;
    normalise(&mut transaction).await?;
    refusals(&mut transaction).await?.none()?;
    let old = totals(&mut transaction, totals_of("legacy_clientes", "legacy_pagos")).await?;
    migrator.run_direct(Some(FIRST), &mut *transaction, false).await?;
    transaction.execute(COPY).await?;
    let adoption = old.kept_by(&totals(&mut transaction, totals_of("clientes", "pagos")).await?)?;
    transaction.execute(DROP).await?;
    transaction.execute(NAME).await?;
    transaction.commit().await?;
    Ok(Some(adoption))
}

/// What stands there, and whether it is what Alembic makes of the guideline's models.
pub(in crate::migrate) async fn find(connection: &mut PgConnection) -> Result<LegacyTables, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(FIND).fetch_all(connection).await?;
    Ok(LegacyTables::judge(&found, &GUIDELINE))
}

const GUIDELINE: [&str; 12] = [
    "clientes.id integer not null",
    "clientes.nombre character varying(100) not null",
    "clientes.email character varying(100) not null",
    "clientes.saldo numeric(10,2) not null",
    "clientes.created_at timestamp without time zone",
    "pagos.id integer not null",
    "pagos.cliente_id integer not null",
    "pagos.monto numeric(10,2) not null",
    "pagos.moneda character varying(3) not null",
    "pagos.estado character varying(20) not null",
    "pagos.created_at timestamp without time zone",
    "pagos.updated_at timestamp without time zone",
];

/// What depends on the tables would be lost or left behind with them.
const FIND: &str = "
    with legacy as (
        select oid, relname from pg_class where oid in (to_regclass('clientes'), to_regclass('pagos'))
    )
    select relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
           || case when attnotnull then ' not null' else '' end
    from pg_attribute join legacy on legacy.oid = attrelid
    where attnum > 0 and not attisdropped
    union all
    select 'trigger ' || tgname from pg_trigger join legacy on legacy.oid = tgrelid where not tgisinternal
    union all
    select 'policy ' || polname from pg_policy join legacy on legacy.oid = polrelid
    union all
    select 'foreign key ' || conname || ' of ' || conrelid::regclass
    from pg_constraint join legacy on legacy.oid = confrelid
    where conrelid is distinct from to_regclass('pagos')::oid
    union
    select 'view ' || ev_class::regclass
    from pg_depend join pg_rewrite on pg_rewrite.oid = objid join legacy on legacy.oid = refobjid
    where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass and ev_class <> legacy.oid";

/// The names of indices and sequences are of the schema, not of the table: ours want theirs.
const SET_ASIDE: &str = "
    lock table clientes, pagos in access exclusive mode;
    alter table pagos rename to legacy_pagos;
    alter table clientes rename to legacy_clientes;
    alter index if exists pagos_pkey rename to legacy_pagos_pkey;
    alter index if exists clientes_pkey rename to legacy_clientes_pkey;
    alter sequence if exists pagos_id_seq rename to legacy_pagos_id_seq;
    alter sequence if exists clientes_id_seq rename to legacy_clientes_id_seq;
    alter table legacy_clientes add column email_normalizado text";

async fn normalise(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut last = i64::MIN;
    loop {
        let rows = emails_after(connection, last).await?;
        let Some((id, _)) = rows.last() else { return Ok(()) };
        last = *id;
        let (ids, emails) = rows.into_iter().map(|(id, email)| (id, Email::from_database(email).normalized())).unzip();
        keep_normalised(connection, ids, emails).await?;
    }
}

async fn emails_after(connection: &mut PgConnection, id: i64) -> Result<Vec<(i64, String)>, sqlx::Error> {
    sqlx::query_as("select id::bigint, email from legacy_clientes where id > $1 order by id limit $2")
        .bind(id)
        .bind(BATCH)
        .fetch_all(connection)
        .await
}

async fn keep_normalised(connection: &mut PgConnection, ids: Vec<i64>, emails: Vec<String>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update legacy_clientes set email_normalizado = normalised.email
         from unnest($1::bigint[], $2::text[]) as normalised (id, email) where legacy_clientes.id = normalised.id",
    )
    .bind(ids)
    .bind(emails)
    .execute(connection)
    .await?;
    Ok(())
}

async fn refusals(connection: &mut PgConnection) -> Result<Refusals, sqlx::Error> {
    let mut refusals = Refusals::default();
    for (reason, query) in OFFENDERS {
        let ids: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await?;
        refusals.add(reason, &ids);
    }
    Ok(refusals)
}

/// NaN is larger than any number, so that `not between` finds it too.
const OFFENDERS: [(&str, &str); 12] = [
    (reason::CLIENTE_ID, "select id::text from legacy_clientes where id <= 0 order by id"),
    (reason::PAGO_ID, "select id::text from legacy_pagos where id <= 0 order by id"),
    (
        reason::EMAIL,
        "select string_agg(id::text, ' = ' order by id) from legacy_clientes
         group by email_normalizado having count(*) > 1 order by min(id)",
    ),
    (reason::SALDO, "select id::text from legacy_clientes where saldo not between 0 and 99999999.99 order by id"),
    (reason::MONTO, "select id::text from legacy_pagos where monto not between 0.01 and 99999999.99 order by id"),
    (reason::ESTADO, "select id::text from legacy_pagos where estado not in ('PENDIENTE', 'PROCESADO', 'ANULADO') order by id"),
    (reason::MONEDA, "select id::text from legacy_pagos where moneda collate \"C\" !~ '^[A-Z]{3}$' order by id"),
    (
        reason::MONEDAS,
        "select cliente_id::text from legacy_pagos
         group by cliente_id having count(distinct moneda) > 1 order by cliente_id",
    ),
    (
        reason::ORPHAN,
        "select id::text from legacy_pagos
         where not exists (select from legacy_clientes where legacy_clientes.id = cliente_id) order by id",
    ),
    (
        reason::CLIENTE_INSTANT,
        "select id::text from legacy_clientes where created_at < '0001-01-01' or created_at >= '10000-01-01' order by id",
    ),
    (
        reason::PAGO_INSTANT,
        "select id::text from legacy_pagos
         where least(created_at, updated_at) < '0001-01-01' or greatest(created_at, updated_at) >= '10000-01-01' order by id",
    ),
    (
        reason::OPENING,
        "select legacy_clientes.id::text from legacy_clientes join legacy_pagos on cliente_id = legacy_clientes.id
         where estado = 'PROCESADO' group by legacy_clientes.id
         having saldo + sum(monto) > 999999999999.99 order by legacy_clientes.id",
    ),
];

/// The instants are UTC. One that is missing is that of the adoption, and of a pago its other one before that. The next ids are
/// above every one that was ever given, also to rows that were deleted since.
const COPY: &str = "
    insert into clientes (id, nombre, email, email_normalizado, saldo, moneda, created_at)
    select id, nombre, email, email_normalizado, saldo, coalesce(used.moneda, 'CLP'),
           coalesce(created_at at time zone 'UTC', now())
    from legacy_clientes
    left join (select cliente_id, min(moneda) as moneda from legacy_pagos group by cliente_id) used on cliente_id = id
    order by id;

    insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at)
    select id, cliente_id, monto, moneda, estado,
           coalesce(created_at at time zone 'UTC', updated_at at time zone 'UTC', now()),
           coalesce(updated_at at time zone 'UTC', created_at at time zone 'UTC', now())
    from legacy_pagos order by id;

    insert into recargas (cliente_id, monto, created_at)
    select id, saldo + coalesce(total, 0), created_at
    from clientes
    left join (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ) debits on cliente_id = id
    where saldo + coalesce(total, 0) > 0 order by id;

    select setval(pg_get_serial_sequence('clientes', 'id'), 1 + greatest(
        (select max(id) from clientes),
        pg_sequence_last_value(pg_get_serial_sequence('legacy_clientes', 'id')::regclass), 0), false);
    select setval(pg_get_serial_sequence('pagos', 'id'), 1 + greatest(
        (select max(id) from pagos),
        pg_sequence_last_value(pg_get_serial_sequence('legacy_pagos', 'id')::regclass), 0), false)";

async fn totals(connection: &mut PgConnection, query: AssertSqlSafe<String>) -> Result<Totals, sqlx::Error> {
    let (clientes, pagos, saldo, monto) = sqlx::query_as(query).fetch_one(connection).await?;
    Ok(Totals { clientes, pagos, saldo, monto })
}

/// From PostgreSQL 18 on `not null` has a name, which those of the tables that were set aside had.
const NAME: &str = "
    do $$ declare found record; begin
        for found in select conrelid::regclass as owner, conname from pg_constraint
            where contype = 'n' and conrelid in (to_regclass('clientes'), to_regclass('pagos')) and conname like '%\\_not\\_null1'
        loop
            execute format('alter table %s rename constraint %I to %I', found.owner, found.conname, left(found.conname, -1));
        end loop;
    end $$";

const DROP: &str = "
    drop table legacy_pagos, legacy_clientes;
    analyze clientes, pagos, recargas";
