//! What a service says of its dependencies, and when it says so in the log.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use standards_axum::{Readiness, Service, service_info};
use standards_core::Failure;
use standards_core::settings::Environment;

use crate::support::get;

/// Longer than an answer of the dependencies stands.
const LATER: Duration = Duration::from_secs(2);

type Switch = Arc<AtomicBool>;

/// A dependency that is well while its switch says so.
fn switched() -> (Switch, impl Fn() -> Ready<Result<(), Failure>> + Send + Sync + 'static) {
    let well = Switch::new(true.into());
    let asked = well.clone();
    let check = move || ready(if asked.load(Ordering::Relaxed) { Ok(()) } else { Err(Failure::unavailable("no route")) });
    (well, check)
}

fn service(readiness: Readiness) -> Router {
    Service::new(service_info!(), Environment::default().settings().unwrap()).readiness(readiness).into_router()
}

/// A probe, later than any before it: its status, and the records of changes that it brought about.
async fn probe(service: &Router) -> (u16, Vec<Value>) {
    tokio::time::advance(LATER).await;
    let answer = get(service, "/health/ready").await;
    let changes = answer.log.records().into_iter().filter(|record| record["context"]["dependency"].is_string());
    (answer.status, changes.map(|record| json!([record["level"], record["message"], record["context"]["dependency"]])).collect())
}

#[tokio::test(start_paused = true)]
async fn each_change_of_a_dependency_is_one_record() {
    let ((database, first), (queue, second)) = (switched(), switched());
    let service = service(Readiness::default().with_check("db", first).with_check("cola", second));
    assert_eq!(probe(&service).await, (200, vec![]));
    database.store(false, Ordering::Relaxed);
    assert_eq!(probe(&service).await, (503, vec![json!(["WARNING", "El servicio no está listo", "db"])]));
    assert_eq!(probe(&service).await, (503, vec![]));
    queue.store(false, Ordering::Relaxed);
    assert_eq!(probe(&service).await, (503, vec![json!(["WARNING", "El servicio no está listo", "cola"])]));
    database.store(true, Ordering::Relaxed);
    assert_eq!(probe(&service).await, (503, vec![json!(["INFO", "Dependencia disponible otra vez", "db"])]));
    queue.store(true, Ordering::Relaxed);
    assert_eq!(probe(&service).await, (200, vec![json!(["INFO", "Dependencia disponible otra vez", "cola"])]));
}

#[tokio::test(start_paused = true)]
async fn a_service_without_what_it_can_do_without_is_degraded() {
    let (cache, check) = switched();
    let service = service(Readiness::default().with_optional_check("caché", check));
    assert_eq!(get(&service, "/health/ready").await.body, r#"{"success":true,"data":{"status":"ready"},"errors":[]}"#);
    cache.store(false, Ordering::Relaxed);
    assert_eq!(probe(&service).await, (200, vec![json!(["WARNING", "El servicio está degradado", "caché"])]));
    assert_eq!(get(&service, "/health/ready").await.body, r#"{"success":true,"data":{"status":"degraded"},"errors":[]}"#);
}

#[tokio::test(start_paused = true)]
async fn the_cause_of_a_failure_is_in_the_log_and_in_no_answer() {
    let (database, check) = switched();
    let service = service(Readiness::default().with_check("db", check));
    database.store(false, Ordering::Relaxed);
    let answer = get(&service, "/health/ready").await;
    assert!(!answer.body.contains("db") && !answer.body.contains("no route"), "{}", answer.body);
    assert_eq!(answer.log.record("El servicio no está listo")["context"]["cause"], "no route");
}
