//! Successes other than 200 with an envelope: what the document says is what is answered.

use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::stream;
use serde_json::json;

use super::*;
use crate::media::{Csv, Pdf};
use crate::{ApiError, Download, NoContent, Reply};

async fn create() -> ApiResult<i64, 201> {
    Ok(Reply::new(7).with_status().with_location("cosas/7"))
}

async fn start() -> ApiResult<String, 202> {
    Ok(Reply::new("PENDIENTE".to_owned()).with_status().with_location("operaciones/7"))
}

async fn remove() -> Result<NoContent, ApiError> {
    Ok(NoContent)
}

async fn export() -> Result<Download<Csv>, ApiError> {
    Ok(Download::new("a,b\n"))
}

async fn print() -> Result<Download<Pdf>, ApiError> {
    Ok(Download::new("%PDF"))
}

async fn watch() -> Result<Sse<impl futures_core::Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    Ok(Sse::new(stream::iter([Ok(Event::default().data("uno"))])))
}

fn outputs() -> ApiRouter {
    ApiRouter::new()
        .operation(Operation::get("/crear", "crear"), create)
        .operation(Operation::get("/iniciar", "iniciar"), start)
        .operation(Operation::get("/borrar", "borrar"), remove)
        .operation(Operation::get("/csv", "csv"), export)
        .operation(Operation::get("/pdf", "pdf"), print)
        .operation(Operation::get("/sse", "sse"), watch)
}

/// Path, status, and the media type of the body where there is one.
const ANSWERS: [(&str, &str, Option<&str>); 6] = [
    ("/crear", "201", Some("application/json")),
    ("/iniciar", "202", Some("application/json")),
    ("/borrar", "204", None),
    ("/csv", "200", Some("text/csv")),
    ("/pdf", "200", Some("application/pdf")),
    ("/sse", "200", Some("text/event-stream")),
];

#[tokio::test]
async fn the_document_tells_the_status_and_the_type_that_are_answered() {
    let (router, document) = outputs().into_parts();
    let document = serde_json::to_value(document).unwrap();
    for (path, status, media) in ANSWERS {
        let responses = &document["paths"][path]["get"]["responses"];
        let told: Vec<_> = responses.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(told, [status, "500", "503"], "{path}");
        let content = responses[status]["content"].as_object();
        assert_eq!(content.map(|content| content.keys().map(String::as_str).collect::<Vec<_>>()), media.map(|media| vec![media]));

        let response = router.clone().oneshot(get(path)).await.unwrap();
        assert_eq!(response.status().as_str(), status, "{path}");
        let sent = response.headers().get("content-type").map(|value| value.to_str().unwrap().split(';').next().unwrap());
        assert_eq!(sent, media, "{path}");
        assert_eq!(response.headers().contains_key("location"), responses[status]["headers"]["Location"].is_object(), "{path}");
    }
}

#[test]
fn bytes_are_binary_and_texts_are_not() {
    let document = serde_json::to_value(outputs().into_parts().1).unwrap();
    let schema = |path: &str, media: &str| document["paths"][path]["get"]["responses"]["200"]["content"][media]["schema"].clone();
    assert_eq!(schema("/pdf", "application/pdf"), json!({"type": "string", "format": "binary"}));
    assert_eq!(schema("/csv", "text/csv"), json!({"type": "string"}));
}

#[tokio::test]
async fn no_content_has_no_body_and_no_type() {
    let response = NoContent.into_response();
    assert_eq!((response.status().as_u16(), response.headers().get("content-type")), (204, None));
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn a_created_answer_is_an_envelope() {
    let response = create().await.into_response();
    assert_eq!(response.headers()["location"], "cosas/7");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"success":true,"data":7,"errors":[]}"#);
}

#[test]
fn a_row_is_declared_alone() {
    let one = Operation::get("/", "leer").error(PagoError::PAGO_NO_ENCONTRADO);
    let api = ApiRouter::<()>::new().operation(one, async || ok(()));
    let codes: Vec<_> = api.catalogue().iter().map(|entry| entry.code).collect();
    assert_eq!(codes, ["PAGO_NO_ENCONTRADO", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE"]);
}

#[cfg(feature = "multipart")]
#[test]
fn an_upload_is_a_multipart_form() {
    let upload = async |_: crate::extract::Multipart| Ok::<_, ApiError>(NoContent);
    let api = ApiRouter::<()>::new().operation(Operation::post("/", "subir"), upload);
    let document = serde_json::to_value(api.into_parts().1).unwrap();
    let post = &document["paths"]["/"]["post"];
    assert_eq!(post["requestBody"]["content"]["multipart/form-data"]["schema"], json!({"type": "object"}));
    for status in ["204", "400", "408", "413", "415", "422"] {
        assert!(post["responses"][status].is_object(), "{status}");
    }
}
