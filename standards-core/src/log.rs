//! The structured log (guideline section 3): one JSON object per line.

mod level;
mod value;

mod filter;
mod format;
mod options;

mod handle;
mod init;
mod layer;
mod logger;
mod record;

mod bridge;
mod panic;

mod redact;

#[cfg(feature = "testkit")]
pub mod capture;

mod pipeline;

mod draft;
mod error_text;
mod fields;
mod visit;
mod write;

mod ecs;
mod json;
mod parts;
mod pretty;
mod schema;

mod clock;
mod escape;
mod identity;
mod levels;
mod names;
mod scratch;
mod suppress;

mod dropped;
mod queue;
mod report;
mod sink;
mod writer;

pub use dropped::Dropped;
pub use error_text::{ErrorDetails, LogError};
pub use filter::{FilterError, LevelFilters};
pub use format::{LogFormat, UnknownFormat};
pub use handle::{LogHandle, handle};
pub use init::{InitError, LogGuard, init};
pub use layer::RecordLayer;
pub use level::LogLevel;
pub use logger::{Context, ContextBuilder, LogContext, StructuredLogger};
pub use options::LogOptions;
pub use record::Record;
pub use redact::{Redaction, Sensitive, Shape};
pub use schema::{ECS_RECORD_SCHEMA, RECORD_SCHEMA};
pub use sink::{DirectSink, Line, LineSink};
pub use tracing::level_filters::LevelFilter;
pub use value::{ToValue, Value};
pub use writer::BackgroundSink;
