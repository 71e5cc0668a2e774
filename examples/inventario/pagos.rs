//! What the payment service is asked, and what its answers mean here.

use standards_axum::prelude::*;

use crate::client::Client;
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
        match self.0.post("/api/v1/pagos", compra).await?.into_result() {
            Ok(Some(pago)) => Ok(pago),
            Ok(None) => Err(Failure::unavailable("the payment service answered without data")),
            Err(errors) => {
                let codigo = errors.into_iter().next().map(|error| error.code).unwrap_or_default();
                Err(CompraError::PagoRechazado { codigo }.into())
            }
        }
    }
}
