//! A PostgreSQL server: what it is, what the role may do, whether there is room for the pool, whose clock is right.

use tokio::join;

use super::checks::{CAPABILITIES, CLOCK, DATABASE, DISK, PAGES, POOL, RIGHTS};
use super::limit::within;
use super::schema::Migrator;
use super::trouble::{failed, unanswered};
use super::{Finding, schema, servers};
use crate::config::DatabaseSettings;
use crate::database::{Database, PostgresDatabase};
use crate::repositories::survey::{self, Clock, Probes, Rights, Server, Statements};

/// The oldest that the tests run on.
const OLDEST: i32 = 15;
/// In microseconds.
const CLOCK_TOLERANCE: i64 = 2_000_000;

pub(super) async fn examine(database: &Database, postgres: &PostgresDatabase, settings: &DatabaseSettings) -> Vec<Finding> {
    let (server, servers) = join!(within(survey::server(postgres)), servers::examine(postgres));
    match server {
        Ok((server, clock)) => judge(database, postgres, settings, (server, clock, servers)).await,
        Err(error) => unanswered(&error, servers),
    }
}

/// What is judged of a server that answers, with what it said of itself, of its clock, and of the others.
async fn judge(
    database: &Database,
    postgres: &PostgresDatabase,
    settings: &DatabaseSettings,
    (server, clock, servers): (Server, Clock, Finding),
) -> Vec<Finding> {
    let (state, rights, probes) =
        join!(within(database.schema_state()), within(survey::rights(postgres)), within(survey::probes(postgres)));
    let permitted = rights.as_ref().is_ok_and(|rights| rights.migrates);
    vec![
        judge_server(&server),
        servers,
        schema::judge(state, Migrator { on_start: settings.migrate_on_start, permitted }),
        rights.map_or_else(|error| failed(RIGHTS, &error), |rights| judge_rights(&server.role, &rights)),
        judge_pool(settings.options().pool_size, &server),
        probes.map_or_else(|error| failed(CAPABILITIES, &error), |probes| judge_capabilities(&server, &probes)),
        judge_clock(clock),
        Finding::skipped(PAGES, "la cuida el servidor; verify-ledger revisa los libros"),
        Finding::skipped(DISK, "el de la base es del servidor"),
    ]
}

fn judge_server(server: &Server) -> Finding {
    let Server { product, version, encoding, database, role, .. } = server;
    let shown = format!("{product} {version}, {encoding}, base {database}, rol {role}");
    let (wrong, remedy) = match server {
        _ if encoding != "UTF8" => (
            "la codificación debe ser UTF8",
            "cree otra base: `createdb --owner=<rol> --encoding=UTF8 --template=template0 <base>`",
        ),
        _ if server.only_reads => (
            "el servidor solo lee (un standby)",
            "apunte DATABASE_URL al primario, o nombre varios hosts con target_session_attrs=read-write",
        ),
        _ if !server.settings_hold => {
            ("las opciones de la sesión no rigen, como detrás de un pooler (pgbouncer)", "conecte DATABASE_URL al servidor mismo")
        }
        _ => return Finding::ok(DATABASE, shown),
    };
    Finding::failed(DATABASE, format!("{shown}: {wrong}"), remedy)
}

fn judge_rights(role: &str, rights: &Rights) -> Finding {
    let Some(schema) = &rights.schema else {
        let grant = format!("otorgue `grant usage on schema public to {role}`, o revise search_path");
        return Finding::failed(RIGHTS, format!("{role} no puede usar ningún esquema"), grant);
    };
    if !rights.lacking.is_empty() {
        let grant = format!("otorgue con `grant <derecho> on <tabla> to {role}`");
        return Finding::failed(RIGHTS, format!("a {role} le falta: {}", rights.lacking.join(", ")), grant);
    }
    let migrates = if rights.migrates { "y puede migrar" } else { "sin poder migrar" };
    Finding::ok(RIGHTS, format!("{role} lee y escribe en el esquema {schema}, {migrates}"))
}

/// Of the connections in use one is our own.
fn judge_pool(pool_size: u32, &Server { connections, in_use, .. }: &Server) -> Finding {
    let (size, free) = (i64::from(pool_size), connections - (in_use - 1).max(0));
    let told = format!("DATABASE_POOL_SIZE={size}; el servidor admite {connections} y tiene {} libres", free.max(0));
    if size > connections {
        return Finding::failed(POOL, told, "baje DATABASE_POOL_SIZE o suba max_connections");
    }
    if size > free {
        let remedy = "un servicio en marcha ya usa las suyas; si no lo está, baje DATABASE_POOL_SIZE o suba max_connections";
        return Finding::warning(POOL, told, remedy);
    }
    Finding::ok(POOL, told)
}

fn judge_capabilities(server: &Server, Probes { advisory_locks, statements }: &Probes) -> Finding {
    let Server { product, version, number, .. } = server;
    let use_postgres = format!("use PostgreSQL {OLDEST} o mayor");
    let told = match statements {
        Statements::Refused(answer) => {
            let detail = format!("{product} {version} no acepta las sentencias que deciden pagos ({answer})");
            return Finding::failed(CAPABILITIES, detail, use_postgres);
        }
        Statements::WithoutSkipLocked(answer) => {
            let detail =
                format!("{product} {version} no tiene skip locked dentro de una escritura ({answer}): se espera cada fila");
            return Finding::warning(CAPABILITIES, detail, use_postgres);
        }
        Statements::NoTables => "las sentencias se prueban cuando haya tablas",
        Statements::Accepted => "skip locked dentro de una escritura",
    };
    if !advisory_locks {
        let detail = "sin advisory locks, dos instancias que migran a la vez no se esperan";
        return Finding::warning(CAPABILITIES, detail, "migre desde un solo proceso, con MIGRATE_ON_START=false");
    }
    judge_product(product, version, *number, told)
}

fn judge_product(product: &str, version: &str, number: i32, told: &str) -> Finding {
    if product != "PostgreSQL" || number < OLDEST * 10_000 {
        let detail = format!("el servicio no se ha probado con {product} {version}");
        return Finding::warning(CAPABILITIES, detail, format!("use PostgreSQL {OLDEST} o mayor"));
    }
    Finding::ok(CAPABILITIES, format!("{product} {version}: advisory locks, planes genéricos, {told}"))
}

fn judge_clock(Clock { ahead, within }: Clock) -> Finding {
    let seconds = |micros: i64| format!("{}.{:03} s", micros / 1_000_000, micros / 1000 % 1000);
    let distance = ahead.saturating_abs();
    let way = if ahead < 0 { "atrasado" } else { "adelantado" };
    let told = format!("el del servidor está {way} {} (± {})", seconds(distance), seconds(within));
    if distance.saturating_sub(within) > CLOCK_TOLERANCE {
        return Finding::warning(
            CLOCK,
            told,
            "sincronice ambas máquinas (`timedatectl`, chrony): los registros y las fechas de los pagos no coinciden",
        );
    }
    Finding::ok(CLOCK, told)
}

#[cfg(test)]
mod tests;
