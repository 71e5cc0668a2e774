//! Whom a request is from, and where its client sees the service, when proxies stand between.
//!
//! Whoever connects may write any header, so the `X-Forwarded-*` of a request count only where its peer is one of `TRUSTED_PROXIES`.
//! [`TrustedProxies`] are these networks; `hops` reads what their proxies say of the client; [`ClientAddress`] and [`Forwarded`] are what
//! a handler asks for.

mod address;
mod base;
mod hops;
mod networks;

pub use address::ClientAddress;
pub use base::Forwarded;
pub use networks::TrustedProxies;

#[cfg(test)]
mod tests;
