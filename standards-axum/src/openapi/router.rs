//! Routes and their description, kept together.

use axum::routing::on;
use axum::{Extension, Router};
use standards_core::ErrorEntry;
use standards_core::catalogue::{INTERNAL_ERROR, SERVICE_UNAVAILABLE};
use utoipa::openapi::path::{OperationBuilder, Parameter};
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::SecurityScheme;
use utoipa::openapi::{HttpMethod, Info, OpenApi, OpenApiBuilder, Paths, RefOr, Required, Schema};

use super::handler::{ApiHandler, Named};
use super::input::{OperationInputs, is_idempotency_key};
use super::operation::Operation;
use super::responses::responses;
use super::schemas::Schemas;
use crate::extract::RequireIdempotencyKey;

/// A router each of whose routes is an operation of the API's document.
///
/// See the [module](super) for an example.
pub struct ApiRouter<S = ()> {
    router: Router<S>,
    info: Info,
    operations: Vec<Described>,
    schemas: Schemas,
    security: Vec<(String, SecurityScheme)>,
}

/// What the document says of one operation.
struct Described {
    path: String,
    method: HttpMethod,
    operation: OperationBuilder,
    parameters: Vec<Parameter>,
    data: RefOr<Schema>,
    entries: Vec<ErrorEntry>,
}

impl Described {
    fn new(stated: Operation, inputs: OperationInputs<'_>, data: RefOr<Schema>) -> Self {
        let OperationInputs { body, parameters, entries: refusals, security, .. } = inputs;
        let operation = stated.to_builder().request_body(body).securities(Some(security).filter(|all| !all.is_empty()));
        let entries = [stated.entries, refusals, vec![INTERNAL_ERROR, SERVICE_UNAVAILABLE]].concat();
        // A wildcard is an ordinary parameter to OpenAPI.
        let (path, method) = (stated.path.replace("{*", "{"), stated.method.into());
        Self { path, method, operation, parameters, data, entries }
    }
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// A router without operations.
    #[must_use]
    pub fn new() -> Self {
        let (router, schemas) = (Router::new(), Schemas::default());
        Self { router, info: Info::new("", ""), operations: Vec::new(), schemas, security: Vec::new() }
    }

    /// The document's title and version.
    #[must_use]
    pub fn describe(mut self, title: impl Into<String>, version: impl Into<String>) -> Self {
        self.info = Info::new(title.into(), version.into());
        self
    }

    /// Serves `operation` with `handler`, and documents it by the handler's types.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when the route exists already, or is not well formed.
    #[must_use]
    pub fn operation<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: ApiHandler<T, S>,
        T: 'static,
    {
        let handler = Named { handler, name: operation.name };
        self.router = self.router.route(&operation.path, on(operation.method.filter(), handler));
        let data = self.schemas.add::<H::Data>();
        let mut inputs = OperationInputs::new(&mut self.schemas);
        H::describe(&mut inputs);
        self.operations.push(Described::new(operation, inputs, data));
        self
    }

    /// Puts the operations of `other` beneath `prefix`.
    ///
    /// # Panics
    ///
    /// As [`Router::nest`] does.
    #[must_use]
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        let beneath = |path: &str| format!("{}{}", prefix.trim_end_matches('/'), if path == "/" { "" } else { path });
        self.router = self.router.nest(prefix, other.router);
        self.take(other.operations.into_iter().map(|known| Described { path: beneath(&known.path), ..known }));
        self.take_rest(other.schemas, other.security);
        self
    }

    /// Adds the operations of `other`.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.take(other.operations.into_iter());
        self.take_rest(other.schemas, other.security);
        self
    }

    fn take(&mut self, operations: impl Iterator<Item = Described>) {
        self.operations.extend(operations);
    }

    fn take_rest(&mut self, schemas: Schemas, security: Vec<(String, SecurityScheme)>) {
        self.schemas.extend(schemas);
        self.security.extend(security);
    }

    /// Changes the router beneath the document: a layer for these routes, a fallback.
    #[must_use]
    pub fn map_router(mut self, change: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        self.router = change(self.router);
        self
    }

    /// Refuses requests without an [`IdempotencyKey`](crate::extract::IdempotencyKey) wherever these operations take one, and says so in
    /// the document. Operations that are added later are not meant.
    ///
    /// ```
    /// use standards_axum::extract::IdempotencyKey;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let pagar = async |_: Option<IdempotencyKey>| ok(());
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::post("/pagos", "pagar"), pagar).require_idempotency_key();
    /// let document = serde_json::to_value(api.into_parts().1).unwrap();
    /// assert_eq!(document["paths"]["/pagos"]["post"]["parameters"][0]["required"], true);
    /// ```
    #[must_use]
    pub fn require_idempotency_key(mut self) -> Self {
        self.router = self.router.layer(Extension(RequireIdempotencyKey));
        let parameters = self.operations.iter_mut().flat_map(|operation| &mut operation.parameters);
        for parameter in parameters.filter(|parameter| is_idempotency_key(parameter)) {
            parameter.required = Required::True;
        }
        self
    }

    /// Names a way to authenticate, for the extractors that ask for it.
    #[must_use]
    pub fn security_scheme(mut self, name: impl Into<String>, scheme: SecurityScheme) -> Self {
        self.security.push((name.into(), scheme));
        self
    }

    /// Gives the handlers their state.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> ApiRouter<S2> {
        let Self { router, info, operations, schemas, security } = self;
        ApiRouter { router: router.with_state(state), info, operations, schemas, security }
    }

    /// Every error that an operation of this router can answer with, each pair of code and status once, in order of appearance.
    #[must_use]
    pub fn catalogue(&self) -> Vec<ErrorEntry> {
        let mut catalogue: Vec<ErrorEntry> = Vec::new();
        for entry in self.operations.iter().flat_map(|operation| &operation.entries) {
            if !catalogue.iter().any(|known| (known.code, known.status) == (entry.code, entry.status)) {
                catalogue.push(*entry);
            }
        }
        catalogue
    }

    /// The routes, and the document.
    pub fn into_parts(self) -> (Router<S>, OpenApi) {
        let Self { router, info, operations, schemas, security } = self;
        let mut paths = Paths::new();
        for Described { path, method, operation, parameters, data, entries } in operations {
            let operation = parameters.into_iter().fold(operation, OperationBuilder::parameter);
            let operation = operation.responses(responses(schemas.share(data), &entries));
            paths.add_path_operation(path, vec![method], operation.build());
        }
        let components = ComponentsBuilder::new().schemas_from_iter(schemas.into_map());
        let components = security.into_iter().fold(components, |all, (name, scheme)| all.security_scheme(name, scheme));
        (router, OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build())
    }
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}
