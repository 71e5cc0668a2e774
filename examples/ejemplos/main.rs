//! Small services, one idea per file: `cargo run -p examples --bin ejemplos -- catalogo` runs one.
//!
//! They share a program so that there is less to link; each file is a whole one. A test runs the commands in its header, and compares.

mod acceso;
mod adopcion;
mod boletas;
mod catalogo;
mod correlacion;
#[cfg(test)]
mod pruebas;
mod trabajador;

use standards_axum::prelude::*;

#[tokio::main]
async fn main() -> Exit {
    match std::env::args().nth(1).as_deref() {
        Some("acceso") => acceso::main().await,
        Some("adopcion") => adopcion::main().await,
        Some("boletas") => boletas::main().await,
        Some("catalogo") => catalogo::main().await,
        Some("correlacion") => correlacion::main().await,
        Some("token") => acceso::token().await,
        Some("trabajador") => trabajador::main().await,
        _ => Exit::Misconfigured,
    }
}
