//! Bodies.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use garde::Validate;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;
use standards_core::{Text, validation};

use super::*;
use crate::extract::{Json, refuse};
use crate::layers::BodyLimitLayer;
use crate::{ApiResult, ok};

/// An amount, read from its own digits.
#[derive(Debug)]
pub(super) struct Monto(pub(super) String);

impl<'de> Deserialize<'de> for Monto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim_matches('"');
        if text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Ok(Self(text.to_owned()));
        }
        Err(D::Error::custom(validation::reject::<serde::de::value::Error>(Text::new("debe ser un monto", "must be an amount"))))
    }
}

#[derive(Debug, serde::Deserialize, Validate)]
#[garde(allow_unvalidated)]
pub(super) struct Pago {
    #[garde(range(min = 1))]
    pub(super) cliente_id: i64,
    pub(super) monto: Monto,
    #[serde(default)]
    pub(super) moneda: Option<String>,
    pub(super) estado: Estado,
    #[garde(dive, length(max = 2))]
    #[serde(default)]
    pub(super) lineas: Vec<Linea>,
    #[serde(default)]
    pub(super) urgente: bool,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "read through Debug")]
pub(super) enum Estado {
    Pendiente,
    Procesado,
    Tarjeta { numero: u8 },
}

#[derive(Debug, serde::Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
pub(super) struct Linea {
    #[garde(length(chars, min = 1))]
    nombre_corto: String,
    #[garde(dive)]
    cantidad: Cantidad,
}

#[derive(Debug, serde::Deserialize, Validate)]
struct Cantidad(#[garde(custom(even))] u8);

fn even(n: &u8, _: &()) -> garde::Result {
    if n.is_multiple_of(2) { Ok(()) } else { Err(refuse(Text::new("debe ser par", "must be even"))) }
}

async fn pagar(Json(pago): Json<Pago>) -> ApiResult<String> {
    ok(format!("{} {} {:?} {:?} {}", pago.cliente_id, pago.monto.0, pago.moneda, pago.estado, pago.urgente))
}

fn app() -> Router {
    Router::new().route("/", post(pagar))
}

fn json(body: impl Into<Body>) -> Request<Body> {
    Request::post("/").header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

#[track_caller]
fn messages(body: impl Into<Body>) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (status, messages) = runtime.block_on(answer(app(), json(body)));
    assert_eq!(status, if messages.is_empty() { 200 } else { 422 }, "{messages:?}");
    messages
}

#[test]
fn a_good_body_is_read_to_its_last_digit() {
    let body = r#"{"cliente_id":7,"monto":0.30000000000000004,"estado":"PENDIENTE","otro":[{}]}"#;
    assert_eq!(messages(body), [""; 0]);
    let body = r#" {"cliente_id":7,"monto":"1","estado":{"TARJETA":{"numero":3}},"lineas":[{"nombreCorto":"a","cantidad":2}]} "#;
    assert_eq!(messages(body), [""; 0]);
}

#[test]
fn all_bad_fields_are_in_one_answer() {
    let body = r#"{"cliente_id":"7","monto":"1e2","moneda":5,"estado":"ROTO","urgente":1,
        "lineas":[{"nombreCorto":"a","cantidad":300},{"cantidad":1},7]}"#;
    assert_eq!(
        messages(body),
        [
            "cliente_id: debe ser un número entero",
            "monto: debe ser un monto",
            "moneda: debe ser un texto",
            "estado: debe ser uno de: PENDIENTE, PROCESADO, TARJETA",
            "urgente: debe ser verdadero o falso",
            "lineas[0].cantidad: debe estar entre 0 y 255",
            "lineas[1].nombreCorto: es obligatorio",
            "lineas[2]: debe ser un objeto",
            "lineas[1].cantidad: debe ser par",
            "lineas: debe tener un largo de a lo más 2",
        ]
    );
}

