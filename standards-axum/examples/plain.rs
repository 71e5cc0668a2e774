//! The four operations of the guideline's service on axum alone: none of our crates, nothing but what axum's own pages show.
//!
//! `scripts/matrix` judges it beside the reference service, to tell what the crates are for: `cargo run -p standards-axum --example plain`.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};

type Bank = Arc<Mutex<Tables>>;
type Answer<T> = Result<Json<T>, (StatusCode, String)>;

#[derive(Default)]
struct Tables {
    clientes: Vec<Cliente>,
    pagos: Vec<Pago>,
}

#[derive(Clone, Serialize)]
struct Cliente {
    id: usize,
    nombre: String,
    email: String,
    saldo: Decimal,
}

#[derive(Clone, Serialize)]
struct Pago {
    id: usize,
    cliente_id: usize,
    monto: Decimal,
    moneda: String,
}

#[derive(Deserialize)]
struct NewCliente {
    nombre: String,
    email: String,
    saldo: Decimal,
}

#[derive(Deserialize)]
struct NewPago {
    cliente_id: usize,
    monto: Decimal,
    moneda: String,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().json().init();
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8000);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let mut stop = signal(SignalKind::terminate())?;
    info!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes())
        .with_graceful_shutdown(async move {
            stop.recv().await;
        })
        .await
}

fn routes() -> Router {
    Router::new()
        .route("/api/v1/clientes", post(create))
        .route("/api/v1/clientes/{id}", get(find))
        .route("/api/v1/pagos", post(pay).get(list))
        .route("/api/v1/_fault/panic", get(fail))
        .route("/health/ready", get(async || "ok"))
        .with_state(Bank::default())
}

async fn create(State(bank): State<Bank>, Json(new): Json<NewCliente>) -> Json<Cliente> {
    let mut tables = bank.lock().unwrap_or_else(PoisonError::into_inner);
    let NewCliente { nombre, email, saldo } = new;
    let cliente = Cliente { id: tables.clientes.len() + 1, nombre, email, saldo };
    tables.clientes.push(cliente.clone());
    info!(cliente.id, "cliente created");
    Json(cliente)
}

async fn find(State(bank): State<Bank>, Path(id): Path<usize>) -> Answer<Cliente> {
    let tables = bank.lock().unwrap_or_else(PoisonError::into_inner);
    tables.clientes.iter().find(|cliente| cliente.id == id).cloned().map(Json).ok_or_else(|| refused("no such cliente"))
}

async fn pay(State(bank): State<Bank>, Json(new): Json<NewPago>) -> Answer<Pago> {
    let NewPago { cliente_id, monto, moneda } = new;
    let mut tables = bank.lock().unwrap_or_else(PoisonError::into_inner);
    let id = tables.pagos.len() + 1;
    let cliente =
        tables.clientes.iter_mut().find(|cliente| cliente.id == cliente_id).ok_or_else(|| refused("no such cliente"))?;
    if cliente.saldo < monto {
        return Err(refused("insufficient balance"));
    }
    cliente.saldo -= monto;
    let pago = Pago { id, cliente_id, monto, moneda };
    tables.pagos.push(pago.clone());
    info!(pago.id, "paid");
    Ok(Json(pago))
}

async fn list(State(bank): State<Bank>) -> Json<Vec<Pago>> {
    Json(bank.lock().unwrap_or_else(PoisonError::into_inner).pagos.clone())
}

/// What a mistake comes to.
#[expect(clippy::panic, reason = "what it is for")]
async fn fail() {
    panic!("a mistake")
}

fn refused(why: &str) -> (StatusCode, String) {
    error!(why, "request refused");
    (StatusCode::BAD_REQUEST, why.to_owned())
}
