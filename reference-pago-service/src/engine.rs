//! The payment engine: pagos that arrive while others are being written are decided together.
//!
//! One task takes the pagos that wait, has the database decide them as one unit, and tells each caller its own outcome; those that
//! arrive meanwhile form the next batch. Nobody waits for a batch to fill, so an idle service answers as fast as one pago can be
//! written, and a busy one shares each commit among all that wait for it.
//!
//! What holds whatever happens:
//!
//! - An order that was taken in ends, and its end is logged under the id of its request, whether or not somebody still waits for it.
//!   A caller that leaves (its client has gone, the deadline has passed) stops nothing.
//! - The queue is bounded: an order that finds it full is refused at once.
//! - A batch that certainly came to nothing is tried again, then in parts, so that no pago fails because of another. One whose
//!   outcome is unknown is never tried again: it is 503, and the key settles it.
//! - A cliente whose row somebody else holds delays nobody but its own orders: they step aside into a second lane that waits.
//!
//! The engine asks the database through [`PagoRepository::decidir`](crate::repositories::PagoRepository::decidir) and nothing else,
//! so that all of this is tested without one.

mod handle;
mod order;
mod outcome;
mod reaper;
mod retry;
mod ticket;
mod worker;

#[cfg(test)]
mod tests;

pub use handle::{Capacity, Engine};
pub use outcome::{Outcome, desenlace};
pub use reaper::reap_forever;
pub use retry::with_retries;
pub use ticket::Espera;
