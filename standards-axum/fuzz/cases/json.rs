//! Arbitrary bodies: each is accepted, or refused by naming its bad fields.

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use garde::Validate;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use standards_axum::extract::Json;
use standards_axum::{ApiResult, ok};

use super::answer::is_accepted;

/// One of each: numbers, texts, options, lists, maps, nested and tagged parts, floats, rules.
#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Pago {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(length(chars, min = 1, max = 12))]
    monto: String,
    moneda: Option<String>,
    #[serde(default)]
    estado: Estado,
    #[serde(default)]
    #[garde(dive, length(max = 3))]
    lineas: Vec<Linea>,
    #[serde(default)]
    tasa: f64,
    #[serde(default)]
    par: (u8, bool),
    #[serde(default)]
    etiquetas: std::collections::BTreeMap<String, i8>,
    #[serde(default)]
    ajeno: serde_json::Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Estado {
    #[default]
    Pendiente,
    Tarjeta {
        numero: u8,
    },
    Lote(Vec<u16>),
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
struct Linea {
    #[garde(length(chars, min = 1))]
    nombre_corto: String,
    #[garde(skip)]
    cantidad: Option<Box<Self>>,
}

/// Sends `data` as a body; panics unless the answer is what an answer must be. Whether it was accepted.
pub(crate) fn check(data: &[u8]) -> bool {
    let router = Router::new().route("/", post(pagar));
    let request = Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from(data.to_vec())).unwrap();
    is_accepted(router, request)
}

async fn pagar(Json(pago): Json<Pago>) -> ApiResult<String> {
    let numbers = match pago.estado {
        Estado::Pendiente => Vec::new(),
        Estado::Tarjeta { numero } => vec![numero.into()],
        Estado::Lote(numbers) => numbers,
    };
    let depth = pago.lineas.iter().map(depth).max();
    let read = (pago.cliente_id, pago.monto, pago.moneda, numbers, depth, pago.tasa, pago.par, pago.etiquetas, pago.ajeno);
    ok(format!("{read:?}"))
}

fn depth(linea: &Linea) -> usize {
    linea.nombre_corto.len() + linea.cantidad.as_deref().map_or(0, depth)
}
