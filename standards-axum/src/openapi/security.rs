//! Who may call the operations of a router: enforced, and shown in its document.

use standards_core::ErrorEntry;
use standards_core::ErrorStatus;
use standards_core::catalogue::http_error;
use standards_core::settings::Problem;
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use super::gate::{Access, Gate};
use super::router::ApiRouter;
#[cfg(feature = "auth")]
use crate::auth::Authenticator;
use crate::layers::AdmissionLayer;
#[cfg(not(feature = "auth"))]
use crate::openapi::Authenticator;

/// The name by which the document's operations refer to [`bearer`].
const BEARER: &str = "bearer";

/// What the document can say of a caller who is refused.
const REFUSALS: [ErrorEntry; 2] = [http_error(ErrorStatus::UNAUTHORIZED), http_error(ErrorStatus::FORBIDDEN)];

/// The same of one who asks too often.
const LIMITED: ErrorEntry = http_error(ErrorStatus::TOO_MANY_REQUESTS);

/// What a router says of the callers of all its operations, those that are added later included.
#[derive(Clone, Default)]
pub(super) struct Callers {
    authenticator: Option<Authenticator>,
    documented: bool,
    limited: bool,
}

/// What an operation demands of its callers, as far as that is known.
#[derive(Clone)]
pub(super) struct Demand {
    pub(super) gate: Gate,
    documented: bool,
    limited: bool,
}

impl Demand {
    pub(super) const fn new(gate: Gate) -> Self {
        Self { gate, documented: false, limited: false }
    }

    fn settle(&mut self, callers: &Callers) {
        self.documented |= callers.documented;
        self.limited |= callers.limited;
        if let Some(authenticator) = &callers.authenticator {
            self.gate.authenticate(authenticator);
        }
    }

    /// The scope that the document shows.
    fn shown(&self, callers: &Callers) -> Option<&'static str> {
        let shown = self.documented || callers.documented || callers.authenticator.is_some() || self.gate.is_authenticated();
        match self.gate.access() {
            Some(Access::Scope(scope)) if shown => Some(scope),
            _ => None,
        }
    }

    /// The answers to callers who are refused.
    pub(super) fn entries(&self, callers: &Callers) -> impl Iterator<Item = ErrorEntry> + use<> {
        let refusals = self.shown(callers).map(|_| REFUSALS);
        refusals.into_iter().flatten().chain((self.limited || callers.limited).then_some(LIMITED))
    }

    /// `operation`, with the scheme that it needs and the scope.
    pub(super) fn show(
        &self,
        operation: OperationBuilder,
        callers: &Callers,
    ) -> (OperationBuilder, Option<(String, SecurityScheme)>) {
        match self.shown(callers) {
            Some(scope) => {
                let requirement = SecurityRequirement::new(BEARER, [scope]);
                (operation.security(requirement), Some((BEARER.to_owned(), bearer())))
            }
            None => (operation, None),
        }
    }
}

