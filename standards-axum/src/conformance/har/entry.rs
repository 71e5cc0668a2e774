//! One request of a session and its answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::conformance::document::Document;
use crate::conformance::exchange::{Answer, Header, Request};
use crate::conformance::observer::Observed;

/// What is read of a body.
const BODY_BYTES: usize = 4 << 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    request: Asked,
    response: Told,
    /// Where a browser had it at hand: nobody was asked.
    #[serde(rename = "_fromCache")]
    from_cache: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Told {
    status: i64,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    content: Content,
}

#[derive(Debug, Default, Deserialize)]
struct Content {
    #[serde(default)]
    size: f64,
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Pair {
    name: String,
    value: String,
}

impl Entry {
    /// Whether the service itself answered; 304 repeats what was answered before.
    pub(super) fn was_answered(&self) -> bool {
        (200..600).contains(&self.response.status) && self.response.status != 304 && self.from_cache.is_none()
    }

    /// `http://host:port`.
    pub(super) fn origin(&self) -> String {
        let (scheme, rest) = self.request.url.split_once("://").unwrap_or(("", self.request.url.as_str()));
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        format!("{scheme}://{}", host.rsplit('@').next().unwrap_or_default()).to_ascii_lowercase()
    }

    /// Path and query.
    pub(super) fn path(&self) -> String {
        let rest = self.request.url.split_once("://").map_or(self.request.url.as_str(), |(_, rest)| rest);
        let rest = rest.split('#').next().unwrap_or_default();
        let from = rest.find(['/', '?']).unwrap_or(rest.len());
        let path = rest.get(from..).unwrap_or_default();
        if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
    }

    /// The OpenAPI document, where this is it.
    pub(super) fn document(&self) -> Option<Document> {
        Document::of(serde_json::from_slice(&self.response.content.bytes().ok()??).ok()?)
    }

    /// The request and its answer, or what is wrong with them.
    pub(super) fn observed(self) -> Result<Observed, String> {
        let path = self.path();
        let body = self.response.content.bytes()?;
        let (Asked { method, headers, post_data, .. }, Told { status, headers: told, .. }) = (self.request, self.response);
        let named = |pairs: Vec<Pair>| pairs.into_iter().filter(|pair| !pair.name.starts_with(':'));
        let headers = named(headers).map(|pair| Header::new(&pair.name, pair.value)).collect();
        let request = Request { method: method.to_ascii_uppercase(), path, headers, body: post_data.map(|_| Vec::new()) };
        let told = named(told).map(|pair| (pair.name.to_ascii_lowercase(), pair.value)).collect();
        let status = u16::try_from(status).map_err(|error| error.to_string())?;
        let whole = body.is_some();
        Ok(Observed { request, answer: Answer { status, headers: told, body: body.unwrap_or_default() }, whole })
    }
}

impl Content {
    /// The body; nothing where it was not recorded or is too large.
    fn bytes(&self) -> Result<Option<Vec<u8>>, String> {
        let body = match (&self.text, self.encoding.as_deref()) {
            (None, _) => return Ok((self.size <= 0.0).then(Vec::new)),
            (Some(text), _) if text.len() > BODY_BYTES / 3 * 4 => return Ok(None),
            (Some(text), Some("base64")) => STANDARD.decode(text).map_err(|error| format!("base64: {error}"))?,
            (Some(text), _) => text.clone().into_bytes(),
        };
        Ok((body.len() <= BODY_BYTES).then_some(body))
    }
}
