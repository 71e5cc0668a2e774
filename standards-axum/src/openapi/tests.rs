//! A small API, its document, and the answers that keep to it.

mod document;
mod page;
mod schema;

use axum::body::Body;
use axum::extract::State;
use garde::Validate;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standards_core::error_catalogue;
use tower::{Layer, ServiceExt};
use utoipa::{IntoParams, ToSchema};

use super::{ApiRouter, Operation};
use crate::extract::{Json, Path, Query};
use crate::{ApiResult, CorrelationLayer, ok};

error_catalogue! {
    enum PagoError {
        /// The balance is too small.
        SaldoInsuficiente { saldo: i64 } => 400, "SALDO_INSUFICIENTE", "Saldo insuficiente. Actual: {saldo}";
        SinCliente => 400, "CLIENTE_NO_ENCONTRADO", "Cliente no encontrado";
        SinPago => 404, "PAGO_NO_ENCONTRADO", "Pago no encontrado";
    }
}

#[derive(Deserialize, ToSchema, Validate)]
struct PagoRequest {
    #[garde(range(min = 1))]
    monto: i64,
}

#[derive(Serialize, ToSchema)]
struct Pago {
    id: i64,
    estado: Estado,
    nota: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
enum Estado {
    Procesado,
}

#[derive(Serialize, ToSchema)]
struct Pagina<T> {
    elementos: Vec<T>,
}

#[derive(Deserialize, IntoParams, Validate)]
struct PagoPath {
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    id: i64,
}

#[derive(Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
struct Filtro {
    cliente_id: Option<i64>,
    #[param(inline)]
    estado: Option<Estado>,
}

async fn procesar(State(saldo): State<i64>, _: HeaderMap, Json(pago): Json<PagoRequest>) -> ApiResult<Pago> {
    if pago.monto > saldo {
        Err(PagoError::SaldoInsuficiente { saldo })?;
    }
    ok(Pago { id: pago.monto, estado: Estado::Procesado, nota: None })
}

async fn obtener(Path(PagoPath { id }): Path<PagoPath>) -> ApiResult<Pago> {
    if id == 9 { Err(PagoError::SinPago.into()) } else { ok(Pago { id, estado: Estado::Procesado, nota: None }) }
}

async fn listar(Query(filtro): Query<Filtro>) -> ApiResult<Vec<Pago>> {
    let _ = filtro.estado;
    ok(filtro.cliente_id.map(|id| Pago { id, estado: Estado::Procesado, nota: Some("x".into()) }).into_iter().collect())
}

async fn paginar() -> ApiResult<Pagina<Pago>> {
    ok(Pagina { elementos: Vec::new() })
}

fn api() -> ApiRouter {
    let pagos = ApiRouter::new()
        .operation(Operation::post("/", "procesar_pago").tag("pagos").summary("Procesa un pago").errors::<PagoError>(), procesar)
        .operation(Operation::get("/", "listar_pagos"), listar)
        .operation(Operation::get("/{id}", "obtener_pago").errors::<PagoError>(), obtener)
        .operation(Operation::delete("/{id}", "borrar_pago"), async |_: Path<PagoPath>| ok(()));
    let others = ApiRouter::new()
        .operation(Operation::get("/pagina", "paginar"), paginar)
        .operation(Operation::get("/nombre", "leer_nombre"), async || ok("x".to_owned()));
    let v1 = ApiRouter::new().nest("/pagos", pagos).merge(others);
    ApiRouter::new().describe("Pagos", "1.2.3").nest("/api/v1", v1).with_state(100)
}

async fn send(request: Request<Body>) -> (u16, HeaderMap, Value) {
    let (router, _) = api().into_parts();
    let response: Response<_> = CorrelationLayer.layer(router).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), parts.headers, serde_json::from_slice(&body).unwrap())
}

fn json(uri: &str, body: &'static str) -> Request<Body> {
    Request::post(uri).header("content-type", "application/json").body(Body::from(body)).unwrap()
}

fn get(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).unwrap()
}
