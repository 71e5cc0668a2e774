//! Adoption on SQLite, where SQLAlchemy keeps amounts as floats and instants as text.

use sqlx::migrate::Migrator;
use sqlx::{Executor as _, SqliteConnection};

use super::{Adoption, FIRST, LegacyTables, MigrationError, Refusals, reason};
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
    migrator.run_direct(Some(FIRST), connection, false).await?;
    connection.execute(COPY).await?;
    let adoption = count(connection).await?;
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
    select tabla.name || '.' || columna.name || ' ' || columna.type || case when columna.\"notnull\" then ' not null' else '' end
    from sqlite_schema tabla join pragma_table_info(tabla.name) columna
    where tabla.name in ('clientes', 'pagos')
    union all
    select 'trigger ' || name from sqlite_schema where type = 'trigger' and tbl_name in ('clientes', 'pagos')
    union all
    select 'view ' || name from sqlite_schema where type = 'view' and (sql like '%clientes%' or sql like '%pagos%')
    union all
    select 'foreign key of ' || tabla.name
    from sqlite_schema tabla join pragma_foreign_key_list(tabla.name) clave
    where clave.\"table\" in ('clientes', 'pagos') and tabla.name <> 'pagos'";

/// The hundredths of an amount.
macro_rules! centavos {
    ($column:literal) => {
        concat!("cast(round(", $column, " * 100) as integer)")
    };
}

/// Whether an amount is the float nearest to those hundredths (a division is rounded correctly), as SQLAlchemy writes a `Decimal`;
/// or a whole number, as SQLite keeps a float that is one.
macro_rules! is_exact {
    ($column:literal) => {
        concat!("(typeof(", $column, ") in ('integer', 'real') and ", centavos!($column), " / 100.0 = ", $column, ")")
    };
}

/// The microseconds since 1970 of `YYYY-MM-DD hh:mm:ss[.ffffff]`: SQLite's own functions know milliseconds only.
macro_rules! instant {
    ($column:literal) => {
        concat!(
            "(unixepoch(substr(",
            $column,
            ", 1, 19)) * 1000000",
            " + cast(substr(substr(",
            $column,
            ", 21) || '000000', 1, 6) as integer))"
        )
    };
}

/// Whether a text is such an instant, or is missing.
macro_rules! is_instant {
    ($column:literal) => {
        concat!(
            "(",
            $column,
            " is null or (strftime('%Y-%m-%d %H:%M:%S', substr(",
            $column,
            ", 1, 19))",
            " = replace(substr(",
            $column,
            ", 1, 19), 'T', ' ') and substr(",
            $column,
            ", 1, 4) >= '0001'",
            " and substr(",
            $column,
            ", 12, 2) < '24' and (length(",
            $column,
            ") = 19",
            " or (length(",
            $column,
            ") <= 26 and substr(",
            $column,
            ", 20) glob '.[0-9]*'",
            " and substr(",
            $column,
            ", 21) not glob '*[^0-9]*'))))"
        )
    };
}

/// The views read every value as the new tables keep it, and say whether it could be read.
const SET_ASIDE: &str = concat!(
    "alter table pagos rename to legado_pagos;
     alter table clientes rename to legado_clientes;
     alter table legado_clientes add column email_normalizado text;
     create view legado_clientes_leidos as
     select id, nombre, email, email_normalizado, ",
    centavos!("saldo"),
    " as saldo, ",
    is_exact!("saldo"),
    " as exacto, ",
    instant!("created_at"),
    " as created_at, ",
    is_instant!("created_at"),
    " as fechado
     from legado_clientes;
     create view legado_pagos_leidos as
     select id, cliente_id, moneda, estado, ",
    centavos!("monto"),
    " as monto, ",
    is_exact!("monto"),
    " as exacto, ",
    instant!("created_at"),
    " as created_at, ",
    instant!("updated_at"),
    " as updated_at, ",
    is_instant!("created_at"),
    " and ",
    is_instant!("updated_at"),
    " as fechado
     from legado_pagos"
);

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
    sqlx::query_as("select id, email from legado_clientes where id > ?1 and typeof(email) = 'text' order by id limit ?2")
        .bind(id)
        .bind(BATCH)
        .fetch_all(connection)
        .await
}

