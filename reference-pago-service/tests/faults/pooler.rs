//! A connection pooler between the service and its server.

use std::process::Command;

use reference_pago_service::database::{Database, DatabaseOptions};

use crate::support::{Base, PATIENCE, Policy, Pooler, Server, pause, refusal, shared};

/// The service says what is wrong and ends; nothing was migrated, and nobody holds a lock.
async fn assert_refused(base: &Base, port: u16, name: &str) {
    let (status, log) = refusal(&base.url_by(port)).await;
    assert_eq!(status, Some(1), "{name}: {log}");
    assert!(log.contains("connection pooler"), "{name}: {log}");
    let error = open(&base.url_by(port)).await.migrate_up().await.unwrap_err();
    assert!(format!("{error:?}").contains("Pooler"), "{name}: {error:?}");
    assert_eq!(told(base, "select count(*) from pg_class where relname = '_sqlx_migrations'").await, 0, "{name}");
    assert_eq!(told(base, LOCKS).await, 0, "{name}");
}

const LOCKS: &str = "select count(*) from pg_locks where locktype = 'advisory'
    and database = (select oid from pg_database where datname = current_database())";
const SESSIONS: &str =
    "select count(*) from pg_stat_activity where datname = current_database() and usename = 'pagos' and state = 'idle'";

async fn open(url: &str) -> Database {
    Database::open(&url.parse().unwrap(), &DatabaseOptions::default()).await.unwrap()
}

async fn told(base: &Base, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(&mut base.postgres_session().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_drops_or_refuses_the_settings_of_a_session_is_refused() {
    let Some(server) = shared().await else { return };
    for policy in [Policy::Refuse, Policy::Ignore] {
        let base = server.database().await;
        let pooler = Pooler::to(server.port(), policy).await;
        assert_refused(&base, pooler.port, &format!("{policy:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_leaves_no_lock_on_a_session_that_is_kept() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let pooler = Pooler::to(server.port(), Policy::Keep).await;
    open(&base.url_by(pooler.port)).await.migrate_up().await.unwrap();
    assert!(told(&base, SESSIONS).await > 0, "the session is kept");
    assert_eq!(told(&base, LOCKS).await, 0);
    let directly = open(&base.url()).await;
    tokio::time::timeout(PATIENCE, directly.migrate_up()).await.expect("a lock was left behind").unwrap();
}

/// pgbouncer itself, in transaction mode, where it is installed. It ends when it is dropped.
struct PgBouncer {
    directory: tempfile::TempDir,
    port: u16,
}

impl PgBouncer {
    async fn start(server: &Server, ignored: &str) -> Option<Self> {
        if !Command::new("sh").args(["-c", "command -v pgbouncer"]).output().unwrap().status.success() {
            eprintln!("SKIPPED: no pgbouncer; the tests' own pooler stands for it");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let pooler = Self { directory: tempfile::tempdir().unwrap(), port };
        let path = pooler.directory.path();
        std::fs::write(path.join("ini"), pooler.settings(server.port(), ignored)).unwrap();
        server.shell(&format!("pgbouncer -q -d {}/ini", path.display()), path);
        for _ in 0..500 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(pooler);
            }
            pause(10).await;
        }
        panic!("pgbouncer does not listen");
    }

    fn settings(&self, upstream: u16, ignored: &str) -> String {
        let (port, path) = (self.port, self.directory.path().display());
        format!(
            "[databases]\n* = host=127.0.0.1 port={upstream} user=pagos\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\npool_mode = transaction\nunix_socket_dir =\nignore_startup_parameters = {ignored}\n\
             logfile = {path}/log\npidfile = {path}/pid\n"
        )
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let script = format!("kill \"$(cat {}/pid)\"", self.directory.path().display());
        let _ended_before = Command::new("sh").args(["-c", &script]).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pgbouncer_in_transaction_mode_is_refused() {
    let Some(server) = shared().await else { return };
    for ignored in ["extra_float_digits", "extra_float_digits,options"] {
        let base = server.database().await;
        let Some(pooler) = PgBouncer::start(&server, ignored).await else { return };
        assert_refused(&base, pooler.port, ignored).await;
    }
}
