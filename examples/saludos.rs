//! A whole service in the standard: `cargo run -p examples --bin saludos`.

use standards_axum::prelude::*;

error_catalogue! {
    /// What can go wrong with a greeting.
    pub enum SaludoError {
        /// The name is on the block list.
        NombreProhibido => 400, "NOMBRE_PROHIBIDO", "Ese nombre no está permitido", en "That name is not allowed";
    }
}

#[derive(Deserialize, Validate)]
struct Saludo {
    #[garde(length(chars, min = 1, max = 40))]
    nombre: String,
}

async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
    info!(letras = saludo.nombre.len(), "Saludo solicitado");
    match saludo.nombre.as_str() {
        "root" => Err(SaludoError::NombreProhibido.into()),
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
