//! Whose failures are dressed, and in what.

use super::*;
use axum::body::Body;
use http::HeaderValue;
use http::header::{ALLOW, CONTENT_LENGTH, RETRY_AFTER};
use http_body_util::BodyExt;
use standards_core::Failure;
use std::convert::Infallible;
use tower::{ServiceExt, service_fn};

async fn through(foreign: Response<Body>) -> (Response<()>, String) {
    through_layer(EnvelopeLayer::new(), foreign).await
}

async fn through_layer<D>(layer: EnvelopeLayer<D>, foreign: Response<Body>) -> (Response<()>, String)
where
    D: Fn(&Parts) -> Option<ApiError> + Clone,
{
    let foreign = std::sync::Mutex::new(Some(foreign));
    let inner = service_fn(move |_: Request<()>| {
        let foreign = foreign.lock().unwrap().take().unwrap();
        async move { Ok::<_, Infallible>(foreign) }
    });
    let (parts, body) = layer.layer(inner).oneshot(Request::new(())).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
}

fn plain(status: u16, body: &'static str) -> Response<Body> {
    Response::builder().status(status).header(CONTENT_TYPE, "text/plain").body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_foreign_failure_is_dressed_and_its_text_is_gone() {
    let (head, body) = through(plain(404, "no such table: secreto")).await;
    assert_eq!(head.status(), 404);
    assert_eq!(head.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(body, r#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Recurso no encontrado"}]}"#);
}

#[tokio::test]
async fn headers_that_do_not_speak_of_the_body_stay() {
    let mut foreign = plain(405, "");
    foreign.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
    foreign.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
    let (head, _) = through(foreign).await;
    assert_eq!(head.headers()[ALLOW], "GET,HEAD");
    assert_eq!(head.headers().get(CONTENT_LENGTH), None);
}

#[tokio::test]
async fn what_is_no_failure_passes_untouched() {
    for status in [200, 204, 301, 304] {
        let (head, body) = through(plain(status, "tal cual")).await;
        assert_eq!((head.status().as_u16(), body.as_str()), (status, "tal cual"));
        assert_eq!(head.headers()[CONTENT_TYPE], "text/plain");
    }
}

#[tokio::test]
async fn our_own_failures_keep_their_words() {
    let own = ApiError::from(Failure::unavailable("no")).into_answer().map(Body::from);
    let (_, body) = through(own).await;
    assert!(body.contains("SERVICE_UNAVAILABLE"), "{body}");
}

#[tokio::test]
async fn a_layer_that_is_off_leaves_failures_alone() {
    let (head, body) = through_layer(EnvelopeLayer::off(), plain(404, "tal cual")).await;
    assert_eq!((head.status().as_u16(), body.as_str()), (404, "tal cual"));
}

fn with(mut foreign: Response<Body>, headers: &[(&'static str, &'static str)]) -> Response<Body> {
    for (name, value) in headers {
        foreign.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    foreign
}

fn values(head: &Response<()>, name: &str) -> Vec<String> {
    head.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn headers_that_stand_several_times_stay_so() {
    let several: [(&str, &[&str]); 5] = [
        ("set-cookie", &["a=1", "b=2; Path=/", "c=3"]),
        ("www-authenticate", &["Basic realm=\"x\"", "Bearer"]),
        ("proxy-authenticate", &["Basic", "Negotiate"]),
        ("link", &["</a>; rel=help", "</b>; rel=license"]),
        ("vary", &["origin", "accept-encoding"]),
    ];
    for status in [401, 404, 500] {
        let headers = several.iter().flat_map(|(name, values)| values.iter().map(|value| (*name, *value)));
        let (head, _) = through(with(plain(status, "x"), &headers.collect::<Vec<_>>())).await;
        for (name, expected) in several {
            assert_eq!(values(&head, name), expected, "{status} {name}");
        }
    }
}

/// A header of each kind that describes a body.
const OF_A_BODY: [(&str, &str); 22] = [
    ("accept-ranges", "bytes"),
    ("age", "7"),
    ("cdn-cache-control", "max-age=60"),
    ("content-digest", "sha-256=:x:"),
    ("content-disposition", "attachment"),
    ("content-encoding", "gzip"),
    ("content-language", "de"),
    ("content-length", "1"),
    ("content-location", "/x"),
    ("content-md5", "x"),
    ("content-range", "bytes 0-1/2"),
    ("digest", "x"),
    ("etag", "\"x\""),
    ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
    ("last-modified", "Thu, 01 Jan 2009 00:00:00 GMT"),
    ("pragma", "x"),
    ("repr-digest", "x"),
    ("signature", "x"),
    ("signature-input", "x"),
    ("surrogate-control", "max-age=60"),
    ("trailer", "x-sum"),
    ("transfer-encoding", "chunked"),
];

#[tokio::test]
async fn what_describes_the_dropped_body_goes_with_it() {
    let (head, _) = through(with(with(plain(404, "x"), &OF_A_BODY), &OF_A_BODY)).await;
    let left: Vec<_> = OF_A_BODY.iter().filter(|(name, _)| head.headers().contains_key(*name)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!((values(&head, "content-type"), head.headers().len()), (vec![JSON.to_owned()], 2));
}

#[tokio::test]
async fn no_failure_is_kept_in_a_cache() {
    for cache in ["public, immutable", "max-age=60", "private"] {
        let (head, _) = through(with(plain(404, "x"), &[("cache-control", cache)])).await;
        assert_eq!(values(&head, "cache-control"), ["no-store"]);
        let own = ApiError::from(Failure::unavailable("no")).into_answer().map(Body::from);
        let (head, _) = through(with(own, &[("cache-control", cache)])).await;
        assert_eq!(values(&head, "cache-control"), ["no-store"]);
    }
    let (head, _) = through(with(plain(200, "x"), &[("cache-control", "public")])).await;
    assert_eq!(values(&head, "cache-control"), ["public"]);
}

#[tokio::test]
async fn a_range_that_cannot_be_served_still_tells_the_length() {
    let (head, _) = through(with(plain(416, "x"), &[("content-range", "bytes */70")])).await;
    assert_eq!(values(&head, "content-range"), ["bytes */70"]);
}

#[tokio::test]
async fn what_no_client_understands_is_an_internal_error() {
    for status in [600, 700, 999] {
        let (head, body) = through(plain(status, "tal cual")).await;
        assert_eq!(head.status(), 500);
        assert!(body.contains("INTERNAL_ERROR"), "{body}");
    }
}

#[tokio::test]
async fn a_header_of_the_dressing_replaces_the_foreign_one_and_that_the_standard_one() {
    let layer = EnvelopeLayer::dressing(|head: &Parts| {
        EnvelopeLayer::by_status(head).map(|error| error.with_header(RETRY_AFTER, HeaderValue::from_static("7")))
    });
    let (head, _) = through_layer(layer, with(plain(503, "x"), &[("retry-after", "60")])).await;
    assert_eq!(values(&head, "retry-after"), ["7"]);
    let (head, _) = through(with(plain(503, "x"), &[("retry-after", "60")])).await;
    assert_eq!(values(&head, "retry-after"), ["60"]);
}

#[tokio::test]
async fn marks_stay_on_an_answer_and_somebody_elses_words_for_the_status_do_not() {
    let mut foreign = plain(404, "x");
    foreign.extensions_mut().insert(7_u8);
    foreign.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(b"No such table"));
    let (head, _) = through(foreign).await;
    assert_eq!(head.extensions().get(), Some(&7_u8));
    assert!(FailureMark::is_on(head.extensions()));
    assert!(head.extensions().get::<hyper::ext::ReasonPhrase>().is_none());
}

#[tokio::test]
async fn a_failure_of_ours_that_somebody_made_into_a_page_is_foreign() {
    let mut page = ApiError::from(Failure::unavailable("no")).into_answer().map(|_| Body::from("<p>"));
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    let (head, body) = through(page).await;
    assert_eq!(values(&head, "content-type"), [JSON]);
    assert!(body.contains("SERVICE_UNAVAILABLE"), "{body}");
}
