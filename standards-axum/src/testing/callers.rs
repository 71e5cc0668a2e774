//! Callers of a test's own.

use standards_core::settings::Environment;

use super::app::TestApp;
use crate::auth::{AuthSettings, Grant};

/// What a service is configured with so that it takes the callers of a [`TestApp`]: `SECRET_KEY`, `JWT_ISSUER`, `JWT_AUDIENCE`.
///
/// ```
/// use axum::{Router, routing::get};
/// use serde_json::json;
/// use standards_axum::Service;
/// use standards_axum::auth::{AuthSettings, Caller};
/// use standards_axum::core::settings::Environment;
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::testing::{CALLER_KEYS, TestApp};
/// use standards_axum::{ok, service_info};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let quien = async |caller: Caller| ok(caller.subject().to_owned());
/// let api = ApiRouter::new().operation(Operation::get("/quien", "quien").scope("saldos:read"), quien);
/// let auth: AuthSettings = Environment::from_pairs(CALLER_KEYS).settings().unwrap();
/// let service = Service::new(service_info!(), Environment::from_pairs(CALLER_KEYS).settings().unwrap());
/// let app = TestApp::new(service.api(api).authenticated(auth.authenticator().unwrap()));
///
/// app.get("/api/v1/quien").await.assert_failure(401, "HTTP_ERROR", "No autenticado");
/// app.get("/api/v1/quien").caller("ana", "saldos:write").await.assert_status(403);
/// let ana = app.as_caller("ana", "saldos:read");
/// ana.get("/api/v1/quien").await.assert_data(&json!("ana"));
/// # }
/// ```
pub const CALLER_KEYS: [(&str, &str); 3] = [
    ("SECRET_KEY", "a key of the test kit, which is of no use to anybody"),
    ("JWT_ISSUER", "standards-axum::testing"),
    ("JWT_AUDIENCE", "standards-axum::testing"),
];

/// A token by which a service with these variables knows a caller: what `token` prints under them, valid for an hour.
///
/// `variables` are those that the test configures its service with, [`CALLER_KEYS`] or its own; what is not about tokens is passed over. `scope`
/// is names separated by spaces. A [`TestApp`] makes its tokens by itself ([`as_caller`](TestApp::as_caller)); this is for whoever asks otherwise:
/// a client on a port, another process, the profile that the service is judged by. A token of another form, such as one that has expired, is
/// [`AuthSettings::issue`]'s.
///
/// ```
/// use axum::routing::get;
/// use standards_axum::auth::{AuthSettings, Authenticator, BearerLayer};
/// use standards_axum::core::settings::Environment;
/// use standards_axum::testing::{TestApp, token};
/// use standards_axum::{ok, standardize};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// const KEYS: [(&str, &str); 3] =
///     [("SECRET_KEY", "una-clave-de-pruebas-de-32-bytes-o-mas"), ("JWT_ISSUER", "pruebas"), ("JWT_AUDIENCE", "saldos")];
///
/// let auth: AuthSettings = Environment::from_pairs(KEYS).settings().unwrap();
/// let bearer = BearerLayer::new(Authenticator::new(&auth).unwrap()).scope("saldos:read");
/// let app = TestApp::new(standardize(axum::Router::new().route("/saldo", get(async || ok(7))).layer(bearer)));
///
/// app.get("/saldo").bearer(&token(KEYS, "ana", "saldos:read")).await.assert_status(200);
/// app.get("/saldo").bearer(&token(KEYS, "ana", "saldos:write")).await.assert_status(403);
/// # }
/// ```
///
/// # Panics
///
/// When the variables have no `SECRET_KEY`, or are none that a service would start with; each is named.
#[track_caller]
#[must_use]
pub fn token<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>, subject: &str, scope: &str) -> String {
    let settings = Environment::from_pairs(variables).settings();
    Callers(settings.unwrap_or_else(|problems| panic!("no token can be made for {subject:?}: {problems}"))).token(subject, scope)
}

/// Who signs the tokens of callers; by [`CALLER_KEYS`] unless it is told others.
#[derive(Clone, Debug)]
pub(super) struct Callers(AuthSettings);

impl Default for Callers {
    fn default() -> Self {
        Self(Environment::from_pairs(CALLER_KEYS).settings().expect("the keys of the test kit are settings"))
    }
}

impl Callers {
    #[track_caller]
    pub(super) fn token(&self, subject: &str, scope: &str) -> String {
        let grant = Grant::new(subject).with_scope(scope);
        self.0.issue(&grant).unwrap_or_else(|error| panic!("no token can be made for {subject:?}: {error}"))
    }
}

impl TestApp {
    /// Signs the tokens of callers by these settings, which must have a `SECRET_KEY`: those of a service that is not configured with
    /// [`CALLER_KEYS`].
    #[must_use]
    pub fn with_caller_keys(mut self, settings: AuthSettings) -> Self {
        self.callers = Callers(settings);
        self
    }

    /// The same service, of which each request is a caller's: a token with this `sub` and `scope` (names separated by spaces), valid for an hour.
    ///
    /// A request that has an `Authorization` of its own keeps it.
    ///
    /// # Panics
    ///
    /// When the keys are none.
    #[track_caller]
    #[must_use]
    pub fn as_caller(&self, subject: &str, scope: &str) -> Self {
        let token = self.callers.token(subject, scope);
        self.clone().with_header("authorization", &format!("Bearer {token}"))
    }
}
