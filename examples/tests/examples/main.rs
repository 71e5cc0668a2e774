//! Each example as it runs, and each snippet of the guides as it compiles.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests say what they expect by failing")]

mod guides;
mod inventario;
mod mistakes;
mod packages;
mod pages;
mod process;
mod saludos;
mod tareas;
mod tutorial;
