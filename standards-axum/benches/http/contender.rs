//! One route, served in five ways.

use std::time::Duration;

use axum::extract::Request;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use standards_axum::auth::{AuthSettings, Authenticator, Grant};
use standards_axum::core::settings::Environment;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiResult, Exit, Service, StandardSettings, extract, ok, service_info};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::request_id::MakeRequestUuid;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span, info_span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Bare,
    Peer,
    Stack,
    Unmetered,
    Authenticated,
}

#[derive(Deserialize, Serialize, garde::Validate, utoipa::ToSchema)]
struct Eco {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(skip)]
    moneda: String,
}

/// As the standard answers, written by whoever has axum alone.
#[derive(Serialize)]
struct Envelope {
    success: bool,
    data: Eco,
    errors: [(); 0],
}

const BODY: &str = r#"{"cliente_id":123,"moneda":"CLP"}"#;
pub(crate) const ANSWER: &str = r#"{"success":true,"data":{"cliente_id":123,"moneda":"CLP"},"errors":[]}"#;

async fn axums(Json(data): Json<Eco>) -> Json<Envelope> {
    Json(Envelope { success: true, data, errors: [] })
}

async fn ours(extract::Json(eco): extract::Json<Eco>) -> ApiResult<Eco> {
    ok(eco)
}

impl Contender {
    pub(crate) const ALL: [Self; 5] = [Self::Bare, Self::Peer, Self::Stack, Self::Unmetered, Self::Authenticated];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare axum",
            Self::Peer => "axum, tower-http and fmt().json()",
            Self::Stack => "whole stack",
            Self::Unmetered => "whole stack, without metrics",
            Self::Authenticated => "whole stack, with a token",
        }
    }

    /// What each client sends, again and again.
    pub(crate) fn request(self) -> Vec<u8> {
        let authorization =
            if self == Self::Authenticated { format!("Authorization: Bearer {}\r\n", token()) } else { String::new() };
        let head = "POST /api/v1/ecos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        format!("{head}{authorization}Content-Length: {}\r\n\r\n{BODY}", BODY.len()).into_bytes()
    }

    pub(crate) async fn serve(self, listener: TcpListener) {
        match self {
            Self::Bare => axum::serve(listener, bare()).await.expect("a server"),
            Self::Peer => {
                tracing_subscriber::fmt().json().init();
                axum::serve(listener, peer()).await.expect("a server");
            }
            Self::Stack | Self::Unmetered | Self::Authenticated => self.serve_standard(listener).await,
        }
    }

    async fn serve_standard(self, listener: TcpListener) {
        let settings: StandardSettings = Environment::default().settings().expect("settings");
        let _log = service_info!().start_log(&settings).expect("the first log");
        let api = ApiRouter::new().operation(Operation::post("/ecos", "hacer_eco").scope("ecos:write"), ours);
        let service = Service::new(service_info!(), settings).api(api);
        let service = if self == Self::Unmetered { service.without_metrics() } else { service };
        let authenticator = (self == Self::Authenticated).then(|| Authenticator::new(&keys()).expect("a key"));
        assert_eq!(service.authenticated(authenticator).run_on(listener, std::future::pending()).await, Exit::Stopped);
    }
}

fn bare() -> Router {
    Router::new().route("/api/v1/ecos", post(axums))
}

/// An id, a record, a panic that is answered, a time to answer in: with the layers that are in use for them.
fn peer() -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(span).on_response(DefaultOnResponse::new().level(Level::INFO));
    let layers = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .layer(trace)
        .propagate_x_request_id()
        .catch_panic()
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(30)));
    bare().layer(layers)
}

fn span(request: &Request) -> Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

fn keys() -> AuthSettings {
    let variables = [
        ("SECRET_KEY", "a-key-of-at-least-32-bytes-for-a-bench"),
        ("JWT_ISSUER", "https://login.example"),
        ("JWT_AUDIENCE", "ecos"),
    ];
    Environment::from_pairs(variables).settings().expect("settings")
}

fn token() -> String {
    keys().issue(&Grant::new("c-7f3a9b21").with_scope("ecos:read ecos:write")).expect("a token")
}
