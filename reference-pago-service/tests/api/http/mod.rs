//! The API over HTTP: what a client sends, what comes back, what the log says and what the books hold afterwards.
//!
//! Tests that end in the router call it in process; those about bytes, connections and processes start the real binary.

mod concurrencia;
mod cuerpos;
mod documentos;
mod golden;
mod guideline;
mod hilo;
mod identificadores;
mod listas;
mod montos;
mod proceso;
mod protocolo;
pub(crate) mod servicio;
pub(crate) mod socket;
mod textos;
