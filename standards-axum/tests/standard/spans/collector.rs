//! A collector, played by the test.

use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use standards_axum::otel::Tracing;
use standards_axum::testing::{StubUpstream, TestApp};
use standards_axum::{StandardSettings, StandardsLayer, service_info, standardize_with};
use standards_core::settings::Environment;

use super::exported::{Exported, exported};

/// Longer than an export may take, on a machine that is busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A collector, and who exports to it.
pub(super) struct Collector {
    pub(super) stub: StubUpstream,
    exporting: Mutex<Vec<Tracing>>,
}

/// Settings that name the collector, and these.
pub(super) fn settings(collector: &Collector, variables: &[(&str, &str)]) -> StandardSettings {
    let endpoint = collector.stub.url();
    let named = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("SERVICE_NAME", "ms-cajas"), ("SERVICE_VERSION", "2.1.0")];
    Environment::from_pairs(named.into_iter().chain(variables.iter().copied())).settings().unwrap()
}

impl Collector {
    /// One that takes whatever it is sent.
    pub(super) async fn open() -> Self {
        Self::of(StubUpstream::answering(|| ()).await)
    }

    pub(super) fn of(stub: StubUpstream) -> Self {
        Self { stub, exporting: Mutex::default() }
    }

    pub(super) fn tracing(&self, variables: &[(&str, &str)]) -> Tracing {
        let tracing = Tracing::open(service_info!(), &settings(self, variables)).unwrap().unwrap();
        self.exporting.lock().unwrap().push(tracing.clone());
        tracing
    }

    /// The routes in the standard, exporting to it.
    pub(super) fn app(&self, routes: Router) -> TestApp {
        self.app_with(routes, &[])
    }

    pub(super) fn app_with(&self, routes: Router, variables: &[(&str, &str)]) -> TestApp {
        crate::support::install_log();
        TestApp::new(standardize_with(routes, &StandardsLayer::new().traced_by(self.tracing(variables))))
    }

    /// What has come so far, in the order in which the spans began.
    pub(super) fn spans(&self) -> Vec<Exported> {
        let mut spans: Vec<_> = self.stub.sent().iter().flat_map(|sent| exported(&sent.body)).collect();
        spans.sort_by_key(|span| span.times[0]);
        spans
    }

    /// All that was sent, as text.
    pub(super) fn raw(&self) -> String {
        self.stub.sent().iter().map(|sent| String::from_utf8_lossy(&sent.body).into_owned()).collect()
    }

    /// So many spans have ended, and no more; they are exported at once.
    pub(super) async fn all(&self, count: usize) -> Vec<Exported> {
        self.close().await;
        let spans = self.spans();
        assert_eq!(spans.len(), count, "{spans:#?}");
        for sent in self.stub.sent() {
            assert_eq!((sent.uri.path(), sent.header("content-type")), ("/v1/traces", Some("application/x-protobuf")));
        }
        spans
    }

    pub(super) async fn only(&self) -> Exported {
        self.all(1).await.remove(0)
    }

    /// Nothing comes, though everything that had ended was to be exported.
    pub(super) async fn nothing(&self) {
        self.close().await;
        assert!(self.spans().is_empty(), "{:#?}", self.spans());
    }

    async fn close(&self) {
        let exporting = std::mem::take(&mut *self.exporting.lock().unwrap());
        for tracing in exporting {
            tracing.close(PATIENCE).await;
        }
    }
}
