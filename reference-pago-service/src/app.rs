//! The service put together: settings, database, API.

use std::sync::{Arc, Weak};
use std::time::Duration;

use standards_axum::openapi::ApiRouter;
use standards_axum::{Exit, Readiness, Service, ServiceInfo, StopSignal};
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, context};

use crate::api::{self, ApiState};
use crate::config::ServiceSettings;
use crate::database::{Database, OpenError};
use crate::engine::{Capacity, Engine, reap_forever};
use crate::repositories::{self, OutcomeRepository};
use crate::schema_gate::{SchemaError, SchemaGate};

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The schema cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The service as this crate names it.
#[must_use]
pub const fn info() -> ServiceInfo {
    standards_axum::service_info!()
}

/// The API as it is served, and documented, under these settings.
#[must_use]
pub fn api(settings: &ServiceSettings) -> ApiRouter<ApiState> {
    if settings.idempotency.required { api::router().require_idempotency_key() } else { api::router() }
}

/// Runs the service until `stop` says so, be it before there is a service.
pub async fn serve(settings: ServiceSettings, mut stop: StopSignal) -> Exit {
    let _log = match info().start_or_join_log(&settings.standard) {
        Ok(log) => log,
        Err(exit) => return exit,
    };
    warn_of_missing_authentication();
    let built = tokio::select! {
        built = build(settings) => built,
        () = stop.received() => return stopped_early(),
    };
    match built {
        Ok(built) => run(built, stop).await,
        Err(error) => not_started(&error),
    }
}

async fn run((service, database): (Service, Database), mut stop: StopSignal) -> Exit {
    let exit = service.run_until(stop.received()).await;
    database.close().await;
    exit
}

fn not_started(error: &StartError) -> Exit {
    Record::new(LogLevel::Error, "El servicio no pudo iniciar").error(error).emit();
    Exit::Failed
}

/// What was begun on the database goes with its connection: nothing of it was committed.
fn stopped_early() -> Exit {
    Record::new(LogLevel::Info, "Servicio detenido antes de iniciar").emit();
    Exit::Stopped
}

fn warn_of_missing_authentication() {
    let message = "Sin autenticación: el servicio escucha solo en direcciones de loopback";
    Record::new(LogLevel::Warning, message).emit();
}

/// Opens the database and puts the service on top of it.
///
/// # Errors
///
/// When the database cannot be opened, or answers that its schema cannot be used. One that does not answer yet is waited for in
/// the background.
pub async fn build(settings: ServiceSettings) -> Result<(Service, Database), StartError> {
    let database = Database::open(&settings.database.url, &settings.database.options()).await?;
    let gate = SchemaGate::default();
    gate.open(&database, settings.database.migrate_on_start).await?;
    Ok((service(settings, &database, gate), database))
}

/// The service on top of a database that is open; it answers once `gate` is.
#[must_use]
pub fn service(settings: ServiceSettings, database: &Database, gate: SchemaGate) -> Service {
    let repositories = repositories::open(database);
    let engine = Engine::start(repositories.pagos.clone(), Capacity::default());
    context::spawn(reap(gate.clone(), Arc::downgrade(&repositories.outcomes), settings.idempotency.ttl.0));
    let api = api(&settings).with_state(ApiState::new(repositories, &engine));
    Service::new(info(), settings.standard)
        .api(api.layer(gate.layer()))
        .readiness(readiness(database.clone(), gate))
        .on_stop(move || async move { engine.close().await })
}

fn readiness(database: Database, gate: SchemaGate) -> Readiness {
    Readiness::default().with_check("database", move || {
        let (database, gate) = (database.clone(), gate.clone());
        async move {
            gate.check()?;
            database.ping().await.map_err(Failure::from)
        }
    })
}

/// Forgets old outcomes from when there is a table of them until nobody keeps any.
async fn reap(gate: SchemaGate, outcomes: Weak<dyn OutcomeRepository>, ttl: Duration) {
    while gate.check().is_err() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    reap_forever(outcomes, ttl).await;
}
