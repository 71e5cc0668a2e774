//! The service as its clients see it, through everything that stands around its handlers.
#![expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]

mod productos;
mod service;

use standards_axum::Service;
use standards_axum::core::settings::Environment;
use standards_axum::testing::TestApp;
use tempfile::TempDir;

/// The service on a database of its own, which goes with the folder.
async fn servicio() -> (Service, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("productos.db").display());
    let ajustes = Environment::from_pairs([("DATABASE_URL", url.as_str()), ("FAULT_ROUTE", "true")]);
    (ms_productos::servicio(ajustes.settings().unwrap()).await.unwrap(), folder)
}

async fn app() -> (TestApp, TempDir) {
    let (servicio, folder) = servicio().await;
    (TestApp::new(servicio), folder)
}
