//! A whole service: the routes of a team, and everything of the standard around them.

mod allowed_hosts;
mod builder;
mod exit;
mod info;
mod settings;
mod stack;

pub use allowed_hosts::AllowedHosts;
pub use builder::{Service, serve};
pub use exit::Exit;
pub use info::ServiceInfo;
pub use settings::{ApiPrefix, StandardSettings};
pub use stack::{Standardized, StandardizedBody, StandardizedFuture, StandardsLayer, standardize, standardize_with};
