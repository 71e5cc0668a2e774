//! What a service's page says after requests of every kind.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::FutureExt;
use http::{Request, StatusCode};
use prometheus_client::metrics::counter::Counter;
use standards_core::settings::{Environment, SettingValue};
use standards_core::{Failure, error_catalogue};
use tower::ServiceExt;

use super::*;
use crate::layers::{AdmissionLayer, Rate, RateLimitLayer, RequestEnd};
use crate::{ApiResult, Service, ok, service_info};

error_catalogue! {
    enum CajaError {
        /// There is no such till.
        CajaCerrada => 400, "CAJA_CERRADA", "Caja cerrada";
    }
}

fn routes() -> Router {
    Router::new()
        .route("/cajas/{id}", get(async || ok("7")).put(async || -> ApiResult<()> { Err(CajaError::CajaCerrada)? }))
        .route("/ajena", get(async || StatusCode::BAD_GATEWAY))
        .route("/rota", post(async || -> ApiResult<()> { Err(Failure::internal("broken"))? }))
        .route("/lenta", post(async || std::future::pending::<()>().await))
}

fn service() -> Service {
    Service::new(service_info!(), Environment::default().settings().unwrap()).routes(routes())
}

async fn send(app: &Router, verb: &str, path: &str) -> Response {
    app.clone().oneshot(Request::builder().method(verb).uri(path).body(Body::empty()).unwrap()).await.unwrap()
}

