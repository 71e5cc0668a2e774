//! Failures that are not dressed, each for a reason that can be read.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::MatchedPath;
use http::header::ACCEPT;
use http::{HeaderMap, Response, request, response};
use standards_core::{RequestContext, context};
use tower::util::MapResponseLayer;

use crate::answer::JSON;

/// Leaves a foreign failure as it is: a page for browsers, `application/problem+json`, gRPC-web.
///
/// Given to [`EnvelopeLayer::exempting`](super::EnvelopeLayer::exempting), where it can be [listed](super::EnvelopeLayer::exemptions). A
/// failure of the service's own, made from a `Failure`, is an envelope all the same. What was left alone is logged like any other
/// failure, with the exemption's name in `context.exempt`.
///
/// ```
/// use standards_axum::layers::{EnvelopeLayer, Exemption};
///
/// let layer = EnvelopeLayer::new()
///     .exempting(Exemption::path("/app"))
///     .exempting(Exemption::accept("text/html"))
///     .exempting(Exemption::content_type("application/problem+json"));
/// let names: Vec<_> = layer.exemptions().iter().map(Exemption::name).collect();
/// assert_eq!(names, ["path /app", "accept text/html", "content-type application/problem+json"]);
/// ```
#[derive(Clone)]
pub struct Exemption {
    name: Cow<'static, str>,
    rule: Rule,
}

#[derive(Clone)]
enum Rule {
    Route(String),
    Request(Arc<dyn Fn(&request::Parts) -> bool + Send + Sync>),
    Answer(Arc<dyn Fn(&response::Parts) -> bool + Send + Sync>),
}

impl Exemption {
    /// The route of this template, as it was given to the router: `/app/{*path}`.
    #[must_use]
    pub fn route(template: &str) -> Self {
        Self { name: format!("route {template}").into(), rule: Rule::Route(template.to_owned()) }
    }

    /// This path and everything beneath it: `/app` is `/app` and `/app/x`, not `/apple`.
    #[must_use]
    pub fn path(prefix: &str) -> Self {
        let base = prefix.trim_end_matches('/').to_owned();
        Self::of_requests(format!("path {prefix}"), move |head| {
            head.uri.path().strip_prefix(base.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Requests that ask for this media type by name and like it no less than JSON, as a browser does that opens a page with `text/html`.
    #[must_use]
    pub fn accept(media_type: &str) -> Self {
        let wanted = media_type.to_ascii_lowercase();
        Self::of_requests(format!("accept {media_type}"), move |head| prefers(&head.headers, &wanted))
    }

    /// Answers of this media type, whatever its parameters.
    #[must_use]
    pub fn content_type(media_type: &str) -> Self {
        let left_alone = media_type.to_owned();
        Self::of_answers(format!("content-type {media_type}"), move |head| {
            super::media_type(&head.headers).eq_ignore_ascii_case(&left_alone)
        })
    }

    /// The answers of requests for whose head `rule` is true.
    #[must_use]
    pub fn of_requests(
        name: impl Into<Cow<'static, str>>,
        rule: impl Fn(&request::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), rule: Rule::Request(Arc::new(rule)) }
    }

    /// The answers for whose head `rule` is true.
    #[must_use]
    pub fn of_answers(
        name: impl Into<Cow<'static, str>>,
        rule: impl Fn(&response::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), rule: Rule::Answer(Arc::new(rule)) }
    }

    /// What it is called where it is listed, and in the access records.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn holds_for_request(&self, head: &request::Parts) -> bool {
        match &self.rule {
            Rule::Request(rule) => rule(head),
            Rule::Route(template) => head.extensions.get::<MatchedPath>().is_some_and(|path| path.as_str() == template),
            Rule::Answer(_) => false,
        }
    }

    pub(super) fn holds_for_answer(&self, head: &response::Parts) -> bool {
        match &self.rule {
            Rule::Answer(rule) => rule(head),
            Rule::Route(template) => {
                context::with_current(|request| request.and_then(RequestContext::route).is_some_and(|route| route == template))
            }
            Rule::Request(_) => false,
        }
    }
}

impl fmt::Debug for Exemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exemption").field(&self.name).finish()
    }
}

