//! Each example as it runs, and each snippet of the guides as it compiles.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say what they expect by failing"
)]

mod ejemplos;
mod guides;
mod header;
mod inventario;
mod mistakes;
mod nuevo;
mod packages;
mod pages;
mod process;
mod readme;
mod saludos;
mod tareas;
mod tutorial;
