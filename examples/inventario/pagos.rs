//! What the payment service is asked, and what its answers mean here.

use standards_axum::client::{Client, Reason, UpstreamError};
use standards_axum::prelude::*;

use crate::errors::CompraError;
use crate::schemas::CompraCrear;

#[derive(Clone)]
pub(crate) struct Pagos(Client);

#[derive(Deserialize)]
pub(crate) struct Pago {
    pub(crate) id: i64,
    pub(crate) estado: String,
}

impl Pagos {
    pub(crate) const fn new(client: Client) -> Self {
        Self(client)
    }

    /// A refusal is the client's to know by its code; an answer that is none leaves the purchase undone.
    pub(crate) async fn pagar(&self, compra: &CompraCrear) -> Result<Pago, Failure> {
        self.0.post("/api/v1/pagos").json(compra).send().await.map_err(|failure| match UpstreamError::of(&failure) {
            Some(error) if error.reason() == Reason::Refused => {
                CompraError::PagoRechazado { codigo: failure.entry().code.to_owned() }.into()
            }
            _ => failure,
        })
    }
}
