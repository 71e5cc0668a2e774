//! Doing again what failed, where that may help and harms nobody.

mod budget;

pub use budget::RetryBudget;
