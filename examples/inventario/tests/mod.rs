//! The service as its clients see it, through everything that stands around its handlers.

mod compras;
mod movimientos;
mod productos;
mod service;

use serde_json::{Value, json};
use standards_axum::core::settings::Environment;
use standards_axum::testing::{TestAnswer, TestApp, TestRequest};
use tempfile::TempDir;

use super::*;

pub(super) const PRODUCTOS: &str = "/api/v1/productos";
pub(super) const MOVIMIENTOS: &str = "/api/v1/movimientos";

/// The service on a database of its own.
pub(super) struct Inventario {
    pub(super) app: TestApp,
    pub(super) pool: SqlitePool,
    _directory: TempDir,
}

impl Inventario {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(super) async fn with(variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pool = abrir(SqliteConnectOptions::new().filename(directory.path().join("inventario.db"))).await.unwrap();
        let ajustes = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
        Self { app: TestApp::new(servicio(ajustes, pool.clone()).unwrap()), pool, _directory: directory }
    }

    #[track_caller]
    pub(super) fn get(&self, uri: &str) -> TestRequest {
        self.app.get(uri)
    }

    #[track_caller]
    pub(super) fn post(&self, uri: &str, body: &Value) -> TestRequest {
        self.app.post(uri).json(body)
    }

    /// Creates a producto and answers its id.
    pub(super) async fn producto(&self, sku: &str, nombre: &str, categoria: &str) -> i64 {
        let mut pedido = pedido();
        (pedido["sku"], pedido["nombre"], pedido["categoria"]) = (json!(sku), json!(nombre), json!(categoria));
        self.post(PRODUCTOS, &pedido).await.data()["id"].as_i64().unwrap()
    }

    pub(super) async fn stock(&self, id: i64) -> String {
        self.get(&format!("{PRODUCTOS}/{id}")).await.data()["stock"].as_str().unwrap().to_owned()
    }
}

pub(super) fn pedido() -> Value {
    json!({
        "sku": "ABC-0001", "nombre": "Tornillo", "categoria": "OTRO", "etiquetas": ["acero"],
        "proveedor": {"nombre": "Acme", "email": "ventas@example.com"}, "vence": "2027-01-31", "minimo": 3,
    })
}
