//! A debug build tells which line lost its request, once; and tells nothing of work that is the process's.

use std::thread;

use standards_core::context::{self, JoinSetExt, WithContext};
use standards_core::log::RecordLayer;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tracing::instrument::WithSubscriber;
use tracing::{Dispatch, Instrument, Span, dispatcher, info};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Lines, options, request, with_fixed_time};

const MESSAGE: &str = "Registro sin contexto de solicitud";

/// A log whose subscriber each task and thread is given by hand.
fn log(filters: &str) -> (Dispatch, Lines) {
    let lines = Lines::default();
    let options = options().with_filters(filters.parse().unwrap());
    let layer = RecordLayer::new(&options, lines.clone());
    (Dispatch::new(tracing_subscriber::registry().with(layer)), lines)
}

fn told(lines: &Lines) -> Vec<String> {
    lines.all().into_iter().filter(|line| line.contains(MESSAGE)).collect()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Every way of doing `info!` on behalf of somebody, inside a request or outside of one.
async fn declared(log: &Dispatch) {
    let say = {
        let log = log.clone();
        move || dispatcher::with_default(&log, || info!("declarado"))
    };
    let [a, b, c, d, e, f, g] = [(); 7].map(|()| say.clone());
    let mut set = JoinSet::new();
    set.spawn_in_context(async move { a() });
    set.spawn_blocking_in_context(b);
    set.spawn(async move { c() }.with_context());
    set.join_all().await;
    context::spawn(async move { d() }).await.unwrap();
    context::spawn_worker(async move { e() }).await.unwrap();
    context::spawn_blocking(f).await.unwrap();
    tokio::spawn(async { context::carried(async move |()| g())(()).await }).await.unwrap();
    thread::spawn(context::wrap(say.clone())).join().unwrap();
    context::spawn_thread(say.clone()).join().unwrap();
    thread::Builder::new().name("cierre".into()).spawn(say.clone()).unwrap().join().unwrap();
    say();
}

#[test]
fn work_of_the_process_and_of_requests_is_not_told_of() {
    let (log, lines) = log("info");
    runtime().block_on(async {
        declared(&log).await;
        context::scope(request("a"), declared(&log)).await;
    });
    assert_eq!(lines.all().len(), 22);
    assert_eq!(told(&lines), Vec::<String>::new());
}

#[test]
#[cfg(debug_assertions)]
fn a_line_that_lost_its_request_is_told_of_once() {
    let (log, lines) = log("info");
    let mut place = String::new();
    runtime().block_on(context::scope(request("a"), async {
        for _ in 0..3 {
            let log = log.clone();
            place = format!("{}:{}", file!(), line!() + 1);
            tokio::spawn(async move { dispatcher::with_default(&log, || info!(target: "ms_pago_service::caja", "suelto")) })
                .await
                .unwrap();
        }
    }));
    let told = told(&lines);
    assert_eq!((lines.all().len(), told.len()), (4, 1), "{told:#?}");
    let expected = format!(
        r#"{{"@timestamp":"2025-07-04T10:30:45.123Z","level":"WARNING","artifact":"ms-pago-service","version":"1.2.3","correlation_id":"{}","message":"{MESSAGE}","context":{{"place":"{place}","module":"ms_pago_service::caja","remedy":"context::spawn, spawn_blocking, spawn_thread, spawn_in_context o wrap llevan la solicitud; para trabajo del proceso, context::spawn_worker"}}}}"#,
        context::process_id()
    );
    assert_eq!(with_fixed_time(told[0].trim_end()), expected);
}

/// What each way of losing it is told as.
#[test]
#[cfg(debug_assertions)]
fn every_way_of_losing_it_is_told_of() {
    let (log, lines) = log("info");
    let [a, b, c, d, e] = [(); 5].map(|()| log.clone());
    runtime().block_on(context::scope(request("a"), async {
        tokio::spawn(async move { dispatcher::with_default(&a, || info!("1")) }).await.unwrap();
        tokio::task::spawn_blocking(move || dispatcher::with_default(&b, || info!("2"))).await.unwrap();
        let mut set = JoinSet::new();
        set.spawn(async move { dispatcher::with_default(&c, || info!("3")) });
        set.join_all().await;
        thread::spawn(move || dispatcher::with_default(&d, || info!("4"))).join().unwrap();
        thread::scope(|scope| scope.spawn(|| dispatcher::with_default(&e, || info!("5"))).join().unwrap());
    }));
    assert_eq!(told(&lines).len(), 5, "{:#?}", lines.all());
}

/// A bare task that was given the request's span.
async fn by_its_span(log: &Dispatch) {
    let spawn = async {
        let task = async { info!("por su tramo") }.instrument(Span::current());
        tokio::spawn(task.with_current_subscriber()).await.unwrap();
    };
    let scope = dispatcher::with_default(log, || context::scope(request("a"), spawn));
    scope.with_subscriber(log.clone()).await;
}

#[test]
fn neither_libraries_nor_spans_of_the_request_are_told_of_and_it_can_be_switched_off() {
    let [(quiet, no_lines), (log, lines)] = ["info,standards::context=off", "info"].map(log);
    let library = log.clone();
    runtime().block_on(async {
        tokio::spawn(async move { dispatcher::with_default(&quiet, || info!("suelto")) }).await.unwrap();
        tokio::spawn(async move { dispatcher::with_default(&library, || info!(target: "standards_axum::x", "suelto")) })
            .await
            .unwrap();
        by_its_span(&log).await;
    });
    assert!(lines.all().concat().contains(r#""correlation_id":"a""#));
    assert_eq!((told(&no_lines).len(), told(&lines).len()), (0, 0), "{:#?}", lines.all());
}
