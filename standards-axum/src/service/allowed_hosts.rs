//! Which other origins a browser may call from (`ALLOWED_HOSTS`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Uri};
use standards_core::settings::SettingValue;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::extract::IDEMPOTENCY_KEY;
use crate::layers::X_CORRELATION_ID;

/// The origins of `ALLOWED_HOSTS`: none, any, or those listed.
///
/// Separated by commas or as a JSON list: `https://a.cl,https://b.cl` or `["https://a.cl"]`. Credentials are allowed to listed
/// origins only; the guideline's `["*"]` with credentials is what browsers refuse and the CORS protocol forbids.
///
/// An origin is a scheme and an authority (RFC 6454, section 6.2): with a path, a slash at its end or another scheme than HTTP's the
/// setting is not valid, and the service does not start.
///
/// ```
/// use standards_axum::AllowedHosts;
/// use standards_axum::core::settings::SettingValue;
///
/// let listed = AllowedHosts::parse("https://a.cl, http://localhost:3000").unwrap();
/// assert_eq!(listed.to_string(), "https://a.cl,http://localhost:3000");
/// assert!(listed.layer().is_some());
/// assert!(AllowedHosts::parse("").unwrap().layer().is_none());
/// assert_eq!(AllowedHosts::parse("https://a.cl/"), None);
/// assert_eq!(AllowedHosts::parse("*, https://a.cl"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    any: bool,
    origins: Vec<HeaderValue>,
}

impl AllowedHosts {
    /// The layer that lets the allowed origins in; none where there are none.
    ///
    /// It allows the verbs and the headers that the standard knows, shows `X-Correlation-ID` and `Retry-After` to the page, and has the
    /// browser remember a preflight for ten minutes. For anything else give
    /// [`with_cors`](crate::StandardsLayer::with_cors) a layer of your own.
    #[must_use]
    pub fn layer(&self) -> Option<CorsLayer> {
        if !self.any && self.origins.is_empty() {
            return None;
        }
        let origins = if self.any { AllowOrigin::any() } else { AllowOrigin::list(self.origins.iter().cloned()) };
        let layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_credentials(!self.any)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            .allow_headers([ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, X_CORRELATION_ID, IDEMPOTENCY_KEY])
            .expose_headers([X_CORRELATION_ID, RETRY_AFTER])
            .max_age(Duration::from_secs(600));
        Some(layer)
    }
}

impl SettingValue for AllowedHosts {
    const EXPECTED: &'static str = "una lista de orígenes (https://app.example) separados por comas, o *";

    fn parse(text: &str) -> Option<Self> {
        let entries = list(text)?;
        if entries.iter().any(|entry| entry == "*") {
            return (entries.len() == 1).then_some(Self { any: true, origins: Vec::new() });
        }
        let origins = entries.iter().map(|entry| origin(entry)).collect::<Option<_>>()?;
        Some(Self { any: false, origins })
    }
}

fn list(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    Some(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
}

/// An origin has a scheme and an authority and nothing else (RFC 6454, section 6.2).
fn origin(entry: &str) -> Option<HeaderValue> {
    let uri = Uri::from_str(entry).ok()?;
    let bare = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    (http && bare == entry).then(|| HeaderValue::from_str(entry).ok()).flatten()
}

impl fmt::Display for AllowedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.any {
            return f.write_str("*");
        }
        let origins: Vec<_> = self.origins.iter().filter_map(|origin| origin.to_str().ok()).collect();
        f.write_str(&origins.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_come_in_both_spellings() {
        let both = AllowedHosts::parse("https://a.cl, http://localhost:3000").unwrap();
        assert_eq!(Some(both.clone()), AllowedHosts::parse(r#"["https://a.cl","http://localhost:3000"]"#));
        assert_eq!(both.to_string(), "https://a.cl,http://localhost:3000");
        assert_eq!(AllowedHosts::parse(""), Some(AllowedHosts::default()));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in ["a.cl", "https://a.cl/", "https://a.cl/x", "*,https://a.cl", "[\"*\"", "ftp://a.cl", "https://a b"] {
            assert_eq!(AllowedHosts::parse(text), None, "{text}");
        }
    }

    #[test]
    fn any_origin_never_goes_with_credentials() {
        // The library panics on the combination.
        let _ = AllowedHosts::parse("*").unwrap().layer();
    }
}
