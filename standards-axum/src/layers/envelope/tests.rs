//! Whose failures are dressed, and in what.

use super::*;
use axum::body::Body;
use http::HeaderValue;
use http::header::ALLOW;
use http_body_util::BodyExt;
use std::convert::Infallible;
use tower::{ServiceExt, service_fn};

async fn through(foreign: Response<Body>) -> (Response<()>, String) {
    through_layer(EnvelopeLayer::new(), foreign).await
}

async fn through_layer(layer: EnvelopeLayer, foreign: Response<Body>) -> (Response<()>, String) {
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
