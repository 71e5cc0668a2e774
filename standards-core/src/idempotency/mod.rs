//! A request that is sent twice is done once: what an `Idempotency-Key` stands for, whatever carries it and whoever keeps the outcomes.
//!
//! The walk: the client marks a request with a [`Key`] of its own. A service puts the key into its [`KeyScope`], notes with the
//! [`KeyedRequest`] what was asked for, and keeps the outcome **in the same transaction as the effect** ([`IdempotencyStore`]): an
//! outcome that is stored beside the effect can be lost between the two. [`InFlight`] answers the repetition that arrives while the
//! first request is still being worked on, [`Keyed`] tells what became of the request: done now, done before, or refused because the
//! key is another request's.
//!
//! ```
//! use standards_core::idempotency::{IdempotencyStore, Key, Keyed, KeyScope, KeyedRequest, MemoryStore};
//! use standards_core::{Failure, Language};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = MemoryStore::default();
//! let key: Key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse()?;
//! let request = KeyedRequest::new(KeyScope::new("ana", "POST /saludos", key), "nombre=Eva");
//! let greet = || MemoryStore::effect(async { Ok::<_, Failure>("Hola, Eva") });
//!
//! assert_eq!(store.perform(&request, greet()).await?, Keyed::Fresh("Hola, Eva"));
//! assert_eq!(store.perform(&request, greet()).await?, Keyed::Replayed("Hola, Eva", Language::Es));
//! # Ok::<(), Failure>(())
//! # }).unwrap();
//! ```

#[cfg(feature = "testkit")]
pub mod contract;
mod error;
mod fingerprint;
mod in_flight;
mod key;
mod keyed;
mod memory;
mod scope;
mod settings;
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
pub mod sql;
mod store;

pub use error::IdempotencyError;
pub use fingerprint::Fingerprint;
pub use in_flight::{InFlight, InFlightGuard};
pub use key::Key;
pub use keyed::Keyed;
pub use memory::{MemoryEffect, MemoryStore};
pub use scope::{KeyScope, KeyedRequest};
pub use settings::IdempotencySettings;
pub use store::IdempotencyStore;
