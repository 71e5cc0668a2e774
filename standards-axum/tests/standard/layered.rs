//! The stack is its layers: it asks their decisions in services of its own, and answers and logs as the same layers do, each around the next.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::IntoResponse;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use standards_axum::core::settings::SettingValue;
use standards_axum::layers::{
    AccessLogLayer, AdmissionLayer, AwaitedBody, CatchPanicLayer, CorrelationLayer, DeadlineLayer, EnvelopeLayer, Exemption,
    GuardLayer, PreflightLayer, Rate, RateLimitLayer, TrustedProxiesLayer, X_CORRELATION_ID, framing,
};
use standards_axum::{ApiError, StandardsLayer, TrustedProxies};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, Failure};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;

use crate::support::install_log;

const LIMIT: Duration = Duration::from_millis(20);

/// Ends as its path says.
fn serve(request: Request<AwaitedBody<Body>>) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    let path = request.uri().path().to_owned();
    assert_ne!(path, "/panics-at-once", "en la llamada");
    async move { Ok(answer_of(&path, request).await) }
}

async fn answer_of(path: &str, request: Request<AwaitedBody<Body>>) -> Response<Body> {
    match path {
        "/foreign" | "/exempt" => (StatusCode::NOT_FOUND, "no hay").into_response(),
        "/json" => (StatusCode::CONFLICT, [("content-type", "application/json")], r#"{"error":"otro"}"#).into_response(),
        "/ours" => ApiError::from(Failure::unavailable("sin base")).into_response(),
        "/panics" => panic!("en el servicio"),
        "/waits" => pending().await,
        "/reads" => request.into_body().collect().await.map_or_else(|_| "cortado".into_response(), |_| "leído".into_response()),
        "/breaks" => Response::new(Body::from_stream(futures_util::stream::iter([Ok(Bytes::from("a")), Err("disco lleno")]))),
        _ => "hola".into_response(),
    }
}

fn cors() -> CorsLayer {
    CorsLayer::new().allow_origin([HeaderValue::from_static("https://tienda.cl")]).allow_methods([Method::GET])
}

fn envelope() -> EnvelopeLayer {
    EnvelopeLayer::new().exempting(Exemption::path("/exempt"))
}

fn rate() -> RateLimitLayer {
    let by_header = |head: &http::request::Parts| head.headers.get("x-key").map(|key| key.as_bytes().to_vec());
    RateLimitLayer::keyed_by(Rate::new(NonZeroU32::MIN).with_burst(NonZeroU32::MIN), by_header)
}

fn proxies() -> TrustedProxies {
    TrustedProxies::parse("10.0.0.0/8").unwrap()
}

fn admission() -> AdmissionLayer {
    AdmissionLayer::new(NonZeroUsize::MIN)
}

/// What the two ways of putting the standard around a service have in common.
trait Stack: Service<Request<Body>, Response = Response<Self::Body>, Error = Infallible, Future: Send> + Clone + Send {
    type Body: http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Send + Unpin;
}

impl<S, B> Stack for S
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send,
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Send + Unpin,
{
    type Body = B;
}

fn stack() -> impl Stack {
    let standards = StandardsLayer::new().with_cors(Some(cors())).with_envelope(envelope()).with_deadline(Some(LIMIT));
    let standards = standards.with_trusted_proxies(proxies()).with_rate_limit(Some(rate())).with_admission(Some(admission()));
    map_body(standards.layer(service_fn(serve)))
}

fn layers() -> impl Stack {
    let told = ServiceBuilder::new().layer(CorrelationLayer::new().giving_request_id()).layer(AccessLogLayer::new());
    let dressed = told.layer(PreflightLayer::new(cors())).layer(envelope()).layer(GuardLayer::new(framing));
    let admitted = dressed.layer(TrustedProxiesLayer::new(proxies())).layer(rate()).layer(admission());
    map_body(admitted.layer(CatchPanicLayer::new()).layer(DeadlineLayer::new(LIMIT)).service(service_fn(serve)))
}

fn map_body<S, B>(service: S) -> impl Stack
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send,
    B: http_body::Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    service.map_response(|response: Response<B>| response.map(Body::new))
}

/// What a client and a log reader see of one request.
#[derive(Debug, PartialEq)]
struct Seen {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Result<Bytes, String>,
    records: Vec<Value>,
}

async fn seen(stack: &mut impl Stack, mut request: Request<Body>) -> Seen {
    let id = CorrelationId::generate();
    request.headers_mut().insert(X_CORRELATION_ID, id.as_str().parse().unwrap());
    let (head, body) = stack.ready().await.unwrap().call(request).await.unwrap().into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| format!("{error:?}"));
    assert_eq!(head.headers[X_CORRELATION_ID], id.as_str());
    Seen { status: head.status, headers: headers(&head.headers), body, records: records(&id) }
}

