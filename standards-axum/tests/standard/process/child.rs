//! The process that the tests start: this same binary, asked for the one test that serves.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use standards_axum::{Exit, Service, StandardSettings, ok, serve, serve_with, service_info};
use standards_core::log::{LogLevel, Record};
use standards_core::{Fatal, context};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Longer than a child may take for anything, on a machine that is busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What [`closing`] logs when it begins to.
pub(super) const CLOSING: &str = "Cerrando la base de datos";

const IS_CHILD: &str = "STANDARD_TEST_CHILD";

/// Serves where it is the child; no test of its own.
#[tokio::test(flavor = "multi_thread")]
async fn serving() {
    if std::env::var_os(IS_CHILD).is_none() {
        return;
    }
    if std::env::var_os("STANDARD_TEST_CLOSING").is_some() {
        // As a `main` does, it leaves the rest to the runtime.
        serve_with(service_info!(), closing).await;
        return;
    }
    let undeclared = std::env::var_os("STANDARD_TEST_UNDECLARED").is_some();
    let exit = if undeclared { serve_undeclared().await } else { serve(service_info!(), routes()).await };
    let status = match exit {
        Exit::Stopped => 0,
        Exit::Failed => 1,
        Exit::Misconfigured => 2,
    };
    std::process::exit(status);
}

fn routes() -> Router {
    let slow = async || {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        ok("tarde")
    };
    let routes = Router::new().route("/hola", get(async || ok("hola"))).route("/lenta", get(slow));
    #[cfg(feature = "client")]
    let routes = routes.merge(super::two_services::routes());
    routes
}

/// A service whose database, when it is closed, blocks a thread for ever.
async fn closing(settings: StandardSettings) -> Result<Service, Fatal> {
    let blocked = || std::thread::sleep(Duration::from_secs(3600));
    let close = async move || {
        Record::new(LogLevel::Info, CLOSING).emit();
        let _never = context::spawn_blocking(blocked).await;
    };
    Ok(Service::new(service_info!(), settings).on_stop(close))
}

/// Two operations that do not state whom they are for, and one that does, under authentication.
#[cfg(all(feature = "auth", feature = "openapi"))]
async fn serve_undeclared() -> Exit {
    use standards_axum::auth::AuthSettings;
    use standards_axum::core::settings::Environment;
    use standards_axum::openapi::{ApiRouter, Operation};
    let key = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    let api = ApiRouter::new()
        .operation(Operation::get("/uno", "leer_uno"), async || ok(()))
        .operation(Operation::get("/dos", "leer_dos").public(), async || ok(()))
        .operation(Operation::get("/tres", "leer_tres"), async || ok(()));
    let build = async move |settings: StandardSettings| {
        let auth: AuthSettings = Environment::from_pairs(key).settings()?;
        Ok(Service::new(service_info!(), settings).api(api).authenticated(auth.authenticator()?))
    };
    serve_with(service_info!(), build).await
}

#[cfg(not(all(feature = "auth", feature = "openapi")))]
async fn serve_undeclared() -> Exit {
    Exit::Failed
}

/// A service manager starts it so: the listener, if any, is its descriptor 3.
const START: &str = "exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" --exact process::child::serving --nocapture";

pub(super) struct Child {
    child: std::process::Child,
    directory: TempDir,
    manager: UnixDatagram,
}

impl Child {
    /// On any free port, or on the listener.
    pub(super) fn start(variables: &[(&str, &str)], listener: Option<&TcpListener>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let manager = UnixDatagram::bind(directory.path().join("notify")).unwrap();
        manager.set_nonblocking(true).unwrap();
        let child = command(directory.path(), variables, listener).spawn().unwrap();
        Self { child, directory, manager }
    }

    /// Waits for a record that says this.
    pub(super) async fn logged(&self, message: &str) {
        self.until(|| self.records().iter().any(|record| record["message"] == message).then_some(())).await;
    }

    /// Waits for what it tells its manager.
    pub(super) async fn told(&self, state: &str) {
        self.until(|| {
            let mut bytes = [0; 256];
            let length = self.manager.recv(&mut bytes).ok()?;
            (bytes[..length].trim_ascii() == state.as_bytes()).then_some(())
        })
        .await;
    }

    /// Its status, once it has ended.
    pub(super) async fn ended(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while self.still_running().is_none() {
            assert!(begun.elapsed() < PATIENCE, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.still_running().flatten()
    }

    /// Nothing, or the status with which it has ended.
    pub(super) fn still_running(&mut self) -> Option<Option<i32>> {
        self.child.try_wait().unwrap().map(|status| status.code())
    }

    async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Where it listens, by its own word.
    pub(super) async fn address(&self) -> SocketAddr {
        let told = || self.records().into_iter().find(|record| record["message"] == "Servicio iniciado");
        self.until(told).await["context"]["address"].as_str().unwrap().parse().unwrap()
    }

    /// A connection on which this path has been asked for, and has arrived.
    pub(super) async fn asked(&self, path: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.address().await).await.unwrap();
        client.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        client
    }

    /// What it has logged; the lines between are the test harness's.
    pub(super) fn records(&self) -> Vec<Value> {
        self.log().lines().filter_map(|line| serde_json::from_str(line.get(line.find('{')?..)?).ok()).collect()
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(directory: &Path, variables: &[(&str, &str)], listener: Option<&TcpListener>) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(START).arg(std::env::current_exe().unwrap());
    command.current_dir(directory).env(IS_CHILD, "1").env("PORT", "0").env("NOTIFY_SOCKET", directory.join("notify"));
    command.envs(variables.iter().copied()).stdout(File::create(directory.join("log")).unwrap()).stdin(Stdio::null());
    if let Some(listener) = listener {
        command.env("LISTEN_FDS", "1").stdin(OwnedFd::from(listener.try_clone().unwrap()));
    }
    command
}
