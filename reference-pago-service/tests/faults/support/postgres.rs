//! A PostgreSQL server of the tests' own, which they may stop.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::{OnceCell, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Base;
use super::installed::{binaries, caretaker, run, shell};

static INSTANCE: OnceCell<Option<Instance>> = OnceCell::const_new();
/// Who stops the server holds it alone.
static USE: RwLock<()> = RwLock::const_new(());
static DATABASES: AtomicU32 = AtomicU32::new(1);

const MAX_CONNECTIONS: u32 = 60;

/// The server's files and its address. It is stopped and removed when this process ends, however it ends.
struct Instance {
    /// Where the binaries are, with a slash at the end; empty for those of `PATH`.
    binaries: String,
    directory: PathBuf,
    port: u16,
    _caretaker: Child,
}

/// The running server.
pub(crate) struct Server {
    instance: &'static Instance,
    databases: Mutex<Vec<String>>,
    tablespaces: Mutex<Vec<String>>,
    alone: Option<RwLockWriteGuard<'static, ()>>,
    _shared: Option<RwLockReadGuard<'static, ()>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum StopMode {
    Fast,
    Immediate,
}

/// The server for a test that leaves it alone; `None` with a notice when there is no PostgreSQL.
pub(crate) async fn shared() -> Option<Server> {
    let instance = instance().await?;
    Some(Server {
        instance,
        databases: Mutex::default(),
        tablespaces: Mutex::default(),
        alone: None,
        _shared: Some(USE.read().await),
    })
}

/// The server for a test that stops it or changes its settings, which are restored afterwards.
pub(crate) async fn alone() -> Option<Server> {
    let instance = instance().await?;
    Some(Server {
        instance,
        databases: Mutex::default(),
        tablespaces: Mutex::default(),
        alone: Some(USE.write().await),
        _shared: None,
    })
}

async fn instance() -> Option<&'static Instance> {
    INSTANCE.get_or_init(async || Instance::make().await).await.as_ref()
}

impl Instance {
    async fn make() -> Option<Self> {
        let binaries = binaries()?;
        let directory = PathBuf::from(run("mktemp -d /tmp/faults-postgresql.XXXXXX").trim());
        let caretaker = caretaker(&binaries, &directory);
        run(&format!("{binaries}initdb -D {}/data -A trust -U postgres -E UTF8 --locale=C --no-sync", directory.display()));
        let instance = Self { binaries, directory, port: free_port(), _caretaker: caretaker };
        instance.start();
        instance.execute("postgres", "create role pagos login").await;
        Some(instance)
    }

    fn control(&self, arguments: &str) -> String {
        let (binaries, directory) = (&self.binaries, self.directory.display());
        run(&format!("{binaries}pg_ctl -D {directory}/data -w -s {arguments}"))
    }

