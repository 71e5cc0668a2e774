//! What was asked before is not asked again for a while (guideline section 4; feature `cache`).
//!
//! A cache is desirable and never necessary: no operation of a [`Cache`] fails because of it, and what it cannot say is loaded. One line
//! makes one, and one line uses it:
//!
//! ```
//! use std::time::Duration;
//! use standards_core::Failure;
//! use standards_core::cache::{Cache, CacheOutcome, Namespace};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let clientes: Cache<String> = Cache::in_process(Namespace::new("cliente", 1));
//! for _ in 0..3 {
//!     let ana = clientes.get_or_load(&42, Duration::from_secs(60), || async { Ok("Ana".to_owned()) }).await?;
//!     assert_eq!(*ana, "Ana");
//! }
//! assert_eq!((clientes.count(CacheOutcome::Loaded), clientes.count(CacheOutcome::HitMemory)), (1, 2));
//! # Ok::<(), Failure>(())
//! # }).unwrap();
//! ```
//!
//! | the guideline's `CacheService` | here |
//! |---|---|
//! | `get(key)` | [`Cache::get`], and [`Cache::exists`] |
//! | `set(key, value, ttl)` | [`Cache::set`] |
//! | `delete(key)` | [`Cache::delete`], and [`Cache::clear`] |
//! | `@cached(ttl, key_prefix)` | [`cached`]; [`Cache::get_or_load`] where the key is not the argument |
//!
//! # Two levels
//!
//! With a [`SharedLevel`] behind it (`RedisLevel`, feature `redis`) a cache asks memory, then that, then the loader, and tells it what was loaded.
//! [`Caches`] makes all caches of a service so, or in memory alone, as the settings say.
//!
//! - Instances tell each other what they annul. Whoever is not told, since he or the one who annuls is cut off, has what can change no longer than
//!   [`CachePolicy::with_staleness`] says (5 s), counted from before its load and in both levels together. When he is connected again he forgets all.
//! - What can never change ([`Ttl::immutable`]) is kept for its own time.
//! - What could not be annulled there is not believed of it here, and annulled there as soon as it answers.
//!
//! What is kept is a value in an [`Arc`](std::sync::Arc): a hit costs no copy of it. Keys are bounded ([`MAX_KEY`]), and so are entries,
//! bytes and times ([`CachePolicy`]).

mod both;
mod builder;
mod cached;
mod caches;
mod change;
mod flights;
mod handle;
mod inner;
mod key;
mod load;
mod memory;
mod namespace;
mod outcome;
mod policy;
#[cfg(feature = "redis")]
pub mod redis;
mod shared;
mod side;
mod ttl;
mod unconfirmed;

pub use builder::CacheBuilder;
pub use cached::{Cached, cached};
pub use caches::Caches;
pub use handle::Cache;
pub use key::MAX_KEY;
pub use namespace::Namespace;
pub use outcome::{CacheObserver, CacheOutcome};
pub use policy::CachePolicy;
pub use shared::{Answer, Found, Listener, Mark, NoAnswer, SharedEvent, SharedHealth, SharedLevel};
pub use side::MAX_SHARED_BYTES;
pub use ttl::{Keep, Ttl};

#[cfg(test)]
mod tests;
