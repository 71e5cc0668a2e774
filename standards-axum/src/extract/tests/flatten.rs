//! Parts that serde takes in before it knows what they are: flattened, tagged, and what is inside them.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::routing::{get as on_get, post};
use garde::Validate;
use http::header::CONTENT_TYPE;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use standards_core::{Text, validation};

use super::*;
use crate::extract::{Json, PathParams, Query};
use crate::ok;

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Busqueda {
    #[serde(flatten)]
    #[garde(dive)]
    pagina: Pagina,
    #[garde(range(min = 1))]
    n: u8,
    nombre: Option<String>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[garde(allow_unvalidated)]
struct Pagina {
    #[serde(rename = "limit")]
    tope: u8,
    #[garde(range(max = 100))]
    offset: i64,
    #[serde(flatten)]
    #[garde(dive)]
    orden: Orden,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[garde(allow_unvalidated)]
struct Orden {
    #[garde(length(max = 3))]
    por_campo: String,
    #[serde(default)]
    al_reves: bool,
    #[serde(default)]
    sentido: Sentido,
    #[serde(default)]
    etiquetas: Vec<u8>,
    #[serde(default)]
    correo: Option<Correo>,
    #[serde(default)]
    otro_correo: Option<Correo>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Sentido {
    #[default]
    Sube,
    Baja,
}

/// A text with a grammar of its own.
struct Correo(());

impl<'de> Deserialize<'de> for Correo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let reason = || validation::reject::<serde::de::value::Error>(Text::new("debe ser un correo", "must be an address"));
        if text.contains('@') { Ok(Self(())) } else { Err(D::Error::custom(reason())) }
    }
}

type Read = (u8, u8, i64, String, bool, usize, Option<String>);

fn told(all: Busqueda) -> Read {
    let Orden { por_campo, al_reves, sentido, etiquetas, correo, otro_correo } = all.pagina.orden;
    let _ = (matches!(sentido, Sentido::Baja), correo.map(|correo| correo.0), otro_correo);
    (all.n, all.pagina.tope, all.pagina.offset, por_campo, al_reves, etiquetas.len(), all.nombre)
}

fn app() -> Router {
    Router::new()
        .route("/", post(async |Json(all): Json<Busqueda>| ok(told(all))).get(async |Query(all): Query<Busqueda>| ok(told(all))))
        .route("/{n}/{limit}/{offset}/{porCampo}", on_get(async |PathParams(all): PathParams<Busqueda>| ok(told(all))))
        .route("/pago", post(async |Json(_): Json<Pago>| ok(())))
}

#[track_caller]
fn sent(request: Request<Body>) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (status, messages) = runtime.block_on(answer(app(), request));
    assert_eq!(status, if messages.is_empty() { 200 } else { 422 }, "{messages:?}");
    messages
}

#[track_caller]
fn body_to(path: &str, body: &str) -> Vec<String> {
    sent(Request::post(path).header(CONTENT_TYPE, "application/json").body(Body::from(body.to_owned())).unwrap())
}

#[test]
fn a_good_request_is_read() {
    let body =
        r#"{"n":1,"limit":2,"offset":-3,"porCampo":"id","alReves":true,"sentido":"BAJA","etiquetas":[1,2],"correo":"a@b"}"#;
    assert_eq!(body_to("/", body), [""; 0]);
    for query in [
        "n=1&limit=2&offset=-3&porCampo=id",
        "limit=7&n=7&offset=7&porCampo=7&nombre=7&alReves=true&sentido=BAJA",
        "n=1&limit=2&offset=3&porCampo=id&etiquetas=1",
        "n=1&limit=2&offset=3&porCampo=id&etiquetas=1&etiquetas=2&correo=a%40b.cl",
    ] {
        assert_eq!(sent(get(&format!("/?{query}"))), [""; 0], "{query}");
    }
    assert_eq!(sent(get("/1/2/3/id")), [""; 0]);
}

