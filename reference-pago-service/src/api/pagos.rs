//! `/pagos`.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use standards_axum::auth::Caller;
use standards_axum::extract::{IdempotencyKey, Json, PageLinks, PathParams, Query};
use standards_axum::layers::Priority;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiResult, IntoReply, ok};

use super::{ApiState, owned};
use crate::models::{AnulacionError, PagoError, UnknownPago};
use crate::schemas::{PagoCreate, PagoPath, PagoResponse, PagosQuery};
use crate::services::PagoService;

const READ: &str = "pagos:read";
const WRITE: &str = "pagos:write";

pub(super) fn router() -> ApiRouter<ApiState> {
    let process = describe(Operation::post("/pagos", "procesar_pago"), "Debit a cliente and note the pago, as one unit");
    let list = describe(Operation::get("/pagos", "listar_pagos"), "List pagos by id");
    let read = describe(Operation::get("/pagos/{id}", "obtener_pago"), "Read a pago").errors::<UnknownPago>();
    let annul = Operation::post("/pagos/{id}/anulacion", "anular_pago");
    let annul = describe(annul, "Annul a pago and give its amount back, as one unit");
    ApiRouter::new()
        .operation(process.scope(WRITE).priority(Priority::High).errors::<PagoError>(), procesar_pago)
        .operation(list.scope(READ).priority(Priority::Low), listar_pagos)
        .operation(read.scope(READ), obtener_pago)
        .operation(annul.scope(WRITE).priority(Priority::High).errors::<AnulacionError>(), anular_pago)
}

impl FromRef<ApiState> for Arc<PagoService> {
    fn from_ref(state: &ApiState) -> Self {
        state.pagos.clone()
    }
}

fn describe(operation: Operation, summary: &'static str) -> Operation {
    operation.tag("pagos").summary(summary)
}

async fn procesar_pago(
    State(service): State<Arc<PagoService>>,
    caller: Option<Caller>,
    key: Option<IdempotencyKey>,
    Json(body): Json<PagoCreate>,
) -> ApiResult<PagoResponse> {
    let verdict = service.procesar_pago(body.into(), owned(caller.as_ref(), key)).await?;
    verdict.map(|verdict| verdict.map(|accepted| accepted.pago.into())).into_reply()
}

async fn anular_pago(
    State(service): State<Arc<PagoService>>,
    caller: Option<Caller>,
    key: Option<IdempotencyKey>,
    PathParams(path): PathParams<PagoPath>,
) -> ApiResult<PagoResponse> {
    let verdict = service.anular_pago(path.id(), owned(caller.as_ref(), key)).await?;
    verdict.map(|verdict| verdict.map(|annulled| annulled.pago.into())).into_reply()
}

async fn listar_pagos(
    State(service): State<Arc<PagoService>>,
    links: PageLinks,
    Query(query): Query<PagosQuery>,
) -> ApiResult<Vec<PagoResponse>> {
    let pagina = query.pagina;
    let pagos = service.listar_pagos(query.into()).await?;
    Ok(links.by_id(pagina, pagos.into_iter().map(PagoResponse::from).collect(), |pago| pago.id.get()))
}

async fn obtener_pago(
    State(service): State<Arc<PagoService>>,
    PathParams(path): PathParams<PagoPath>,
) -> ApiResult<PagoResponse> {
    ok(service.obtener_pago(path.id()).await?.into())
}