async fn keep_normalised(connection: &mut SqliteConnection, id: i64, email: String) -> Result<(), sqlx::Error> {
    sqlx::query("update legado_clientes set email_normalizado = ?2 where id = ?1")
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
    (reason::CLIENTE_ID, "select cast(id as text) from legado_clientes where id <= 0 order by id"),
    (reason::PAGO_ID, "select cast(id as text) from legado_pagos where id <= 0 order by id"),
    (
        reason::TEXT,
        "select cast(id as text) from legado_clientes where typeof(nombre) <> 'text' or typeof(email) <> 'text' order by id",
    ),
    (
        reason::EMAIL,
        "select group_concat(id, ' = ' order by id) from legado_clientes where email_normalizado is not null
         group by email_normalizado having count(*) > 1 order by min(id)",
    ),
    (
        reason::SALDO,
        "select cast(id as text) from legado_clientes_leidos
         where exacto is not true or saldo not between 0 and 9999999999 order by id",
    ),
    (
        reason::MONTO,
        "select cast(id as text) from legado_pagos_leidos
         where exacto is not true or monto not between 1 and 9999999999 order by id",
    ),
    (
        reason::ESTADO,
        "select cast(id as text) from legado_pagos where estado not in ('PENDIENTE', 'PROCESADO', 'ANULADO') order by id",
    ),
    (
        reason::MONEDA,
        "select cast(id as text) from legado_pagos
         where typeof(moneda) <> 'text' or moneda not glob '[A-Z][A-Z][A-Z]' order by id",
    ),
    (
        reason::MONEDAS,
        "select cast(cliente_id as text) from legado_pagos
         group by cliente_id having count(distinct moneda) > 1 order by cliente_id",
    ),
    (
        reason::ORPHAN,
        "select cast(id as text) from legado_pagos where cliente_id not in (select id from legado_clientes) order by id",
    ),
    (reason::CLIENTE_INSTANT, "select cast(id as text) from legado_clientes_leidos where fechado is not true order by id"),
    (reason::PAGO_INSTANT, "select cast(id as text) from legado_pagos_leidos where fechado is not true order by id"),
    (
        reason::OPENING,
        "select cast(cliente.id as text)
         from legado_clientes_leidos cliente join legado_pagos_leidos pago on pago.cliente_id = cliente.id
         where estado = 'PROCESADO' group by cliente.id
         having saldo + sum(monto) > 99999999999999 order by cliente.id",
    ),
];

/// As on PostgreSQL. The next ids are above the greatest; an earlier one SQLAlchemy's tables do not remember.
const COPY: &str = "
    insert into clientes (id, nombre, email, email_normalizado, saldo, moneda, created_at)
    select id, nombre, email, email_normalizado, saldo, coalesce(usada.moneda, 'CLP'), coalesce(created_at, unixepoch() * 1000000)
    from legado_clientes_leidos
    left join (select cliente_id, min(moneda) as moneda from legado_pagos group by cliente_id) usada on cliente_id = id
    order by id;

    insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at)
    select id, cliente_id, monto, moneda, estado,
           coalesce(created_at, updated_at, unixepoch() * 1000000), coalesce(updated_at, created_at, unixepoch() * 1000000)
    from legado_pagos_leidos order by id;

    insert into recargas (cliente_id, monto, created_at)
    select id, saldo + coalesce(total, 0), created_at
    from clientes
    left join (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ) cargos on cliente_id = id
    where saldo + coalesce(total, 0) > 0 order by id";

async fn count(connection: &mut SqliteConnection) -> Result<Adoption, sqlx::Error> {
    let (clientes, pagos) =
        sqlx::query_as("select (select count(*) from clientes), (select count(*) from pagos)").fetch_one(connection).await?;
    Ok(Adoption { clientes, pagos })
}

const DROP: &str = "
    drop view legado_clientes_leidos;
    drop view legado_pagos_leidos;
    drop table legado_pagos;
    drop table legado_clientes";

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    const READ: &str = concat!("select ", centavos!("x"), ", ", is_exact!("x"), " from (select cast(?1 as numeric) as x)");

    async fn read(connection: &mut SqliteConnection, amount: f64) -> (i64, bool) {
        sqlx::query_as(READ).bind(amount).fetch_one(connection).await.unwrap()
    }

    #[tokio::test]
    async fn the_float_nearest_to_whole_hundredths_is_exact_and_its_neighbours_are_not() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let scattered = (0..2_000_i64).map(|n| n * 7_919 * 104_729 % 10_000_000_000);
        for centavos in scattered.chain(0..200).chain([9_999_999_999, 9_999_999_998]) {
            let amount: f64 = format!("{}.{:02}", centavos / 100, centavos % 100).parse().unwrap();
            assert_eq!(read(&mut connection, amount).await, (centavos, true));
            for neighbour in [amount.next_up(), amount.next_down()] {
                assert!(!read(&mut connection, neighbour).await.1, "{neighbour:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_arithmetic_with_floats_leaves_is_not_exact() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for amount in [0.1 + 0.2, 1.005, 0.001, 1e300, f64::INFINITY, 0.7 + 0.1] {
            assert!(!read(&mut connection, amount).await.1, "{amount:?}");
        }
    }
}
