//! Uploads that are not what they should be.

use axum::body::Bytes;
use axum::routing::post;
use futures_util::stream;
use tower::Layer;

use super::*;
use crate::extract::Multipart;
use crate::layers::BodyLimitLayer;
use crate::{ApiResult, ok};

/// The parts' names, with the lengths of their texts.
async fn list(form: Multipart) -> ApiResult<Vec<(String, Option<String>, usize)>> {
    let mut form = form.with_max_parts(3).with_max_part_bytes(8);
    let mut parts = Vec::new();
    while let Some(part) = form.next_part().await? {
        let (name, file) = (part.name().to_owned(), part.file_name());
        parts.push((name, file, part.text().await?.len()));
    }
    if parts.is_empty() { Err(Multipart::missing("archivo")) } else { ok(parts) }
}

const FORM: &str = "multipart/form-data; boundary=x";

fn part(head: &str, content: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

async fn send(content_type: &str, body: impl Into<Body>) -> (u16, Value) {
    let app = BodyLimitLayer::new(1024).layer(Router::new().route("/", post(list)));
    let request = Request::post("/").header("content-type", content_type).body(body.into()).unwrap();
    let response: Response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
}

async fn refusal(content_type: &str, body: impl Into<Body>) -> (u16, String) {
    let (status, body) = send(content_type, body).await;
    (status, body["errors"][0]["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn parts_are_read_in_order() {
    let form = part("name=\"a\"", "uno") + &part("name=\"b\"; filename=\"../b.txt\"", "") + "--x--\r\n";
    let (status, body) = send(FORM, form).await;
    assert_eq!((status, &body["data"]), (200, &serde_json::json!([["a", null, 3], ["b", "b.txt", 0]])));
}

#[tokio::test]
async fn another_type_or_no_boundary_is_415() {
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for content_type in [
        "",
        "application/json",
        "multipart/mixed; boundary=x",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        &long,
    ] {
        assert_eq!(
            refusal(content_type, "--x--\r\n").await,
            (415, "Tipo de contenido no soportado".to_owned()),
            "{content_type}"
        );
    }
    assert_eq!(send("Multipart/Form-Data; charset=utf-8; Boundary=\"x\"", part("name=\"a\"", "1") + "--x--").await.0, 200);
}

#[tokio::test]
async fn what_a_part_may_not_be_is_told_by_its_name() {
    let end = "--x--\r\n";
    for (form, message) in [
        (part("name=\"a\"", "123456789") + end, "a: debe tener a lo más 8 bytes"),
        (part("name=\"a\"", "1").repeat(4) + end, "body: debe tener a lo más 3 partes"),
        (part("filename=\"f\"", "1") + end, "body: tiene una parte sin un nombre válido"),
        (part("name=\"\"", "1") + end, "body: tiene una parte sin un nombre válido"),
        (part(&format!("name=\"{}\"", "n".repeat(200)), "1") + end, "body: tiene una parte sin un nombre válido"),
        (end.to_owned(), "archivo: es obligatorio"),
        (part("name=\"a\"", "1"), "body: formulario multipart mal formado"),
        ("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12".to_owned(), "body: formulario multipart mal formado"),
        ("sin partes".to_owned(), "body: formulario multipart mal formado"),
    ] {
        assert_eq!(refusal(FORM, form.clone()).await, (422, message.to_owned()), "{form}");
    }
    let latin = [part("name=\"a\"", "").trim_end().as_bytes(), b"\r\n\r\n\xf1\r\n--x--\r\n"].concat();
    assert_eq!(refusal(FORM, latin).await, (422, "a: contiene caracteres no válidos".to_owned()));
}

#[tokio::test]
async fn a_whole_past_the_limit_is_413_announced_or_not() {
    let long = part("name=\"a\"; filename=\"f\"", &"1".repeat(8)) + &" ".repeat(2000);
    let chunks = stream::iter([Ok::<_, std::io::Error>(Bytes::from(long.clone()))]);
    assert_eq!(refusal(FORM, Body::from_stream(chunks)).await.0, 413);
    let app = BodyLimitLayer::new(1024).layer(Router::new().route("/", post(list)));
    let request = Request::post("/").header("content-type", FORM).header("content-length", long.len());
    assert_eq!(app.oneshot(request.body(Body::from(long)).unwrap()).await.unwrap().status(), 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_400() {
    let head = Bytes::from(part("name=\"a\"", "1"));
    let body = stream::iter([Ok(head), Err(std::io::Error::other("gone"))]);
    assert_eq!(refusal(FORM, Body::from_stream(body)).await, (400, "Solicitud no válida".to_owned()));
}
