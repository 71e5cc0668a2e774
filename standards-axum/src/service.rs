//! A whole service: the routes of a team, and everything of the standard around them.

mod builder;
mod exit;
mod info;

pub use builder::{Service, serve};
pub use exit::Exit;
pub use info::ServiceInfo;