async fn page_of(app: &Router) -> String {
    let answer = send(app, "GET", "/metrics").await;
    assert_eq!(answer.status(), 200);
    String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

/// The value of the series that is written so.
#[track_caller]
fn value(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{page}")).parse().unwrap()
}

const SENT: [(&str, &str); 10] = [
    ("GET", "/cajas/1"),
    ("GET", "/cajas/2"),
    ("HEAD", "/cajas/2"),
    ("PUT", "/cajas/3"),
    ("DELETE", "/cajas/3"),
    ("FLY", "/cajas/3"),
    ("GET", "/nada/7"),
    ("POST", "/rota"),
    ("GET", "/ajena"),
    ("GET", "/health/live"),
];

const COUNTED: [(&str, &str, &str, f64); 9] = [
    ("/cajas/{id}", "GET", "2xx", 2.0),
    ("/cajas/{id}", "HEAD", "2xx", 1.0),
    ("/cajas/{id}", "PUT", "4xx", 1.0),
    ("unmatched", "DELETE", "4xx", 1.0),
    ("unmatched", "other", "4xx", 1.0),
    ("unmatched", "GET", "4xx", 1.0),
    ("/rota", "POST", "5xx", 1.0),
    ("/ajena", "GET", "5xx", 1.0),
    ("/health/live", "GET", "2xx", 1.0),
];

/// The page after the requests above.
async fn page_after_all() -> String {
    let app = service().into_router();
    for (verb, path) in SENT {
        let _ = send(&app, verb, path).await;
    }
    page_of(&app).await
}

#[tokio::test]
async fn each_request_is_counted_where_it_belongs() {
    let page = page_after_all().await;
    for (route, verb, class, count) in COUNTED {
        let labels = format!("{{route=\"{route}\",http_method=\"{verb}\",status_class=\"{class}\"}}");
        assert_eq!(value(&page, &format!("http_server_requests_total{labels}")), count, "{verb} {route}");
    }
    for (code, count) in [("CAJA_CERRADA", 1.0), ("HTTP_ERROR", 3.0), ("INTERNAL_ERROR", 1.0)] {
        assert_eq!(value(&page, &format!("http_server_failures_total{{error_code=\"{code}\"}}")), count, "{code}");
    }
    // The request for the page is in flight while it is written.
    assert_eq!(value(&page, "http_server_requests_in_flight"), 1.0);
}

#[tokio::test]
async fn what_reaches_an_operation_is_timed() {
    let page = page_after_all().await;
    let timed = |route, verb| {
        value(&page, &format!("http_server_request_duration_seconds_count{{route=\"{route}\",http_method=\"{verb}\"}}"))
    };
    assert_eq!([timed("/cajas/{id}", "GET"), timed("/cajas/{id}", "PUT")], [3.0, 1.0]);
    assert!(!page.contains("_count{route=\"unmatched\"") && !page.contains("_count{route=\"/cajas/{id}\",http_method=\"HEAD\""));
}

#[tokio::test]
async fn a_request_that_is_given_up_has_ended() {
    let metrics = Metrics::new();
    let app = service().metrics(metrics.clone()).into_router();
    let mut lenta = Box::pin(send(&app, "POST", "/lenta"));
    assert!((&mut lenta).now_or_never().is_none());
    let in_flight = || value(std::str::from_utf8(&metrics.render()).unwrap(), "http_server_requests_in_flight");
    assert_eq!(in_flight(), 1.0);
    drop(lenta);
    assert_eq!(in_flight(), 0.0);
    let page = page_of(&app).await;
    let given_up = "http_server_requests_total{route=\"/lenta\",http_method=\"POST\",status_class=\"4xx\"}";
    assert_eq!(value(&page, given_up), 1.0);
}

#[tokio::test]
async fn who_is_turned_away_is_counted() {
    let limit = Rate::parse("1/2").map(RateLimitLayer::new);
    let admission = NonZeroUsize::new(1).map(AdmissionLayer::new);
    let app = service().standards(|layer| layer.with_rate_limit(limit).with_admission(admission)).into_router();
    let held = send(&app, "GET", "/cajas/1").await;
    let statuses = [send(&app, "GET", "/cajas/1").await.status(), send(&app, "GET", "/cajas/1").await.status()];
    assert_eq!(statuses.map(|status| status.as_u16()), [503, 429]);
    let page = page_of(&app).await;
    assert_eq!(value(&page, "http_server_admission_refusals_total"), 1.0);
    assert_eq!(value(&page, "http_server_rate_limit_refusals_total"), 1.0);
    drop(held);
}

#[tokio::test]
async fn the_page_tells_of_the_process_and_whose_it_is() {
    let settings = Environment::from_pairs([("SERVICE_NAME", "ms-cajas"), ("SERVICE_VERSION", "7.1")]).settings().unwrap();
    let page = page_of(&Service::new(service_info!(), settings).into_router()).await;
    assert_eq!(value(&page, "build_info{artifact=\"ms-cajas\",version=\"7.1\"}"), 1.0);
    for level in ["DEBUG", "INFO", "WARNING", "ERROR"] {
        assert!(value(&page, &format!("log_records_total{{level=\"{level}\"}}")) >= 0.0);
    }
    if cfg!(target_os = "linux") {
        let [resident, virtuals, open, most, start] = [
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            "process_start_time_seconds",
        ]
        .map(|name| value(&page, name));
        assert!(1e6 < resident && resident < virtuals && 2.0 < open && open < most && 1.7e9 < start);
        assert!(value(&page, "process_cpu_seconds_total") >= 0.0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_runtime_is_watched_as_long_as_the_service_runs() {
    let metrics = Metrics::new();
    let delays = || value(std::str::from_utf8(&metrics.render()).unwrap(), "tokio_scheduler_delay_seconds_count");
    let watch = metrics.watch();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let seen = delays();
    assert!((5.0..=10.0).contains(&seen), "{seen}");
    drop(watch);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(delays() <= seen + 1.0);
}

/// As many as are sent: a thousand times a thousand with `METRICS_LONG`, as `FAULTS_LONG` is for faults.
fn hostile_requests() -> u32 {
    if std::env::var_os("METRICS_LONG").is_some() { 1_000_000 } else { 100_000 }
}

fn hostile(number: u32) -> Request<Body> {
    let verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
    let word = format!("V{number}");
    let verb = verbs.get(number as usize % 12).copied().unwrap_or(&word);
    let path = match number % 5 {
        0 => format!("/cajas/{number}"),
        1 => format!("/nada/{number}"),
        2 => format!("/rota?x={number}"),
        3 => "/ajena".to_owned(),
        _ => format!("/{number}/{{id}}/%22%0A{number}"),
    };
    Request::builder().method(verb).uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn hostile_requests_make_no_page_larger() {
    let metrics = Metrics::new();
    let layer = crate::StandardsLayer::new()
        .with_access_log(crate::layers::AccessLogLayer::failures_only())
        .observed_by(metrics.observer());
    let app = crate::standardize_with(routes(), &layer);
    let many = hostile_requests();
    for number in 0..many {
        let _: Result<_, Infallible> = app.clone().oneshot(hostile(number)).await;
    }
    let page = String::from_utf8(metrics.render().to_vec()).unwrap();
    eprintln!("{many} requests, a page of {} bytes", page.len());
    assert!(page.len() < 64 * 1024, "{} bytes", page.len());
    let total: f64 = page.lines().filter(|line| line.starts_with("http_server_requests_total{")).map(last_number).sum();
    assert_eq!(total, f64::from(many));
    assert!(!page.contains("V1") && !page.contains("nada"));
}

fn last_number(line: &str) -> f64 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn more_routes_than_there_is_room_for_are_counted_as_one() {
    let requests = Requests::default();
    for number in 0..2_000 {
        let route = format!("/r{number}");
        let duration = Duration::from_millis(1);
        requests.began();
        requests.ended(&RequestEnd { route: Some(&route), http_method: "GET", status: 200, error_code: None, duration });
    }
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Arc::new(requests)));
    let mut page = String::new();
    prometheus_text::encode(&mut page, &registry).unwrap();
    let other = "http_server_requests_total{route=\"other\",http_method=\"other\",status_class=\"2xx\"}";
    assert_eq!(value(&page, other), 2_000.0 - 1_024.0);
}

#[test]
fn a_name_stands_once_and_is_one() {
    let metrics = Metrics::new();
    let register = |name: &str| {
        let metrics = metrics.clone();
        std::panic::catch_unwind(move || metrics.register(name, "x", Counter::<u64>::default())).is_ok()
    };
    assert!(register("pagos"));
    for name in ["pagos", "Pagos", "pagos-7", "", "7pagos", "_pagos", "pagos_total", "process_x", "http_server_x", "señal"] {
        assert!(!register(name), "{name:?}");
    }
    metrics.gauge_of("pagos_abiertos", "x", || 1);
}
