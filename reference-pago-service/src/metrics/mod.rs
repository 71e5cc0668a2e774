//! What the business is told to Prometheus.
//!
//! The walk: `business` holds what is counted, and the names that it has on the page; `observed` stands between the engine and the
//! repositories and sees there what each operation came to and how long the database took. What only the engine or the
//! keys know (how long an order waited, that an answer was a repetition) they tell the same [`BusinessMetrics`].
//!
//! Nothing that a client sends becomes a series of its own: a currency that is none of the [`COUNTED`] is `other`.

mod business;
mod observed;

pub use business::{BusinessMetrics, COUNTED, DatabaseOperation, Movements};
