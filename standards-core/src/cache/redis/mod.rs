//! Redis behind the memory of each instance (guideline section 4, "Cache en Alta Disponibilidad"; feature `redis`).
//!
//! Redis may be away, slow, full, read-only or wrong at any time, and the service does not notice but by its speed:
//!
//! - Nothing is connected to before the first question, and nobody waits for a connection: one attempt a second, in the background.
//! - An answer has 50 ms. One that is later ends the connection, and with it all that waits; no more than eight wait at once.
//! - A [circuit](crate::resilience) is around it. While it is open nobody asks.
//! - What cannot be asked is loaded, what cannot be told is told later ([`Cache::delete`](super::Cache::delete)).
//!
//! # What stands there
//!
//! | key | value | for |
//! |---|---|---|
//! | `cliente:3:42` | a line (annulments that it is from after, its end by Redis' own clock), and the value as JSON | its time |
//! | `~annulled:cliente:3:42` | a text that each annulment of the key makes new | five minutes |
//! | `~cleared:cliente:3` | a text that each annulment of the namespace makes new | ever |
//!
//! A value that was loaded before an annulment and arrives after it is written, and believed by nobody: its line is not from after that. No
//! script is needed, and no clock but the server's counts. Instances tell each other by the channel `~annulled` on the same connection (RESP3, Redis
//! 6 or newer): while that is broken they know that it is, and when it is back they forget what they have in memory.
//!
//! The user needs `MGET`, `GET`, `SET`, `DEL`, `TIME`, `PUBLISH`, `SUBSCRIBE`, `HELLO` (`+@connection`) on those keys and that channel:
//!
//! ```text
//! ACL SETUSER pagos on >... ~* &~annulled +mget +get +set +del +time +publish +subscribe +@connection
//! ```

mod commands;
mod keeper;
mod level;
mod link;
mod messages;
mod options;
mod replies;
mod settings;
mod stored;
mod told;
mod url;

pub use level::RedisLevel;
pub use options::RedisOptions;
pub use settings::CacheSettings;
pub use url::RedisUrl;
