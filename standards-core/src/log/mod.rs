//! The structured log (guideline section 3): one JSON object per line on standard output, and nothing else there or on standard
//! error.
//!
//! [`init`] installs it. From then on `tracing`'s macros, the `log` crate, [`StructuredLogger`], [`Record`] and panics all take the
//! same way: filter, fields, redaction, line, queue.
//!
//! ```
//! use standards_core::log::{self, LogOptions};
//! use tracing::info;
//!
//! let _log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
//! let (cliente_id, pago_id, monto) = (123, 456, "100.50");
//! info!(cliente_id, pago_id, %monto, moneda = "CLP", "Pago procesado exitosamente");
//! # Ok::<(), log::InitError>(())
//! ```
//!
//! # The record
//!
//! Keys in this order, absent when empty unless marked *. [`RECORD_SCHEMA`] and [`ECS_RECORD_SCHEMA`] say the same by JSON Schema.
//!
//! | key | holds | with `LOG_FORMAT=ecs` |
//! |---|---|---|
//! | `@timestamp`* | RFC 3339, UTC, three decimals, `Z` | `@timestamp` |
//! | `level`* | `DEBUG`, `INFO`, `WARNING`, `ERROR` | `log.level` |
//! | `artifact`*, `version`* | the service | `service.name`, `service.version` |
//! | `correlation_id`* | the request's id; `proc-<uuid>` outside a request | `labels.correlation_id` |
//! | `endpoint` | path without query | `url.path` |
//! | `method` | the operation where the code named it, else the HTTP verb | `event.action`; the verb always in `http.request.method` |
//! | `message`* | a sentence | `message` |
//! | `context` | the event's own fields | `context` |
//! | `error` | `type`, `message` with its causes, `traceback`, `error_code` | `error.type`, `.message`, `.stack_trace`, `.code` |
//! | `traceback` | the same text as `error.traceback` | |
//! | `logger` | the module, at DEBUG and for modules that are not the service's | `log.logger` |
//!
//! A line has 16 KiB at most, `context` 64 fields, a value eight levels. What is longer is cut and says so (`…[+1234 bytes]`), what
//! is more is counted (`omitted_fields`). Of two fields with one name the first stays. A trace that the request belongs to is
//! `context.trace_id` and `context.span_id`, in ECS `trace.id` and `span.id`. Control characters and bidirectional marks are
//! escaped.
//!
//! # In Elasticsearch
//!
//! A record is never one that an index with [`INDEX_TEMPLATE`] refuses. In a name of `context` a dot is written `_` (`user.name` would make
//! an object of `user`), and a blank name is `_`; a number beyond 64 bits with a sign is a text; a list whose elements no one field can
//! hold is a list of texts. `ecs` writes `log.level` and `log.logger` with their dot.
//!
//! # Fields of the whole request
//!
//! After the event's own fields stand those of the service's spans around it, the innermost first, and those of
//! [`context::add`](crate::context::add): see [`context`](crate::context#fields-for-the-whole-request).
//!
//! # Message and fields
//!
//! The message is a sentence that is the same each time, so that it can be searched for and counted; what varies is a field, typed:
//! `info!(cliente_id, %monto, "Pago procesado exitosamente")`. Ids are numbers, amounts are texts with two decimals.
//!
//! # Levels, by who must act
//!
//! | level | who | what |
//! |---|---|---|
//! | ERROR | someone, now | 5xx, panics: always with `error` and `traceback` |
//! | WARNING | nobody yet | expected failures: domain, validation, 4xx, a dependency that is retried; with `context.error_code` |
//! | INFO | nobody | business events: start and end of an operation, changes of state; one access record per request |
//! | DEBUG | developers | details; `TRACE` is written as DEBUG |
//!
//! A failure is logged once, where the request ends. `LOG_LEVEL` takes [`LevelFilters`]; [`LogHandle::set_level`] changes them while
//! the process runs.
//!
//! # What is never logged
//!
//! Passwords, tokens, keys, card numbers, personal data, and whole objects that hold any. That is enforced by type
//! ([`Sensitive`]), by the names of fields and by [`Shape`] on every record; [`Redaction`] says what a service adds or takes away.
//! What no machine can see is a name or an address in a sentence: put values into fields.
//!
//! # What may be lost, and when
//!
//! A full pipe or a slow disk makes nobody wait. Up to [`LogOptions::with_buffer_bytes`] lines are kept; beyond that the least urgent
//! are dropped first, ERROR last. Every loss is counted ([`LogHandle::dropped`]) and told by a record of its own. The
//! [`LogGuard`] flushes at the end, and the panic hook where a panic may be the end. A process that is killed loses the lines of its
//! last five milliseconds: so long they are gathered, ERROR excepted.
//!
//! # In tests
//!
//! Feature `testkit`: `log::capture` gives the records of one correlation id, and checks every line against the schema and against a model of
//! Elasticsearch's rules.

// In the order in which a record passes them; each imports only what stands below it.
mod init;
mod source;

mod options;

mod control;

mod sink;

mod line;

mod redact;

#[cfg(feature = "testkit")]
pub mod capture;

pub use ::tracing::level_filters::LevelFilter;
pub use control::{FilterError, LevelFilters, LogHandle, LoggedPlace, handle};
pub use init::{InitError, LogGuard, init};
pub use line::{ECS_RECORD_SCHEMA, ErrorDetails, INDEX_TEMPLATE, LogError, LogFormat, RECORD_SCHEMA, UnknownFormat};
pub use options::LogOptions;
pub use redact::{Redaction, Sensitive, Shape};
pub use sink::{BackgroundSink, DirectSink, Line, LineSink, RecordCounts};
pub use source::{
    Context, ContextBuilder, FieldWriter, LogContext, Record, RecordFilter, RecordLayer, StructuredLogger, install_panic_hook,
    masked,
};

pub use crate::level::LogLevel;
pub use crate::value::{ToValue, Value};
