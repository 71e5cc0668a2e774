//! `/pagos`.

use axum::extract::State;
use standards_axum::extract::{Json, Path, Query};
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiResult, ok};

use super::ApiState;
use crate::error::{PagoDeRuta, PagoError};
use crate::schemas::{PagoCreate, PagoPath, PagoResponse, PagosQuery};
use crate::services::PagoService;

pub(super) fn router() -> ApiRouter<ApiState> {
    ApiRouter::new()
        .operation(
            Operation::post("/pagos", "procesar_pago")
                .tag("pagos")
                .summary("Debit a cliente and note the pago, as one unit")
                .errors::<PagoError>(),
            procesar_pago,
        )
        .operation(Operation::get("/pagos", "listar_pagos").tag("pagos").summary("List pagos by id"), listar_pagos)
        .operation(
            Operation::get("/pagos/{id}", "obtener_pago").tag("pagos").summary("Read a pago").errors::<PagoDeRuta>(),
            obtener_pago,
        )
}

async fn procesar_pago(State(service): State<PagoService>, Json(body): Json<PagoCreate>) -> ApiResult<PagoResponse> {
    ok(service.procesar_pago(body.into()).await?.into())
}

async fn listar_pagos(State(service): State<PagoService>, Query(query): Query<PagosQuery>) -> ApiResult<Vec<PagoResponse>> {
    let pagos = service.listar_pagos(query.into()).await?;
    ok(pagos.into_iter().map(PagoResponse::from).collect())
}

async fn obtener_pago(State(service): State<PagoService>, Path(path): Path<PagoPath>) -> ApiResult<PagoResponse> {
    ok(service.obtener_pago(path.id()).await?.into())
}
