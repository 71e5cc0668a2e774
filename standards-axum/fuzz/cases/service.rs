//! A service with everything switched on, and failures planted under `/fallas/`.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use futures_util::{Stream, stream};
use garde::Validate;
use serde::Deserialize;
use standards_axum::auth::{AuthSettings, Caller, Grant};
use standards_axum::core::idempotency::{IdempotencyError, IdempotencyStore, KeyedRequest, MemoryStore};
use standards_axum::core::settings::Environment;
use standards_axum::core::{ErrorStatus, Failure};
use standards_axum::extract::{Form, IdempotencyKey, Json, Multipart, Page, PageLinks, Path, Query};
use standards_axum::layers::Priority;
use standards_axum::media::Csv;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiError, ApiResult, Download, IntoReply, NoContent, Service, ServiceInfo, StandardSettings, ok};
use tokio::runtime::Runtime;
use utoipa::{IntoParams, ToSchema};

use super::stack::Stack;

type Outcomes = Arc<MemoryStore<Result<u64, IdempotencyError>>>;

const VARIABLES: [(&str, &str); 5] = [
    ("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"),
    ("JWT_ISSUER", "https://login.example"),
    ("JWT_AUDIENCE", "pagos"),
    ("ALLOWED_HOSTS", "https://tienda.cl"),
    ("MAX_IN_FLIGHT", "4"),
];

/// The whole of it.
pub(crate) fn stack() -> Stack {
    let settings: AuthSettings = Environment::from_pairs(VARIABLES).settings().unwrap();
    let standard: StandardSettings = Environment::from_pairs(VARIABLES).settings().unwrap();
    let info = ServiceInfo { name: "fuzz", ..standards_axum::service_info!() };
    let api = api().authenticated(settings.authenticator().unwrap()).with_state(Outcomes::default());
    let router = Service::new(info, standard).routes(routes()).api(api).into_router();
    let token = settings.issue(&Grant::new("ana").with_scope("pagos:read pagos:write")).unwrap();
    Stack::new(router, token, |path| path.starts_with("/fallas/"), |path| path.starts_with("/api/v1/") && !BARE.contains(&path))
}

/// Where it is asked: whoever waits for nothing else is at the end of any deadline.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Operations whose success is something else than an envelope.
const BARE: [&str; 3] = ["/api/v1/openapi.json", "/api/v1/informe", "/api/v1/eventos"];

fn api() -> ApiRouter<Outcomes> {
    ApiRouter::new()
        .operation(Operation::post("/pagos", "pagar").scope("pagos:write").priority(Priority::High), pagar)
        .operation(Operation::get("/pagos", "listar").scope("pagos:read").priority(Priority::Low), listar)
        .operation(Operation::get("/pagos/{id}", "leer").scope("pagos:read"), leer)
        .operation(Operation::delete("/pagos/{id}", "eliminar").scope("pagos:write"), eliminar)
        .operation(Operation::post("/cierres", "cerrar").scope("cierres:write"), async || ok(()))
        .operation(Operation::put("/pagos/{id}/{parte}", "anotar").public(), anotar)
        .operation(Operation::post("/archivos", "subir").public(), subir)
        .operation(Operation::post("/formularios", "inscribir").public(), inscribir)
        .operation(Operation::get("/informe", "informar").public(), informar)
        .operation(Operation::get("/eventos", "avisar").public(), avisar)
}

/// What no `ApiRouter` knows, and what fails.
fn routes() -> axum::Router {
    axum::Router::new()
        .route("/texto", get(async || "tal cual"))
        .route("/eco", post(repetir))
        .route("/ajeno", get(async || (StatusCode::CONFLICT, "causa-secreta de otra biblioteca")))
        .route("/fallas/interna", get(async || interna()))
        .route("/fallas/panico", post(async || panic!("causa-secreta") as ()))
        .route("/fallas/ajena", get(async || (StatusCode::BAD_GATEWAY, "causa-secreta")))
        .route("/fallas/lenta", get(async || std::future::pending::<()>().await))
        .route("/fallas/corte", get(cortar))
}

