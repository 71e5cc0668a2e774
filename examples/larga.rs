//! An operation that takes longer than a client waits: it is accepted, done in the background, and asked for.
//!
//! `POST /informes` answers 202 and where to ask; `GET /operaciones/{id}` tells what has come of it. The work is a task of its own, so a
//! client that leaves stops nothing, and one that repeats its request under the same `Idempotency-Key` gets the same operation.
//!
//! `cargo run -p examples --bin larga`
//!
//! ```console
//! $ curl -s -w '\n%{http_code} %header{location}\n' http://127.0.0.1:8000/informes -H 'Idempotency-Key: i-1' -H 'Content-Type: application/json' -d '{"anio": 2024}'
//! {"success":true,"data":{"id":1,"estado":"PENDIENTE","resultado":null,"error":null},"errors":[]}
//! 202 operaciones/1
//! $ curl -s -o /dev/null -w '%header{idempotent-replayed}\n' http://127.0.0.1:8000/informes -H 'Idempotency-Key: i-1' -H 'Content-Type: application/json' -d '{"anio": 2024}'
//! true
//! $ curl -s http://127.0.0.1:8000/operaciones/1
//! {"success":true,"data":{"id":1,"estado":"PENDIENTE","resultado":null,"error":null},"errors":[]}
//! $ curl -s http://127.0.0.1:8000/operaciones/2
//! {"success":false,"data":null,"errors":[{"code":"OPERACION_NO_ENCONTRADA","message":"Operación 2 no encontrada"}]}
//! ```
//!
//! Twenty seconds later the first operation is `LISTA`, its `resultado` 202400, and `Informe listo` is in the log.
//!
//! ```json
//! {"level": "INFO", "method": "pedir_informe", "context": {"status": 202}}
//! {"level": "WARNING", "method": "consultar_operacion", "context": {"error_code": "OPERACION_NO_ENCONTRADA"}}
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use standards_axum::core::context;
use standards_axum::core::idempotency::{IdempotencyStore, KeyScope, KeyedRequest, MemoryStore};
use standards_axum::core::{DomainError, Language};
use standards_axum::extract::Path;
use standards_axum::openapi::openapi_routes;
use standards_axum::prelude::*;
use utoipa::ToSchema;

error_catalogue! {
    /// What can go wrong with an informe.
    pub enum InformeError {
        /// There are no books of that year.
        SinDatos { anio: u16 } => 409, SIN_DATOS, "No hay datos del año {anio}", en "There are no data of the year {anio}";
        /// No operation has the id in the path.
        OperacionNoEncontrada { id: u64 } => 404, OPERACION_NO_ENCONTRADA, "Operación {id} no encontrada", en "Operation {id} not found";
    }
}

#[derive(Deserialize, ToSchema, Validate)]
struct Pedido {
    #[garde(range(min = 1900, max = 2100))]
    #[schema(minimum = 1900, maximum = 2100)]
    anio: u16,
}

/// What a client is told of an operation; it asks again while it is `PENDIENTE`.
#[derive(Clone, Serialize, ToSchema)]
struct Operacion {
    id: u64,
    estado: Estado,
    resultado: Option<u64>,
    error: Option<Problema>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Estado {
    Pendiente,
    Lista,
}

/// What the answer would have said of a failure.
#[derive(Clone, Serialize, ToSchema)]
struct Problema {
    code: &'static str,
    message: String,
}

#[derive(Clone, Default)]
struct Informes {
    operaciones: Arc<Mutex<HashMap<u64, Operacion>>>,
    claves: Arc<MemoryStore<Operacion>>,
}

impl Informes {
    fn con<R>(&self, work: impl FnOnce(&mut HashMap<u64, Operacion>) -> R) -> R {
        work(&mut self.operaciones.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes the operation and leaves the work to a task, whose records have the id of the request that asked for it.
    fn iniciar(&self, anio: u16) -> Operacion {
        let operacion = self.con(|todas| {
            let id = todas.len() as u64 + 1;
            let operacion = Operacion { id, estado: Estado::Pendiente, resultado: None, error: None };
            todas.insert(id, operacion.clone());
            operacion
        });
        let (informes, id) = (self.clone(), operacion.id);
        context::spawn(async move { informes.terminar(id, calcular(anio).await) });
        operacion
    }

    fn terminar(&self, id: u64, resultado: Result<u64, InformeError>) {
        match &resultado {
            Ok(_) => info!(operacion_id = id, "Informe listo"),
            Err(error) => warn!(operacion_id = id, error_code = error.entry().code, "Informe fallido"),
        }
        let error = resultado.as_ref().err();
        let error = error.map(|error| Problema { code: error.entry().code, message: error.message(Language::Es) });
        self.con(|todas| todas.insert(id, Operacion { id, estado: Estado::Lista, resultado: resultado.ok(), error }));
    }
}

/// Takes its time.
async fn calcular(anio: u16) -> Result<u64, InformeError> {
    tokio::time::sleep(Duration::from_secs(20)).await;
    if anio < 2000 { Err(InformeError::SinDatos { anio }) } else { Ok(u64::from(anio) * 100) }
}

async fn pedir(
    State(informes): State<Informes>,
    key: IdempotencyKey,
    Json(Pedido { anio }): Json<Pedido>,
) -> ApiResult<Operacion, 202> {
    let request = KeyedRequest::new(KeyScope::new("", "POST /informes", key.into()), format!("anio={anio}"));
    let claves = informes.claves.clone();
    let begun = claves.perform(&request, MemoryStore::effect(async move { Ok(informes.iniciar(anio)) })).await?;
    let reply = begun.map(Ok::<_, Failure>).into_reply()?;
    let id = reply.data().id;
    Ok(reply.with_status().with_location(format_args!("operaciones/{id}")))
}

async fn consultar(State(informes): State<Informes>, Path(id): Path<u64>) -> ApiResult<Operacion> {
    ok(informes.con(|todas| todas.get(&id).cloned()).ok_or(InformeError::OperacionNoEncontrada { id })?)
}

fn rutas() -> Router {
    let consulta = Operation::get("/operaciones/{id}", "consultar_operacion").error(InformeError::OPERACION_NO_ENCONTRADA);
    let (router, document) = ApiRouter::new()
        .describe("Informes", "1.0.0")
        .operation(Operation::post("/informes", "pedir_informe"), pedir)
        .operation(consulta, consultar)
        .with_state(Informes::default())
        .into_parts();
    router.merge(openapi_routes(&document, "/openapi.json", "/docs"))
}

#[tokio::main]
async fn main() -> Exit {
    serve(service_info!(), rutas()).await
}

#[cfg(test)]
#[path = "larga/tests.rs"]
mod tests;