/// Those that the layers have too; the time to wait is drawn.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let differs = |name: &str| ["x-correlation-id", "x-content-type-options", "retry-after", "ratelimit-reset"].contains(&name);
    let told = headers.iter().filter(|(name, _)| !differs(name.as_str()));
    let mut told: Vec<_> = told.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    told.sort();
    told
}

/// Without what differs from request to request; of a traceback the place, since the frames beneath it are those of the layers.
fn records(id: &CorrelationId) -> Vec<Value> {
    let mut records = Capture::of(id).records();
    for record in &mut records {
        let place = |record: &Value| Some(record["traceback"].as_str()?.lines().next()?.to_owned().into());
        let (whole, nested) = (place(record), place(&record["error"]));
        let record = record.as_object_mut().unwrap();
        record.retain(|name, _| !["@timestamp", "correlation_id", "traceback"].contains(&name.as_str()));
        record["context"].as_object_mut().unwrap().remove("duration_ms");
        record.extend(whole.map(|place: Value| ("traceback".to_owned(), place)));
        record.entry("error").and_modify(|error| error["traceback"] = nested.unwrap_or_default());
    }
    records
}

fn get(path: &str) -> http::request::Builder {
    Request::get(path)
}

fn unread() -> Body {
    Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>())
}

/// The head of each request, one after the other.
fn heads() -> [http::request::Builder; 16] {
    let preflight = Request::options("/").header("origin", "https://tienda.cl").header("access-control-request-method", "GET");
    [
        get("/"),
        Request::head("/"),
        get("/foreign"),
        get("/exempt"),
        get("/json").header("x-forwarded-for", "10.1.2.3"),
        get("/ours").header("accept-language", "en"),
        get("/panics-at-once"),
        get("/panics"),
        get("/waits"),
        get("/breaks"),
        get("/reads").header("transfer-encoding", "gzip, chunked"),
        get("/").header("origin", "https://tienda.cl"),
        Request::options("/"),
        preflight,
        get("/").header("x-key", "uno"),
        get("/").header("x-key", "uno"),
    ]
}

fn requests() -> Vec<Request<Body>> {
    let mut requests: Vec<_> = heads().into_iter().map(|head| head.body(Body::empty()).unwrap()).collect();
    requests.push(Request::post("/reads").body(Body::from("cuerpo")).unwrap());
    requests.push(Request::post("/reads").body(unread()).unwrap());
    requests
}

#[tokio::test]
async fn whatever_is_asked_the_stack_answers_and_logs_as_its_layers_do() {
    install_log();
    let (mut stack, mut layers) = (stack(), layers());
    for (request, same) in requests().into_iter().zip(requests()) {
        let name = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
        let (ours, theirs) = (seen(&mut stack, request).await, seen(&mut layers, same).await);
        assert_eq!(ours, theirs, "{name}");
        assert!(!ours.records.is_empty(), "{name}");
    }
}

/// The answer to a request while another one's is not read yet, and to one after it.
async fn beside_another(stack: &mut impl Stack) -> [StatusCode; 2] {
    let ask = || get("/").body(Body::empty()).unwrap();
    let first = stack.ready().await.unwrap().call(ask()).await.unwrap();
    let second = stack.ready().await.unwrap().call(ask()).await.unwrap().status();
    drop(first);
    [second, stack.ready().await.unwrap().call(ask()).await.unwrap().status()]
}

#[tokio::test]
async fn both_hold_a_place_until_the_answer_has_gone() {
    install_log();
    let expected = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK];
    assert_eq!(beside_another(&mut stack()).await, expected);
    assert_eq!(beside_another(&mut layers()).await, expected);
}

/// The records of a request that is given up while it waits.
async fn given_up(stack: &mut impl Stack) -> Vec<Value> {
    let id = CorrelationId::generate();
    let request = get("/waits").header(X_CORRELATION_ID, id.as_str()).body(Body::empty()).unwrap();
    assert!(stack.ready().await.unwrap().call(request).now_or_never().is_none());
    records(&id)
}

#[tokio::test]
async fn both_tell_of_a_request_that_is_given_up() {
    install_log();
    let ours = given_up(&mut stack()).await;
    assert_eq!((ours.len(), ours[0]["context"]["status"].as_u64()), (1, Some(499)));
    assert_eq!(ours, given_up(&mut layers()).await);
}
