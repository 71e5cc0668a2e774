//! The service put together: settings, database, API.

use std::sync::{Arc, Weak};
use std::time::Duration;

use standards_axum::metrics::Metrics;
use standards_axum::openapi::ApiRouter;
use standards_axum::{Readiness, Service, ServiceInfo};
use standards_core::cache::redis::{RedisLevel, RedisOptions};
use standards_core::cache::{SharedHealth, SharedLevel as _};
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, Fatal, context};

use crate::api::{self, ApiState};
use crate::config::ServiceSettings;
use crate::database::Database;
use crate::engine::{Capacity, Engine, reap_forever};
use crate::metrics::BusinessMetrics;
use crate::repositories::{self, OutcomeRepository};
use crate::schema_gate::SchemaGate;
use crate::services::KeptPagos;

/// The service as this crate names it.
#[must_use]
pub const fn info() -> ServiceInfo {
    standards_axum::service_info!()
}

/// The API as it is served, and documented, under these settings.
#[must_use]
pub fn api(settings: &ServiceSettings) -> ApiRouter<ApiState> {
    let api = if settings.keys.required { api::router().require_idempotency_key() } else { api::router() };
    if settings.auth.is_enabled() { api.document_security() } else { api }
}

/// What is served under these settings. A database that does not answer yet is waited for in the background.
///
/// # Errors
///
/// When the keys of callers' tokens cannot be read, the database cannot be opened, or it answers that its schema cannot be used.
pub async fn start(settings: ServiceSettings) -> Result<Service, Fatal> {
    let authenticator = settings.auth.authenticator()?;
    if authenticator.is_none() {
        let message = "Sin autenticación: el servicio escucha solo en direcciones de loopback";
        Record::new(LogLevel::Warning, message).emit();
    }
    let database = Database::open(&settings.database.url, &settings.database.options()).await?;
    let gate = SchemaGate::default();
    gate.open(&database, settings.database.migrate_on_start).await?;
    Ok(service(settings, &database, gate).authenticated(authenticator).on_stop(move || async move { database.close().await }))
}

/// The service on top of a database that is open; it answers once `gate` is. Where its settings hold keys it does not start before it is
/// [authenticated](Service::authenticated).
#[must_use]
pub fn service(settings: ServiceSettings, database: &Database, gate: SchemaGate) -> Service {
    let metrics = Metrics::new();
    let business = BusinessMetrics::registered(&metrics);
    let repositories = business.around(repositories::open(database));
    let engine = Engine::start_observed(repositories.pagos.clone(), Capacity::default(), &business);
    BusinessMetrics::watch(&metrics, engine.queue_depth(), {
        let database = database.clone();
        move || database.pool_use()
    });
    context::spawn(reap(gate.clone(), Arc::downgrade(&repositories.outcomes), settings.keys.outcomes.ttl.into()));
    let redis = settings.kept.shared.level(RedisOptions::default().with_prefix("pagos:"));
    // A Redis that is not there is told before anybody reads.
    redis.iter().for_each(|redis| redis.connect());
    let kept = KeptPagos::new(repositories.pagos.clone(), settings.kept.ttl.into(), redis.clone().map(|redis| redis as _));
    kept.watched_by(&metrics);
    let api = api(&settings).with_state(ApiState::new(repositories, kept, &engine, business));
    let service = Service::new(info(), settings.standard)
        .api(api.layer(gate.layer()))
        .metrics(metrics)
        .on_stop(move || async move { engine.close().await });
    with_cache(service, redis.as_deref()).readiness(readiness(database.clone(), gate, redis))
}

/// The service with what operators are told of its Redis.
fn with_cache(service: Service, redis: Option<&RedisLevel>) -> Service {
    match redis {
        Some(redis) => service.circuit(redis.breaker()),
        None => service,
    }
}

fn readiness(database: Database, gate: SchemaGate, redis: Option<Arc<RedisLevel>>) -> Readiness {
    let readiness = Readiness::default().with_check("database", move || {
        let (database, gate) = (database.clone(), gate.clone());
        async move {
            gate.check()?;
            repositories::ping(&database).await.map_err(Failure::from)
        }
    });
    let Some(redis) = redis else { return readiness };
    readiness.with_optional_check("redis", move || std::future::ready(well(redis.health())))
}

/// As it was when it was last asked, by a read or by who keeps its connection: a probe waits for nobody.
fn well(health: SharedHealth) -> Result<(), Failure> {
    match health {
        SharedHealth::Degraded => Err(Failure::unavailable("the shared cache does not answer")),
        SharedHealth::Idle | SharedHealth::Reachable => Ok(()),
    }
}

/// Forgets old outcomes from when there is a table of them until nobody keeps any.
async fn reap(gate: SchemaGate, outcomes: Weak<dyn OutcomeRepository>, ttl: Duration) {
    while gate.check().is_err() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    reap_forever(outcomes, ttl).await;
}
