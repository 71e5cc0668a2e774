//! The guideline's payment system: clientes with a balance, pagos that debit it.
//!
//! What a type of [`models`] holds was checked when it was made; nothing behind it checks again.

pub mod models;
