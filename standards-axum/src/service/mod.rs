//! A whole service: the routes of a team, and everything of the standard around them.
//!
//! The walk, on three rungs: [`serve_with`], of which [`serve`] is the shortest use, reads the settings, installs the log, has a [`Service`] made
//! and runs it; a `Service` gathers
//! routes, health and documents (`builder`), is put inside the standard (`stack`, the one place that orders the layers) and listens
//! until it is told to stop (`run`), where `ADMIN_ADDR` is set with a second listener beside it (`admin`); [`StandardsLayer`] and [`standardize`] are that stack alone, for a service that exists already.

mod admin;
mod allowed_hosts;
#[cfg(feature = "openapi")]
mod apis;
#[cfg(not(feature = "openapi"))]
#[path = "no_apis.rs"]
mod apis;
mod builder;
mod circuits;
mod exit;
mod fault;
mod front;
mod info;
mod inventory;
#[cfg(feature = "metrics")]
mod metering;
#[cfg(not(feature = "metrics"))]
#[path = "no_metering.rs"]
mod metering;
mod run;
mod settings;
mod sheltered;
mod stack;
mod standardized;
#[cfg(feature = "otel")]
mod tracing;
#[cfg(not(feature = "otel"))]
#[path = "no_tracing.rs"]
mod tracing;

#[cfg(test)]
mod tests;

pub use allowed_hosts::AllowedHosts;
pub use builder::Service;
pub use exit::Exit;
pub use info::ServiceInfo;
pub use inventory::LayerEntry;
pub use run::{serve, serve_with};
pub use settings::{ApiPrefix, ConnectionCount, StandardSettings};
pub use stack::{StandardsLayer, standardize, standardize_with};
pub use standardized::{Standardized, StandardizedBody, StandardizedFuture};
