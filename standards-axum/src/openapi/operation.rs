//! One operation of the API, as its route states it.

use axum::routing::MethodFilter;
use standards_core::{DomainError, ErrorEntry};
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::OperationBuilder;

/// A route and what is to be said of it.
///
/// The name (`procesar_pago`) is the document's `operationId` and the log records' `method`.
///
/// ```
/// use standards_axum::openapi::Operation;
/// use standards_core::ErrorStatus;
/// use standards_core::catalogue::{http_error};
///
/// let operation = Operation::get("/pagos/{id}", "obtener_pago")
///     .summary("Obtiene un pago")
///     .tag("pagos")
///     .error(http_error(ErrorStatus::NOT_FOUND));
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) name: &'static str,
    pub(super) entries: Vec<ErrorEntry>,
    summary: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
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
    /// `GET path`.
    pub fn get(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Get, path, name)
    }

    /// `POST path`.
    pub fn post(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Post, path, name)
    }

    /// `PUT path`.
    pub fn put(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Put, path, name)
    }

    /// `PATCH path`.
    pub fn patch(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Patch, path, name)
    }

    /// `DELETE path`.
    pub fn delete(path: impl Into<String>, name: &'static str) -> Self {
        Self::new(Method::Delete, path, name)
    }

    fn new(method: Method, path: impl Into<String>, name: &'static str) -> Self {
        let (entries, tags) = (Vec::new(), Vec::new());
        Self { method, path: path.into(), name, entries, summary: None, description: None, tags }
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

    /// A group that it belongs to.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Every error of the catalogue `E` can be its answer.
    #[must_use]
    pub fn errors<E: DomainError>(mut self) -> Self {
        self.entries.extend(E::ENTRIES);
        self
    }

    /// This error can be its answer.
    #[must_use]
    pub fn error(mut self, entry: ErrorEntry) -> Self {
        self.entries.push(entry);
        self
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