#[derive(Deserialize, ToSchema, Validate)]
struct Pago {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(length(chars, min = 1, max = 12))]
    monto: String,
    #[serde(default)]
    #[garde(dive, length(max = 3))]
    lineas: Vec<Linea>,
}

#[derive(Deserialize, ToSchema, Validate)]
struct Linea {
    #[garde(length(chars, min = 1))]
    nombre: String,
    #[garde(skip)]
    cantidad: Option<u8>,
}

#[derive(Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
struct Filtro {
    #[garde(range(min = 1))]
    cliente_id: Option<i64>,
    #[serde(default)]
    etiqueta: Vec<String>,
    desde: Option<f64>,
}

#[derive(Deserialize, ToSchema, Validate)]
struct Inscripcion {
    #[garde(length(chars, min = 1, max = 20))]
    nombre: String,
    #[serde(default)]
    #[garde(skip)]
    acepta: bool,
}

async fn pagar(
    State(outcomes): State<Outcomes>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(pago): Json<Pago>,
) -> ApiResult<u64> {
    let lineas: u64 = pago.lineas.iter().map(|linea| linea.nombre.len() as u64 + u64::from(linea.cantidad.unwrap_or(1))).sum();
    let total = lineas + pago.monto.len() as u64;
    tracing::info!(pago.cliente_id, pago.monto, total, "Pago solicitado");
    let Some(IdempotencyKey(key)) = key else { return ok(total) };
    let request = KeyedRequest::current(caller.subject(), key, &(pago.cliente_id, pago.monto, lineas))?;
    outcomes.perform(&request, MemoryStore::effect(async move { Ok(Ok(total)) })).await?.into_reply()
}

async fn listar(links: PageLinks, Query(filtro): Query<Filtro>, Query(page): Query<Page>) -> ApiResult<Vec<i64>> {
    tracing::info!(desde = filtro.desde, etiquetas = filtro.etiqueta.len(), "Lista solicitada");
    let first = page.after_id().unwrap_or(0).max(filtro.cliente_id.unwrap_or(0));
    let ids = (0..=page.limit()).map(|row| first.saturating_add(row)).collect();
    Ok(links.by_id(page, ids, |id| *id))
}

async fn leer(Path(id): Path<u32>) -> ApiResult<u32> {
    match id {
        0..1000 => ok(id),
        _ => Err(Failure::http(ErrorStatus::NOT_FOUND))?,
    }
}

async fn eliminar(Path(_): Path<u32>) -> Result<NoContent, ApiError> {
    Ok(NoContent)
}

async fn anotar(Path((id, parte)): Path<(i64, String)>, caller: Option<Caller>) -> ApiResult<String> {
    tracing::info!(id, parte, conocido = caller.is_some(), "Nota recibida");
    ok(parte)
}

async fn repetir(texto: String) -> String {
    tracing::info!(texto, "Texto recibido");
    texto
}

async fn subir(form: Multipart) -> ApiResult<usize> {
    let mut form = form.with_max_parts(4).with_max_part_bytes(4096);
    let mut bytes = 0;
    while let Some(part) = form.next_part().await? {
        let (name, file) = (part.name().to_owned(), part.file_name());
        bytes += if file.is_some() { part.bytes().await?.len() } else { part.text().await?.len() };
        tracing::info!(name, file, bytes, "Parte recibida");
    }
    ok(bytes)
}

async fn inscribir(Form(inscripcion): Form<Inscripcion>) -> ApiResult<bool> {
    tracing::info!(alias = inscripcion.nombre, "Inscripción recibida");
    ok(inscripcion.acepta)
}

async fn informar() -> Result<Download<Csv>, ApiError> {
    Ok(Download::new("a,b\n1,2\n").with_file_name("informe.csv"))
}

async fn avisar() -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    Ok(Sse::new(stream::iter([Ok(Event::default().data("uno")), Ok(Event::default().data("dos"))])))
}

fn interna() -> ApiResult<()> {
    Err(Failure::internal("causa-secreta"))?
}

async fn cortar() -> Body {
    Body::from_stream(stream::iter([Ok("a,b\n"), Err(io::Error::other("causa-secreta"))]))
}
