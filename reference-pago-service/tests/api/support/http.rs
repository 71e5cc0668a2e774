//! The API as a client sees it, and the log of each request.

use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{Method, Request};
use reference_pago_service::app;
use reference_pago_service::config::ServiceSettings;
use reference_pago_service::database::Database;
use reference_pago_service::schema_gate::SchemaGate;
use serde_json::Value;
use sqlx::Executor as _;
use standards_axum::extract::IDEMPOTENCY_KEY;
use standards_core::CorrelationId;
use standards_core::log::LogOptions;
use standards_core::log::capture;
use standards_core::settings::Environment;

use super::Fixture;
pub(crate) use super::exchange::Exchange;

pub(crate) const PAGOS: &str = "/api/v1/pagos";
pub(crate) const CLIENTES: &str = "/api/v1/clientes";

/// The whole service, layers included, on top of a test's own database.
#[derive(Clone)]
pub(crate) struct Api(Router);

/// A request that was not sent yet; JSON in Spanish unless said otherwise.
pub(crate) fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

/// The same in English.
pub(crate) fn in_english(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(ACCEPT_LANGUAGE, "en".parse().unwrap());
    request
}

/// The same under an `Idempotency-Key`; twice for two headers.
pub(crate) fn keyed(mut request: Request<Body>, key: &str) -> Request<Body> {
    request.headers_mut().append(IDEMPOTENCY_KEY, key.parse().unwrap());
    request
}

/// The log of all tests of this binary, those of libraries included: whoever sends a request calls it first.
fn install_log() {
    let options = LogOptions::new("reference-pago-service", "0.1.0").with_own_crate("reference_pago_service");
    capture::install(&options.with_filters("debug".parse().unwrap()));
}

impl Api {
    pub(crate) async fn over(fixture: &Fixture) -> Self {
        Self::with(fixture, &[]).await
    }

    /// The same with settings of its own.
    pub(crate) async fn with(fixture: &Fixture, variables: &[(&str, &str)]) -> Self {
        let gate = SchemaGate::default();
        gate.open(&fixture.database, true).await.unwrap();
        Self::behind(gate, &fixture.database, variables)
    }

    /// The same on any database, whatever its schema: `gate` decides.
    pub(crate) fn behind(gate: SchemaGate, database: &Database, variables: &[(&str, &str)]) -> Self {
        install_log();
        // The machine may be busy with other tests: the deadline must not fail one.
        let environment = Environment::from_pairs([&[("REQUEST_TIMEOUT_MS", "60000")], variables].concat());
        let settings: ServiceSettings = environment.settings().unwrap();
        let authenticator = settings.auth.authenticator().unwrap();
        Self(app::service(settings, database, gate).authenticated(authenticator).into_router())
    }

    pub(crate) fn into_router(self) -> Router {
        self.0
    }

    /// Sends `request` under a new correlation id, which the answer must carry.
    pub(crate) async fn send(&self, request: Request<Body>) -> Exchange {
        self.send_as(&CorrelationId::generate(), request).await
    }

    pub(crate) async fn send_as(&self, id: &CorrelationId, request: Request<Body>) -> Exchange {
        Exchange::send(&self.0, id, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Exchange {
        self.send(request(Method::GET, path, Body::empty())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Exchange {
        self.send(request(Method::DELETE, path, Body::empty())).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Exchange {
        self.send(request(Method::POST, path, body)).await
    }

    /// Sends a body under an `Idempotency-Key`.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: impl Into<Body>) -> Exchange {
        self.send(keyed(request(Method::POST, path, body), key)).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Body>) -> Exchange {
        self.send(request(Method::PUT, path, body)).await
    }

    /// Registers a cliente in CLP that must be accepted; its id.
    pub(crate) async fn register(&self, email: &str, saldo: &str) -> u64 {
        let body = format!(r#"{{"nombre":"Ana","email":"{email}","saldo":"{saldo}"}}"#);
        self.post(CLIENTES, body).await.data()["id"].as_u64().unwrap()
    }

    /// Asks for a pago in CLP.
    pub(crate) async fn pay(&self, cliente_id: u64, monto: &str) -> Exchange {
        self.post(PAGOS, format!(r#"{{"cliente_id":{cliente_id},"monto":"{monto}"}}"#)).await
    }

    /// The balance as the API tells it.
    pub(crate) async fn saldo(&self, cliente_id: u64) -> String {
        let cliente = self.get(&format!("{CLIENTES}/{cliente_id}")).await.data();
        cliente["saldo"].as_str().unwrap().to_owned()
    }
}

impl Exchange {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Whether it says that it repeats an earlier answer.
    pub(crate) fn is_replay(&self) -> bool {
        self.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
    }

    /// The lines above DEBUG, without those of the database driver, which tells how long a busy machine let it wait.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.log.lines();
        lines.retain(|line| !line.contains(r#""level":"DEBUG""#) && !line.contains(r#""logger":"sqlx"#));
        lines
    }

    /// The same, read.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Value> {
        self.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What a successful answer holds.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        let mut envelope = self.json();
        assert_eq!((&envelope["success"], &envelope["errors"]), (&Value::Bool(true), &Value::Array(Vec::new())));
        envelope["data"].take()
    }

    /// The ids of a list.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.data().as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
    }

    /// Code and message of every item of a failed answer, which must be in the envelope and nothing else.
    #[track_caller]
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let envelope = self.json();
        assert!(self.body.starts_with(r#"{"success":false,"data":null,"errors":[{"#), "{}", self.body);
        assert_eq!(envelope.as_object().unwrap().len(), 3, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/json");
        envelope["errors"].as_array().unwrap().iter().map(item).collect()
    }

    /// The answer is this one failure, and its message begins so.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str, beginning: &str) {
        let errors = self.errors();
        let expected = self.status == status && errors.len() == 1 && errors[0].0 == code && errors[0].1.starts_with(beginning);
        assert!(
            expected,
            "expected {status} {code} {beginning}, got {} {}\n{:#?}",
            self.status,
            self.body,
            self.log.records().last()
        );
    }

    /// The answer is a 422 with one item, about this field.
    #[track_caller]
    pub(crate) fn assert_invalid(&self, field: &str) {
        self.assert_refused(422, "VALIDATION_ERROR", &format!("{field}: "));
    }
}

fn item(error: &Value) -> (String, String) {
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

/// Runs a statement behind the service's back.
pub(crate) async fn execute(fixture: &Fixture, statement: &'static str) {
    match &fixture.database {
        Database::Sqlite(sqlite) => drop(sqlite.writer().execute(statement).await.unwrap()),
        Database::Postgres(postgres) => drop(postgres.connect().await.unwrap().execute(statement).await.unwrap()),
    }
}

/// How many rows there are: clientes, recargas and pagos, three digits each.
pub(crate) async fn rows(fixture: &Fixture) -> i64 {
    let all = "select (select count(*) from pagos) * 1000000 + (select count(*) from recargas) * 1000
        + (select count(*) from clientes)";
    fixture.count(all).await
}
