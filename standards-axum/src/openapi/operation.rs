//! One operation of the API, as its route states it.

use axum::routing::MethodFilter;
use standards_core::{DomainError, ErrorEntry};
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::OperationBuilder;

use super::gate::{Access, Gate};
use crate::layers::Priority;

/// A route and what is to be said of it.
///
/// The name (`procesar_pago`) is the document's `operationId` and the log records' `method`.
///
/// ```
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::core::ErrorStatus;
/// use standards_axum::core::catalogue::http_error;
/// use standards_axum::extract::PathParams;
/// use standards_axum::ok;
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use utoipa::IntoParams;
///
/// #[derive(Deserialize, IntoParams, Validate)]
/// struct PagoPath {
///     #[garde(range(min = 1))]
///     id: i64,
/// }
///
/// let operation = Operation::get("/pagos/{id}", "obtener_pago")
///     .summary("Obtiene un pago")
///     .tag("pagos")
///     .error(http_error(ErrorStatus::NOT_FOUND));
///
/// let obtener_pago = async |PathParams(PagoPath { id }): PathParams<PagoPath>| ok(id);
/// let (_, document) = ApiRouter::<()>::new().operation(operation, obtener_pago).into_parts();
/// let document = serde_json::to_value(document).unwrap();
/// let get = &document["paths"]["/pagos/{id}"]["get"];
/// assert_eq!((get["operationId"].as_str(), get["summary"].as_str()), (Some("obtener_pago"), Some("Obtiene un pago")));
/// assert!(get["responses"]["404"].is_object());
/// ```
///
/// The answers that every operation can have (500 and 503), and those that its arguments can refuse a request with, are there by themselves.
#[derive(Clone, Debug)]
pub struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) name: &'static str,
    pub(super) entries: Vec<ErrorEntry>,
    access: Option<Access>,
    priority: Option<Priority>,
    summary: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    pub(super) body_limit: Option<usize>,
}

