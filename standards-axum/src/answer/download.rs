//! Files and streams: successes that are no envelope.

use std::marker::PhantomData;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::media::Media;

/// A success whose body is a file or a stream of the type `M`, sent as it is. A failure of the same handler is an envelope, as always.
///
/// ```
/// use axum::body::to_bytes;
/// use axum::response::IntoResponse;
/// use standards_axum::media::Csv;
/// use standards_axum::{ApiError, Download};
///
/// async fn exportar() -> Result<Download<Csv>, ApiError> {
///     Ok(Download::new("id,monto\n7,100.00\n").with_file_name("pagos de julio.csv"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = exportar().await.into_response();
/// assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
/// assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pagos de julio.csv\"");
/// assert_eq!(to_bytes(answer.into_body(), 64).await.unwrap(), "id,monto\n7,100.00\n");
/// # }
/// ```
///
/// # Example: a stream
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::response::IntoResponse;
/// use futures_util::stream;
/// use standards_axum::Download;
/// use standards_axum::media::Ndjson;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let lines = stream::iter([1, 2].map(|id| Ndjson::line(&id)));
/// let answer = Download::<Ndjson>::new(Body::from_stream(lines)).into_response();
/// assert_eq!(to_bytes(answer.into_body(), 64).await.unwrap(), "1\n2\n");
/// # }
/// ```
///
/// A stream that fails midway has no status left to say so: it breaks off, and a record of its own tells why.
#[derive(Debug)]
pub struct Download<M> {
    body: Body,
    headers: HeaderMap,
    media: PhantomData<fn() -> M>,
}

impl<M: Media> Download<M> {
    /// An answer with this body: bytes, a text, or a stream ([`Body::from_stream`]).
    ///
    /// It is sent with `Cache-Control: no-store`, as an envelope is. Bytes and texts have a `Content-Length`; a stream is sent in chunks,
    /// under no deadline once its head is there.
    pub fn new(body: impl Into<Body>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(M::NAME));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { body: body.into(), headers, media: PhantomData }
    }

    /// Asks the client to save it as a file of this name (RFC 6266).
    ///
    /// A name is a name only: what separates folders, controls a terminal or turns the direction of a text in it is written `_`, and
    /// of a longer one the first 200 characters count.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use standards_axum::Download;
    /// use standards_axum::media::Pdf;
    ///
    /// let answer = Download::<Pdf>::new("").with_file_name("../año \"1\"\r\n.pdf").into_response();
    /// let expected = "attachment; filename=\".._a_o _1___.pdf\"; filename*=UTF-8''.._a%C3%B1o%20%221%22__.pdf";
    /// assert_eq!(answer.headers()["content-disposition"], expected);
    /// ```
    ///
    /// Two names are sent where one would not do: an ASCII one for old clients, and the whole as UTF-8 (RFC 8187).
    #[must_use]
    pub fn with_file_name(self, name: &str) -> Self {
        match HeaderValue::from_maybe_shared(Bytes::from(disposition(name))) {
            Ok(value) => self.with_header(CONTENT_DISPOSITION, value),
            Err(_) => self,
        }
    }

    /// Adds a header to the answer, in place of another of that name.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use http::HeaderValue;
    /// use http::header::CACHE_CONTROL;
    /// use standards_axum::Download;
    /// use standards_axum::media::Plain;
    ///
    /// let kept = Download::<Plain>::new("hola").with_header(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    /// assert_eq!(kept.into_response().headers()[CACHE_CONTROL], "max-age=60");
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl<M> IntoResponse for Download<M> {
    fn into_response(self) -> Response {
        (self.headers, self.body).into_response()
    }
}

const MAX_FILE_NAME: usize = 200;

/// All but `attr-char` (RFC 8187, section 3.2.1).
const NOT_IN_ATTRIBUTES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The name twice where it needs it: in ASCII for old clients, and in full.
fn disposition(name: &str) -> String {
    let name: String = name.chars().take(MAX_FILE_NAME).map(|c| if is_part_of_a_name(c) { c } else { '_' }).collect();
    let plain = name.replace(|c: char| !is_quotable(c), "_");
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, NOT_IN_ATTRIBUTES))
}

fn is_part_of_a_name(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !(c.is_control() || turns || matches!(c, '/' | '\\'))
}

/// Whether every client reads it between quotes as itself (RFC 6266, appendix D).
const fn is_quotable(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%')
}
