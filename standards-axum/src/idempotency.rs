//! A request that is sent twice is done once: what an `Idempotency-Key` stands for, whoever keeps the outcomes.
//!
//! The client marks a request with a key of its own ([`IdempotencyKey`](crate::extract::IdempotencyKey)). A service puts the key into
//! its [`KeyScope`], notes with the [`KeyedRequest`] what the request asked for, and keeps the outcome **in the same transaction as
//! the effect** ([`IdempotencyStore`]): an outcome that is stored beside the effect can be lost between the two. [`InFlight`] answers
//! the repetition that arrives while the first request is still being worked on, [`Outcome`] the one that arrives later.
//!
//! ```
//! use standards_axum::core::Failure;
//! use standards_axum::extract::IdempotencyKey;
//! use standards_axum::idempotency::{IdempotencyStore, KeyScope, KeyedRequest, MemoryStore, Settlement};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = MemoryStore::default();
//! let key: IdempotencyKey = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse()?;
//! let request = KeyedRequest::new(KeyScope::new("ana", "POST /saludos", key), "nombre=Eva");
//! let greet = || MemoryStore::effect(async { Ok::<_, Failure>("Hola, Eva") });
//!
//! assert_eq!(store.perform(&request, greet()).await?, Settlement::Fresh("Hola, Eva"));
//! assert_eq!(store.perform(&request, greet()).await?, Settlement::Replayed("Hola, Eva"));
//! # Ok::<(), Failure>(())
//! # }).unwrap();
//! ```

#[cfg(feature = "testkit")]
pub mod contract;
mod error;
mod in_flight;
mod memory;
mod outcome;
mod scope;
mod store;

pub use error::IdempotencyError;
pub use in_flight::{InFlight, InFlightGuard};
pub use memory::{MemoryEffect, MemoryStore};
pub use outcome::{IDEMPOTENT_REPLAYED, Outcome};
pub use scope::{KeyScope, KeyedRequest};
pub use store::{IdempotencyStore, Settlement};
