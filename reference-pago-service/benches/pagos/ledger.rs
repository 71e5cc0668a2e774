//! The accounts that a round starts from, and the money rule that it must end with.

use reference_pago_service::database::{Database, DatabaseOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::outcome::Outcome;
use crate::payment::{CLIENTES, OPENING};
use crate::server::BenchDatabase;
use crate::tally::Tally;

/// Clientes whose balance is not what was credited less what was paid, or is negative (contract section 5).
const BROKEN: &str = "select count(*) from clientes
    left join (select cliente_id, sum(monto) as total from recargas group by cliente_id) as credito
        on credito.cliente_id = clientes.id
    left join (select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id) as debito
        on debito.cliente_id = clientes.id
    where saldo < 0 or saldo <> coalesce(credito.total, 0) - coalesce(debito.total, 0)";

const PAGOS: &str = "select count(*) from pagos";

/// What a database holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Books {
    broken: i64,
    pagos: i64,
}

/// Brings the service's own schema into the database that `url` names.
pub(crate) async fn migrate(url: &str) -> Outcome<()> {
    let database = Database::open(&url.parse()?, &DatabaseOptions::default()).await?;
    database.migrate_up().await?;
    database.close().await;
    Ok(())
}

/// The service's schema and its clientes.
pub(crate) async fn prepare(database: &BenchDatabase) -> Outcome<()> {
    migrate(&database.url).await?;
    let mut connection = database.connect().await?;
    let clientes = format!(
        "insert into clientes (id, nombre, email, email_normalizado, saldo)
         select id, 'Cliente ' || id, 'cliente' || id || '@example.com', 'cliente' || id || '@example.com', {OPENING}
         from generate_series(1, {CLIENTES}) as id"
    );
    sqlx::query(AssertSqlSafe(clientes)).execute(&mut connection).await?;
    sqlx::query("insert into recargas (cliente_id, monto) select id, saldo from clientes").execute(&mut connection).await?;
    sqlx::query("vacuum (analyze) clientes, recargas, pagos").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// The same in a SQLite file.
pub(crate) async fn prepare_sqlite(url: &str) -> Outcome<()> {
    migrate(url).await?;
    let mut connection = SqliteConnection::connect(url).await?;
    let clientes = format!(
        "with recursive ids (id) as (select 1 union all select id + 1 from ids where id < {CLIENTES})
         insert into clientes (id, nombre, email, email_normalizado, saldo, created_at)
         select id, 'Cliente ' || id, 'cliente' || id || '@example.com', 'cliente' || id || '@example.com', {OPENING} * 100, 0
         from ids"
    );
    sqlx::query(AssertSqlSafe(clientes)).execute(&mut connection).await?;
    let recargas = "insert into recargas (cliente_id, monto, created_at) select id, saldo, 0 from clientes";
    sqlx::query(recargas).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

impl Books {
    pub(crate) async fn read(connection: &mut PgConnection) -> Outcome<Self> {
        let broken = sqlx::query_scalar(BROKEN).fetch_one(&mut *connection).await?;
        Ok(Self { broken, pagos: sqlx::query_scalar(PAGOS).fetch_one(connection).await? })
    }

    pub(crate) async fn read_sqlite(url: &str) -> Outcome<Self> {
        let mut connection = SqliteConnection::connect(url).await?;
        let broken = sqlx::query_scalar(BROKEN).fetch_one(&mut connection).await?;
        let pagos = sqlx::query_scalar(PAGOS).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(Self { broken, pagos })
    }

    /// How many pagos there are.
    pub(crate) const fn pagos(self) -> i64 {
        self.pagos
    }

    /// Whether the money rule holds, and the database has each acknowledged payment and no other, beside the `earlier` ones. A
    /// payment that was answered 503 may stand there or not.
    pub(crate) fn verify(self, earlier: i64, tally: &Tally) -> Outcome<()> {
        if self.broken > 0 {
            return Err(format!("MONEY RULE BROKEN for {} clientes", self.broken).into());
        }
        let (new, acknowledged) = (self.pagos - earlier, i64::try_from(tally.acknowledged)?);
        if (acknowledged..=acknowledged + i64::try_from(tally.unavailable)?).contains(&new) {
            return Ok(());
        }
        let unknown = tally.unavailable;
        Err(format!("LEDGER BROKEN: {acknowledged} payments acknowledged, {unknown} unknown, {new} in the database").into())
    }
}
