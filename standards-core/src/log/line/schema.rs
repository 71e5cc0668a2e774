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

/// A template for the Elasticsearch indices that hold records of both forms, to be put as it is: `PUT _index_template/standards-log`.
///
/// What a record says is kept, whatever type another record's field of that name had (`ignore_malformed`); texts are no dates by accident,
/// fractions have 64 bits. A record is never one that such an index refuses: `log::capture` checks every line by a model of its rules.
///
/// ```
/// let template: serde_json::Value = serde_json::from_str(standards_core::log::INDEX_TEMPLATE)?;
/// assert_eq!(template["template"]["mappings"]["properties"]["@timestamp"]["type"], "date");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const INDEX_TEMPLATE: &str = include_str!("../../../schemas/log-index-template.json");
