//! How each refusal that the standard itself makes reads in the access record, and which route it names.
//!
//! What hyper refuses before there is a request (400 for a broken head, 431 for a long one) has no record, since it has neither an id nor a
//! route; a client that sends no whole head is closed without an answer.

use axum::body::{Body, Bytes};
use futures_util::stream;
use garde::Validate;
use http::request::{Builder, Parts};
use http::{Method, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use standards_axum::auth::{AuthSettings, Grant};
use standards_axum::extract::Json;
use standards_axum::layers::{GuardLayer, Priority};
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiError, Service, ok, service_info};
use standards_core::settings::Environment;
use standards_core::{CorrelationId, ErrorStatus, Failure};
use tokio::net::TcpListener;
use tower::ServiceExt;
use utoipa::ToSchema;

use crate::support::{Exchange, send};

#[derive(Deserialize, ToSchema, Validate)]
struct Nota {
    #[garde(length(chars, min = 1))]
    texto: String,
}

const KEYS: [(&str, &str); 3] =
    [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];

fn auth() -> AuthSettings {
    Environment::from_pairs(KEYS).settings().unwrap()
}

fn bearer(scope: &str) -> String {
    format!("Bearer {}", auth().issue(&Grant::new("ana").with_scope(scope)).unwrap())
}

fn api() -> ApiRouter {
    let nobody = |_: &Parts| Err::<(), ApiError>(Failure::http(ErrorStatus::FORBIDDEN).into());
    let closed =
        ApiRouter::new().operation(Operation::get("/cerrada", "cerrar").public(), async || ok(())).layer(GuardLayer::new(nobody));
    ApiRouter::new()
        .operation(Operation::post("/notas/{id}", "anotar").scope("notas:write"), async |Json(nota): Json<Nota>| ok(nota.texto))
        .operation(Operation::get("/lenta", "esperar").public(), async || {
            std::future::pending::<()>().await;
            ok(())
        })
        .operation(Operation::get("/lista", "listar").public().priority(Priority::Low), async || ok(()))
        .operation(Operation::get("/pronta", "atender").public().priority(Priority::High), async || ok(()))
        .merge(closed)
}

fn router(variables: &[(&str, &str)]) -> axum::Router {
    let settings = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
    let authenticator = auth().authenticator().unwrap();
    Service::new(service_info!(), settings).api(api()).authenticated(authenticator).into_router()
}

