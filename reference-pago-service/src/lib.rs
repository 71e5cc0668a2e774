//! The guideline's payment system: clientes with a balance, pagos that debit it.
//!
//! One direction, bottom up: [`models`] know nobody, [`repositories`] know the [`database`] and the
//! models. What a type of [`models`] holds was checked when it was made; nothing behind it
//! checks again.

pub mod database;
pub mod models;
pub mod repositories;
