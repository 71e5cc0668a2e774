//! One small operation, routed in three ways.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::post;
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use standards_axum::auth::{AuthSettings, Authenticator, BearerLayer, Grant};
use standards_axum::core::settings::{Environment, SettingValue};
use standards_axum::layers::{Rate, RateLimitLayer};
use standards_axum::metrics::Metrics;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiResult, StandardsLayer, extract, ok, standardize, standardize_with};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use tracing::info;

/// How many requests one piece of work makes.
pub(crate) const REQUESTS: u32 = 200;

#[derive(Clone, Deserialize, Serialize, garde::Validate, utoipa::ToSchema)]
pub(crate) struct Eco {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(skip)]
    moneda: String,
}

#[derive(Default)]
pub(crate) struct Totals(std::sync::atomic::AtomicU64);

type Shared = State<Arc<Totals>>;

async fn axums(State(totals): Shared, Json(body): Json<Eco>) -> Json<Eco> {
    totals.count();
    Json(body)
}

/// Logs as a payment does: that it begins, and what came of it.
async fn ours(State(totals): Shared, extract::Json(body): extract::Json<Eco>) -> ApiResult<Eco> {
    let Eco { cliente_id, moneda } = body.clone();
    info!(cliente_id, moneda, "Iniciando procesamiento");
    totals.count();
    info!(cliente_id, moneda, "Procesado exitosamente");
    ok(body)
}

impl Totals {
    fn count(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// What a service of several operations has around them: a check that lets pass.
async fn pass(request: Request, next: middleware::Next) -> axum::response::Response {
    next.run(request).await
}

/// As somebody writes it who has axum's router alone.
fn nested() -> Router {
    tree(post(ours))
}

fn tree(operation: axum::routing::MethodRouter<Arc<Totals>>) -> Router {
    let ecos = Router::new().route("/ecos", operation);
    Router::new().nest("/api/v1", ecos.layer(middleware::from_fn(pass))).with_state(Arc::default())
}

fn placed() -> ApiRouter {
    let ecos = ApiRouter::new().operation(Operation::post("/ecos", "hacer_eco"), ours);
    let api = ApiRouter::new().nest("/api/v1", ecos.layer(middleware::from_fn(pass)));
    api.with_state(Arc::default())
}

fn settings() -> AuthSettings {
    let variables = [
        ("SECRET_KEY", "a-key-of-at-least-32-bytes-for-a-bench"),
        ("JWT_ISSUER", "https://login.example"),
        ("JWT_AUDIENCE", "ecos"),
    ];
    Environment::from_pairs(variables).settings().expect("settings")
}

/// A router that is asked in process, without a connection.
pub(crate) struct InProcess {
    router: Router,
    runtime: Runtime,
    authorization: Option<String>,
}

impl InProcess {
    pub(crate) fn bare() -> Self {
        Self::new(tree(post(axums)))
    }

    pub(crate) fn nested() -> Self {
        Self::new(standardize(nested()))
    }

    pub(crate) fn placed() -> Self {
        Self::new(standardize(placed().into_parts().0))
    }

    /// The same, for callers with a token.
    pub(crate) fn authenticated() -> Self {
        let layer = BearerLayer::new(Authenticator::new(&settings()).expect("a key")).scope("ecos:write");
        let grant = Grant::new("c-7f3a9b21").with_scope("ecos:read ecos:write");
        let token = settings().issue(&grant).expect("a token");
        Self { authorization: Some(format!("Bearer {token}")), ..Self::new(standardize(placed().layer(layer).into_parts().0)) }
    }

    /// The same under a limit that it never meets.
    pub(crate) fn limited() -> Self {
        let limit = Rate::parse("1000000").map(RateLimitLayer::new);
        Self::new(standardize_with(placed().into_parts().0, &StandardsLayer::new().with_rate_limit(limit)))
    }

    /// The same, counted.
    pub(crate) fn metered() -> Self {
        let layer = StandardsLayer::new().observed_by(Metrics::new().observer());
        Self::new(standardize_with(placed().into_parts().0, &layer))
    }

    fn new(router: Router) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { router, runtime, authorization: None }
    }

    pub(crate) fn work(&mut self) -> Box<dyn FnMut() + '_> {
        let Self { router, runtime, authorization } = self;
        Box::new(move || {
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    let answer = router.clone().oneshot(request(authorization.as_deref())).await.expect("an answer");
                    assert_eq!(answer.status(), 200);
                }
            });
        })
    }
}

const BODY: &str = r#"{"cliente_id":123,"moneda":"CLP"}"#;

fn request(authorization: Option<&str>) -> Request {
    let request = Request::post("/api/v1/ecos").header("content-type", "application/json");
    let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
    request.header("content-length", BODY.len()).body(Body::from(BODY)).expect("a request")
}
