//! The repositories' promises, on both engines.

mod clientes;
mod concurrency;
mod migrations;
mod opening;
mod pagos;
mod readers;
