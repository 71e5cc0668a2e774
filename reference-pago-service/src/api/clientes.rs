//! `/clientes`.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use standards_axum::auth::Caller;
use standards_axum::extract::{IdempotencyKey, Json, PageLinks, PathParams, Query};
use standards_axum::layers::Priority;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiResult, IntoReply, ok};

use super::{ApiState, owned};
use crate::models::{ClienteError, DeletionError, RecargaError, UnknownCliente};
use crate::schemas::{ClienteCreate, ClientePath, ClienteResponse, ClienteUpdate, ClientesQuery, RecargaCreate};
use crate::services::ClienteService;

const READ: &str = "clientes:read";
const WRITE: &str = "clientes:write";

pub(super) fn router() -> ApiRouter<ApiState> {
    ApiRouter::new().merge(collection()).merge(member())
}

fn collection() -> ApiRouter<ApiState> {
    let create = describe(Operation::post("/clientes", "crear_cliente"), "Register a cliente");
    let list = describe(Operation::get("/clientes", "listar_clientes"), "List clientes by id");
    ApiRouter::new()
        .operation(create.scope(WRITE).errors::<ClienteError>(), crear_cliente)
        .operation(list.scope(READ).priority(Priority::Low), listar_clientes)
}

fn member() -> ApiRouter<ApiState> {
    let of_one = |operation, summary| describe(operation, summary).errors::<UnknownCliente>();
    let read = of_one(Operation::get("/clientes/{id}", "obtener_cliente"), "Read a cliente");
    let update = of_one(Operation::put("/clientes/{id}", "actualizar_cliente"), "Change a cliente's name and e-mail");
    let delete = of_one(Operation::delete("/clientes/{id}", "eliminar_cliente"), "Delete a cliente without pagos");
    let credit = describe(Operation::post("/clientes/{id}/recargas", "recargar_cliente"), "Credit a cliente's balance");
    ApiRouter::new()
        .operation(read.scope(READ), obtener_cliente)
        .operation(update.scope(WRITE).errors::<ClienteError>(), actualizar_cliente)
        .operation(delete.scope(WRITE).errors::<DeletionError>(), eliminar_cliente)
        .operation(credit.scope(WRITE).priority(Priority::High).errors::<RecargaError>(), recargar_cliente)
}

impl FromRef<ApiState> for Arc<ClienteService> {
    fn from_ref(state: &ApiState) -> Self {
        state.clientes.clone()
    }
}

fn describe(operation: Operation, summary: &'static str) -> Operation {
    operation.tag("clientes").summary(summary)
}

async fn crear_cliente(
    State(service): State<Arc<ClienteService>>,
    Json(body): Json<ClienteCreate>,
) -> ApiResult<ClienteResponse> {
    ok(service.crear_cliente(body.into()).await?.into())
}

async fn listar_clientes(
    State(service): State<Arc<ClienteService>>,
    links: PageLinks,
    Query(query): Query<ClientesQuery>,
) -> ApiResult<Vec<ClienteResponse>> {
    let pagina = query.pagina;
    let clientes = service.listar_clientes(query.into()).await?;
    Ok(links.by_id(pagina, clientes.into_iter().map(ClienteResponse::from).collect(), |cliente| cliente.id.get()))
}

async fn obtener_cliente(
    State(service): State<Arc<ClienteService>>,
    PathParams(path): PathParams<ClientePath>,
) -> ApiResult<ClienteResponse> {
    ok(service.obtener_cliente(path.id()).await?.into())
}

async fn actualizar_cliente(
    State(service): State<Arc<ClienteService>>,
    PathParams(path): PathParams<ClientePath>,
    Json(body): Json<ClienteUpdate>,
) -> ApiResult<ClienteResponse> {
    let (nombre, email) = body.into_parts();
    ok(service.actualizar_cliente(path.id(), nombre, email).await?.into())
}

async fn eliminar_cliente(
    State(service): State<Arc<ClienteService>>,
    PathParams(path): PathParams<ClientePath>,
) -> ApiResult<()> {
    service.eliminar_cliente(path.id()).await?;
    ok(())
}

async fn recargar_cliente(
    State(service): State<Arc<ClienteService>>,
    caller: Option<Caller>,
    key: Option<IdempotencyKey>,
    PathParams(path): PathParams<ClientePath>,
    Json(body): Json<RecargaCreate>,
) -> ApiResult<ClienteResponse> {
    let verdict = service.recargar_cliente(path.id(), body.monto(), owned(caller.as_ref(), key)).await?;
    verdict.map(|verdict| verdict.map(ClienteResponse::from)).into_reply()
}