#[tokio::test]
async fn a_query_is_read_to_the_same_values_as_a_body() {
    let query = get("/?n=1&limit=2&offset=-3&porCampo=5&alReves=true&etiquetas=1&etiquetas=2&nombre=7");
    let body = r#"{"n":1,"limit":2,"offset":-3,"porCampo":"5","alReves":true,"etiquetas":[1,2],"nombre":"7"}"#;
    let body = Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
    let mut read = Vec::new();
    for request in [query, body] {
        read.push(app().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes());
    }
    assert_eq!(read[0], r#"{"success":true,"data":[1,2,-3,"5",true,2,"7"],"errors":[]}"#);
    assert_eq!(read[0], read[1]);
}

#[test]
fn regression_bad_fields_of_a_flattened_part_stand_beside_the_others() {
    assert_eq!(
        sent(get("/?limit=x&offset=y&n=z&porCampo=id")),
        ["n: debe ser un número entero", "limit: debe ser un número entero", "offset: debe ser un número entero"]
    );
    assert_eq!(
        sent(get("/z/x/300/id")),
        ["n: debe ser un número entero", "limit: debe ser un número entero", "offset: debe ser menor o igual que 100"]
    );
    assert_eq!(
        body_to("/", r#"{"limit":"x","offset":"x","n":"x","porCampo":7,"sentido":"X","etiquetas":[1,"x",300]}"#),
        [
            "n: debe ser un número entero",
            "limit: debe ser un número entero",
            "offset: debe ser un número entero",
            "porCampo: debe ser un texto",
            "sentido: debe ser uno de: SUBE, BAJA",
            "etiquetas[1]: debe ser un número entero",
            "etiquetas[2]: debe estar entre 0 y 255",
        ]
    );
}

#[test]
fn missing_ones_are_told_too() {
    let missing = ["n: es obligatorio", "limit: es obligatorio", "offset: es obligatorio", "porCampo: es obligatorio"];
    assert_eq!(body_to("/", "{}"), missing);
    assert_eq!(sent(get("/")), missing);
    assert_eq!(
        body_to("/", r#"{"n":0,"offset":"x"}"#),
        [
            "offset: debe ser un número entero",
            "limit: es obligatorio",
            "porCampo: es obligatorio",
            "n: debe ser mayor o igual que 1"
        ]
    );
}

#[test]
fn each_reason_is_told_of_the_field_that_it_is_about() {
    let with = |field: &str| body_to("/", &format!(r#"{{"n":1,"limit":2,"offset":3,"porCampo":"id",{field}}}"#));
    assert_eq!(with(r#""limit":2"#), ["limit: está repetido"]);
    assert_eq!(with(r#""alReves":1"#), ["alReves: debe ser verdadero o falso"]);
    assert_eq!(with(r#""sentido":7"#), ["sentido: no es válido"]);
    assert_eq!(with(r#""etiquetas":{}"#), ["etiquetas: debe ser una lista"]);
    assert_eq!(with(r#""correo":"x""#), ["correo: debe ser un correo"]);
    assert_eq!(with(r#""correo":"x","otroCorreo":"y""#), ["correo: debe ser un correo", "otroCorreo: debe ser un correo"]);
    assert_eq!(with(r#""correo":7,"otroCorreo":"id""#), ["correo: debe ser un texto", "otroCorreo: debe ser un correo"]);
    let query = |rest: &str| sent(get(&format!("/?n=1&offset=3&porCampo=id&{rest}")));
    assert_eq!(query("limit=300"), ["limit: debe estar entre 0 y 255"]);
    assert_eq!(query("limit=1&limit=2"), ["limit: está repetido"]);
    assert_eq!(query("limit=%ff&alReves=si"), ["limit: contiene caracteres no válidos", "alReves: debe ser verdadero o falso"]);
    assert_eq!(
        query("limit=+1&etiquetas=1&etiquetas=x"),
        ["limit: debe ser un número entero", "etiquetas[1]: debe ser un número entero"]
    );
}

#[test]
fn rules_name_the_field_as_the_client_wrote_it() {
    let body = r#"{"n":0,"limit":2,"offset":300,"porCampo":"largo"}"#;
    let broken = [
        "n: debe ser mayor o igual que 1",
        "offset: debe ser menor o igual que 100",
        "porCampo: debe tener un largo de a lo más 3",
    ];
    let mut found = body_to("/", body);
    found.sort_by_key(|message| broken.iter().position(|other| other == message));
    assert_eq!(found, broken);
}

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only its errors matter")]
struct Pago {
    id: u8,
    #[serde(flatten)]
    medio: Medio,
    #[serde(flatten)]
    resto: HashMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(tag = "tipo")]
#[expect(dead_code, reason = "only its errors matter")]
enum Medio {
    Tarjeta { numero: u32, titular: Titular },
    Efectivo,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only its errors matter")]
struct Titular {
    rut: String,
    edad: u8,
}

#[test]
fn what_is_inside_a_tagged_part_has_its_own_place() {
    assert_eq!(body_to("/pago", r#"{"id":1,"tipo":"Efectivo","x":[{}]}"#), [""; 0]);
    assert_eq!(
        body_to("/pago", r#"{"id":"x","tipo":"Tarjeta","numero":"x","titular":{"rut":7}}"#),
        [
            "id: debe ser un número entero",
            "numero: debe ser un número entero",
            "titular.rut: debe ser un texto",
            "titular.edad: es obligatorio",
        ]
    );
    assert_eq!(body_to("/pago", r#"{"id":1,"tipo":"X"}"#), ["tipo: debe ser uno de: Tarjeta, Efectivo"]);
    assert_eq!(body_to("/pago", r#"{"id":1}"#), ["tipo: es obligatorio"]);
    assert_eq!(body_to("/pago", r#"{"id":1,"tipo":"Tarjeta","numero":1,"titular":7}"#), ["titular: debe ser un objeto"]);
}

/// As `hostile_bodies_cost_little`: the limit leaves room for an unoptimised build.
#[test]
fn hostile_flattened_parts_cost_little() {
    let keys: String = (0..1300).map(|n| format!("\"k{n}\":\"x\",")).collect();
    for body in [
        format!(r#"{{{keys}"limit":"x","n":"x"}}"#),
        format!(r#"{{"limit":{}1{}}}"#, "[".repeat(7_000), "]".repeat(7_000)),
        format!(r#"{{"n":1,"limit":1,"offset":1,"porCampo":"x","etiquetas":[{}"x"]}}"#, "\"x\",".repeat(3_000)),
    ] {
        assert!(!within(Duration::from_secs(2), || body_to("/", &body)).is_empty());
    }
}

#[derive(Debug, Deserialize, PartialEq, Validate)]
#[garde(allow_unvalidated)]
struct Entero {
    a: u8,
    #[garde(range(max = 9))]
    b: i64,
    c: String,
    #[serde(default)]
    d: bool,
    #[serde(default)]
    e: Vec<u8>,
    f: Option<f64>,
}

#[derive(Debug, Deserialize, PartialEq, Validate)]
#[garde(allow_unvalidated)]
struct Partido {
    a: u8,
    #[serde(flatten)]
    #[garde(dive)]
    parte: Parte,
    #[serde(flatten)]
    otra: Otra,
}

#[derive(Debug, Deserialize, PartialEq, Validate)]
#[garde(allow_unvalidated)]
struct Parte {
    #[garde(range(max = 9))]
    b: i64,
    #[serde(flatten)]
    centro: Centro,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Centro {
    c: String,
    #[serde(default)]
    d: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Otra {
    #[serde(default)]
    e: Vec<u8>,
    f: Option<f64>,
}

type Fields = (u8, i64, String, bool, Vec<u8>, Option<f64>);

fn of_whole(Entero { a, b, c, d, e, f }: Entero) -> Fields {
    (a, b, c, d, e, f)
}

fn of_parts(Partido { a, parte: Parte { b, centro: Centro { c, d } }, otra: Otra { e, f } }: Partido) -> Fields {
    (a, b, c, d, e, f)
}

fn told_by<T: serde::de::DeserializeOwned + Validate<Context = ()>>(
    read: Result<T, standards_core::Failure>,
    fields: fn(T) -> Fields,
) -> Result<Fields, Vec<String>> {
    read.map(fields).map_err(|failure| {
        let body = failure.body(standards_core::Language::Es);
        let mut messages: Vec<_> = body.errors().iter().map(|error| error.message.clone()).collect();
        messages.sort();
        messages
    })
}

const JSON: [&str; 13] = ["1", "1", "7", "300", "-1", "10", "1.5", "true", "null", "\"x\"", "\"1\"", "[1,\"x\",300]", "{}"];
const TEXTS: [&str; 9] = ["1", "1", "7", "300", "-1", "10", "1.5", "true", "x"];

/// A good text between two bad ones that look like it, of fields that are read before and after it.
#[test]
fn regression_the_innocent_one_of_equal_texts_is_not_blamed() {
    for query in ["e=x&c=x&e=1&b=x", "e=x&c=x&b=x", "c=x&b=x&e=1&e=x", "a=x&c=x&e=x", "e=300&c=300&a=300&b=1"] {
        let whole = told_by(crate::extract::urlencoded::parse::<Entero>("query", query), of_whole);
        let parts = told_by(crate::extract::urlencoded::parse::<Partido>("query", query), of_parts);
        assert_eq!(whole, parts, "{query}");
    }
}

proptest::proptest! {
    /// A struct is told the same of, whether its parts are flattened or not; equal values, good in one field and bad in another, included.
    #[test]
    fn a_flattened_body_is_judged_as_if_it_were_whole(values in proptest::collection::vec(proptest::option::of(0..JSON.len()), 6)) {
        let given = values.iter().zip("abcdef".chars()).filter_map(|(value, name)| Some((name, JSON[(*value)?])));
        let body = format!("{{{}}}", given.map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(","));
        let whole = told_by(crate::extract::json::parse::<Entero>(body.as_bytes()), of_whole);
        let parts = told_by(crate::extract::json::parse::<Partido>(body.as_bytes()), of_parts);
        proptest::prop_assert_eq!(whole, parts, "{}", body);
    }

    #[test]
    fn so_is_a_query(values in proptest::collection::vec((0..6_usize, 0..TEXTS.len()), 0..9)) {
        let given = values.iter().map(|(name, value)| format!("{}={}", ["a", "b", "c", "d", "e", "f"][*name], TEXTS[*value]));
        let query = given.collect::<Vec<_>>().join("&");
        let whole = told_by(crate::extract::urlencoded::parse::<Entero>("query", &query), of_whole);
        let parts = told_by(crate::extract::urlencoded::parse::<Partido>("query", &query), of_parts);
        proptest::prop_assert_eq!(whole, parts, "{}", query);
    }
}

/// Each compares two fields, beside a part that is flattened.
#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Rango {
    desde: i64,
    #[garde(custom(not_before(&self.desde)))]
    hasta: i64,
    primera: Option<String>,
    #[garde(custom(not_before(&self.primera)))]
    ultima: Option<String>,
    #[serde(flatten)]
    #[garde(dive)]
    pagina: crate::extract::Page,
}

fn not_before<T: PartialOrd>(first: &T) -> impl FnOnce(&T, &()) -> garde::Result + '_ {
    move |last, ()| if last < first { Err(garde::Error::new("antes de tiempo")) } else { Ok(()) }
}

/// The other field decides over the rule as well, and plausible values may lie before it.
#[tokio::test]
async fn regression_a_rule_that_compares_two_fields_is_told_of_its_own() {
    let app = || Router::new().route("/rango", on_get(async |Query(rango): Query<Rango>| ok(rango.hasta)));
    for (query, told) in [
        ("desde=5000&hasta=4000", "hasta: antes de tiempo"),
        ("desde=-3&hasta=-4", "hasta: antes de tiempo"),
        ("desde=1&hasta=2&primera=2026-05-02&ultima=2026-05-01", "ultima: antes de tiempo"),
        ("desde=1&hasta=2&primera=2026-05-02T10:00:00Z&ultima=2026-05-02T09:00:00Z", "ultima: antes de tiempo"),
    ] {
        let request = Request::get(format!("/rango?{query}")).body(Body::empty()).unwrap();
        assert_eq!(answer(app(), request).await, (422, vec![told.to_owned()]), "{query}");
    }
}

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Tramo {
    desde: i64,
    #[garde(custom(not_before(&self.desde)))]
    hasta: i64,
}

/// What did not come, or was refused, is told; that the value in its place breaks a rule is not.
#[tokio::test]
async fn regression_a_rule_is_not_broken_by_what_stands_in_another_place() {
    let app = || {
        let flat = on_get(async |Query(rango): Query<Rango>| ok(rango.hasta));
        Router::new().route("/rango", flat).route("/tramo", on_get(async |Query(tramo): Query<Tramo>| ok(tramo.hasta)))
    };
    for (query, told) in [
        ("desde=7", "hasta: es obligatorio"),
        ("desde=7&hasta=x", "hasta: debe ser un número entero"),
        ("hasta=0", "desde: es obligatorio"),
        ("hasta=0&desde=x", "desde: debe ser un número entero"),
    ] {
        for path in ["rango", "tramo"] {
            let request = Request::get(format!("/{path}?{query}")).body(Body::empty()).unwrap();
            assert_eq!(answer(app(), request).await, (422, vec![told.to_owned()]), "{path} {query}");
        }
    }
}
