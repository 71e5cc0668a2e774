//! The API as a client sees it, and the log of each request.

use std::ops::Deref;

use axum::body::Body;
use http::Method;
use reference_pago_service::app;
use reference_pago_service::config::ServiceSettings;
use reference_pago_service::database::Database;
use reference_pago_service::schema_gate::SchemaGate;
use serde_json::Value;
use sqlx::Executor as _;
use standards_axum::testing::{TestAnswer, TestApp, TestRequest};
use standards_core::settings::Environment;

use super::Fixture;

pub(crate) const PAGOS: &str = "/api/v1/pagos";
pub(crate) const CLIENTES: &str = "/api/v1/clientes";

/// The whole service, layers included, on top of a test's own database: a [`TestApp`] that knows its operations.
#[derive(Clone)]
pub(crate) struct Api(TestApp);

impl Deref for Api {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
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
        // The machine may be busy with other tests: the deadline must not fail one.
        let environment = Environment::from_pairs([&[("REQUEST_TIMEOUT_MS", "60000")], variables].concat());
        let settings: ServiceSettings = environment.settings().unwrap();
        let authenticator = settings.auth.authenticator().unwrap();
        Self(TestApp::new(app::service(settings, database, gate).authenticated(authenticator)))
    }

    /// A request with a body that says that it is JSON.
    #[track_caller]
    pub(crate) fn ask(&self, method: Method, path: &str, body: impl Into<Body>) -> TestRequest {
        self.request(method, path).json_text(body)
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: impl Into<Body>) -> TestRequest {
        self.ask(Method::POST, path, body)
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: impl Into<Body>) -> TestRequest {
        self.ask(Method::PUT, path, body)
    }

    /// A body under an `Idempotency-Key`.
    #[track_caller]
    pub(crate) fn post_once(&self, path: &str, key: &str, body: impl Into<Body>) -> TestRequest {
        self.post(path, body).idempotency_key(key)
    }

    /// Registers a cliente in CLP that must be accepted; its id.
    pub(crate) async fn register(&self, email: &str, saldo: &str) -> u64 {
        let body = format!(r#"{{"nombre":"Ana","email":"{email}","saldo":"{saldo}"}}"#);
        self.post(CLIENTES, body).await.data()["id"].as_u64().unwrap()
    }

    /// Asks for a pago in CLP.
    #[track_caller]
    pub(crate) fn pay(&self, cliente_id: u64, monto: &str) -> TestRequest {
        self.post(PAGOS, format!(r#"{{"cliente_id":{cliente_id},"monto":"{monto}"}}"#))
    }

    /// The balance as the API tells it.
    pub(crate) async fn saldo(&self, cliente_id: u64) -> String {
        let cliente = self.get(&format!("{CLIENTES}/{cliente_id}")).await.data();
        cliente["saldo"].as_str().unwrap().to_owned()
    }
}

/// What these tests ask of an answer beside what everybody does.
pub(crate) trait AnswerExt {
    /// The lines above DEBUG, without those of the database driver, which tells how long a busy machine let it wait.
    fn lines(&self) -> Vec<String>;

    /// The same, read.
    fn own_records(&self) -> Vec<Value>;

    /// The ids of a list.
    fn ids(&self) -> Vec<u64>;

    /// The answer is this one failure, and its message begins so.
    fn assert_refused(&self, status: u16, code: &str, beginning: &str);

    /// The answer is a 422 with one item, about this field.
    fn assert_invalid_field(&self, field: &str);
}

impl AnswerExt for TestAnswer {
    #[track_caller]
    fn lines(&self) -> Vec<String> {
        let mut lines = self.log().lines();
        lines.retain(|line| !line.contains(r#""level":"DEBUG""#) && !line.contains(r#""logger":"sqlx"#));
        lines
    }

    #[track_caller]
    fn own_records(&self) -> Vec<Value> {
        self.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    fn ids(&self) -> Vec<u64> {
        self.data().as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
    }

    #[track_caller]
    fn assert_refused(&self, status: u16, code: &str, beginning: &str) {
        let message = self.errors().remove(0).message;
        assert!(message.starts_with(beginning), "expected {beginning}, got {message}");
        self.assert_failure(status, code, &message);
    }

    #[track_caller]
    fn assert_invalid_field(&self, field: &str) {
        self.assert_refused(422, "VALIDATION_ERROR", &format!("{field}: "));
    }
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