    fn start(&self) {
        let directory = self.directory.display();
        // `fsync` stays on: a crash must find what was acknowledged.
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1,::1 -c unix_socket_directories={directory} -c max_connections={MAX_CONNECTIONS}",
            self.port
        );
        let start = format!("{}pg_ctl -D {directory}/data -w -s -l {directory}/log -o '{settings}' start", self.binaries);
        // A connection that somebody else makes may have the port for a moment.
        run(&format!("{start} || {{ sleep 1; {start}; }} || {{ sleep 3; {start}; }}"));
    }

    async fn execute(&self, database: &str, statement: &str) {
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}", self.port);
        let mut session = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut session).await.unwrap();
    }
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        self.instance.port
    }

    /// A new database, of the role that the service is. It is dropped with this: after a crash the server would fsync its files.
    pub(crate) async fn database(&self) -> Base {
        let name = format!("pagos_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.instance.execute("postgres", &format!("create database {name} owner pagos")).await;
        self.databases.lock().unwrap().push(name.clone());
        Base::Postgres { name, port: self.port() }
    }

    /// Has tables put below `directory`, where everybody may write, until this is dropped.
    pub(crate) async fn tablespace(&self, name: &str, directory: &Path) {
        assert!(self.alone.is_some(), "others use it");
        let location = directory.join(name).display().to_string();
        run(&format!("mkdir {location}"));
        self.instance.execute("postgres", &format!("create tablespace {name} location '{location}'")).await;
        // At once: what fails from here on must not leave it behind.
        self.tablespaces.lock().unwrap().push(name.to_owned());
        self.instance.execute("postgres", &format!("grant create on tablespace {name} to public")).await;
    }

    /// The directory of its socket.
    pub(crate) fn socket(&self) -> String {
        self.instance.directory.display().to_string()
    }

    /// Runs a script as the one who runs the server, to whom `directory` is opened.
    pub(crate) fn shell(&self, script: &str, directory: &Path) {
        assert!(Command::new("chmod").arg("777").arg(directory).status().unwrap().success());
        run(script);
    }

    /// A new role that may log in. Roles are of the whole server: each test has a name of its own.
    pub(crate) async fn role(&self, name: &str) {
        self.instance.execute("postgres", &format!("create role {name} login")).await;
    }

    /// Has it encrypt, with a certificate for this name, until this is dropped. The certificates of its authority, and of another that
    /// nobody knows; `None` with a notice where there is no `openssl`.
    pub(crate) async fn encrypt(&self, name: &str) -> Option<(String, String)> {
        let directory = self.socket();
        if !shell("command -v openssl").output().unwrap().status.success() {
            assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "CI needs openssl");
            eprintln!("SKIPPED: no openssl");
            return None;
        }
        run(&format!("cd {directory} && {}", CERTIFICATES.replace("NAME", name)));
        self.set(&format!("ssl_cert_file = '{directory}/server.pem'")).await;
        self.set(&format!("ssl_key_file = '{directory}/server.key'")).await;
        self.set("ssl = on").await;
        Some((format!("{directory}/ca.pem"), format!("{directory}/another.pem")))
    }

    pub(crate) fn stop(&self, mode: StopMode) {
        assert!(self.alone.is_some(), "others use it");
        tokio::task::block_in_place(|| self.instance.control(&format!("stop -m {mode:?}").to_lowercase()));
    }

    pub(crate) fn start(&self) {
        tokio::task::block_in_place(|| self.instance.start());
    }

    /// Changes a setting for everybody, at once.
    pub(crate) async fn set(&self, setting: &str) {
        assert!(self.alone.is_some(), "others use it");
        self.instance.execute("postgres", &format!("alter system set {setting}")).await;
        self.instance.execute("postgres", "select pg_reload_conf()").await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.alone.is_some() {
            self.restore();
        }
        let Instance { binaries, directory, port, .. } = self.instance;
        for name in self.databases.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            run(&format!("{binaries}dropdb -f -h {} -p {port} -U postgres {name}", directory.display()));
        }
        for name in self.tablespaces.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let drop = format!("drop tablespace {name}");
            run(&format!("{binaries}psql -q -h {} -p {port} -U postgres -c '{drop}' postgres", directory.display()));
        }
    }
}

impl Server {
    fn restore(&self) {
        // Also after a panic: the next test finds the server as it was.
        let (binaries, data) = (&self.instance.binaries, self.instance.directory.join("data").display().to_string());
        run(&format!("echo > {data}/postgresql.auto.conf"));
        if shell(&format!("{binaries}pg_ctl -D {data} status")).output().unwrap().status.success() {
            self.instance.control("reload");
        } else {
            self.instance.start();
        }
    }
}

/// Two authorities, and a certificate of the first.
const CERTIFICATES: &str = "
    umask 022
    for ca in ca another; do
        openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca 2>/dev/null || exit 1
    done
    printf 'subjectAltName=NAME\n' > names
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server 2>/dev/null &&
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem 2>/dev/null &&
    chmod 600 server.key && chmod 755 .";

/// Whether there is one, with a notice where there is not.
pub(crate) fn postgres_is_there() -> bool {
    binaries().is_some()
}

pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
