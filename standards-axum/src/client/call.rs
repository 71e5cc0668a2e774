//! One call, put together.

use std::fmt::{self, Display};
use std::panic::Location;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use standards_core::idempotency::Key;
use standards_core::settings::Secret;
use standards_core::{Cause, Failure};
use tower_service::Service;

use super::answer::data_of;
use super::attempts::perform;
use super::exchange::Exchange;
use super::service::Client;
use super::upstream_error::{Reason, UpstreamError};
use crate::answer::JSON;
use crate::extract::IDEMPOTENCY_KEY;

/// What may stand in a URL as it is (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One call of another service, begun with [`Client::get`] and its siblings. It is made by [`send`](Self::send).
///
/// What cannot be sent (a text that is no header, a body that does not serialise) is told by `send`: 500 `INTERNAL_ERROR`, [`Reason::Unsendable`].
///
/// ```
/// use standards_axum::client::Client;
/// use standards_axum::core::Failure;
/// use standards_axum::core::idempotency::Key;
/// # use standards_axum::core::settings::SettingValue;
/// # use standards_axum::url::Url;
/// # use serde::Deserialize;
///
/// # #[derive(Deserialize)]
/// # struct Pago { id: i64 }
/// async fn pagar(pagos: &Client, clave: &Key, monto: &str) -> Result<i64, Failure> {
///     // Under a key it is repeated where the first attempt broke off, and paid once.
///     let call = pagos.post("/api/v1/pagos").idempotency_key(clave).json(&serde_json::json!({"monto": monto}));
///     let pago: Pago = call.send().await?;
///     Ok(pago.id)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let nobody = Client::new("pagos", <Url>::parse("http://127.0.0.1:1").unwrap()).unwrap();
/// let failure = pagar(&nobody, &"pedido-7".parse().unwrap(), "10.00").await.unwrap_err();
/// assert_eq!(failure.entry().code, "SERVICE_UNAVAILABLE");
/// # }
/// ```
#[must_use = "a call is made by `send`"]
pub struct Call<S = Exchange> {
    client: Client<S>,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    broken: Option<Cause>,
    place: &'static Location<'static>,
}

impl<S> Call<S> {
    pub(super) fn new(client: Client<S>, method: Method, path: &str, place: &'static Location<'static>) -> Self {
        Self { client, method, path: path.to_owned(), headers: HeaderMap::new(), body: Bytes::new(), broken: None, place }
    }

    /// Adds a parameter to the query; one in another call has no part in records.
    ///
    /// ```
    /// # use standards_axum::client::Client;
    /// # use standards_axum::core::settings::SettingValue;
    /// # use standards_axum::url::Url;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let clientes = Client::new("clientes", <Url>::parse("http://127.0.0.1:1").unwrap()).unwrap();
    /// let call = clientes.get("/clientes").query("email", "ana+1@example.com").query("limit", 10);
    /// assert_eq!(call.path(), "/clientes?email=ana%2B1%40example.com&limit=10");
    /// # }
    /// ```
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let (name, value) = (segment(name), segment(value));
        self.path.extend([joint.encode_utf8(&mut [0; 4]), &*name, "=", &value]);
        self
    }

    /// Adds a header, in the place of another of that name. The ids of the request at hand and what the answer may be (`Accept`, `Accept-Encoding`) are
    /// the client's to say.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says who calls: `Authorization: Bearer`.
    pub fn bearer(self, token: &Secret) -> Self {
        self.text_header(AUTHORIZATION, &format!("Bearer {}", token.expose()))
    }

    /// Names the request, so that it is done once however often it is sent, and may be repeated.
    pub fn idempotency_key(self, key: &Key) -> Self {
        self.text_header(IDEMPOTENCY_KEY, key.as_str())
    }

    fn text_header(mut self, name: HeaderName, text: &str) -> Self {
        match HeaderValue::from_str(text) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            Err(error) => self.broken = Some(error.into()),
        }
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(text) => self.body = text.into(),
            Err(error) => self.broken = Some(error.into()),
        }
        self.header(CONTENT_TYPE, HeaderValue::from_static(JSON))
    }

    /// Where it goes, beneath the service's address.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The client, the request, why that cannot be sent if it cannot, and who makes the call.
    fn into_request(self) -> (Client<S>, Request<Bytes>, Option<Failure>, &'static Location<'static>) {
        let Self { client, method, path, headers, body, broken, place } = self;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let addressed = client.policy.address(&path).map(|address| *request.uri_mut() = address);
        let unsendable = |cause| UpstreamError::new(client.policy.upstream, Reason::Unsendable).with_source(cause);
        let broken = addressed.err().or_else(|| broken.map(unsendable));
        (client, request, broken.map(UpstreamError::into_failure), place)
    }
}

impl<S> Call<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: Into<Failure>,
{
    /// Makes the call: the data of the envelope that is answered.
    ///
    /// Where `data` is null, as of 204, the type has to read that: `()` or an `Option`.
    ///
    /// # Errors
    ///
    /// What the other service refuses, under its code; 503 where it does not answer, or not in the standard; see the [module](crate::client).
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let (upstream, method) = (self.client.policy.upstream, self.method.clone());
        self.perform(|answer| data_of(upstream, &method, &answer)).await
    }

    /// Makes the call of a service that does not speak the standard: its answer, whatever it is, but within the same bounds.
    ///
    /// # Errors
    ///
    /// 503 where there is no answer that may be taken; an answer of any status but 3xx is none.
    pub async fn send_raw(self) -> Result<Response<Bytes>, Failure> {
        self.perform(Ok).await
    }

    async fn perform<R>(self, read: impl FnOnce(Response<Bytes>) -> Result<R, Failure>) -> Result<R, Failure> {
        let (Client { service, policy }, request, broken, place) = self.into_request();
        let named = format!("<upstream {}, called at {place}>", policy.upstream);
        perform(service, policy, request, broken, read).await.map_err(|failure| failure.with_place(named))
    }
}

impl<S> fmt::Debug for Call<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next();
        f.debug_struct("Call")
            .field("client", &self.client)
            .field("method", &self.method)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

/// `value` as one segment of a path, or as a value in a query: whatever has a meaning there is percent-encoded.
///
/// ```
/// use standards_axum::client::segment;
///
/// assert_eq!(format!("/archivos/{}", segment("a/b?ñ")), "/archivos/a%2Fb%3F%C3%B1");
/// ```
///
/// A segment of dots alone cannot be encoded: a path that has one is not sent.
#[must_use]
pub fn segment(value: impl Display) -> String {
    utf8_percent_encode(&value.to_string(), RESERVED).to_string()
}