#[test]
fn missing_and_broken_fields_stand_together() {
    assert_eq!(messages("{}"), ["cliente_id: es obligatorio", "monto: es obligatorio", "estado: es obligatorio"]);
    assert_eq!(
        messages(r#"{"cliente_id":0,"monto":null}"#),
        ["monto: debe ser un monto", "estado: es obligatorio", "cliente_id: debe ser mayor o igual que 1"]
    );
}

#[test]
fn a_repeated_field_is_refused_once() {
    let body = r#"{"monto":"1","monto":"2","monto":"3","estado":"PENDIENTE","cliente_id":1,"cliente_id":"x","otro":1,"otro":2}"#;
    assert_eq!(messages(body), ["monto: está repetido", "cliente_id: está repetido"]);
}

#[test]
fn the_content_of_a_variant_has_its_own_path() {
    let body = r#"{"cliente_id":1,"monto":1,"estado":{"TARJETA":{"numero":-1}}}"#;
    assert_eq!(messages(body), ["estado.TARJETA.numero: debe estar entre 0 y 255"]);
    let body = r#"{"cliente_id":1,"monto":1,"estado":{"TARJETA":{},"X":1}}"#;
    assert_eq!(messages(body), ["estado: debe ser uno de: PENDIENTE, PROCESADO, TARJETA"]);
}

#[test]
fn what_is_no_object_is_refused_as_a_whole() {
    for body in ["null", "[]", "\"x\"", "123", r#"[1,"1",null,"PENDIENTE",[],true]"#] {
        assert_eq!(messages(body), ["body: debe ser un objeto"], "{body}");
    }
}

#[test]
fn what_is_no_json_is_malformed() {
    let good = r#"{"cliente_id":1,"monto":1,"estado":"PENDIENTE"}"#;
    for body in
        ["", " ", "{", "{'a':1}", r#"{"a":}"#, r#"{"a":1,}"#, "NaN", r#"{"monto":NaN}"#, r#"{"monto":01}"#, "{}{}", "{}//"]
    {
        assert_eq!(messages(body), ["body: JSON mal formado"], "{body}");
    }
    assert_eq!(messages(format!("\u{feff}{good}")), ["body: JSON mal formado"]);
    assert_eq!(messages(format!("{good}\0")), ["body: JSON mal formado"]);
    assert_eq!(messages(good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()), ["body: JSON mal formado"]);
    assert_eq!(messages(&b"{\"moneda\":\"\xff\"}"[..]), ["body: JSON mal formado"]);
}

#[test]
fn hostile_text_is_refused_where_it_stands() {
    let body = r#"{"cliente_id":1e0,"monto":1,"estado":"PENDIENTE","moneda":"\ud800"}"#;
    assert_eq!(messages(body), ["cliente_id: debe ser un número entero", "moneda: contiene caracteres no válidos"]);
    for id in ["1.0", "1.5", "1e30", "9223372036854775808", "true", "null", "\"1\"", "[1]", "-0.0", "1e400", &"9".repeat(9999)] {
        let body = format!(r#"{{"cliente_id":{id},"monto":1,"estado":"PENDIENTE"}}"#);
        assert!(messages(body)[0].starts_with("cliente_id: "), "{id}");
    }
}

#[test]
fn english_is_spoken_to_whom_it_is_due() {
    use standards_core::context::sync_scope;
    use standards_core::{CorrelationId, RequestContext};
    let request = RequestContext::with_details(CorrelationId::generate(), "/", "POST", standards_core::Language::En, None);
    let body = r#"{"cliente_id":0,"monto":"x","estado":"PENDIENTE","lineas":[{"nombreCorto":"","cantidad":3}]}"#;
    assert_eq!(
        sync_scope(request, || messages(body)),
        [
            "monto: must be an amount",
            "cliente_id: must be at least 1",
            "lineas[0].cantidad: must be even",
            "lineas[0].nombreCorto: must have a length of at least 1",
        ]
    );
}

/// The work for each of these is bounded; the limit here leaves room for an unoptimised build.
#[test]
fn hostile_bodies_cost_little() {
    let keys: String = (0..1500).map(|n| format!("\"k{n}\":1,")).collect();
    let lines = "7,".repeat(8000);
    for body in [
        "[".repeat(16_384),
        r#"{"a":"#.repeat(3_000),
        format!("{}{}", "[".repeat(8_000), "]".repeat(8_000)),
        format!(r#"{{"a":{}1{}}}"#, "[".repeat(8_000), "]".repeat(8_000)),
        format!("{{{keys}\"z\":1}}"),
        format!("{{{}\"z\":1}}", "\"monto\":1,".repeat(1_600)),
        format!(r#"{{"lineas":[{lines}7]}}"#),
    ] {
        assert!(!within(Duration::from_secs(2), || messages(body)).is_empty());
    }
}

#[test]
fn no_more_than_64_fields_are_named() {
    let body = format!(r#"{{"cliente_id":1,"monto":1,"estado":"PENDIENTE","lineas":[{}7]}}"#, "7,".repeat(99));
    assert_eq!(messages(body).len(), 64);
}

#[tokio::test]
async fn another_type_or_encoding_is_not_read() {
    let request = |name, value| Request::post("/").header(name, value).body(Body::from("{}")).unwrap();
    assert_eq!(answer(app(), Request::post("/").body(Body::from("{}")).unwrap()).await.0, 415);
    assert_eq!(answer(app(), request(CONTENT_TYPE, "text/plain")).await.0, 415);
    let mut gzip = json("{}");
    gzip.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(answer(app(), gzip).await, (415, vec!["Tipo de contenido no soportado".to_owned()]));
}

#[tokio::test]
async fn a_body_past_the_limit_is_read_no_further() {
    let limited = || app().layer(BodyLimitLayer::default());
    assert_eq!(answer(limited(), json(vec![b' '; 16_385])).await.0, 413);
    assert_eq!(answer(limited(), json(vec![b' '; 16_384])).await.0, 422);
    assert_eq!(answer(app().layer(BodyLimitLayer::new(3)), json("1234")).await.0, 413);
    let mut announced = json(Body::from_stream(Never));
    announced.headers_mut().insert(CONTENT_LENGTH, "17000".parse().unwrap());
    assert_eq!(answer(limited(), announced).await.0, 413);
}

#[tokio::test]
async fn without_a_limit_of_ours_that_of_axum_holds() {
    assert_eq!(answer(app(), json(vec![b' '; 2 << 20])).await.0, 422);
    assert_eq!(answer(app(), json(vec![b' '; (2 << 20) + 1])).await.0, 413);
    assert_eq!(answer(app().layer(DefaultBodyLimit::max(3)), json("1234")).await.0, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let broken = json(Body::from_stream(Broken));
    assert_eq!(answer(app(), broken).await, (400, vec!["Solicitud no válida".to_owned()]));
}

/// A body that must not be waited for.
struct Never;
/// A body whose connection is gone.
struct Broken;

impl futures_core::Stream for Never {
    type Item = Result<bytes::Bytes, std::io::Error>;

    fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        panic!("the body was read")
    }
}

impl futures_core::Stream for Broken {
    type Item = Result<bytes::Bytes, std::io::Error>;

    fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("gone"))))
    }
}
