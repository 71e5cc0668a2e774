//! The APIs of a service, until it is known who may call them.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::Route;
use standards_core::settings::Problem;
use tower_layer::Layer;

#[cfg(feature = "auth")]
use super::Service;
use super::StandardsLayer;
#[cfg(feature = "auth")]
use crate::auth::Authenticator;
use crate::layers::noting_routes;
#[cfg(not(feature = "auth"))]
use crate::openapi::Authenticator;
use crate::openapi::{ApiRouter, openapi_routes};

/// What was added by [`Service::api`](super::Service::api), and who verifies its callers.
#[derive(Default)]
pub(super) struct Apis {
    routers: Vec<Api>,
    authenticator: Option<Authenticator>,
    /// Whether nobody is to see their documents.
    hidden: bool,
}

/// One of them, in its place.
struct Api {
    router: ApiRouter,
    /// Where it stands, if not beneath the configured prefix.
    prefix: Option<String>,
}

impl Api {
    /// Where its document is, and its page.
    fn places(&self, configured: &str) -> (String, String) {
        let prefix = self.prefix.as_deref();
        let docs = prefix.map_or_else(|| "/docs".to_owned(), |prefix| format!("{prefix}/docs"));
        (format!("{}/openapi.json", prefix.unwrap_or(configured)), docs)
    }
}

impl Apis {
    pub(super) fn add(&mut self, router: ApiRouter) {
        self.routers.push(Api { router, prefix: None });
    }

    pub(super) fn add_under(&mut self, prefix: &str, router: ApiRouter) {
        self.routers.push(Api { router, prefix: Some(prefix.trim_end_matches('/').to_owned()) });
    }

    pub(super) const fn hide(&mut self) {
        self.hidden = true;
    }

    /// Whether somebody may read about them.
    pub(super) const fn has_docs(&self) -> bool {
        !self.hidden && !self.routers.is_empty()
    }

    pub(super) fn layer<L>(self, layer: &L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: tower_service::Service<Request, Response: IntoResponse, Error: Into<Infallible>, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let routers = self.routers.into_iter().map(|api| Api { router: api.router.layer(layer.clone()), ..api }).collect();
        Self { routers, ..self }
    }

    /// What verifies their callers.
    #[cfg(feature = "auth")]
    pub(super) fn authenticator(&self) -> Option<Authenticator> {
        self.authenticator.clone()
    }

    /// What keeps them from being served.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.routers.iter().flat_map(|api| api.router.problems(self.authenticator.is_some())).collect()
    }

    /// Their routes inside `standards`, and those of their documents: beneath `prefix` and at `/docs`, unless they have a place of their own.
    pub(super) fn into_routes(self, standards: &StandardsLayer, prefix: &str) -> Router {
        let Self { routers, authenticator, hidden } = self;
        routers.into_iter().fold(Router::new(), |all, api| {
            let (json_path, docs_path) = api.places(prefix);
            let api = if standards.entrance.rate_limit.is_some() { api.router.document_rate_limit() } else { api.router };
            let (routes, document) = api.enforcing(authenticator.as_ref(), standards.admission.as_ref()).into_parts();
            let all = all.merge(routes);
            if hidden { all } else { all.merge(noting_routes(openapi_routes(&document, &json_path, &docs_path))) }
        })
    }
}

#[cfg(feature = "auth")]
impl Service {
    /// Verifies the callers of each [API](Self::api) that is there or comes later, as [`ApiRouter::authenticated`] does; one that has an
    /// authenticator keeps it. Health, the documents and [`routes`](Self::routes) are not meant: around these a
    /// [`BearerLayer`](crate::auth::BearerLayer) stands, where one shall.
    ///
    /// An operation that states neither [`scope`](crate::openapi::Operation::scope) nor [`public`](crate::openapi::Operation::public) keeps
    /// the service from starting: [`run`](Self::run) ends with status 2 and one record that names each. `None` changes nothing.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::auth::AuthSettings;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    /// let settings: AuthSettings = Environment::from_pairs(variables).settings()?;
    /// let api = ApiRouter::new().operation(Operation::get("/saldo", "leer_saldo").scope("saldos:read"), async || ok(7));
    /// let app = Service::new(service_info!(), Environment::default().settings()?)
    ///     .api(api)
    ///     .authenticated(settings.authenticator()?)
    ///     .into_router();
    /// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// assert_eq!(status("/api/v1/saldo").await, 401);
    /// assert_eq!(status("/api/v1/openapi.json").await, 200);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn authenticated(mut self, authenticator: impl Into<Option<Authenticator>>) -> Self {
        self.apis.authenticator = authenticator.into().or(self.apis.authenticator);
        self
    }
}
