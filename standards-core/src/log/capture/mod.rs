//! The log in tests (feature `testkit`): the records of one request, read back as JSON.
//!
//! One subscriber serves the whole test process, whose tests run side by side, so each test looks only at the records of its own
//! correlation id. Every line that the process writes is checked against the record's JSON Schema, and against what an Elasticsearch
//! index with [`INDEX_TEMPLATE`](crate::log::INDEX_TEMPLATE) takes.
//!
//! ```
//! use serde_json::json;
//! use standards_core::log::capture::Capture;
//! use standards_core::{CorrelationId, RequestContext, context};
//!
//! let id = CorrelationId::generate();
//! let log = Capture::of(&id);
//! context::sync_scope(RequestContext::new(id, "/api/v1/pagos", "POST"), || {
//!     tracing::info!(target: "standards::doc", pago_id = 456, "Pago procesado exitosamente");
//! });
//! log.assert_logged(&json!({"level": "INFO", "endpoint": "/api/v1/pagos", "context": {"pago_id": 456}}));
//! assert_eq!(log.messages(), ["Pago procesado exitosamente"]);
//! ```

mod compare;
mod index;
mod origin;
mod schema;
mod store;
mod strict;
mod validate;

use std::sync::{Arc, Once};

use serde_json::Value as Json;
use tracing_subscriber::layer::SubscriberExt;

use super::init;
use super::options::LogOptions;
use super::source::install_hook;
use crate::CorrelationId;
use crate::context::process_id;
use origin::OriginLayer;
use store::{Store, Stored};

pub use compare::{Extent, assert_same, differences};
pub use validate::problems_of;

static STORE: Store = Store::new();

/// The records of one correlation id, those written before it was asked for included.
#[derive(Clone, Debug)]
pub struct Capture {
    id: CorrelationId,
    /// How many records of that id are none of this capture's business.
    skip: usize,
}

/// Installs the subscriber of the test process with `options`; the first call in a process decides. Panics are written to the
/// log and, as tests need it, to standard error too.
///
/// # Panics
///
/// When the process has another `tracing` subscriber.
#[expect(clippy::expect_used, reason = "a test process whose log is not ours must not go on")]
pub fn install(options: &LogOptions) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let spans = tracing_subscriber::registry().with(OriginLayer);
        init::install(options, Arc::new(&STORE), spans).expect("no other subscriber in a test process");
        let report = std::panic::take_hook();
        install_hook(report);
    });
}

/// What [`Capture`] installs by itself: everything down to DEBUG.
fn install_default() {
    let filters = "debug".parse().unwrap_or_default();
    install(&LogOptions::new("test", "0.0.0").with_filters(filters));
}

impl Capture {
    /// The records of the request `id`.
    ///
    /// ```
    /// use standards_core::CorrelationId;
    /// use standards_core::log::capture::Capture;
    ///
    /// let log = Capture::of(&CorrelationId::generate());
    /// assert!(log.messages().is_empty());
    /// ```
    #[must_use]
    pub fn of(id: &CorrelationId) -> Self {
        install_default();
        Self { id: id.clone(), skip: 0 }
    }

    /// The records that belong to no request, from now on. Other tests write such records too.
    ///
    /// ```
    /// use standards_core::log::capture::Capture;
    ///
    /// let log = Capture::of_process();
    /// tracing::info!("Servicio iniciado");
    /// assert!(log.messages().contains(&"Servicio iniciado".to_owned()));
    /// ```
    #[must_use]
    pub fn of_process() -> Self {
        install_default();
        Self { id: process_id().clone(), skip: STORE.lines(process_id().as_str()).len() }
    }

    /// Whose records they are.
    #[must_use]
    pub const fn id(&self) -> &CorrelationId {
        &self.id
    }

    /// The lines as they were written.
    ///
    /// # Panics
    ///
    /// When any line of this process, whoever wrote it, breaks the record's schema.
    #[must_use]
    #[track_caller]
    pub fn lines(&self) -> Vec<String> {
        self.stored().into_iter().map(|stored| stored.line).collect()
    }

    #[track_caller]
    fn stored(&self) -> Vec<Stored> {
        STORE.assert_valid();
        let mut stored = STORE.lines(self.id.as_str());
        stored.drain(..self.skip.min(stored.len()));
        stored
    }

    /// The records, in the order in which they were written.
    ///
    /// # Panics
    ///
    /// When a line is no JSON.
    #[must_use]
    #[track_caller]
    pub fn records(&self) -> Vec<Json> {
        self.stored().iter().map(Stored::record).collect()
    }

    /// The sentences of the records.
    #[must_use]
    #[track_caller]
    pub fn messages(&self) -> Vec<String> {
        let message = |record: &Json| record.get("message").and_then(Json::as_str).unwrap_or_default().to_owned();
        self.records().iter().map(message).collect()
    }

    /// The one record that says `message`.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    ///
    /// ```
    /// use standards_core::log::capture::Capture;
    /// use standards_core::{CorrelationId, RequestContext, context};
    ///
    /// let id = CorrelationId::generate();
    /// let log = Capture::of(&id);
    /// context::sync_scope(RequestContext::new(id, "/caja", "POST"), || tracing::info!(caja_id = 3, "Caja abierta"));
    /// assert_eq!(log.record("Caja abierta")["context"]["caja_id"], 3);
    /// ```
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of the test kit")]
    pub fn record(&self, message: &str) -> Json {
        let mut found = self.records();
        found.retain(|record| record.get("message").and_then(Json::as_str) == Some(message));
        match (found.pop(), found.len()) {
            (Some(record), 0) => record,
            (_, others) => panic!("expected one record {message:?}, found {others} others among {:#?}", self.messages()),
        }
    }

    /// Asserts that a record holds at least what `expected` says.
    ///
    /// # Panics
    ///
    /// When none does, with what the nearest one lacks, the place in the code that logged it and the spans around that.
    ///
    /// Objects may hold more than is expected, lists may not.
    ///
    /// ```
    /// use serde_json::json;
    /// use standards_core::log::capture::Capture;
    /// use standards_core::{CorrelationId, RequestContext, context};
    ///
    /// let id = CorrelationId::generate();
    /// let log = Capture::of(&id);
    /// context::sync_scope(RequestContext::new(id, "/caja", "POST"), || tracing::warn!(caja_id = 3, "Caja cerrada"));
    /// log.assert_logged(&json!({"level": "WARNING", "context": {"caja_id": 3}}));
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of the test kit")]
    pub fn assert_logged(&self, expected: &Json) {
        let stored = self.stored();
        let lacking = |stored: &Stored| differences("", expected, &stored.record(), Extent::AtLeast);
        let nearest = stored.iter().map(|stored| (lacking(stored), stored)).min_by_key(|(lacking, _)| lacking.len());
        match nearest {
            Some((lacking, _)) if lacking.is_empty() => {}
            Some((lacking, stored)) => panic!("no such record; the nearest differs in\n  {}\nof {stored}", lacking.join("\n  ")),
            None => panic!("no record of {} at all, expected {expected:#}", self.id),
        }
    }
}
