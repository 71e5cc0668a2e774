//! Who may do what: each operation states its scope, and that is what is enforced and what the document shows.
//!
//! `SECRET_KEY=una-clave-de-ejemplo-de-32-bytes-o-mas JWT_ISSUER=ejemplos JWT_AUDIENCE=notas cargo run -p examples --bin ejemplos -- acceso`,
//! and under the same variables `.. -- token --sub ana --scope notas:leer` prints a token.
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/api/v1/notas
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"No autenticado"}]}
//! $ curl -s http://127.0.0.1:8000/api/v1/notas -H "Authorization: Bearer $TOKEN"
//! {"success":true,"data":"Notas de ana","errors":[]}
//! $ curl -s -X DELETE http://127.0.0.1:8000/api/v1/notas -H "Authorization: Bearer $TOKEN"
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Sin permiso para esta operación"}]}
//! $ curl -s http://127.0.0.1:8000/api/v1/tema
//! {"success":true,"data":"claro","errors":[]}
//! ```
//!
//! ```json
//! {"level": "WARNING", "context": {"status": 401, "auth_error": "absent"}}
//! {"level": "WARNING", "context": {"status": 403}}
//! ```

use standards_axum::Service;
use standards_axum::auth::{AuthSettings, Caller};
use standards_axum::prelude::*;

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        ..auth: AuthSettings;
    }
}

fn api() -> ApiRouter {
    ApiRouter::new()
        .operation(Operation::get("/notas", "listar_notas").scope("notas:leer"), listar)
        .operation(Operation::delete("/notas", "borrar_notas").scope("notas:borrar"), async || ok(()))
        .operation(Operation::get("/tema", "leer_tema").public(), async || ok("claro"))
}

async fn listar(caller: Caller) -> ApiResult<String> {
    ok(format!("Notas de {}", caller.subject()))
}

async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let authenticator = ajustes.auth.authenticator()?;
    Ok(Service::new(service_info!(), ajustes.standard).api(api()).authenticated(authenticator))
}

pub(crate) async fn main() -> Exit {
    serve_with(service_info!(), servicio).await
}

/// The command line of every service, of which `token` is one command.
pub(crate) async fn token() -> Exit {
    Cli::new(service_info!()).api(api).serve(servicio).await
}
