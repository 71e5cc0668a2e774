//! Books of any length.

use reference_pago_service::database::Database;
use sqlx::{AssertSqlSafe, Executor as _};

/// So many clientes who have been credited 100.00 and paid 1.00 at a time.
pub(crate) async fn fill(database: &Database, clientes: u32, pagos: u32) {
    match database {
        Database::Sqlite(sqlite) => {
            let statements = statements(clientes, pagos, "1", "0", sqlite_numbers);
            sqlite.writer().execute(AssertSqlSafe(statements)).await.unwrap();
        }
        Database::Postgres(postgres) => {
            let statements = statements(clientes, pagos, "0.01", "now()", postgres_numbers);
            postgres.connect().await.unwrap().execute(AssertSqlSafe(statements)).await.unwrap();
        }
    }
}

fn statements(clientes: u32, pagos: u32, hundredth: &str, now: &str, numbers: fn(u32) -> String) -> String {
    format!(
        "insert into clientes (nombre, email, email_normalizado, saldo, created_at)
         select 'Ana', n || '@x.cl', n || '@x.cl', (10000 - 100 * {each}) * {hundredth}, {now} from {};
         insert into recargas (cliente_id, monto, created_at) select id, 10000 * {hundredth}, created_at from clientes;
         insert into pagos (cliente_id, monto, estado, created_at, updated_at)
         select 1 + n % {clientes}, 100 * {hundredth}, 'PROCESADO', {now}, {now} from {}",
        numbers(clientes),
        numbers(pagos),
        each = pagos / clientes,
    )
}

fn sqlite_numbers(count: u32) -> String {
    let all = format!("with recursive s(n) as (select 0 union all select n + 1 from s limit {count}) select n from s");
    format!("({all} where {count} > 0)")
}

fn postgres_numbers(count: u32) -> String {
    format!("generate_series(0, {count} - 1) as s(n)")
}
