//! The record as data: JSON Schemas (draft 2020-12) of both forms, for whoever reads the log by machine.
//!
//! ```
//! let schema: serde_json::Value = serde_json::from_str(standards_core::log::RECORD_SCHEMA).unwrap();
//! assert_eq!(schema["title"], "Log record");
//! ```

/// The JSON Schema of a record with `LOG_FORMAT=json`.
pub const RECORD_SCHEMA: &str = include_str!("../../../schemas/log-record.schema.json");

/// The JSON Schema of a record with `LOG_FORMAT=ecs`.
pub const ECS_RECORD_SCHEMA: &str = include_str!("../../../schemas/log-record-ecs.schema.json");
