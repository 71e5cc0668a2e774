//! Forms, bodies that may be absent, and what was read in use.

use std::collections::HashMap;

use axum::Router;
use axum::routing::post;
use garde::Validate;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::Deserialize;

use super::*;
use crate::extract::{Form, Json, Path, Query};
use crate::layers::BodyLimitLayer;
use crate::ok;

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Debug, Default, Deserialize, PartialEq, Validate)]
#[garde(allow_unvalidated)]
struct Alta {
    #[garde(length(chars, min = 1, max = 5))]
    nombre: String,
    #[garde(range(min = 1))]
    edad: u8,
    #[serde(default)]
    socio: bool,
    #[serde(default)]
    etiqueta: Vec<String>,
}

#[derive(Deserialize, Validate)]
struct Todo(#[garde(skip)] HashMap<String, String>);

fn app() -> Router {
    Router::new()
        .route("/", post(async |Form(alta): Form<Alta>| ok((alta.nombre, alta.edad, alta.socio, alta.etiqueta))))
        .route("/todo", post(async |Form(all): Form<Todo>| ok(all.0.len())))
        .route("/json", post(async |alta: Option<Json<Alta>>| ok(alta.map(|alta| alta.edad))))
}

fn sending(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header(CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

async fn messages(form: &str) -> (u16, Vec<String>) {
    answer(app(), sending("/", FORM, form.to_owned())).await
}

#[tokio::test]
async fn a_form_is_read_by_name() {
    for form in
        ["nombre=Ana&edad=7", "edad=7&nombre=%C3%B1+a&socio=true&etiqueta=a&etiqueta=b&otro=1&otro=2", "&nombre=a&&edad=255&"]
    {
        assert_eq!(messages(form).await, (200, vec![]), "{form}");
    }
}

#[tokio::test]
async fn all_bad_fields_of_a_form_are_in_one_answer() {
    let expected = ["socio: debe ser verdadero o falso", "edad: es obligatorio", "nombre: debe tener un largo de entre 1 y 5"];
    assert_eq!(messages("nombre=&socio=on").await, (422, expected.map(str::to_owned).to_vec()));
    let expected = ["nombre: contiene caracteres no válidos", "edad: está repetido"];
    assert_eq!(messages("nombre=%ff&edad=1&edad=2").await, (422, expected.map(str::to_owned).to_vec()));
    assert_eq!(messages("").await, (422, ["nombre: es obligatorio", "edad: es obligatorio"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn a_form_is_bounded() {
    let many = |n: usize| (0..n).map(|n| format!("p{n}=&")).collect::<String>();
    let all = |body: Vec<u8>| answer(app(), sending("/todo", FORM, body));
    assert_eq!(all(many(1024).into()).await.0, 200);
    assert_eq!(all(many(1025).into()).await, (422, vec!["body: hay demasiados parámetros".to_owned()]));
    assert_eq!(all(b"a=\xff".to_vec()).await, (422, vec!["body: contiene caracteres no válidos".to_owned()]));
    let small = app().layer(BodyLimitLayer::new(3));
    assert_eq!(answer(small, sending("/", FORM, "a=12")).await.0, 413);
}

#[tokio::test]
async fn only_a_form_is_read_as_one() {
    for content_type in [FORM, "Application/X-WWW-Form-Urlencoded; charset=utf-8"] {
        assert_eq!(answer(app(), sending("/", content_type, "nombre=a&edad=1")).await.0, 200, "{content_type}");
    }
    for content_type in
        ["", "application/json", "multipart/form-data", "text/plain", "application/x-www-form-urlencoded; charset=latin1"]
    {
        assert_eq!(answer(app(), sending("/", content_type, "nombre=a&edad=1")).await.0, 415, "{content_type}");
    }
    assert_eq!(answer(app(), Request::post("/").body(Body::from("nombre=a&edad=1")).unwrap()).await.0, 415);
    let mut packed = sending("/", FORM, "nombre=a&edad=1");
    packed.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(answer(app(), packed).await.0, 415);
}

#[tokio::test]
async fn an_optional_body_may_be_absent_but_not_bad() {
    let bare = |body: &'static str| answer(app(), Request::post("/json").body(Body::from(body)).unwrap());
    assert_eq!(bare("").await.0, 200);
    // As axum has it: without a type there is no body to speak of.
    assert_eq!(bare("{").await.0, 200);
    let json = |body: &'static str| answer(app(), sending("/json", "application/json", body));
    assert_eq!(json(r#"{"nombre":"a","edad":1}"#).await.0, 200);
    assert_eq!(json("").await, (422, vec!["body: JSON mal formado".to_owned()]));
    assert_eq!(json(r#"{"nombre":"a","edad":0}"#).await, (422, vec!["edad: debe ser mayor o igual que 1".to_owned()]));
    assert_eq!(answer(app(), sending("/json", "text/plain", "{}")).await.0, 415);
}

#[test]
fn a_body_is_read_from_its_bytes_as_from_a_request() {
    let json = Json::<Alta>::from_bytes(br#"{"nombre":"a","edad":1}"#).unwrap();
    assert_eq!(json.0, Alta { nombre: "a".into(), edad: 1, ..Alta::default() });
    let refused = Json::<Alta>::from_bytes(b"{}").unwrap_err();
    assert_eq!((refused.failure().status().as_u16(), refused.failure().entry().code), (422, "VALIDATION_ERROR"));
}

#[test]
fn what_was_read_is_used_as_if_it_stood_there_itself() {
    let (mut json, mut form) = (Json(Alta::default()), Form(Alta::default()));
    let (mut path, mut query) = (Path(7), Query(vec![1]));
    json.edad += 1;
    form.nombre.push('x');
    *path += 1;
    query.push(2);
    assert_eq!((json.edad, form.nombre.len(), *path, query.len()), (1, 1, 8, 2));
}
