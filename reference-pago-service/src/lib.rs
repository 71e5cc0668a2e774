//! The guideline's payment system: clientes with a balance, pagos that debit it.
//!
//! One direction: [`api`] and [`schemas`] know the [`services`], these the [`engine`], the [`repositories`] and the [`models`], and only the
//! repositories know the [`database`]. What a type of [`models`] holds was checked when it was made; nothing behind it checks again.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod database;
pub mod engine;
pub mod metrics;
pub mod migrate;
pub mod models;
pub mod repositories;
pub mod schema_gate;
pub mod schemas;
pub mod services;
