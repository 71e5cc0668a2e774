//! The API over HTTP: what a client sends, what comes back, what the log says and what the books hold afterwards.
//!
//! Tests that end in the router call it in process; those about bytes, connections and processes start the real binary.

mod alerts;
mod altered;
mod amounts;
#[cfg(test)]
mod arbitrary;
mod bodies;
#[cfg(test)]
mod commands;
mod concurrency;
mod crowd;
mod doctor;
mod documents;
mod driver_thread;
mod error_types;
mod golden;
mod guideline;
mod ids;
mod kept;
mod lists;
mod metrics;
mod operators;
mod origins;
mod process;
mod prometheus;
mod protocol;
mod records;
mod rows;
pub(crate) mod service;
pub(crate) mod socket;
#[cfg(feature = "otel")]
mod spans;
mod texts;
mod unfit;