/// A request for a nota, as whoever may write one unless `headers` say otherwise.
fn nota(headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let own = |name: &str| headers.iter().any(|(own, _)| *own == name);
    let bearer = bearer("notas:write");
    let usual = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let usual = usual.iter().filter(|(name, _)| !own(name));
    let request = usual
        .chain(headers)
        .fold(Request::post("/api/v1/notas/7"), |request: Builder, (name, value)| request.header(*name, *value));
    request.body(body.into()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// What is asked for while an answer is held, which takes a place in flight.
async fn beside_another(variables: &[(&str, &str)], path: &str) -> Exchange {
    let router = router(variables);
    let _held = router.clone().oneshot(get("/api/v1/pronta")).await.unwrap();
    send(&router, get(path)).await
}

/// The second request of a client that may send one.
async fn too_often() -> Exchange {
    let router = router(&[("RATE_LIMIT", "1")]);
    let from = |mut request: Request<Body>| {
        request.extensions_mut().insert(axum::extract::ConnectInfo(std::net::SocketAddr::from(([198, 51, 100, 7], 50_000))));
        request
    };
    send(&router, from(get("/api/v1/pronta"))).await;
    send(&router, from(get("/api/v1/pronta"))).await
}

async fn asked(request: Request<Body>) -> Exchange {
    send(&router(&[]), request).await
}

fn stalled() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
}

/// What came of it, and what the access record must say: status, level, message, code, route.
type Row = (&'static str, Exchange, u16, &'static str, &'static str, &'static str, Option<&'static str>);

const UNAVAILABLE: &str = "Error de disponibilidad: Servicio no disponible, intente más tarde";
const NOTAS: Option<&str> = Some("/api/v1/notas/{id}");

#[track_caller]
fn assert_told((name, exchange, status, level, message, code, route): &Row) {
    let record = exchange.access_record();
    let context = &record["context"];
    let told = json!([context["status"], record["level"], record["message"], context["error_code"], context["route"]]);
    // At ERROR the code stands with the cause.
    let code_told = if *level == "ERROR" { &record["error"]["error_code"] } else { &context["error_code"] };
    let expected = json!([status, level, message, context["error_code"], route]);
    assert_eq!((&told, code_told), (&expected, &json!(code)), "{name}: {record:#}");
    assert_eq!(record.get("error").is_some(), *level == "ERROR", "{name}: {record:#}");
    assert_eq!(exchange.status, *status, "{name}");
}

/// By the head alone, before a route is looked for; and by what a route's operation states.
#[expect(clippy::too_many_lines, reason = "a table")]
async fn by_the_head() -> Vec<Row> {
    let two = beside_another(&[("MAX_IN_FLIGHT", "1")], "/api/v1/pronta").await;
    let shed = beside_another(&[("MAX_IN_FLIGHT", "2")], "/api/v1/lista").await;
    let coded = asked(nota(&[("transfer-encoding", "gzip")], "")).await;
    let anonymous = asked(nota(&[("authorization", "Bearer x.y.z")], "")).await;
    let other = bearer("notas:read");
    let unscoped = asked(nota(&[("authorization", &other)], "")).await;
    vec![
        ("admission", two, 503, "WARNING", UNAVAILABLE, "SERVICE_UNAVAILABLE", None),
        ("shed", shed, 503, "WARNING", UNAVAILABLE, "SERVICE_UNAVAILABLE", Some("/api/v1/lista")),
        ("rate limit", too_often().await, 429, "WARNING", "Error HTTP: Demasiadas solicitudes", "HTTP_ERROR", None),
        ("framing", coded, 400, "WARNING", "Error HTTP: Solicitud no válida", "HTTP_ERROR", None),
        ("no caller", anonymous, 401, "WARNING", "Error HTTP: No autenticado", "HTTP_ERROR", NOTAS),
        ("no scope", unscoped, 403, "WARNING", "Error HTTP: Sin permiso para esta operación", "HTTP_ERROR", NOTAS),
        (
            "a guard",
            asked(get("/api/v1/cerrada")).await,
            403,
            "WARNING",
            "Error HTTP: Sin permiso para esta operación",
            "HTTP_ERROR",
            Some("/api/v1/cerrada"),
        ),
    ]
}

/// By the route, the body or the time that it takes.
#[expect(clippy::too_many_lines, reason = "a table")]
async fn by_the_rest() -> Vec<Row> {
    let verb = asked(Request::builder().method(Method::PUT).uri("/api/v1/notas/7").body(Body::empty()).unwrap()).await;
    let long = asked(nota(&[], format!(r#"{{"texto":"{}"}}"#, "a".repeat(20_000)))).await;
    let typed = asked(nota(&[("content-type", "text/plain")], "hola")).await;
    let empty = asked(nota(&[], r#"{"texto":""}"#)).await;
    vec![
        ("no route", asked(get("/nada")).await, 404, "WARNING", "Error HTTP: Recurso no encontrado", "HTTP_ERROR", None),
        ("verb", verb, 405, "WARNING", "Error HTTP: Método no permitido", "HTTP_ERROR", NOTAS),
        ("body limit", long, 413, "WARNING", "Error HTTP: Cuerpo demasiado grande", "HTTP_ERROR", NOTAS),
        ("type", typed, 415, "WARNING", "Error HTTP: Tipo de contenido no soportado", "HTTP_ERROR", NOTAS),
        (
            "field",
            empty,
            422,
            "WARNING",
            "Error de validación: texto: debe tener un largo de al menos 1",
            "VALIDATION_ERROR",
            NOTAS,
        ),
        (
            "late body",
            asked(nota(&[], stalled())).await,
            408,
            "WARNING",
            "Error HTTP: La solicitud no llegó a tiempo",
            "HTTP_ERROR",
            NOTAS,
        ),
        (
            "late handler",
            asked(get("/api/v1/lenta")).await,
            503,
            "ERROR",
            UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            Some("/api/v1/lenta"),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_says_in_the_words_of_the_catalogue_what_happened_and_to_which_route() {
    for row in by_the_head().await.iter().chain(&by_the_rest().await) {
        assert_told(row);
    }
}

#[tokio::test]
async fn overload_says_what_there_was_too_much_of() {
    let rows = [
        (beside_another(&[("MAX_IN_FLIGHT", "1")], "/api/v1/pronta").await, 1),
        (beside_another(&[("MAX_IN_FLIGHT", "2")], "/api/v1/lista").await, 2),
    ];
    for (refused, in_flight) in rows {
        let context = &refused.access_record()["context"];
        let told = (&context["overload"], &context["in_flight"]);
        assert_eq!(told, (&json!("too many requests in flight"), &json!(in_flight)));
    }
}

/// Keys that cannot be read are somebody's to mend.
#[cfg(feature = "jwks")]
#[tokio::test]
async fn a_caller_whose_key_is_not_known_yet_is_an_error() {
    let variables = [("JWKS_URL", "https://127.0.0.1:9/keys"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    let auth: AuthSettings = Environment::from_pairs(variables).settings().unwrap();
    let settings = Environment::default().settings().unwrap();
    let service = Service::new(service_info!(), settings).api(api()).authenticated(auth.authenticator().unwrap());
    let token = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhbmEifQ.c2ln";
    let refused = send(&service.into_router(), nota(&[("authorization", token)], "")).await;
    assert_told(&("keys", refused, 503, "ERROR", UNAVAILABLE, "SERVICE_UNAVAILABLE", NOTAS));
}

/// What a server answers for these bytes, and the records under the id that they name.
async fn raw(bytes: &str, id: &str) -> (String, Vec<Value>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    crate::support::install_log();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let service = Service::new(service_info!(), Environment::default().settings().unwrap());
    let mut answer = String::new();
    let asked = async {
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream.read_to_string(&mut answer).await.unwrap();
    };
    service.run_on(listener, asked).await;
    let records = standards_core::log::capture::Capture::of(&CorrelationId::parse(id).unwrap()).records();
    (answer, records)
}

#[tokio::test]
async fn what_is_no_request_yet_has_no_record() {
    let id = "refusals-parser";
    let head = format!("GET /health/live HTTP/1.1\r\nX-Correlation-ID: {id}\r\n");
    for (bytes, status) in [
        (format!("{head}\r\n"), "400"),
        (format!("{head}Host: x\r\nX-A: a\n\r\n"), "400"),
        (format!("{head}Host: x\r\nX-A: {}\r\n\r\n", "a".repeat(40_000)), "431"),
    ] {
        let (answer, records) = raw(&bytes, id).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert_eq!(records, [Value::Null; 0]);
    }
}
