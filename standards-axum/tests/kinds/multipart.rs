//! Uploads: large, and slow.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::routing::post;
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use standards_axum::standardize;

use crate::support::{Exchange, send};

async fn count(mut form: Multipart) -> String {
    let mut bytes = 0;
    while let Some(mut field) = form.next_field().await.unwrap() {
        while let Some(chunk) = field.chunk().await.unwrap() {
            bytes += chunk.len();
        }
    }
    bytes.to_string()
}

/// A megabyte.
const CHUNK: usize = 1 << 20;

/// Sends a file of so many megabytes, one every five seconds.
async fn upload(megabytes: usize) -> Exchange {
    let router = standardize(Router::new().route("/subir", post(count)).layer(DefaultBodyLimit::max(8 * CHUNK)));
    let head = Bytes::from("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n");
    let parts = std::iter::once(head)
        .chain(std::iter::repeat_n(Bytes::from(vec![b'a'; CHUNK]), megabytes))
        .chain([Bytes::from("\r\n--x--\r\n")]);
    let slow = stream::unfold(parts, async |mut parts| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Some((Ok::<_, std::io::Error>(parts.next()?), parts))
    });
    let request = Request::post("/subir").header("content-type", "multipart/form-data; boundary=x");
    send(&router, request.body(Body::from_stream(slow)).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn a_large_and_slow_upload_is_taken_whole() {
    let uploaded = upload(6).await;
    assert_eq!((uploaded.status, uploaded.text()), (200, (6 * CHUNK).to_string()));
}

#[tokio::test]
async fn a_form_that_is_none_is_refused_in_the_envelope() {
    let router = standardize(Router::new().route("/subir", post(count)));
    send(&router, Request::post("/subir").body(Body::from("a=b")).unwrap()).await.assert_envelope(400, "HTTP_ERROR");
}
