//! What the command `doctor` says while something is wrong, and that it comes to an end.

use std::time::{Duration, Instant};

use reference_pago_service::database::{Database, DatabaseOptions};

use crate::support::{Base, Fault, Proxy, Redis, Server, ServiceProcess, shared};

/// In which it ends whatever is silent: five seconds for each check, some at once, and a machine that is busy with other tests.
const ENDS: Duration = Duration::from_secs(12);

/// Its status and what it says, with `variables` for the shell to set.
fn examined(variables: &str, url: &str) -> (Option<i32>, String) {
    let begun = Instant::now();
    let mut doctor = ServiceProcess::begin_by(&format!("{variables} exec \"$0\" doctor"), url);
    let status = doctor.end().code();
    assert!(begun.elapsed() < ENDS, "{:?}: {}", begun.elapsed(), doctor.log());
    (status, doctor.log())
}

async fn migrated(server: &Server) -> Base {
    let base = server.database().await;
    let database = Database::open(&base.url().parse().unwrap(), &DatabaseOptions::default()).await.unwrap();
    database.migrate_up().await.unwrap();
    database.close().await;
    base
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_silent_is_a_check_that_fails() {
    let Some(server) = shared().await else { return };
    let (base, proxy) = (migrated(&server).await, Proxy::to(server.port()).await);
    proxy.set(Fault::BlackHole);
    let (status, said) = examined("", &base.url_by(proxy.port));
    assert!(status == Some(1) && said.contains("✘ base de datos: no contesta ("), "{said}");
    assert!(said.contains("– migraciones: no se sabe mientras la base de datos no conteste"), "{said}");
    proxy.set(Fault::Pass);
    let (status, said) = examined("", &base.url_by(proxy.port));
    assert!(status == Some(0) && said.contains("✔ base de datos: PostgreSQL "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_by_what_the_server_says() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let (status, said) = examined("", &base.url().replace(base.name(), "ninguna"));
    assert!(status == Some(1) && said.contains("✘ base de datos: no existe esa base ("), "{said}");
    assert!(said.contains("createdb --owner=<rol> --encoding=UTF8"), "{said}");
}

/// What PostgreSQL says is told without a line of its source.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_log_in_is_told_how_it_may() {
    let Some(server) = shared().await else { return };
    let base = migrated(&server).await;
    server.role("despedido").await;
    base.execute("alter role despedido nologin").await;
    let (status, said) = examined("", &base.url().replace("pagos@", "despedido@"));
    let told = "no admite a este rol desde aquí (error returned from database: role \"despedido\" is not permitted to log in); \
        cree el rol, déjelo entrar con `alter role <rol> login`, o admítalo en pg_hba.conf";
    assert!(status == Some(1) && said.contains(told), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_lack_are_named_and_those_of_a_teller_will_do() {
    let Some(server) = shared().await else { return };
    let base = migrated(&server).await;
    server.role("aprendiz").await;
    base.execute("grant select, insert, update, delete on clientes, pagos, recargas, idempotencia to aprendiz").await;
    base.execute("grant select on _sqlx_migrations to aprendiz; revoke insert on pagos from aprendiz").await;
    let url = base.url().replace("pagos@", "aprendiz@");
    let (status, said) = examined("", &url);
    assert!(status == Some(1) && said.contains("✘ permisos: a aprendiz le falta: insert en pagos; otorgue"), "{said}");
    base.execute("grant insert on pagos to aprendiz").await;
    let (status, said) = examined("", &url);
    assert!(
        status == Some(0) && said.contains("✔ permisos: aprendiz lee y escribe en el esquema public, sin poder migrar"),
        "{said}"
    );
    base.execute("revoke select on _sqlx_migrations from aprendiz").await;
    let (status, said) = examined("", &url);
    assert!(status == Some(1) && said.contains("✘ migraciones: el rol no puede leer _sqlx_migrations"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_answers_passes_and_one_that_is_silent_fails() {
    let Some(redis) = Redis::start() else { return };
    let (base, proxy) = (Base::sqlite(), Proxy::to(redis.port).await);
    let variables = format!("REDIS_URL=redis://127.0.0.1:{}", proxy.port);
    let (status, said) = examined(&variables, &base.url());
    assert!(status == Some(0) && said.contains("✔ redis: redis://127.0.0.1:"), "{said}");
    proxy.set(Fault::BlackHole);
    let (status, said) = examined(&variables, &base.url());
    assert!(status == Some(1) && said.contains("acepta la conexión y no sirve"), "{said}");
}
