//! Routes and their description, kept together.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::Route;
use axum::{Extension, Router};
use standards_core::ErrorEntry;
use standards_core::catalogue::{INTERNAL_ERROR, SERVICE_UNAVAILABLE};
use tower_layer::Layer;
use tower_service::Service;
use utoipa::openapi::path::{OperationBuilder, Parameter};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::SecurityScheme;
use utoipa::openapi::{Header, HttpMethod, Info, OpenApi, OpenApiBuilder, Paths, RefOr, Required, Schema};

use super::gate::Gate;
use super::handler::{ApiHandler, Named};
use super::input::{OperationInputs, is_idempotency_key, name_parameters};
use super::operation::Operation;
use super::output::{OperationOutput as _, OperationOutputs, Success};
use super::placed::Placed;
use super::responses::{responses, with_answer_headers, with_body_limit};
use super::rules::{self, Question};
use super::schemas::Schemas;
use super::security::{Callers, Demand};
use crate::extract::RequireIdempotencyKey;
use crate::layers::{BodyLimitLayer, noting_routes};

/// A router each of whose routes is an operation of the API's document.
///
/// It is put together as axum's `Router` is (nested, merged, layered, given its state), and its document with it. Give it to
/// [`Service::api`](crate::Service::api), or take it [apart](Self::into_parts). See the [module](super) for a whole example.
///
/// ```
/// use standards_axum::ok;
/// use standards_axum::openapi::{ApiRouter, Operation};
///
/// let pagos: ApiRouter = ApiRouter::new()
///     .operation(Operation::get("/", "listar_pagos"), async || ok(vec![1_i64, 2]))
///     .operation(Operation::get("/ultimo", "ultimo_pago"), async || ok(2_i64));
/// let api = ApiRouter::new().describe("Pagos", "1.0.0").nest("/pagos", pagos);
///
/// let (_, document) = api.into_parts();
/// assert_eq!(document.paths.paths.keys().collect::<Vec<_>>(), ["/pagos", "/pagos/ultimo"]);
/// ```
pub struct ApiRouter<S = ()> {
    placed: Vec<Placed<S>>,
    /// What is not an operation, once there is any.
    router: Option<Router<S>>,
    info: Info,
    operations: Vec<Described>,
    schemas: Schemas,
    security: Vec<(String, SecurityScheme)>,
    pub(super) callers: Callers,
}

/// What the document says of one operation.
struct Described {
    name: &'static str,
    path: String,
    method: HttpMethod,
    operation: OperationBuilder,
    body: Option<RequestBody>,
    parameters: Vec<Parameter>,
    questions: Vec<Question>,
    data: RefOr<Schema>,
    success: Success,
    headers: Vec<(String, Header)>,
    entries: Vec<ErrorEntry>,
    body_limit: Option<usize>,
    demand: Demand,
}

impl Described {
    fn new(stated: Operation, inputs: OperationInputs<'_>, (success, data): (Success, RefOr<Schema>)) -> Self {
        let OperationInputs { body, parameters, entries: refusals, security, questions, headers, .. } = inputs;
        let demand = Demand::new(stated.gate());
        let operation = stated.to_builder().securities(Some(security).filter(|all| !all.is_empty()));
        let entries = [stated.entries, refusals, vec![INTERNAL_ERROR, SERVICE_UNAVAILABLE]].concat();
        // A wildcard is an ordinary parameter to OpenAPI.
        let (path, method) = (stated.path.replace("{*", "{"), stated.method.into());
        let Operation { name, body_limit, .. } = stated;
        Self { name, path, method, operation, body, parameters, questions, data, success, headers, entries, body_limit, demand }
    }

    /// As the document has it, and the way to authenticate that it asks for.
    fn shown(self, callers: &Callers, schemas: &mut Schemas) -> (OperationBuilder, Option<(String, SecurityScheme)>) {
        let Self { path, operation, body, mut parameters, data, success, mut entries, demand, .. } = self;
        name_parameters(&mut parameters, &path);
        entries.extend(demand.entries(callers));
        let (operation, scheme) = demand.show(operation, callers);
        let operation = parameters.into_iter().fold(operation.request_body(body), OperationBuilder::parameter);
        let responses = with_body_limit(responses(data, success, &entries, schemas), self.body_limit);
        let responses = with_answer_headers(responses, success, self.headers);
        (operation.responses(responses), scheme)
    }

