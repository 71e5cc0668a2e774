//! The second rung, whole: settings, state, an API with its document, readiness, an end in order and a command of its own.
//!
//! `cargo run -p examples --bin tareas`, and `-- --help` for what else it can be asked.
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/api/v1/tareas -H 'Content-Type: application/json' -d '{"titulo": "Leer"}'
//! {"success":true,"data":1,"errors":[]}
//! $ curl -s http://127.0.0.1:8000/api/v1/tareas
//! {"success":true,"data":["Leer"],"errors":[]}
//! $ curl -s http://127.0.0.1:8000/api/v1/tareas -H 'Content-Type: application/json' -d '{"titulo": ""}'
//! {"success":false,"data":null,"errors":[{"code":"VALIDATION_ERROR","message":"titulo: debe tener un largo de entre 1 y 80"}]}
//! $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8000/health/ready
//! 200
//! ```
//!
//! ```json
//! {"level": "INFO", "method": "crear_tarea", "message": "Tarea creada", "context": {"total": 1}}
//! {"level": "INFO", "message": "Tareas guardadas"}
//! ```

use std::fs::{self, OpenOptions};
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Subcommand;
use standards_axum::Service;
use standards_axum::cli::say;
use standards_axum::core::OrFailure;
use standards_axum::prelude::*;
use utoipa::ToSchema;

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// File that keeps the tareas from run to run.
        archivo: String = "TAREAS_ARCHIVO", otherwise "tareas.json";
        /// Tareas at most.
        maximo: NonZeroUsize = "TAREAS_MAXIMO", otherwise "100";
    }
}

error_catalogue! {
    /// Why a tarea is refused.
    pub enum TareaError {
        /// There are as many as there may be.
        Demasiadas { maximo: usize } => 409, "DEMASIADAS_TAREAS", "Ya hay {maximo} tareas", en "There are {maximo} tareas already";
    }
}

#[derive(Deserialize, ToSchema, Validate)]
struct TareaCrear {
    #[garde(length(chars, min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    titulo: String,
}

/// The state of the service: handlers ask for it with `State`.
#[derive(Clone)]
struct Tareas {
    ajustes: Arc<Ajustes>,
    titulos: Arc<Mutex<Vec<String>>>,
}

impl Tareas {
    /// A file that is not there holds none.
    fn abrir(ajustes: Ajustes) -> io::Result<Self> {
        let titulos = match fs::read(&ajustes.archivo) {
            Ok(texto) => serde_json::from_slice(&texto)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { ajustes: Arc::new(ajustes), titulos: Arc::new(Mutex::new(titulos)) })
    }

    fn con<R>(&self, work: impl FnOnce(&mut Vec<String>) -> R) -> R {
        work(&mut self.titulos.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn escribible(&self) -> io::Result<()> {
        OpenOptions::new().append(true).create(true).open(&self.ajustes.archivo).map(drop)
    }

    fn guardar(&self) {
        match self.con(|titulos| fs::write(&self.ajustes.archivo, serde_json::json!(titulos).to_string())) {
            Ok(()) => info!("Tareas guardadas"),
            Err(error) => error!(%error, "No se pudieron guardar las tareas"),
        }
    }
}

async fn listar(State(tareas): State<Tareas>) -> ApiResult<Vec<String>> {
    ok(tareas.con(|titulos| titulos.clone()))
}

async fn crear(State(tareas): State<Tareas>, Json(TareaCrear { titulo }): Json<TareaCrear>) -> ApiResult<usize> {
    let maximo = tareas.ajustes.maximo.get();
    let total = tareas.con(|titulos| {
        let cabe = titulos.len() < maximo;
        titulos.extend(cabe.then_some(titulo));
        cabe.then_some(titulos.len())
    });
    let total = total.ok_or(TareaError::Demasiadas { maximo })?;
    info!(total, "Tarea creada");
    ok(total)
}

/// What the API is, before it has a state: `openapi` and `errors` print it.
fn api() -> ApiRouter<Tareas> {
    ApiRouter::new()
        .operation(Operation::get("/tareas", "listar_tareas").summary("Lista las tareas"), listar)
        .operation(Operation::post("/tareas", "crear_tarea").summary("Crea una tarea").errors::<TareaError>(), crear)
}

/// The service under these settings. An error here is told in one record, and the process ends with status 1.
async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let tareas = Tareas::abrir(ajustes)?;
    let (guardadas, escribibles) = (tareas.clone(), tareas.clone());
    Ok(Service::new(service_info!(), tareas.ajustes.standard.clone())
        .api(api().with_state(tareas))
        .readiness(Readiness::default().with_check("archivo", move || {
            let escribible = escribibles.escribible().or_unavailable();
            async { escribible }
        }))
        .on_stop(async move || guardadas.guardar()))
}

/// What the process can be asked beside what every service can.
#[derive(Debug, Subcommand)]
enum Comando {
    /// Count the tareas of the file.
    Contar,
}

async fn ejecutar(Comando::Contar: Comando) -> Result<Exit, Fatal> {
    say(Tareas::abrir(Ajustes::load()?)?.con(|titulos| titulos.len()));
    Ok(Exit::Stopped)
}

#[tokio::main]
async fn main() -> Exit {
    Cli::new(service_info!()).about("Keeps tareas in a file").api(api).commands(ejecutar).serve(servicio).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use standards_axum::core::settings::Environment;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn no_more_tareas_than_there_may_be() {
        let ajustes = Environment::from_pairs([("TAREAS_ARCHIVO", "/no/such/file"), ("TAREAS_MAXIMO", "1")]);
        let app = servicio(ajustes.settings().unwrap()).await.unwrap().into_router();
        let crear = async || {
            let request = Request::post("/api/v1/tareas").header("content-type", "application/json");
            app.clone().oneshot(request.body(Body::from(r#"{"titulo":"Leer"}"#)).unwrap()).await.unwrap().status()
        };
        assert_eq!((crear().await.as_u16(), crear().await.as_u16()), (200, 409));
    }
}
