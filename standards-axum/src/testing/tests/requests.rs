//! What a request can be made of.

use axum::extract::Extension;
use axum::routing::{any, post};
use garde::Validate;
use http::{HeaderMap, Method, Request};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::extract::{ClientAddress, Form, IdempotencyKey};
use crate::{ok, standardize};

/// The headers of a request, as JSON.
async fn heard(headers: HeaderMap) -> axum::Json<Value> {
    let text = |name: &str| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    let names = ["accept-language", "authorization", "content-type", "x-a", "x-correlation-id"];
    axum::Json(names.iter().map(|name| ((*name).to_owned(), json!(text(name)))).collect())
}

#[derive(Deserialize, Validate)]
struct Sitio {
    #[garde(skip)]
    nombre: String,
    #[garde(skip)]
    ciudad: String,
}

fn app() -> TestApp {
    let fields = async |Form(Sitio { nombre, ciudad }): Form<Sitio>| ok([nombre, ciudad]);
    let routes = Router::new()
        .route("/", any(heard))
        .route("/forma", post(fields))
        .route("/clave", post(async |key: Option<IdempotencyKey>| ok(key.map(|key| key.0.as_str().to_owned()))))
        .route("/de", get(async |client: ClientAddress| ok(client.ip().to_string())))
        .route("/extension", get(async |Extension(number): Extension<u8>| ok(number)));
    TestApp::new(standardize(routes))
}

#[tokio::test]
async fn headers_are_sent_as_they_were_asked_for() {
    let app = app().with_header("accept-language", "en").with_header("x-a", "1");
    let heard = app.get("/").await.json();
    assert_eq!((&heard["accept-language"], &heard["x-a"]), (&json!(["en"]), &json!(["1"])));
    let own = app.get("/").language("es").headers(&[("x-a", "2"), ("x-a", "3")]).bearer("t").await.json();
    assert_eq!(
        (&own["accept-language"], &own["x-a"], &own["authorization"]),
        (&json!(["es"]), &json!(["2", "3"]), &json!(["Bearer t"]))
    );
    assert_eq!(app.post("/").json(&1).await.json()["content-type"], json!(["application/json"]));
    let typed = app.post("/").header("content-type", "text/plain").json_text("{").await.json();
    assert_eq!(typed["content-type"], json!(["text/plain"]));
    assert_eq!(app.put("/").body("x").await.json()["content-type"], json!([]));
}

#[tokio::test]
async fn the_other_parts_arrive() {
    let app = app();
    let sent = [("nombre", "Ana & Luis"), ("ciudad", "Ñuñoa=1")];
    app.post("/forma").form(&sent).await.assert_data(&json!(["Ana & Luis", "Ñuñoa=1"]));
    app.post("/clave").idempotency_key("k-1").await.assert_data(&json!("k-1"));
    app.get("/de").from_address([192, 0, 2, 7]).await.assert_data(&json!("192.0.2.7"));
    app.get("/extension").extension(7_u8).await.assert_data(&json!(7));
    for (request, method) in
        [(app.patch("/"), Method::PATCH), (app.delete("/"), Method::DELETE), (app.request(Method::TRACE, "/"), Method::TRACE)]
    {
        assert_eq!(request.await.access_record()["context"]["http_method"], method.as_str());
    }
    assert_eq!(app.send(Request::get("/de").body("x".into()).unwrap()).await.status(), 500);
}

#[tokio::test]
async fn the_records_are_those_of_the_id_that_the_answer_carries() {
    let app = app();
    let own = app.get("/").correlation_id("pedido-7-testing").await;
    assert_eq!(own.correlation_id().as_str(), "pedido-7-testing");
    own.assert_messages(&["Solicitud atendida"]);
    let replaced = app.get("/").correlation_id("no es un id").await;
    assert_eq!(replaced.correlation_id().as_str().len(), 36);
    replaced.assert_messages(&["Solicitud atendida"]);
    assert!(bare(|| "hola".into_response()).await.records().is_empty());
}

#[test]
fn what_can_be_no_request_is_told_at_once() {
    let app = app();
    assert!(told(|| drop(app.get("no es"))).starts_with("no request can be made for \"no es\": "));
    assert_eq!(told(|| drop(app.get("/").header("x a", "1"))), "no header can be made of \"x a\": \"1\"");
    assert_eq!(told(|| drop(app.get("/").bearer("a\nb"))), "no header can be made of \"authorization\": \"Bearer a\\nb\"");
}
