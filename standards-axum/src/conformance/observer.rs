//! Requests that others make, and what they show.

use standards_core::CorrelationId;

use super::document::Document;
use super::exchange::{Answer, Exchange, Request, Role};

/// The guideline's header.
const CORRELATION: &str = "x-correlation-id";
/// What headers and parameters are called whose values are shown to nobody.
const SECRET: [&str; 9] = ["auth", "cookie", "token", "secret", "password", "clave", "key", "session", "signature"];
/// What is no API even where it stands under the same path.
const BESIDE: [&str; 4] = ["/health", "/metrics", "/docs", "/admin"];

/// An answer, and whether all of its body is known.
#[derive(Debug)]
pub(super) struct Observed {
    pub request: Request,
    pub answer: Answer,
    pub whole: bool,
}

/// What is known of a service that others ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observer<'a> {
    /// Under which path its API stands.
    pub base: &'a str,
    pub document: Option<&'a Document>,
}

impl Observer<'_> {
    /// What one request shows; its body and its secrets are not shown.
    pub(super) fn exchange(self, origin: &str, observed: Observed) -> Exchange {
        let Observed { mut request, answer, whole } = observed;
        let template = self.document.and_then(|document| document.template(&request.path)).map(str::to_owned);
        let role = if whole { self.role(&request, template.as_deref(), &answer) } else { Role::Beside };
        let sent = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(CORRELATION));
        let sent = sent.map(|header| String::from_utf8_lossy(&header.value).into_owned());
        let also = sent.as_deref().map_or(Some(Role::NoId), |id| id.trim().is_empty().then_some(Role::EmptyId));
        let id = sent.filter(|id| CorrelationId::parse(id).is_some());
        cover(&mut request);
        Exchange {
            role,
            also: also.filter(|_| role.is_api()),
            id,
            template,
            request,
            outcome: Ok(answer),
            origin: origin.to_owned(),
        }
    }

    /// Whether a path is one of the API.
    pub(super) fn is_api(self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let under =
            path.strip_prefix(self.base.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let beside = BESIDE.iter().any(|prefix| path.starts_with(prefix)) || is_document(path);
        !beside && (under || self.document.is_some_and(|document| document.template(path).is_some()))
    }

    fn role(self, request: &Request, template: Option<&str>, answer: &Answer) -> Role {
        let (method, status) = (request.method.as_str(), answer.status);
        if is_document(&request.path) && status == 200 {
            return Role::Document;
        }
        let other = self.document.zip(template).is_some_and(|(document, path)| document.is_other_media(method, path, status));
        if other || !self.is_api(&request.path) || matches!(method, "HEAD" | "OPTIONS") {
            return Role::Beside;
        }
        match status {
            200..=299 => Role::Success(usize::MAX),
            401 => Role::NoToken,
            404 if self.document.is_some() && template.is_none() => Role::UnknownRoute,
            405 => Role::WrongVerb,
            413 => Role::TooLarge,
            415 => Role::WrongType,
            500 => Role::Fault,
            _ => Role::Seen,
        }
    }
}

/// Whether a path is where OpenAPI documents are.
pub(super) fn is_document(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().ends_with("/openapi.json")
}

/// Marks secrets so that no evidence shows them, and leaves the body out: it is somebody's.
fn cover(request: &mut Request) {
    for header in &mut request.headers {
        header.secret = is_secret(&header.name);
    }
    if let Some((path, query)) = request.path.split_once('?') {
        let pairs: Vec<String> = query.split('&').map(covered).collect();
        request.path = format!("{path}?{}", pairs.join("&"));
    }
    request.body = request.body.as_ref().map(|_| b"***".to_vec());
}

fn covered(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        _ => pair.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::exchange::Header;

    fn seen(path: &str, status: u16) -> Exchange {
        let headers = vec![Header::new("Authorization", "Bearer abcdefgh"), Header::new("X-Correlation-ID", "abc-1")];
        let request = Request { method: "POST".into(), path: path.into(), headers, body: Some(b"{\"clave\":\"x\"}".to_vec()) };
        let answer = Answer { status, headers: Vec::new(), body: Vec::new() };
        Observer { base: "/api", document: None }.exchange("http://x", Observed { request, answer, whole: true })
    }

    #[test]
    fn what_a_request_shows_is_told_by_its_path_and_status() {
        for (path, status, role) in [
            ("/api/v1/pagos", 200, Role::Success(usize::MAX)),
            ("/api/v1/pagos", 302, Role::Seen),
            ("/api/v1/pagos/9", 404, Role::Seen),
            ("/api", 405, Role::WrongVerb),
            ("/api/v1/pagos", 500, Role::Fault),
            ("/apis/v1", 200, Role::Beside),
            ("/index.html", 200, Role::Beside),
            ("/health/live", 200, Role::Beside),
            ("/api/v1/openapi.json", 200, Role::Document),
        ] {
            assert_eq!(seen(path, status).role, role, "{path} {status}");
        }
    }

    #[test]
    fn evidence_shows_neither_secrets_nor_bodies() {
        let line = seen("/api/v1/pagos?token=abc&x=1", 200).curl();
        assert!(line.contains("Authorization: ***") && line.contains("token=***&x=1") && line.contains("'***'"), "{line}");
        assert!(!line.contains("abcdefgh") && !line.contains("clave") && line.contains("abc-1"), "{line}");
    }
}
