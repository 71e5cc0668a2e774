//! A good service of pagos, in memory, on our own crates; a switch breaks what leaves it.

use std::future::ready;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use standards_axum::core::settings::Environment;
use standards_axum::core::{FixedDecimal, Timestamp};
use standards_axum::extract::{Page, PathParams};
use standards_axum::metrics::Metrics;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::prelude::*;
use standards_axum::{Service, StopSignal, service_info};
use tokio::net::TcpListener;
use utoipa::{IntoParams, ToSchema};

use crate::answers;

type Monto = FixedDecimal<2, 1, 9_999_999_999>;
type Saldo = FixedDecimal<2, 0, 9_999_999_999>;
type Estado = Arc<Mutex<Banco>>;

/// What the profile knows of the fault, and nobody else.
pub(crate) const CANARY: &str = "canario-falla-7391";

#[derive(Default)]
struct Banco {
    clientes: Vec<Cliente>,
    pagos: Vec<Pago>,
}

error_catalogue! {
    /// Of pagos.
    pub enum PagoError {
        /// No such cliente.
        ClienteNoEncontrado { cliente_id: i64 } => 400, CLIENTE_NO_ENCONTRADO, "Cliente con ID {cliente_id} no encontrado";
        /// Less than that.
        SaldoInsuficiente { saldo: Saldo, monto: Monto } => 400, SALDO_INSUFICIENTE, "Saldo insuficiente. Actual: {saldo}, Requerido: {monto}";
    }
}

error_catalogue! {
    /// Of paths.
    pub enum Desconocido {
        /// No such cliente.
        Cliente { cliente_id: i64 } => 404, CLIENTE_NO_ENCONTRADO, "Cliente con ID {cliente_id} no encontrado";
    }
}

#[derive(Deserialize, Validate, ToSchema)]
struct ClienteCrear {
    #[garde(length(chars, min = 1, max = 100))]
    nombre: String,
    #[garde(email)]
    email: String,
    #[garde(skip)]
    saldo: Saldo,
}

#[derive(Deserialize, Validate, ToSchema)]
struct PagoCrear {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(skip)]
    monto: Monto,
    #[garde(pattern("^[A-Z]{3}$"))]
    moneda: String,
}

#[derive(Deserialize, Validate, IntoParams)]
struct ClientePath {
    #[garde(range(min = 1))]
    id: i64,
}

#[derive(Clone, Serialize, ToSchema)]
struct Cliente {
    id: i64,
    nombre: String,
    email: String,
    saldo: Saldo,
    created_at: Timestamp,
}

#[derive(Clone, Serialize, ToSchema)]
struct Pago {
    id: i64,
    cliente_id: i64,
    monto: Monto,
    moneda: String,
    created_at: Timestamp,
}

/// Serves until SIGTERM.
pub(crate) async fn serve(switch: &str) -> ExitCode {
    if std::env::var_os("DATABASE_URL").is_none() {
        return misconfigured(switch);
    }
    let mut stop = StopSignal::watch().unwrap();
    let settings: StandardSettings = Environment::load(std::path::Path::new("/no/such/file")).settings().unwrap();
    let _log = service_info!().start_log(&settings).unwrap();
    let address = (settings.host, settings.port);
    let service = Service::new(service_info!(), settings).api(api(switch).with_state(Estado::default())).metrics(Metrics::new());
    let broken = switch.to_owned();
    let router =
        service.into_router().layer(from_fn(move |request: Request, next: Next| answers::broken(broken.clone(), request, next)));
    let listener = TcpListener::bind(address).await.unwrap();
    info!(puerto = address.1, "Servicio iniciado");
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.received().await }).await.unwrap();
    info!("Servicio detenido");
    if switch == "OPS-04" { ExitCode::from(7) } else { ExitCode::SUCCESS }
}

/// What it says where it has no database; `CFG-01` starts nevertheless, `CFG-03` tells too much.
fn misconfigured(switch: &str) -> ExitCode {
    let _log = service_info!().start_default_log().unwrap();
    match switch {
        "CFG-01" => return ExitCode::SUCCESS,
        "CFG-03" => println!("{{\"SECRET_KEY\":\"{}\"}}", std::env::var("SECRET_KEY").unwrap_or_default()),
        _ => {}
    }
    error!("Falta la variable DATABASE_URL");
    ExitCode::from(2)
}

fn api(switch: &str) -> ApiRouter<Estado> {
    let pagar = Operation::post("/pagos", "procesar_pago").errors::<PagoError>();
    let leer = Operation::get("/clientes/{id}", "obtener_cliente").errors::<Desconocido>();
    let unsafe_spending = switch == "DB-01";
    ApiRouter::new()
        .operation(Operation::post("/clientes", "crear_cliente"), crear)
        .operation(leer, obtener)
        .operation(pagar, move |estado: State<Estado>, pedido: Json<PagoCrear>| {
            ready(self::pagar(unsafe_spending, estado, pedido))
        })
        .operation(Operation::get("/pagos", "listar_pagos"), listar)
        .operation(Operation::get("/_falla", "fallar"), fallar)
}

async fn crear(State(estado): State<Estado>, Json(pedido): Json<ClienteCrear>) -> ApiResult<Cliente> {
    let mut banco = estado.lock().unwrap();
    let id = i64::try_from(banco.clientes.len()).unwrap() + 1;
    let ClienteCrear { nombre, email, saldo } = pedido;
    let cliente = Cliente { id, nombre, email, saldo, created_at: Timestamp::now() };
    banco.clientes.push(cliente.clone());
    info!(cliente_id = id, %saldo, "Cliente registrado");
    ok(cliente)
}

async fn obtener(State(estado): State<Estado>, PathParams(ClientePath { id }): PathParams<ClientePath>) -> ApiResult<Cliente> {
    let found = estado.lock().unwrap().clientes.iter().find(|cliente| cliente.id == id).cloned();
    ok(found.ok_or(Desconocido::Cliente { cliente_id: id })?)
}

fn pagar(unsafe_spending: bool, State(estado): State<Estado>, Json(pedido): Json<PagoCrear>) -> ApiResult<Pago> {
    let PagoCrear { cliente_id, monto, moneda } = pedido;
    info!(cliente_id, %monto, "Iniciando procesamiento de pago");
    let mut banco = estado.lock().unwrap();
    let id = i64::try_from(banco.pagos.len()).unwrap() + 1;
    let cliente = banco.clientes.iter_mut().find(|cliente| cliente.id == cliente_id);
    let cliente = cliente.ok_or(PagoError::ClienteNoEncontrado { cliente_id })?;
    let saldo = cliente.saldo;
    let left = Saldo::from_units(saldo.units() - monto.units()).ok_or(PagoError::SaldoInsuficiente { saldo, monto })?;
    if !(unsafe_spending && monto.units() == 10_000) {
        cliente.saldo = left;
    }
    let pago = Pago { id, cliente_id, monto, moneda, created_at: Timestamp::now() };
    banco.pagos.push(pago.clone());
    info!(cliente_id, pago_id = id, %monto, "Pago procesado exitosamente");
    ok(pago)
}

async fn listar(State(estado): State<Estado>, Query(_): Query<Page<100, 1000>>) -> ApiResult<Vec<Pago>> {
    ok(estado.lock().unwrap().pagos.clone())
}

async fn fallar() -> ApiResult<()> {
    let secret = std::env::var("SABOTAGE_CANARY").unwrap_or_default();
    panic!("falla a propósito {}", secret.len())
}
