//! A whole service in the standard, in 20 lines.
//!
//! `cargo run -p examples --bin saludos`
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/saludos -H 'Content-Type: application/json' -d '{"nombre": "Ana"}'
//! {"success":true,"data":"Hola, Ana","errors":[]}
//! $ curl -s http://127.0.0.1:8000/saludos -H 'Content-Type: application/json' -d '{}'
//! {"success":false,"data":null,"errors":[{"code":"VALIDATION_ERROR","message":"nombre: es obligatorio"}]}
//! $ curl -s http://127.0.0.1:8000/nada -H 'Accept-Language: en'
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Resource not found"}]}
//! $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8000/health/ready
//! 200
//! ```
//!
//! ```json
//! {"level": "INFO", "endpoint": "/saludos", "message": "Saludo solicitado", "context": {"letras": 3}}
//! {"level": "WARNING", "endpoint": "/saludos", "context": {"status": 422, "error_code": "VALIDATION_ERROR"}}
//! ```

use standards_axum::prelude::*;

#[derive(Deserialize, Validate)]
struct Saludo {
    #[garde(length(chars, min = 1, max = 40))]
    nombre: String,
}

async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
    info!(letras = saludo.nombre.len(), "Saludo solicitado");
    match saludo.nombre.as_str() {
        // What nobody should write is answered all the same: a panic, and a handler that never ends.
        "panic" => unreachable!("nobody is called so"),
        "perezoso" => std::future::pending().await,
        nombre => ok(format!("Hola, {nombre}")),
    }
}

#[tokio::main]
async fn main() -> Exit {
    serve(service_info!(), Router::new().route("/saludos", post(saludar))).await
}
