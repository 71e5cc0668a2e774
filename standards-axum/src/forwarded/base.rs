//! Where a client sees the service, when a proxy stands before it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// What a proxy of `TRUSTED_PROXIES` says of the address that its client asked for; of a request from anybody else, nothing.
///
/// For links that have to be whole ones. The links of the standard need none of this: they are relative, those of `/docs` too.
///
/// ```
/// use std::net::SocketAddr;
///
/// use axum::body::Body;
/// use axum::extract::ConnectInfo;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use standards_axum::TrustedProxies;
/// use standards_axum::core::settings::SettingValue;
/// use standards_axum::extract::Forwarded;
/// use standards_axum::layers::TrustedProxiesLayer;
/// use tower::ServiceExt;
///
/// async fn pagina(forwarded: Forwarded) -> String {
///     let scheme = forwarded.scheme().map_or("http", |scheme| scheme.as_str());
///     format!("{scheme}://pagos.example{}/docs", forwarded.prefix())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let proxies = TrustedProxies::parse("10.0.0.1").unwrap();
/// let app: Router = Router::new().route("/", get(pagina)).layer(TrustedProxiesLayer::new(proxies));
/// let from = async |peer: [u8; 4]| {
///     let request = Request::get("/").header("x-forwarded-proto", "https").header("x-forwarded-prefix", "/caja/");
///     let request = request.extension(ConnectInfo(SocketAddr::from((peer, 443)))).body(Body::empty()).unwrap();
///     app.clone().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
/// };
/// assert_eq!(from([10, 0, 0, 1]).await, "https://pagos.example/caja/docs");
/// assert_eq!(from([10, 0, 0, 2]).await, "http://pagos.example/docs");
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    scheme: Option<Scheme>,
    prefix: String,
}

impl Forwarded {
    /// What the headers say that the nearest proxy wrote.
    pub(super) fn told(headers: &HeaderMap) -> Self {
        Self { scheme: last(headers, &X_FORWARDED_PROTO).and_then(scheme), prefix: prefix(headers).unwrap_or_default() }
    }

    /// `http` or `https`, by `X-Forwarded-Proto`: its last value, which is that of the proxy that asked.
    #[must_use]
    pub const fn scheme(&self) -> Option<&Scheme> {
        self.scheme.as_ref()
    }

    /// The path that was stripped from the request's, by `X-Forwarded-Prefix`, without a slash at its end: empty where there is none, or none
    /// that is a plain path.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// The last value of a header that may be a list.
fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let values = headers.get_all(name).iter().next_back()?;
    values.to_str().ok()?.rsplit(',').next().map(str::trim)
}

fn scheme(text: &str) -> Option<Scheme> {
    [Scheme::HTTP, Scheme::HTTPS].into_iter().find(|scheme| scheme.as_str().eq_ignore_ascii_case(text))
}

/// Segments of letters, digits and a few signs: it will stand in links, and must not lead them to another host.
fn prefix(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(X_FORWARDED_PREFIX).iter();
    let value = values.next().map(HeaderValue::to_str)?.ok()?.trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let is_plain = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(plain);
    let is_path = values.next().is_none() && value.strip_prefix('/')?.split('/').all(is_plain);
    is_path.then(|| value.to_owned())
}

impl<S: Sync> FromRequestParts<S> for Forwarded {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}