    /// What its arguments read, for their rules.
    fn as_read(&mut self) -> rules::Described<'_> {
        let content = self.body.as_mut().and_then(|body| body.content.values_mut().next());
        let body = content.and_then(|content| match content {
            RefOr::T(content) => content.schema.as_mut(),
            RefOr::Ref(_) => None,
        });
        rules::Described { name: self.name, questions: &self.questions, body, parameters: &mut self.parameters }
    }
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// A router without operations.
    #[must_use]
    pub fn new() -> Self {
        let (info, schemas, callers) = (Info::new("", ""), Schemas::default(), Callers::default());
        Self { placed: Vec::new(), router: None, info, operations: Vec::new(), schemas, security: Vec::new(), callers }
    }

    /// The document's title and version; `PROJECT_NAME` and `VERSION` have the last word. Of routers that are merged or nested, the outer one's
    /// stay.
    ///
    /// ```
    /// use standards_axum::openapi::ApiRouter;
    ///
    /// let (_, document) = ApiRouter::<()>::new().describe("Pagos", "1.0.0").into_parts();
    /// assert_eq!((&*document.info.title, &*document.info.version), ("Pagos", "1.0.0"));
    /// ```
    #[must_use]
    pub fn describe(mut self, title: impl Into<String>, version: impl Into<String>) -> Self {
        self.info = Info::new(title.into(), version.into());
        self
    }

    pub(crate) fn title(&self) -> &str {
        &self.info.title
    }

    pub(crate) fn version(&self) -> &str {
        &self.info.version
    }

    /// Serves `operation` with `handler`, and documents it by the handler's types.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::http::Request;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let saludar = async || ok("hola".to_owned());
    /// let (router, document) = ApiRouter::<()>::new().operation(Operation::get("/saludos", "saludar"), saludar).into_parts();
    ///
    /// let document = serde_json::to_value(document).unwrap();
    /// let success = &document["paths"]["/saludos"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    /// assert_eq!(success["$ref"], "#/components/schemas/ApiResponse_String");
    /// let answer = router.oneshot(Request::get("/saludos").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer.status(), 200);
    /// # }
    /// ```
    #[must_use]
    pub fn operation<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: ApiHandler<T, S>,
        T: 'static,
    {
        let handler = Named { handler, name: operation.name };
        let method = operation.method.filter();
        let mut outputs = OperationOutputs::new(&mut self.schemas);
        H::Output::describe(&mut outputs);
        let output = (outputs.success, outputs.schema);
        let mut inputs = OperationInputs::new(&mut self.schemas);
        H::describe(&mut inputs);
        let path = operation.path.clone();
        let described = Described::new(operation, inputs, output);
        let placed = Placed::new(path, method, handler, described.demand.gate.clone());
        // In one box with what notes the route: a request copies as many boxes as before.
        self.placed.push(match described.body_limit {
            Some(limit) => placed.layer(BodyLimitLayer::new(limit)),
            None => placed,
        });
        self.operations.push(described);
        self
    }

    /// Puts the operations of `other` beneath `prefix`. Their handlers see the whole path, unless `other` has a router of its own (see
    /// [`map_router`](Self::map_router)): that is nested as it is.
    ///
    /// # Panics
    ///
    /// As [`Router::nest`] does, where there is such a router.
    #[must_use]
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        let (beneath, other) = (|path: &str| beneath(prefix, path), other.settle());
        self.placed.extend(other.placed.into_iter().map(|placed| placed.at(beneath)));
        if let Some(router) = other.router {
            self.router = Some(self.router.unwrap_or_default().nest(prefix, router));
        }
        self.take(other.operations.into_iter().map(|known| Described { path: beneath(&known.path), ..known }));
        self.take_rest(other.schemas, other.security);
        self
    }

    /// Adds the operations of `other`.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let one = |path, name| ApiRouter::<()>::new().operation(Operation::get(path, name), async || ok(()));
    /// let (_, document) = one("/pagos", "listar_pagos").merge(one("/clientes", "listar_clientes")).into_parts();
    /// assert_eq!(document.paths.paths.len(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does, where both have a router of their own.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let other = other.settle();
        self.placed.extend(other.placed);
        if let Some(router) = other.router {
            self.router = Some(self.router.unwrap_or_default().merge(router));
        }
        self.take(other.operations.into_iter());
        self.take_rest(other.schemas, other.security);
        self
    }

    pub(super) fn demands(&self) -> impl Iterator<Item = (&'static str, &Demand)> {
        self.operations.iter().map(|operation| (operation.name, &operation.demand))
    }

    pub(super) fn demands_mut(&mut self) -> impl Iterator<Item = &mut Demand> {
        self.operations.iter_mut().map(|operation| &mut operation.demand)
    }

    fn take(&mut self, operations: impl Iterator<Item = Described>) {
        self.operations.extend(operations);
    }

    fn take_rest(&mut self, schemas: Schemas, security: Vec<(String, SecurityScheme)>) {
        self.schemas.extend(schemas);
        self.security.extend(security);
    }

    /// Puts a layer around each operation that is there, and around what [`map_router`](Self::map_router) has added. Those that come later
    /// are not meant.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::http::Request;
    /// use standards_axum::core::{ErrorStatus, Failure};
    /// use standards_axum::layers::GuardLayer;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let closed = GuardLayer::new(|_: &axum::http::request::Parts| Err(Failure::http(ErrorStatus::FORBIDDEN).into()));
    /// let (router, _) = ApiRouter::<()>::new()
    ///     .operation(Operation::get("/cerrado", "cerrado"), async || ok(()))
    ///     .layer(closed)
    ///     .operation(Operation::get("/abierto", "abierto"), async || ok(()))
    ///     .into_parts();
    /// let status = async |path| router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// assert_eq!(status("/cerrado").await, 403);
    /// assert_eq!(status("/abierto").await, 200);
    /// # }
    /// ```
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service:
            Service<Request, Response: IntoResponse, Error: Into<Infallible>, Future: Send> + Clone + Send + Sync + 'static,
    {
        self.placed = self.placed.into_iter().map(|placed| placed.layer(layer.clone())).collect();
        self.router = self.router.map(|router| router.layer(layer));
        self
    }

    /// Makes a router of the operations that are there, and changes it: adds routes that are no operations, a fallback.
    ///
    /// ```
    /// use axum::routing::get;
    /// use standards_axum::openapi::ApiRouter;
    ///
    /// let api = ApiRouter::<()>::new().map_router(|router| router.route("/robots.txt", get(async || "User-agent: *")));
    /// let (router, document) = api.into_parts();
    /// assert!(router.has_routes() && document.paths.paths.is_empty());
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when two operations have the same path and method, or a path is not well formed.
    #[must_use]
    pub fn map_router(mut self, change: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        self.router =
            Some(noting_routes(change(Placed::router(std::mem::take(&mut self.placed), self.router, Gate::may_refuse))));
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
        self = self.layer(Extension(RequireIdempotencyKey));
        let parameters = self.operations.iter_mut().flat_map(|operation| &mut operation.parameters);
        for parameter in parameters.filter(|parameter| is_idempotency_key(parameter)) {
            parameter.required = Required::True;
        }
        self
    }

    /// Names a way to authenticate, for the extractors that ask for it
    /// ([`OperationInputs::security`](super::OperationInputs::security)).
    ///
    /// ```
    /// use standards_axum::openapi::ApiRouter;
    /// use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
    ///
    /// let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    /// let (_, document) = ApiRouter::<()>::new().security_scheme("token", bearer).into_parts();
    /// assert!(document.components.unwrap().security_schemes.contains_key("token"));
    /// ```
    #[must_use]
    pub fn security_scheme(mut self, name: impl Into<String>, scheme: SecurityScheme) -> Self {
        self.security.push((name.into(), scheme));
        self
    }

    /// Gives the handlers their state.
    ///
    /// ```
    /// use axum::extract::State;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let contar = async |State(saldo): State<i64>| ok(saldo);
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/saldo", "obtener_saldo"), contar).with_state(100_i64);
    /// ```
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> ApiRouter<S2> {
        let Self { placed, router, info, operations, schemas, security, callers } = self;
        let router = router.map(|router| router.with_state(state.clone()));
        let placed = placed.into_iter().map(|placed| placed.with_state(state.clone())).collect();
        ApiRouter { placed, router, info, operations, schemas, security, callers }
    }

    /// Every error that an operation of this router can answer with, each pair of code and status once, in order of appearance.
    ///
    /// For a page of all codes, or a test that a document names them.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let api = ApiRouter::<()>::new().operation(Operation::get("/", "saludar"), async || ok(()));
    /// let codes: Vec<_> = api.catalogue().iter().map(|entry| entry.code).collect();
    /// assert_eq!(codes, ["INTERNAL_ERROR", "SERVICE_UNAVAILABLE"]);
    /// ```
    #[must_use]
    pub fn catalogue(&self) -> Vec<ErrorEntry> {
        let mut catalogue: Vec<ErrorEntry> = Vec::new();
        let entries =
            |operation: &Described| operation.entries.clone().into_iter().chain(operation.demand.entries(&self.callers));
        for entry in self.operations.iter().flat_map(entries) {
            if !catalogue.iter().any(|known| (known.code, known.status) == (entry.code, entry.status)) {
                catalogue.push(entry);
            }
        }
        catalogue
    }

    /// The document's bounds that no request is refused for, a sentence each: none, as a team's test may demand.
    ///
    /// Of what garde's rules say the document states the bounds by itself. This is about those written by hand (`#[schema(max_length =
    /// 40)]`), because a type has a grammar of its own or because nobody thought of a rule: each argument is given a value past each bound.
    /// Lengths are counted in characters, as a schema's are: garde's `length` counts bytes unless it says `length(chars, ..)`.
    ///
    /// ```
    /// use garde::Validate;
    /// use serde::Deserialize;
    /// use standards_axum::extract::Json;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use utoipa::ToSchema;
    ///
    /// #[derive(Deserialize, ToSchema, Validate)]
    /// struct Nombre {
    ///     #[garde(length(chars, min = 1))]
    ///     #[schema(max_length = 40)]
    ///     nombre: String,
    /// }
    ///
    /// let saludar = async |Json(Nombre { nombre }): Json<Nombre>| ok(nombre);
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::post("/saludos", "saludar"), saludar);
    /// assert_eq!(api.unenforced_bounds(), ["saludar: nombre: maxLength 40 is stated, and not enforced"]);
    /// ```
    ///
    /// A sentence is `{operation}: {field}: {bound} is stated, and not enforced`. Beside what [`ApiRouter`] describes by itself it says
    /// nothing of bounds on what an extractor of one's own reads, nor of answers.
    ///
    /// # Example: a rule that counts bytes
    ///
    /// ```
    /// use garde::Validate;
    /// use serde::Deserialize;
    /// use standards_axum::extract::Json;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use utoipa::ToSchema;
    ///
    /// #[derive(Deserialize, ToSchema, Validate)]
    /// struct Nombre {
    ///     #[garde(length(max = 40))]
    ///     nombre: String,
    /// }
    ///
    /// let saludar = async |Json(Nombre { nombre }): Json<Nombre>| ok(nombre);
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::post("/saludos", "saludar"), saludar);
    /// let sentence = "saludar: nombre: maxLength 40 in characters is stated, and not enforced";
    /// assert_eq!(api.unenforced_bounds(), [sentence]);
    /// ```
    #[must_use]
    pub fn unenforced_bounds(self) -> Vec<String> {
        let Self { mut operations, schemas, .. } = self.with_rules();
        let operations: Vec<_> = operations.iter_mut().map(Described::as_read).collect();
        rules::unenforced(&operations, &schemas.into_map())
    }

    /// With the bounds that the arguments' rules state.
    fn with_rules(mut self) -> Self {
        for operation in &mut self.operations {
            operation.data = self.schemas.share(operation.data.clone());
        }
        let mut operations: Vec<_> = self.operations.iter_mut().map(Described::as_read).collect();
        rules::state(&mut operations, self.schemas.map_mut());
        self
    }

    /// The routes, and the document, to be served by hand: see [`openapi_routes`](super::openapi_routes).
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does: when two operations have the same path and method, or a path is not well formed. And when two
    /// operations have the same name, of which the clients that are generated from the document would keep one; and when it is
    /// authenticated and an operation does not state whom it is for.
    #[track_caller]
    pub fn into_parts(self) -> (Router<S>, OpenApi) {
        assert_unique_names(&self.operations);
        self.assert_declared();
        let Self { placed, router, info, operations, mut schemas, mut security, callers } = self.settle().with_rules();
        let mut paths = Paths::new();
        for described in operations {
            let (path, method) = (described.path.clone(), described.method.clone());
            let (operation, scheme) = described.shown(&callers, &mut schemas);
            security.extend(scheme);
            paths.add_path_operation(path, vec![method], operation.build());
        }
        let components = ComponentsBuilder::new().schemas_from_iter(schemas.into_map());
        let components = security.into_iter().fold(components, |all, (name, scheme)| all.security_scheme(name, scheme));
        (
            Placed::router(placed, router, Gate::refuses),
            OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build(),
        )
    }
}

/// Has each operation a name of its own?
#[track_caller]
fn assert_unique_names(operations: &[Described]) {
    let mut known = BTreeMap::new();
    for Described { name, path, .. } in operations {
        let other = known.insert(name, path);
        assert!(other.is_none(), "two operations are called `{name}`: at {} and at {path}", other.map_or("", String::as_str));
    }
}

/// Where `path` is once it stands beneath `prefix`: no slash is doubled, and the prefix itself has none at its end.
fn beneath(prefix: &str, path: &str) -> String {
    match (prefix.trim_end_matches('/'), path) {
        ("", path) => path.to_owned(),
        (prefix, "/") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}{path}"),
    }
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}
