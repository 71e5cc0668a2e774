//! The service as its clients see it, through everything that stands around its handlers.

mod compras;
mod movimientos;
mod productos;
mod service;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use standards_axum::core::settings::Environment;
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;

pub(super) const PRODUCTOS: &str = "/api/v1/productos";
pub(super) const MOVIMIENTOS: &str = "/api/v1/movimientos";

/// The service on a database of its own.
pub(super) struct Inventario {
    app: Router,
    pub(super) pool: SqlitePool,
    _directory: TempDir,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Inventario {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(super) async fn with(variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pool = abrir(&format!("sqlite://{}", directory.path().join("inventario.db").display())).await.unwrap();
        let ajustes = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
        Self { app: servicio(ajustes, pool.clone()).unwrap().into_router(), pool, _directory: directory }
    }

    pub(super) async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.app.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = serde_json::from_slice(&to_bytes(body, 1 << 20).await.unwrap()).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(super) async fn get(&self, uri: &str) -> Answer {
        self.send("GET", uri, &[], &Value::Null).await
    }

    pub(super) async fn post(&self, uri: &str, body: Value) -> Answer {
        self.send("POST", uri, &[], &body).await
    }

    /// Creates a producto and answers its id.
    pub(super) async fn producto(&self, sku: &str, nombre: &str, categoria: &str) -> i64 {
        let mut pedido = pedido();
        (pedido["sku"], pedido["nombre"], pedido["categoria"]) = (json!(sku), json!(nombre), json!(categoria));
        self.post(PRODUCTOS, pedido).await.data()["id"].as_i64().unwrap()
    }

    pub(super) async fn stock(&self, id: i64) -> String {
        self.get(&format!("{PRODUCTOS}/{id}")).await.data()["stock"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    #[track_caller]
    pub(super) fn data(&self) -> &Value {
        assert_eq!((self.status, &self.body["success"]), (200, &json!(true)), "{}", self.body);
        &self.body["data"]
    }

    pub(super) fn messages(&self) -> Vec<&str> {
        self.body["errors"].as_array().unwrap().iter().map(|error| error["message"].as_str().unwrap()).collect()
    }

    #[track_caller]
    pub(super) fn assert_refused(&self, status: u16, code: &str, messages: &[&str]) {
        let told = self.body["errors"][0]["code"].as_str();
        assert_eq!((self.status, told, &*self.messages()), (status, Some(code), messages));
    }
}

pub(super) fn pedido() -> Value {
    json!({
        "sku": "ABC-0001", "nombre": "Tornillo", "categoria": "OTRO", "etiquetas": ["acero"],
        "proveedor": {"nombre": "Acme", "email": "ventas@example.com"}, "vence": "2027-01-31", "minimo": 3,
    })
}
