//! Which other origins a browser may call from (`ALLOWED_HOSTS`).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use standards_core::settings::SettingValue;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::headers::{SENT, TOLD};
use crate::listed::listed;

/// The origins of `ALLOWED_HOSTS`: none, any, or those listed.
///
/// Separated by commas or as a JSON list: `https://a.cl,https://b.cl` or `["https://a.cl"]`. An entry is kept as browsers send it, in lower
/// case and without the port that its scheme has anyway; a host with a `*` is refused, since no origin would ever be like it.
/// Credentials are allowed to listed origins only; the guideline's `["*"]` with credentials is what browsers refuse and the CORS
/// protocol forbids.
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
    /// It allows the verbs and the headers that the standard knows, shows the page those that the standard's answers have
    /// (`X-Correlation-ID`, `Retry-After`, `Idempotent-Replayed`, the limits of a rate), and has the browser remember a preflight for ten
    /// minutes. For anything else give
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
            .allow_headers(SENT)
            .expose_headers(TOLD.iter().filter_map(|told| told.name.parse().ok()).collect::<Vec<HeaderName>>())
            .max_age(Duration::from_secs(600));
        Some(layer)
    }
}

impl SettingValue for AllowedHosts {
    const EXPECTED: &'static str = "una lista de orígenes (https://app.example) separados por comas, o *";

    fn parse(text: &str) -> Option<Self> {
        let entries = listed(text)?;
        if entries.iter().any(|entry| entry == "*") {
            return (entries.len() == 1).then_some(Self { any: true, origins: Vec::new() });
        }
        let origins = entries.iter().map(|entry| origin(entry)).collect::<Option<_>>()?;
        Some(Self { any: false, origins })
    }
}

/// An origin has a scheme, a host and perhaps a port, and nothing else (RFC 6454, section 6.2). Browsers send it in one form.
fn origin(entry: &str) -> Option<HeaderValue> {
    let (scheme, authority) = entry.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (host, port) = host_and_port(authority)?;
    let origin = match port.filter(|port| *port != usual) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    HeaderValue::from_str(&origin).ok()
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let end = if authority.starts_with('[') { authority.find(']')? + 1 } else { authority.find(':').unwrap_or(authority.len()) };
    let (host, rest) = authority.split_at(end);
    let port = match rest.strip_prefix(':') {
        Some(digits) => Some(digits.parse().ok().filter(|port| *port > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()))?),
        None => rest.is_empty().then_some(None)?,
    };
    Some((host_as_sent(host)?, port))
}

/// A name in lower case, or an address. What browsers would write in another way (beyond ASCII, `127.1`) is refused.
fn host_as_sent(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_name = host.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(plain));
    let last = host.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).unwrap_or("x");
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_name && (!is_number || host.parse::<Ipv4Addr>().is_ok())).then(|| host.to_ascii_lowercase())
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
    use axum::Router;
    use axum::body::Body;
    use axum::response::Response;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt;

    #[test]
    fn origins_come_in_both_spellings() {
        let both = AllowedHosts::parse("https://a.cl, http://localhost:3000").unwrap();
        assert_eq!(Some(both.clone()), AllowedHosts::parse(r#"["https://a.cl","http://localhost:3000"]"#));
        assert_eq!(both.to_string(), "https://a.cl,http://localhost:3000");
        assert_eq!(AllowedHosts::parse(""), Some(AllowedHosts::default()));
    }

    const WILDCARDS: [&str; 6] = ["https://*.a.cl", "https://a.*", "https://*", "https://a.cl:*", "*.a.cl", "https://a*.cl"];

    const NO_AUTHORITIES: &[&str] = &[
        "https://",
        "https://:443",
        "https://a..cl",
        "https://.a.cl",
        "https://a.cl.",
        "https://a.cl:",
        "https://a.cl:0",
        "https://a.cl:65536",
        "https://a.cl:+80",
        "https://a.cl:80:80",
        "https://u@a.cl",
        "https://a.cl?x",
        "https://a.cl#x",
        "https://ñandú.cl",
        "https://[::1",
        "https://[::1]x",
        "https://[1.2.3.4]",
        "https://127.1",
        "https://1.0x7f",
        "https://1.2.3.256",
        "https://a%2ecl",
        "https:a.cl",
        "null",
        "https://https://a.cl",
    ];

    const NO_ORIGINS: [&str; 7] =
        ["a.cl", "https://a.cl/", "https://a.cl/x", "*,https://a.cl", "[\"*\"", "ftp://a.cl", "https://a b"];

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in WILDCARDS.iter().chain(NO_AUTHORITIES).chain(&NO_ORIGINS) {
            assert_eq!(AllowedHosts::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        for (written, sent) in [
            ("HTTPS://App.Example", "https://app.example"),
            ("https://a.cl:443", "https://a.cl"),
            ("http://a.cl:80", "http://a.cl"),
            ("http://a.cl:443", "http://a.cl:443"),
            ("https://a.cl:0443", "https://a.cl"),
            ("http://LOCALHOST:03000", "http://localhost:3000"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[0:0::1]:80", "http://[::1]"),
            ("https://xn--and-6ma2c.cl", "https://xn--and-6ma2c.cl"),
            ("https://1a.2b", "https://1a.2b"),
        ] {
            assert_eq!(AllowedHosts::parse(written).map(|hosts| hosts.to_string()).as_deref(), Some(sent), "{written}");
        }
    }

    const SENT: [&str; 7] =
        ["traceparent", "tracestate", "baggage", "idempotency-key", "x-correlation-id", "authorization", "content-type"];

    const READ: [&str; 9] = [
        "x-correlation-id",
        "retry-after",
        "idempotent-replayed",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit",
        "link",
        "x-total-count",
    ];

    fn list(answer: &Response, name: &str) -> Vec<String> {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.to_ascii_lowercase().split(',').map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn pages_may_send_and_read_what_the_contract_lists() {
        let cors = AllowedHosts::parse("https://A.cl:443").unwrap().layer().unwrap();
        let app = Router::new().route("/", get(|| async {})).layer(cors);
        let asked = Request::options("/").header("origin", "https://a.cl").header("access-control-request-method", "POST");
        let preflight = app.clone().oneshot(asked.body(Body::empty()).unwrap()).await.unwrap();
        let sent = Request::get("/").header("origin", "https://a.cl").body(Body::empty()).unwrap();
        let answer = app.oneshot(sent).await.unwrap();
        assert_eq!(list(&preflight, "access-control-allow-origin"), ["https://a.cl"]);
        let (allowed, exposed) =
            (list(&preflight, "access-control-allow-headers"), list(&answer, "access-control-expose-headers"));
        for name in SENT {
            assert!(allowed.iter().any(|allowed| allowed == name), "{name}: {allowed:?}");
        }
        for name in READ {
            assert!(exposed.iter().any(|exposed| exposed == name), "{name}: {exposed:?}");
        }
    }

    #[test]
    fn any_origin_never_goes_with_credentials() {
        // The library panics on the combination.
        let _ = AllowedHosts::parse("*").unwrap().layer();
    }
}