/// Marks one answer as left alone, as a response extension: for a handler that answers with a page of its own.
///
/// ```
/// use axum::response::{Extension, Html, IntoResponse};
/// use http::StatusCode;
/// use standards_axum::layers::Exempt;
///
/// async fn lost() -> impl IntoResponse {
///     (StatusCode::NOT_FOUND, Extension(Exempt::because("página de error")), Html("<p>No está"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempt(Cow<'static, str>);

impl Exempt {
    /// Says why.
    #[must_use]
    pub const fn because(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }

    pub(super) fn by(exemption: &Exemption) -> Self {
        Self(exemption.name.clone())
    }

    pub(in crate::layers) fn reason(&self) -> &str {
        &self.0
    }
}

/// Marks every answer of a route, or of a whole router, as left alone.
///
/// The line that calls this is [listed](exempted_by_layer).
///
/// ```
/// use axum::{Router, routing::get};
/// use standards_axum::layers::exempt;
///
/// let pages: Router = Router::new().route("/", get(async || "<p>hola")).layer(exempt("páginas"));
/// ```
#[track_caller]
#[must_use]
pub fn exempt<B>(reason: &'static str) -> MapResponseLayer<impl Fn(Response<B>) -> Response<B> + Clone> {
    list(reason, Location::caller());
    MapResponseLayer::new(move |mut answer: Response<B>| {
        answer.extensions_mut().insert(Exempt::because(reason));
        answer
    })
}

/// The reasons that this process gave to [`exempt`], and the lines that gave them.
static LISTED: Mutex<Vec<(&'static str, &'static Location<'static>)>> = Mutex::new(Vec::new());

fn list(reason: &'static str, line: &'static Location<'static>) {
    let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    if !listed.contains(&(reason, line)) {
        listed.push((reason, line));
    }
}

/// What this process has put an [`exempt`] layer around: the reasons, each with the line that gave it.
///
/// ```
/// use standards_axum::layers::{exempt, exempted_by_layer};
///
/// let _layer = exempt::<()>("páginas");
/// assert!(exempted_by_layer().iter().any(|(reason, _line)| *reason == "páginas"));
/// ```
#[must_use]
pub fn exempted_by_layer() -> Vec<(&'static str, &'static Location<'static>)> {
    LISTED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Whether `Accept` names `wanted`, and gives it no less weight than JSON (RFC 9110, section 12.5.1).
fn prefers(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
    let weight = |name: &str| ranges.iter().find_map(|range| weight_in(range, name)).unwrap_or_default();
    weight(wanted) > 0.0 && weight(wanted) >= weight(JSON)
}

/// The weight that a range gives to what it names.
fn weight_in(range: &str, name: &str) -> Option<f32> {
    let mut parts = range.split(';').map(str::trim);
    parts.next().filter(|named| named.eq_ignore_ascii_case(name))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    weight.map_or(Some(1.0), |weight| weight.parse().ok())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn asks(exemption: &Exemption, path: &str, accept: &str) -> bool {
        let request = Request::get(path).header(ACCEPT, accept).body(()).unwrap();
        exemption.holds_for_request(&request.into_parts().0)
    }

    #[test]
    fn a_path_is_itself_and_what_lies_beneath() {
        for (prefix, within, beyond) in [("/app", "/app", "/apple"), ("/app/", "/app/x?y", "/ap"), ("/a/b", "/a/b/c", "/a")] {
            assert!(asks(&Exemption::path(prefix), within, "*/*"), "{prefix} {within}");
            assert!(!asks(&Exemption::path(prefix), beyond, "*/*"), "{prefix} {beyond}");
        }
        assert!(asks(&Exemption::path("/"), "/x", "*/*"));
    }

    #[test]
    fn a_browser_asks_for_a_page_and_a_program_does_not() {
        let page = Exemption::accept("text/html");
        for browser in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "TEXT/HTML",
            "application/json;q=0.5, text/html",
            "application/json, text/html; level=1; q=1",
        ] {
            assert!(asks(&page, "/", browser), "{browser}");
        }
        for program in
            ["*/*", "application/json", "text/*", "", "text/html;q=0", "text/html;q=0.5, application/json", "text/html;q=x"]
        {
            assert!(!asks(&page, "/", program), "{program}");
        }
    }
}
