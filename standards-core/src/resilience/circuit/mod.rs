//! The circuit breaker. Of its parent it knows `sync` alone, so that the tests can put this folder beside another one.

mod breaker;
mod shared;

mod permit;
mod refusal;
mod told;

mod machine;
mod recent;

mod policy;
mod snapshot;
mod state;
mod totals;

pub use breaker::CircuitBreaker;
pub use permit::{Permit, Watched};
pub use policy::{CircuitPolicy, Window};
pub use refusal::{CallError, NotPermitted};
pub use snapshot::{CallTotals, Snapshot};
pub use state::{State, Transition};
