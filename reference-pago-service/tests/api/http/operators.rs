//! What operators ask of the real binary, on the listener that `ADMIN_ADDR` opens.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::service::{ServiceProcess, until};
use super::socket::{Socket, get, post};
use crate::support::child::records;
use crate::support::http::CLIENTES;

const LOCAL: &str = "127.0.0.1:0";

/// Where the service tells that it serves operators.
fn admin_of(service: &ServiceProcess) -> SocketAddr {
    let told = records(&service.said()).into_iter().find(|record| record["message"] == "Servicio iniciado").unwrap();
    told["context"]["admin_address"].as_str().unwrap().parse().unwrap()
}

async fn ask(admin: SocketAddr, path: &str) -> Value {
    let answer = Socket::open(admin).await.ask(get(path)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["data"].clone()
}

#[tokio::test]
async fn a_level_that_is_raised_for_two_seconds_returns_by_itself_and_says_so() {
    let service = ServiceProcess::on_sqlite(&[("ADMIN_ADDR", LOCAL)]).await;
    let admin = admin_of(&service);
    let body = r#"{"filter":"info,reference_pago_service=debug","seconds":2}"#;
    let raise = post("/admin/log-level", body).replace("POST", "PUT");
    let raised = Socket::open(admin).await.ask(raise).await.json()["data"].clone();
    assert_eq!(raised["filter"], "info,reference_pago_service=debug");
    assert_eq!(ask(admin, "/admin/log-level").await, raised);
    until(async || ask(admin, "/admin/log-level").await == json!({"filter": "info", "returns_at": null})).await;
    until(async || service.said().contains("Filtro de log restablecido")).await;
    let told: Vec<_> = records(&service.stop().stdout);
    let of = |message: &str| told.iter().find(|record| record["message"] == message).unwrap();
    let (changed, returned) = (of("Filtro de log cambiado"), of("Filtro de log restablecido"));
    assert_eq!((&changed["context"]["for_seconds"], &changed["context"]["returns_at"]), (&2.into(), &raised["returns_at"]));
    assert_eq!(returned["context"], json!({"filters": "info"}));
    assert!(returned["@timestamp"].as_str() >= changed["context"]["returns_at"].as_str(), "{returned}");
}

#[tokio::test]
async fn settings_are_told_with_their_sources_and_without_secrets() {
    let service = ServiceProcess::on_sqlite(&[("ADMIN_ADDR", LOCAL), ("LOG_LEVEL", "info,sqlx=warn")]).await;
    let config = ask(admin_of(&service), "/admin/config").await;
    let of = |name: &str| config.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap().clone();
    let told = |name, value, source| json!({"name": name, "value": value, "source": source});
    assert_eq!(of("LOG_LEVEL"), told("LOG_LEVEL", Some("info,sqlx=warn"), "environment"));
    assert_eq!(of("HOST"), told("HOST", Some("127.0.0.1"), "default"));
    assert_eq!(of("DATABASE_URL"), told("DATABASE_URL", None, "environment"));
    assert_eq!(of("SECRET_KEY"), told("SECRET_KEY", None, "default"));
}

#[tokio::test]
async fn what_the_log_costs_and_how_the_database_is_are_told() {
    let service = ServiceProcess::on_sqlite(&[("ADMIN_ADDR", LOCAL)]).await;
    let admin = admin_of(&service);
    let cliente = post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl"}"#);
    assert_eq!(service.connect().await.ask(cliente).await.status, 200);
    let health = ask(admin, "/admin/health").await;
    assert_eq!((&health[0]["name"], &health[0]["status"]), (&"database".into(), &"ok".into()));
    let places = ask(admin, "/admin/logs").await;
    let is_ours = |place: &&Value| place["metadata"]["target"].as_str().is_some_and(|target| target.contains("clientes"));
    assert!(places.as_array().unwrap().iter().any(|place| is_ours(&place)), "{places:#}");
    let bytes: u64 = places.as_array().unwrap().iter().map(|place| place["bytes"].as_u64().unwrap()).sum();
    let said = service.stop().stdout;
    assert!(bytes > 0 && bytes <= said.len() as u64, "{bytes} of {}", said.len());
    assert_eq!(looks_in(&said), 0);
}

/// Nobody listens at that port, and nobody has read anything.
#[tokio::test]
async fn a_redis_that_was_never_there_is_told_though_nobody_reads() {
    let nobody = std::net::TcpListener::bind(LOCAL).unwrap().local_addr().unwrap();
    let service = ServiceProcess::on_sqlite(&[("ADMIN_ADDR", LOCAL), ("REDIS_URL", &format!("redis://{nobody}"))]).await;
    let admin = admin_of(&service);
    let redis =
        async || ask(admin, "/admin/health").await.as_array().unwrap().iter().find(|told| told["name"] == "redis").cloned();
    until(async || redis().await.unwrap()["status"] == "failing").await;
    let why = redis().await.unwrap()["last_failure"].clone();
    assert!(why.as_str().unwrap().contains("the shared cache does not answer"), "{why}");
    assert_eq!(service.connect().await.ask(get("/health/ready")).await.json()["data"]["status"], "degraded");
}

/// Who only looks leaves nothing in the log at INFO.
fn looks_in(said: &str) -> usize {
    records(said).iter().filter(|record| record["endpoint"].as_str().is_some_and(|path| path.starts_with("/admin"))).count()
}
