//! Arbitrary queries: each is accepted, or refused by naming its bad parameters.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use garde::Validate;
use http::{Request, Uri};
use serde::Deserialize;
use standards_axum::extract::Query;
use standards_axum::{ApiResult, ok};

use super::answer::is_accepted;

#[derive(Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Filtro {
    #[garde(range(min = 1))]
    cliente_id: Option<i64>,
    estado: Option<Estado>,
    #[serde(default)]
    anulados: bool,
    #[serde(default)]
    #[garde(range(max = 1000))]
    limit: u16,
    tasa: Option<f64>,
    #[serde(default)]
    etiqueta: Vec<String>,
    #[garde(length(chars, max = 8))]
    nombre: Option<String>,
}

#[derive(Debug, Deserialize)]
enum Estado {
    Pendiente,
    Procesado,
}

/// Asks with `data` as the query; panics unless the answer is what an answer must be. Whether it was accepted; `None` for what is no
/// URI, which no server lets through.
pub(crate) fn check(data: &[u8]) -> Option<bool> {
    let uri = Uri::try_from([b"/?", data].concat()).ok()?;
    let request = Request::get(uri).body(Body::empty()).unwrap();
    Some(is_accepted(Router::new().route("/", get(listar)), request))
}

async fn listar(Query(filtro): Query<Filtro>) -> ApiResult<String> {
    let numbers = (filtro.cliente_id, filtro.limit, filtro.tasa, filtro.anulados);
    ok(format!("{numbers:?} {:?} {:?} {:?}", filtro.estado, filtro.etiqueta, filtro.nombre))
}
