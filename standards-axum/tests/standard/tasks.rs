//! Tasks that requests have started, and what every record of a request says, on the real server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde_json::json;
use standards_axum::{Exit, Service, service_info};
use standards_core::context::{self, JoinSetExt};
use standards_core::log::capture::Capture;
use standards_core::settings::Environment;
use standards_core::{CorrelationId, RequestContext};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tracing::{Instrument, info, info_span};

use crate::support::{get as ask, install_log};

/// What the tasks wait for, each its own.
type Gates = Arc<Mutex<Vec<oneshot::Receiver<()>>>>;

/// Starts one task of each kind; each ends with a record when its gate opens.
async fn start_tasks(State(gates): State<Gates>) -> &'static str {
    let mut gates = gates.lock().unwrap();
    let mut next = || gates.pop().unwrap();
    let [task, blocking, thread, detached] = [next(), next(), next(), next()];
    context::spawn(async { task.await.map(|()| info!("tarea")) });
    context::spawn_blocking(|| blocking.blocking_recv().map(|()| info!("bloqueante")));
    context::spawn_thread(|| thread.blocking_recv().map(|()| info!("hilo")));
    let mut set = JoinSet::new();
    set.spawn_in_context(async { detached.await.map(|()| info!("suelta")) });
    set.detach_all();
    "empezadas"
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Exit>,
}

async fn serve(router: Router, grace_ms: &str) -> Running {
    install_log();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Environment::from_pairs([("SHUTDOWN_GRACE_MS", grace_ms)]).settings().unwrap();
    let service = Service::new(service_info!(), settings).routes(router);
    let (stop, stopped) = oneshot::channel();
    let ended = context::spawn(service.run_on(listener, async { drop(stopped.await) }));
    Running { address, stop, ended }
}

/// Sends a request under an id of its own, and waits for the answer.
async fn post_to(address: SocketAddr, path: &str) -> CorrelationId {
    let id = CorrelationId::generate();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\nx-correlation-id: {id}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    id
}

#[tokio::test]
async fn a_service_that_stops_waits_for_the_tasks_of_its_requests() {
    let (gates, waiting): (Vec<_>, Vec<_>) = (0..4).map(|_| oneshot::channel()).unzip();
    let router = Router::new().route("/", post(start_tasks)).with_state(Arc::new(Mutex::new(waiting)));
    let Running { address, stop, mut ended } = serve(router, "30000").await;
    let id = post_to(address, "/").await;
    stop.send(()).unwrap();
    for gate in gates {
        let early = tokio::time::timeout(Duration::from_millis(20), &mut ended).await;
        assert!(early.is_err(), "a task is left");
        gate.send(()).unwrap();
    }
    assert_eq!(ended.await.unwrap(), Exit::Stopped);
    let mut messages = Capture::of(&id).messages();
    messages.sort();
    assert_eq!(messages, ["Solicitud atendida", "bloqueante", "hilo", "suelta", "tarea"]);
}

/// Starts a task that never ends and two that nobody waits for.
async fn never_end() {
    context::spawn(std::future::pending::<()>());
    context::spawn_worker(std::future::pending::<()>());
    let mut set = JoinSet::new();
    set.spawn_in_context(std::future::pending::<()>());
}

#[tokio::test]
async fn tasks_that_do_not_end_in_time_are_told_of() {
    let Running { address, stop, ended } = serve(Router::new().route("/", post(never_end)), "50").await;
    post_to(address, "/").await;
    stop.send(()).unwrap();
    assert_eq!(ended.await.unwrap(), Exit::Stopped);
    let log = Capture::of(context::process_id()).records();
    let told: Vec<_> =
        log.iter().filter(|record| record["message"] == "Tareas de solicitudes sin terminar al detener el servicio").collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((&told[0]["level"], &told[0]["context"]), (&json!("WARNING"), &json!({"tasks": 1})));
}

#[tokio::test]
async fn a_task_of_the_process_holds_nobody() {
    let Running { stop, ended, .. } = serve(Router::new(), "600000").await;
    context::spawn(std::future::pending::<()>());
    stop.send(()).unwrap();
    assert_eq!(ended.await.unwrap(), Exit::Stopped);
}

async fn charge() {
    context::add("cliente_id", 7);
    let within = async {
        info!("dentro");
        context::spawn(async { info!("tarea") }).await.unwrap();
    };
    within.instrument(info_span!("cobrar", pago_id = 5)).await;
    assert_eq!(context::with_current(|request| request.map(RequestContext::method).map(str::to_owned)).as_deref(), Some("GET"));
    info!(cliente_id = 8, "fuera");
}

#[tokio::test]
async fn fields_of_the_service_stand_in_the_records_of_the_request() {
    let answer = ask(&Router::new().route("/", get(charge)).layer(standards_axum::StandardsLayer::new()), "/").await;
    let records = answer.log.records();
    let of = |message: &str| &records.iter().find(|record| record["message"] == message).unwrap()["context"];
    let both = json!({"cliente_id": 7, "pago_id": 5});
    assert_eq!((of("dentro"), of("tarea"), of("fuera")), (&both, &both, &json!({"cliente_id": 8, "pago_id": 5})));
    let access = answer.access_record();
    assert_eq!((&access["context"]["cliente_id"], &access["context"]["pago_id"]), (&json!(7), &json!(5)));
}