/// A JSON Web Token in the `Authorization` header (RFC 6750).
fn bearer() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    SecurityScheme::Http(scheme.description(Some("The scopes of an operation are names in the token's `scope`.")).build())
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// Verifies callers by `authenticator` before each operation, wherever it is added: what [`scope`](super::Operation::scope) states is enforced,
    /// and the document shows it. What [`public`](super::Operation::public) states is open.
    ///
    /// An operation that states neither does not start: [`into_parts`](Self::into_parts) panics with its name, a
    /// [`Service`](crate::Service) ends with status 2. `None`, as [`AuthSettings::authenticator`](crate::auth::AuthSettings::authenticator) gives
    /// it where there are no keys, changes nothing. Of routers that are merged or nested each keeps its own, and takes the outer one's where it
    /// has none. It stands outside of the layers that [`layer`](Self::layer) puts, which thus find the [`Caller`](crate::auth::Caller) in the
    /// request's extensions; but inside of those that are put after [`map_router`](Self::map_router).
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::auth::{AuthSettings, Authenticator, Grant};
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    /// let settings: AuthSettings = Environment::from_pairs(variables).settings()?;
    /// let (routes, _) = ApiRouter::<()>::new()
    ///     .authenticated(Authenticator::new(&settings)?)
    ///     .operation(Operation::get("/saldo", "leer_saldo").scope("saldos:read"), async || ok(7))
    ///     .operation(Operation::get("/tarifas", "listar_tarifas").public(), async || ok(()))
    ///     .into_parts();
    ///
    /// let token = settings.issue(&Grant::new("ana").with_scope("saldos:read"))?;
    /// let status = async |path: &str, token: &str| {
    ///     let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    ///     routes.clone().oneshot(request).await.unwrap().status().as_u16()
    /// };
    /// assert_eq!(status("/saldo", &token).await, 200);
    /// assert_eq!(status("/saldo", "x.y.z").await, 401);
    /// assert_eq!(status("/tarifas", "x.y.z").await, 200);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn authenticated(mut self, authenticator: impl Into<Option<Authenticator>>) -> Self {
        self.callers.authenticator = authenticator.into().or(self.callers.authenticator);
        self
    }

    /// Has the document show the scopes of its operations, though it is not served here: for a document that is printed where there are no keys.
    /// A [`Service`](crate::Service) that would serve it without authentication does not start.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let leer = Operation::get("/saldo", "leer_saldo").scope("saldos:read");
    /// let api: ApiRouter = ApiRouter::new().document_security().operation(leer, async || ok(7));
    /// let document = serde_json::to_value(api.into_parts().1).unwrap();
    /// assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    /// assert!(document["paths"]["/saldo"]["get"]["responses"]["401"].is_object());
    /// ```
    #[must_use]
    pub const fn document_security(mut self) -> Self {
        self.callers.documented = true;
        self
    }

    /// Has the document show that each of its operations may answer 429: for a document that is not served here. A
    /// [`Service`](crate::Service) with a [`RateLimitLayer`](crate::layers::RateLimitLayer) shows it by itself.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let api: ApiRouter = ApiRouter::new().document_rate_limit().operation(Operation::get("/saldo", "leer_saldo"), async || ok(7));
    /// let document = serde_json::to_value(api.into_parts().1).unwrap();
    /// let refused = &document["paths"]["/saldo"]["get"]["responses"]["429"];
    /// assert!(refused["headers"]["Retry-After"].is_object() && refused["headers"]["RateLimit-Reset"].is_object());
    /// ```
    #[must_use]
    pub const fn document_rate_limit(mut self) -> Self {
        self.callers.limited = true;
        self
    }

    /// The operations that state neither [`scope`](super::Operation::scope) nor [`public`](super::Operation::public), by name and in the order in
    /// which they were added: an [authenticated](Self::authenticated) service does not start with one of them.
    ///
    /// Without authentication nothing tells of them. A test of one line does, from the first operation on and long before the first key:
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let api: ApiRouter = ApiRouter::new()
    ///     .operation(Operation::get("/saldo", "leer_saldo").scope("saldos:read"), async || ok(7))
    ///     .operation(Operation::get("/tarifas", "listar_tarifas").public(), async || ok(()))
    ///     .operation(Operation::post("/pagos", "pagar"), async || ok(()));
    /// assert_eq!(api.undeclared_access(), ["pagar"]);
    /// ```
    #[must_use]
    pub fn undeclared_access(&self) -> Vec<&'static str> {
        self.demands().filter(|(_, demand)| demand.gate.access().is_none()).map(|(name, _)| name).collect()
    }

    /// What keeps it from being served, with an authenticator of the service's own or without.
    pub(crate) fn problems(&self, authenticated: bool) -> Vec<Problem> {
        let authenticated = authenticated || self.callers.authenticator.is_some();
        let problem = |name: &str, reason: &str| Problem { variable: name.to_owned(), reason: reason.to_owned() };
        let judge = |(name, demand): (&str, &Demand)| match demand.gate.access() {
            None if authenticated || demand.gate.is_authenticated() => Some(problem(name, UNDECLARED)),
            Some(Access::Scope(_)) if !authenticated && !demand.gate.is_authenticated() => {
                demand.shown(&self.callers).map(|_| problem(name, UNVERIFIED))
            }
            _ => None,
        };
        self.demands().filter_map(judge).collect()
    }

    /// Has its operations enforce what they state, where nothing does yet.
    pub(crate) fn enforcing(mut self, authenticator: Option<&Authenticator>, admission: Option<&AdmissionLayer>) -> Self {
        self.callers.authenticator = self.callers.authenticator.or_else(|| authenticator.cloned());
        for demand in self.demands_mut() {
            if let Some(admission) = admission {
                demand.gate.shed(admission);
            }
        }
        self
    }

    /// Has each operation that is there keep what the router says of all of them.
    pub(super) fn settle(mut self) -> Self {
        let callers = self.callers.clone();
        self.demands_mut().for_each(|demand| demand.settle(&callers));
        self
    }

    /// States each operation whom it is for?
    #[track_caller]
    pub(super) fn assert_declared(&self) {
        let undeclared: Vec<_> = self.problems(false).into_iter().filter(|problem| problem.reason == UNDECLARED).collect();
        assert!(undeclared.is_empty(), "{}", standards_core::settings::Problems(undeclared));
    }
}

const UNDECLARED: &str = "la operación no declara scope ni public, y el servicio autentica a quien llama";
const UNVERIFIED: &str = "el documento pide un token que el servicio no verifica";