/// The verbs that an operation can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Operation {
    /// `GET path`, called `name`.
    ///
    /// The path is axum's: `/pagos/{id}`. The name is the document's `operationId` and stands as `method` in each of the request's records.
    pub fn get(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Get, path, name)
    }

    /// `POST path`, called `name`; as [`get`](Self::get).
    pub fn post(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Post, path, name)
    }

    /// `PUT path`, called `name`; as [`get`](Self::get).
    pub fn put(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Put, path, name)
    }

    /// `PATCH path`, called `name`; as [`get`](Self::get).
    pub fn patch(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Patch, path, name)
    }

    /// `DELETE path`, called `name`; as [`get`](Self::get).
    pub fn delete(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Delete, path, name)
    }

    fn new(method: Method, path: impl Into<String>, name: &'static str) -> Self {
        let (entries, tags) = (Vec::new(), Vec::new());
        let (access, priority, summary, description) = (None, None, None, None);
        Self { method, path: path.into(), name, entries, access, priority, summary, description, tags, body_limit: None }
    }

    /// What it does, in a few words.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// What it does, at length; Markdown.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// A group that it belongs to; it may have several.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Every error of the catalogue `E` can be its answer.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use standards_axum::core::error_catalogue;
    ///
    /// error_catalogue! {
    ///     pub enum PagoError {
    ///         /// The balance is smaller than the amount.
    ///         SaldoInsuficiente => 400, "SALDO_INSUFICIENTE", "Saldo insuficiente";
    ///     }
    /// }
    ///
    /// let api: ApiRouter = ApiRouter::new()
    ///     .operation(Operation::post("/pagos", "procesar_pago").errors::<PagoError>(), async || ok(()));
    /// assert_eq!(api.catalogue()[0].code, "SALDO_INSUFICIENTE");
    /// ```
    #[must_use]
    pub fn errors<E: DomainError>(mut self) -> Self {
        self.entries.extend(E::ENTRIES);
        self
    }

    /// This error can be its answer: a row of a catalogue whose other rows cannot.
    ///
    /// ```
    /// use standards_axum::core::error_catalogue;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// error_catalogue! {
    ///     pub enum PagoError {
    ///         /// The balance is smaller than the amount.
    ///         SaldoInsuficiente => 400, SALDO_INSUFICIENTE, "Saldo insuficiente";
    ///         /// No pago has the id in the path.
    ///         PagoNoEncontrado => 404, PAGO_NO_ENCONTRADO, "Pago no encontrado";
    ///     }
    /// }
    ///
    /// let leer = Operation::get("/pagos/{id}", "leer_pago").error(PagoError::PAGO_NO_ENCONTRADO);
    /// let api: ApiRouter = ApiRouter::new().operation(leer, async || ok(()));
    /// assert!(api.catalogue().iter().all(|entry| entry.code != "SALDO_INSUFICIENTE"));
    /// ```
    ///
    /// A row that the catalogue does not have does not compile:
    ///
    /// ```compile_fail
    /// use standards_axum::openapi::Operation;
    ///
    /// standards_axum::core::error_catalogue! { pub enum E { A => 400, UNA, "x"; } }
    /// let _ = Operation::get("/", "leer").error(E::OTRA);
    /// ```
    #[must_use]
    pub fn error(mut self, entry: ErrorEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// The largest body that it takes, in bytes, instead of the service's `MAX_BODY_BYTES`: more, or less.
    ///
    /// As by a [`BodyLimitLayer`](crate::layers::BodyLimitLayer) around its route, which says what the limit covers; an inner one still has
    /// the last word. The document says it where it describes the 413.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::http::Request;
    /// use garde::Validate;
    /// use serde::Deserialize;
    /// use standards_axum::extract::Json;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use tower::ServiceExt;
    /// use utoipa::ToSchema;
    ///
    /// #[derive(Deserialize, ToSchema, Validate)]
    /// struct Nota {
    ///     #[garde(skip)]
    ///     texto: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let anotar = async |Json(nota): Json<Nota>| ok(nota.texto);
    /// let operation = Operation::post("/notas", "anotar").body_limit(16);
    /// let (router, document) = ApiRouter::<()>::new().operation(operation, anotar).into_parts();
    ///
    /// let document = serde_json::to_value(document).unwrap();
    /// let refused = &document["paths"]["/notas"]["post"]["responses"]["413"]["description"];
    /// assert!(refused.as_str().unwrap().ends_with("\n\nAt most 16 bytes."));
    /// let request = Request::post("/notas").header("content-type", "application/json");
    /// let answer = router.oneshot(request.body(Body::from(r#"{"texto":"larga"}"#)).unwrap()).await.unwrap();
    /// assert_eq!(answer.status(), 413);
    /// # }
    /// ```
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Is for callers whose token has this name in its `scope` (RFC 8693, section 4.2).
    ///
    /// It is enforced, and the document shows it, once the API is [authenticated](super::ApiRouter::authenticated) (feature `auth`): without a token
    /// the answer is 401, without the scope 403. Until then, as in a build without that feature, everybody is let in. Of this and
    /// [`public`](Self::public) the last one stated holds.
    ///
    /// ```
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    ///
    /// let pagar = Operation::post("/pagos", "pagar").scope("pagos:write");
    /// let api: ApiRouter = ApiRouter::new().operation(pagar, async || ok(())).document_security();
    /// let document = serde_json::to_value(api.into_parts().1).unwrap();
    /// assert_eq!(document["paths"]["/pagos"]["post"]["security"][0]["bearer"][0], "pagos:write");
    /// ```
    ///
    /// # Panics
    ///
    /// When it is no `scope-token` of RFC 6749 (section 3.3), such as two names with a space: no token could have it.
    #[must_use]
    #[track_caller]
    pub fn scope(mut self, scope: &'static str) -> Self {
        let well_formed = !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        assert!(well_formed, "`{}`: {scope:?} is not the name of a scope", self.name);
        self.access = Some(Access::Scope(scope));
        self
    }

    /// Is for everybody: where callers are verified, nobody is asked here who they are, and a token is not looked at.
    ///
    /// ```
    /// use standards_axum::openapi::Operation;
    ///
    /// let tarifas = Operation::get("/tarifas", "listar_tarifas").public();
    /// ```
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.access = Some(Access::Public);
        self
    }

    /// Gives way to what is more important when a [`Service`](crate::Service) has many requests in flight (`MAX_IN_FLIGHT`): it is refused with
    /// 503 before anything else is looked at. An operation that states none is refused with the last, as one of high priority.
    ///
    /// ```
    /// use standards_axum::layers::Priority;
    /// use standards_axum::openapi::Operation;
    ///
    /// let listar = Operation::get("/pagos", "listar_pagos").priority(Priority::Low);
    /// ```
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// What enforces what it states.
    pub(super) fn gate(&self) -> Gate {
        Gate::new(self.method, self.access, self.priority)
    }

    /// What the document says of it, but for inputs and answers.
    pub(super) fn to_builder(&self) -> OperationBuilder {
        OperationBuilder::new()
            .operation_id(Some(self.name))
            .summary(self.summary.clone())
            .description(self.description.clone())
            .tags(Some(self.tags.clone()).filter(|tags| !tags.is_empty()))
    }
}

impl Method {
    /// Whether a request of this verb is for the operation; what answers GET answers HEAD.
    pub(super) fn answers(self, method: &http::Method) -> bool {
        match self {
            Self::Get => method == http::Method::GET || method == http::Method::HEAD,
            Self::Post => method == http::Method::POST,
            Self::Put => method == http::Method::PUT,
            Self::Patch => method == http::Method::PATCH,
            Self::Delete => method == http::Method::DELETE,
        }
    }

    pub(super) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

impl From<Method> for HttpMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
        }
    }
}
