//! A small API, its document, and the answers that keep to it.

mod document;
mod outputs;
mod page;
mod rules;
mod schema;
#[cfg(feature = "auth")]
mod security;
mod values;

use axum::body::Body;
use axum::extract::State;
use garde::Validate;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standards_core::error_catalogue;
use tower::{Layer, ServiceExt};
use utoipa::{IntoParams, ToSchema};

use super::{ApiRouter, Operation};
use crate::extract::{Json, PathParams, Query};
use crate::layers::CorrelationLayer;
use crate::{ApiResult, ok};

error_catalogue! {
    enum PagoError {
        /// The balance is too small.
        SaldoInsuficiente { saldo: i64 } => 400, "SALDO_INSUFICIENTE", "Saldo insuficiente. Actual: {saldo}";
        SinCliente => 400, "CLIENTE_NO_ENCONTRADO", "Cliente no encontrado";
        SinPago => 404, PAGO_NO_ENCONTRADO, "Pago no encontrado";
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

async fn obtener(PathParams(PagoPath { id }): PathParams<PagoPath>) -> ApiResult<Pago> {
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
        .operation(Operation::delete("/{id}", "borrar_pago"), async |_: PathParams<PagoPath>| ok(()));
    let others = ApiRouter::new()
        .operation(Operation::get("/pagina", "paginar"), paginar)
        .operation(Operation::get("/nombre", "leer_nombre"), async || ok("x".to_owned()));
    let v1 = ApiRouter::new().nest("/pagos", pagos).merge(others);
    ApiRouter::new().describe("Pagos", "1.2.3").nest("/api/v1", v1).with_state(100)
}

async fn send(request: Request<Body>) -> (u16, HeaderMap, Value) {
    send_to(api().into_parts().0, request).await
}

async fn send_to(router: axum::Router, request: Request<Body>) -> (u16, HeaderMap, Value) {
    let response: Response<_> = CorrelationLayer::new().layer(router).oneshot(request).await.unwrap();
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

/// Says under which route it was asked.
async fn whereabouts() -> ApiResult<Option<String>> {
    ok(standards_core::context::with_current(|context| context.and_then(|context| context.route().map(str::to_owned))))
}

fn marked() -> tower_http::set_header::SetResponseHeaderLayer<HeaderValue> {
    tower_http::set_header::SetResponseHeaderLayer::overriding(http::header::VIA, HeaderValue::from_static("layer"))
}

#[tokio::test]
async fn a_layer_stands_around_the_operations_that_were_there_and_their_routes_are_known() {
    let api = ApiRouter::new()
        .operation(Operation::get("/antes/{id}", "antes"), whereabouts)
        .map_router(|router| router.route("/ajena", axum::routing::get(whereabouts)))
        .operation(Operation::get("/", "raiz"), whereabouts)
        .layer(marked())
        .operation(Operation::get("/despues", "despues"), whereabouts);
    let (router, _) = ApiRouter::new().nest("/api", api).into_parts();
    for (uri, route, has_layer) in [
        ("/api/antes/7", "/api/antes/{id}", true),
        ("/api", "/api", true),
        ("/api/ajena", "/api/ajena", true),
        ("/api/despues", "/api/despues", false),
    ] {
        let (status, headers, body) = send_to(router.clone(), get(uri)).await;
        assert_eq!((status, &body["data"], headers.contains_key("via")), (200, &Value::from(route), has_layer), "{uri}");
    }
}

#[tokio::test]
async fn a_prefix_of_nothing_leaves_operations_where_they_are() {
    for prefix in ["", "/"] {
        let api = ApiRouter::new()
            .operation(Operation::get("/", "raiz"), whereabouts)
            .operation(Operation::get("/pagos/", "pagos"), whereabouts);
        let (router, document) = ApiRouter::new().nest(prefix, api).into_parts();
        assert_eq!(document.paths.paths.keys().collect::<Vec<_>>(), ["/", "/pagos/"], "{prefix:?}");
        for uri in ["/", "/pagos/"] {
            let (status, _, body) = send_to(router.clone(), get(uri)).await;
            assert_eq!((status, &body["data"]), (200, &Value::from(uri)), "{prefix:?} {uri}");
        }
    }
}
