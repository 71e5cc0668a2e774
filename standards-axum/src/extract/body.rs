//! Taking in a body: of a known type, plain, and no larger than allowed.

use axum::body::Body;
use axum::extract::Request;
use axum::{BoxError, RequestExt};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use standards_core::{ErrorStatus, Failure};

use crate::layers::Marks;

/// A body that is yet to be read, no further than its limit.
pub(super) type Unread = Limited<Body>;

/// The body of a request that says it is JSON.
///
/// The head is looked at and let go before anything is waited for: a future that kept it would be twice as large.
///
/// # Errors
///
/// 415 for another type, charset or encoding; 413 for a body that is announced past the limit.
pub(super) fn of_json(request: Request) -> Result<Unread, Failure> {
    unread(request, is_json)
}

/// The body of a request that says it is a form; refused as JSON is.
pub(super) fn of_form(request: Request) -> Result<Unread, Failure> {
    unread(request, is_form)
}

/// The whole body.
///
/// # Errors
///
/// 413 for one past the limit, read no further than that; 400 for one that breaks off.
pub(super) async fn read(body: Unread) -> Result<Bytes, Failure> {
    match whole(body).await {
        Ok(body) => Ok(body),
        Err(error) if is_too_large(&*error) => Err(Failure::http(ErrorStatus::PAYLOAD_TOO_LARGE)),
        Err(error) => Err(Failure::http(ErrorStatus::BAD_REQUEST).with_cause(error)),
    }
}

/// Whether the head of a request announces a multipart form that may be read.
#[cfg(feature = "multipart")]
pub(super) fn check_multipart(request: &Request) -> Result<(), Failure> {
    check_head(request, is_multipart).map(drop)
}

/// Whether it is `multipart/form-data` with a boundary (RFC 2046, section 5.1.1: 1 to 70 characters, none of which is a semicolon).
#[cfg(feature = "multipart")]
fn is_multipart(content_type: &str) -> bool {
    let mut parts = content_type.split(';');
    let is_form = parts.next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("multipart/form-data"));
    let is_boundary = |(name, value): (&str, &str)| {
        name.trim().eq_ignore_ascii_case("boundary") && (1..=70).contains(&value.trim().trim_matches('"').len())
    };
    is_form && parts.filter_map(|parameter| parameter.split_once('=')).any(is_boundary)
}

/// Whether the request says of what type its body is.
pub(super) fn has_type(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_TYPE)
}

/// How large the body may be, unless it says already that it is larger, encoded, or of another type.
fn check_head(request: &Request, is_type: fn(&str) -> bool) -> Result<usize, Failure> {
    let announced = Announced::by(request.headers());
    if !announced.content_type().is_some_and(is_type) || !announced.is_plain {
        return Err(Failure::http(ErrorStatus::UNSUPPORTED_MEDIA_TYPE));
    }
    // Without a limit of ours axum's own holds, which `into_limited_body` applies.
    let limit = Marks::of(request.extensions()).body_limit.unwrap_or(usize::MAX);
    if announced.length().is_some_and(|length| length > limit as u64) {
        return Err(Failure::http(ErrorStatus::PAYLOAD_TOO_LARGE));
    }
    Ok(limit)
}

fn unread(request: Request, is_type: fn(&str) -> bool) -> Result<Unread, Failure> {
    let limit = check_head(&request, is_type)?;
    Ok(Limited::new(request.into_limited_body(), limit))
}

/// What a head says of its body.
struct Announced<'h> {
    types: usize,
    content_type: Option<&'h HeaderValue>,
    /// Nothing is ever decompressed, so a small body cannot grow.
    is_plain: bool,
    length: Option<&'h HeaderValue>,
}

impl<'h> Announced<'h> {
    /// In one walk: most requests have few headers, and a hash of each name takes longer than to look at them all.
    fn by(headers: &'h HeaderMap) -> Self {
        let mut announced = Self { types: 0, content_type: None, is_plain: true, length: None };
        for (name, value) in headers {
            if *name == CONTENT_TYPE {
                (announced.types, announced.content_type) = (announced.types + 1, Some(value));
            } else if *name == CONTENT_LENGTH {
                announced.length = announced.length.or(Some(value));
            } else if *name == CONTENT_ENCODING {
                announced.is_plain &= value.as_bytes().eq_ignore_ascii_case(b"identity");
            }
        }
        announced
    }

    /// The only one.
    fn content_type(&self) -> Option<&'h str> {
        self.content_type.filter(|_| self.types == 1)?.to_str().ok()
    }

    fn length(&self) -> Option<u64> {
        self.length?.to_str().ok()?.parse().ok()
    }
}

/// All of a body. Most come in one piece and say that it was the last: nothing is gathered then.
async fn whole(mut body: Unread) -> Result<Bytes, BoxError> {
    let Some(first) = body.frame().await.transpose()? else { return Ok(Bytes::new()) };
    let first = first.into_data().unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let rest = body.collect().await?.to_bytes();
    Ok(if rest.is_empty() { first } else { [first, rest].concat().into() })
}

/// Whether it is `application/json` or `application/*+json`, in UTF-8.
fn is_json(content_type: &str) -> bool {
    content_type == "application/json" || is_type(content_type, is_json_subtype)
}

fn is_json_subtype(subtype: &str) -> bool {
    subtype == "json" || subtype.strip_suffix("+json").is_some_and(|name| !name.is_empty())
}

/// Whether it is `application/x-www-form-urlencoded`, in UTF-8.
fn is_form(content_type: &str) -> bool {
    is_type(content_type, |subtype| subtype == "x-www-form-urlencoded")
}

/// Whether it is `application/` and such a subtype, in UTF-8.
fn is_type(content_type: &str, is_subtype: fn(&str) -> bool) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(is_subtype) && parts.all(is_harmless_parameter)
}

/// Any parameter but a charset other than UTF-8 (RFC 8259, section 8.1, knows no other; nor does the URL standard's form parser).
fn is_harmless_parameter(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<LengthLimitError>)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_json(value: &'static str) -> bool {
        is_json(value)
    }

    #[test]
    fn json_is_known_by_its_type() {
        for value in [
            "application/json",
            "APPLICATION/JSON",
            "application/vnd.api+json",
            "application/json; charset=utf-8",
            "application/json ;Charset=\"UTF-8\"; v=1",
        ] {
            assert!(says_json(value), "{value}");
        }
        for value in ["", "text/plain", "text/json", "application/+json", "application/jsonp", "application/json; charset=utf-16"]
        {
            assert!(!says_json(value), "{value}");
        }
    }

    #[test]
    fn two_types_are_none() {
        let json = HeaderValue::from_static("application/json");
        let announced = |times| HeaderMap::from_iter(std::iter::repeat_n((CONTENT_TYPE, json.clone()), times));
        assert_eq!([0, 1, 2].map(|times| Announced::by(&announced(times)).content_type().is_some()), [false, true, false]);
    }
}
