//! Serving a service by either server, and asking it.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::{Service, service_info, standardize};
use standards_core::log::LogOptions;
use standards_core::log::capture::{self, Capture};
use standards_core::settings::Environment;
use standards_core::{CorrelationId, context};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// A request under an id of its own, and the log of it.
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    log: Capture,
}

pub(crate) fn install_log() {
    capture::install(&LogOptions::new("kinds", "1.0.0").with_filters("debug".parse().unwrap()));
}

/// Sends `request` to `router` with a new correlation id.
pub(crate) async fn send(router: &Router, mut request: Request<Body>) -> Exchange {
    install_log();
    let id = CorrelationId::generate();
    request.headers_mut().insert(X_CORRELATION_ID, id.as_str().parse().unwrap());
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Exchange { status: head.status.as_u16(), headers: head.headers, body, log: Capture::of(&id) }
}

pub(crate) async fn get(router: &Router, path: &str) -> Exchange {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

impl Exchange {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The request's only access record.
    #[track_caller]
    pub(crate) fn access_record(&self) -> Value {
        access_record(&self.log)
    }

    #[track_caller]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.log.messages()
    }

    /// An envelope with this code, and nothing of what it replaced.
    #[track_caller]
    pub(crate) fn assert_envelope(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status, &body["success"], &body["errors"][0]["code"]), (status, &false.into(), &code.into()), "{body}");
        assert_eq!(self.headers["content-type"], "application/json");
    }
}

#[track_caller]
pub(crate) fn access_record(log: &Capture) -> Value {
    let mut records = log.records();
    records.retain(|record| record["context"]["status"].is_u64());
    assert_eq!(records.len(), 1, "{records:#?}");
    records.remove(0)
}

/// A server that runs, and the word to stop it.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Running {
    /// Stops the server, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap();
    }
}

/// `router` inside the standard, served by axum.
pub(crate) async fn under_axum(router: Router) -> Running {
    install_log();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = standardize(router).into_make_service_with_connect_info::<SocketAddr>();
    let (stop, stopped) = oneshot::channel();
    let ended = context::spawn(async move {
        axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) }).await.unwrap();
    });
    Running { address, stop, ended }
}

/// `router` as a [`Service`], served by the standard's own server.
pub(crate) async fn under_ours(router: Router) -> Running {
    install_log();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Service::new(service_info!(), Environment::default().settings().unwrap()).routes(router);
    let (stop, stopped) = oneshot::channel();
    let ended = context::spawn(async move {
        service.run_on(listener, async { drop(stopped.await) }).await;
    });
    Running { address, stop, ended }
}
