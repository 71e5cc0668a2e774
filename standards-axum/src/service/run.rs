//! Running a service until it is told to stop.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::Router;
use standards_core::Fatal;
use standards_core::log::{LogError, LogLevel, Record};
use standards_core::settings::{Environment, ListedSetting, Problems, Settings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::admin::AdminFront;
use super::{Exit, Service, ServiceInfo, StandardSettings};
use crate::server::{self, Front, Listener, Shutdown, StopSignal, end_the_process};

/// How long spans may still be exported once nothing else is done; less where the service's grace is nearly over.
const LONGEST_FLUSH: Duration = Duration::from_secs(2);
const LEAST_FLUSH: Duration = Duration::from_millis(100);

/// What no line of ours is to blame for: signals that cannot be watched for, an address that cannot be listened on.
const SIGNALS: &str = "<signals>";
const LISTENER: &str = "<listener>";

/// Serves `routes` with everything of the standard, until the process is told to stop.
///
/// Settings come from the environment and `.env`; see [`StandardSettings`]. A process that has a `tracing` subscriber already keeps it:
/// see [`ServiceInfo::start_or_join_log`]. The log is installed first, so that whatever goes wrong is a record: a variable that is not valid
/// ends the service with status 2, an address that is taken with status 1.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use standards_axum::{ApiResult, Exit, ok, serve, service_info};
///
/// async fn saludar() -> ApiResult<&'static str> {
///     ok("hola")
/// }
///
/// #[tokio::main]
/// async fn main() -> Exit {
///     serve(service_info!(), Router::new().route("/saludos", get(saludar))).await
/// }
/// ```
///
/// | what | where |
/// |---|---|
/// | `routes` | at the root, as they are: `API_V1_STR` is for an API (`Service::api`) |
/// | health | `/health/live`, `/health/ready` |
/// | metrics | `/metrics`, with the feature `metrics` |
/// | log | standard output, a record a line (guideline, section 3) |
/// | what operators ask | `/metrics` and `/admin` on the second address, where `ADMIN_ADDR` names one |
///
/// # Panics
///
/// Outside a Tokio runtime, and where `routes` have a route of health or of metrics already.
pub async fn serve(info: ServiceInfo, routes: Router) -> Exit {
    serve_with(info, async move |settings: StandardSettings| Ok(Service::new(info, settings).routes(routes))).await
}

/// Serves what `build` makes of the settings, until the process is told to stop.
///
/// It reads the settings, installs the log as [`serve`] does, awaits `build`, and runs the service. `build` opens what the service stands on: a
/// database, a client. Where it fails, its error is one record, `El servicio no pudo iniciar`, with causes and the line of its `?`, and the status is
/// 1; where settings are what is wrong, each problem is named and the status is 2. A SIGTERM meanwhile ends the process at once.
///
/// ```no_run
/// use standards_axum::prelude::*;
/// use standards_axum::Service;
///
/// settings! {
///     /// What the greeter is configured with.
///     pub struct Ajustes {
///         ..standard: StandardSettings;
///         /// File that holds the greeting.
///         saludo: String = "SALUDO_ARCHIVO", otherwise "saludo.txt";
///     }
/// }
///
/// async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
///     let saludo = std::fs::read_to_string(&ajustes.saludo)?;
///     let saludar = async |State(saludo): State<String>| ok(saludo);
///     let routes = Router::new().route("/saludo", get(saludar)).with_state(saludo);
///     Ok(Service::new(service_info!(), ajustes.standard).routes(routes))
/// }
///
/// #[tokio::main]
/// async fn main() -> Exit {
///     serve_with(service_info!(), servicio).await
/// }
/// ```
///
/// `S` is any [`Settings`] that hold the standard ones: [`StandardSettings`] themselves, or a `settings!` with `..standard:
/// StandardSettings`, which also writes the `AsRef`.
///
/// | what happens | ends with |
/// |---|---|
/// | SIGTERM or SIGINT, and the requests in flight were served | [`Exit::Stopped`] |
/// | SIGTERM or SIGINT while `build` is at work | [`Exit::Stopped`] |
/// | a variable is missing or not valid, the files of TLS included | [`Exit::Misconfigured`] |
/// | `build` fails, the address is taken, no log can be had | [`Exit::Failed`] |
/// | a second signal | status 1, at once: the process ends, nobody is returned to |
///
/// # Panics
///
/// Outside a Tokio runtime.
pub async fn serve_with<S>(info: ServiceInfo, build: impl AsyncFnOnce(S) -> Result<Service, Fatal>) -> Exit
where
    S: Settings + AsRef<StandardSettings>,
{
    // Watched for from the very start on: see there.
    let stop = StopSignal::watch();
    let settings = match S::load() {
        Ok(settings) => settings,
        Err(problems) => return Exit::misconfigured(info, &problems),
    };
    let _log = match info.start_or_join_log(settings.as_ref()) {
        Ok(log) => log,
        Err(exit) => return exit,
    };
    let mut stop = match stop {
        Ok(stop) => stop,
        Err(error) => return not_started(&error, SIGNALS),
    };
    let listed = settings.as_ref().admin_addr.map_or_else(Vec::new, |_| listed::<S>());
    let built = async { Ok(build(settings).await?.listing(listed)) };
    let exit = run_built(info, built, &mut stop).await;
    stop.ends_the_process();
    exit
}

/// The settings as operators are shown them.
fn listed<S: Settings>() -> Vec<ListedSetting> {
    let environment = Environment::load(Path::new(".env"));
    S::variables().iter().map(|variable| environment.listed(variable)).collect()
}

/// What is being built when the process is told to stop is dropped.
async fn run_built(info: ServiceInfo, built: impl Future<Output = Result<Service, Fatal>>, stop: &mut StopSignal) -> Exit {
    let built = tokio::select! {
        built = built => built,
        () = stop.received() => {
            Record::new(LogLevel::Info, "Servicio detenido antes de iniciar").emit();
            return Exit::Stopped;
        }
    };
    match built {
        Ok(service) => service.run_until(stop.received()).await,
        Err(fatal) => match fatal.downcast_ref() {
            Some(problems) => Exit::misconfigured(info, problems),
            None => not_started(&fatal, &line_of(&fatal)),
        },
    }
}

impl Service {
    /// Listens, serves and stops as the settings say, until SIGTERM or SIGINT. The log must be installed ([`ServiceInfo::start_log`]).
    ///
    /// Told to stop, it is unready at once, and lets the requests in flight finish for `SHUTDOWN_GRACE_MS`, as well as the tasks that they have
    /// started by [`context::spawn`](standards_core::context::spawn) and the like; how many were not done then is a record. It does not return
    /// before that, nor before what [`on_stop`](Self::on_stop) was given; a second signal ends the process at once, with
    /// status 1.
    ///
    /// A listener that a service manager hands over (`LISTEN_FDS`) is used in the place of `HOST` and `PORT`. The manager keeps it open, so the
    /// service leaves what comes later to the process that follows it, and an upgrade refuses nobody. Where there is a `NOTIFY_SOCKET`, the
    /// manager is told when the service is ready and when it stops, and where it watches (`WATCHDOG_USEC`) that tasks are still run.
    ///
    /// ```no_run
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Exit, Service, StandardSettings, service_info};
    ///
    /// #[tokio::main]
    /// async fn main() -> Exit {
    ///     let settings: StandardSettings = match Environment::default().settings() {
    ///         Ok(settings) => settings,
    ///         Err(problems) => return Exit::misconfigured(service_info!(), &problems),
    ///     };
    ///     let Ok(_log) = service_info!().start_log(&settings) else { return Exit::Failed };
    ///     Service::new(service_info!(), settings).run().await
    /// }
    /// ```
    pub async fn run(self) -> Exit {
        match StopSignal::watch() {
            Ok(mut stop) => self.run_until(stop.received()).await,
            Err(error) => not_started(&error, SIGNALS),
        }
    }

    /// The same until `stop` resolves.
    ///
    /// A service that has something slow to do before it is run watches for the [`StopSignal`] first, and hands it on to here.
    ///
    /// `stop` is asked for once the service listens. What resolves at once lets the service begin and end, which a test of a whole life
    /// wants.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Exit {
        let address = self.settings.address();
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
        self.run_at(|| Listener::open(address).map_err(named), stop).await
    }

    /// The same on a listener that is there already, whatever `HOST` and `PORT` say: one that a supervisor handed over, or that of a test.
    ///
    /// ```
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Exit, Service, service_info};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let service = Service::new(service_info!(), Environment::default().settings().unwrap());
    /// assert_eq!(service.run_on(listener, async {}).await, Exit::Stopped);
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn run_on(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Exit {
        self.run_at(|| Ok(listener.into()), stop).await
    }

    /// Nothing is bound before the settings are known to be good.
    async fn run_at(mut self, open: impl FnOnce() -> io::Result<Listener>, stop: impl Future<Output = ()>) -> Exit {
        let problems: Vec<_> = self.apis.problems().into_iter().chain(self.admin_problem()).collect();
        let security = match self.settings.security() {
            Ok(security) if problems.is_empty() => security,
            refused => return Exit::misconfigured(self.info, &Problems(refused.err().into_iter().chain(problems).collect())),
        };
        if let Err(problem) = self.open_tracing() {
            return Exit::misconfigured(self.info, &Problems(vec![problem]));
        }
        let opened = open().and_then(|listener| Ok((listener.tcp.local_addr()?, listener, self.open_admin(&security)?)));
        match opened {
            Ok((address, listener, admin)) => {
                self.announce(address, admin.as_ref().map(|admin| admin.address));
                let limits = self.settings.limits();
                self.serve_at(Front { listener, limits, security }, admin, stop).await
            }
            Err(error) => not_started(&error, LISTENER),
        }
    }

    async fn serve_at(self, front: Front, admin: Option<AdminFront>, stop: impl Future<Output = ()>) -> Exit {
        let (stops, stopping) = oneshot::channel();
        let told = async {
            stop.await;
            // Before anybody can see that it stops: whoever does, and tells it again, is heard.
            let _ = stops.send(StopSignal::watch());
            server::stopping();
        };
        server::ready();
        let _watchdog = server::Watchdog::start();
        tokio::select! {
            biased;
            () = self.serve_and_close(front, admin, told) => {
                Record::new(LogLevel::Info, "Servicio detenido").emit();
                Exit::Stopped
            }
            () = told_again(stopping) => end_the_process(),
        }
    }

    /// The operators' listener goes on until the service's requests have ended.
    async fn serve_and_close(mut self, front: Front, admin: Option<AdminFront>, stop: impl Future<Output = ()>) {
        let ended = CancellationToken::new();
        let admin = admin.map(|front| self.admin_server(front));
        let operators = async {
            if let Some(admin) = admin {
                admin.serve(ended.cancelled()).await;
            }
        };
        tokio::join!(self.serve_requests(front, stop, &ended), operators);
    }

    async fn serve_requests(mut self, front: Front, stop: impl Future<Output = ()>, ended: &CancellationToken) {
        let draining = self.readiness.as_ref().map(|readiness| readiness.draining()).unwrap_or_default();
        let (closing, grace, spans) = (std::mem::take(&mut self.closing), self.settings.shutdown_grace, self.spans.clone());
        let (_watch, stopped) = (self.metering.watch(), OnceLock::new());
        let stop = async {
            stop.await;
            let _first = stopped.set(Instant::now());
        };
        server::run(front, self.into_service(), Shutdown { draining, grace }, stop).await;
        server::tell_of_tasks_left();
        ended.cancel();
        for work in closing {
            // What does not end in time is cut off with the process.
            let _ = tokio::time::timeout(grace, work()).await;
        }
        let left = grace.saturating_sub(stopped.get().map_or(Duration::ZERO, Instant::elapsed));
        spans.close(left.clamp(LEAST_FLUSH, LONGEST_FLUSH)).await;
    }

    /// Says in the log, and to a person at a terminal, where the service listens.
    fn announce(&self, address: SocketAddr, admin: Option<SocketAddr>) {
        let record = Record::new(LogLevel::Info, "Servicio iniciado")
            .field("address", address.to_string())
            .field("app_env", self.settings.app_env.as_str());
        match admin {
            Some(admin) => record.field("admin_address", admin.to_string()).emit(),
            None => record.emit(),
        }
        self.settings.tell_of_faults();
        if io::stderr().is_terminal() {
            // Nobody reads a banner that cannot be written.
            let _ = io::stderr().write_all(self.banner(address, admin).as_bytes());
        }
    }

    fn banner(&self, address: SocketAddr, admin: Option<SocketAddr>) -> String {
        let (info, prefix) = (self.info, self.settings.api_v1_str.as_str());
        let docs = if self.apis.has_docs() { format!("\n  docs   http://{address}/docs") } else { String::new() };
        let health = if self.readiness.is_some() { format!("\n  health http://{address}/health/ready") } else { String::new() };
        let admin = admin.map(|admin| format!("\n  admin  http://{admin}/admin/health")).unwrap_or_default();
        format!("\n  {} {}\n  API    http://{address}{prefix}{docs}{health}{admin}\n\n", info.name, info.version)
    }
}

/// Resolves with the first signal that comes once the service is `stopping`, however it was told to.
async fn told_again(stopping: oneshot::Receiver<io::Result<StopSignal>>) {
    match stopping.await {
        Ok(Ok(mut signal)) => signal.received().await,
        _ => std::future::pending().await,
    }
}

/// The line of the `?`, without the way there: that is the start's own, and a record has its traceback twice.
fn line_of(fatal: &Fatal) -> String {
    fatal.traceback().lines().next().unwrap_or_default().to_owned()
}

/// `blamed` is who or what the error came of.
fn not_started(error: &impl LogError, blamed: &str) -> Exit {
    Record::new(LogLevel::Error, "El servicio no pudo iniciar").error(error).traceback(blamed).emit();
    Exit::Failed
}
