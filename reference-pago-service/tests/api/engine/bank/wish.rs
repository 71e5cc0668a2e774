//! What a client asks for.

use crate::http::socket::post_with;
use crate::support::http::{CLIENTES, PAGOS};

/// What must happen at least once in a day, so that the day proves something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Paid,
    Refused,
    Credited,
    Annulled,
    AlreadyAnnulled,
    Repeated,
    Reused,
    AtOnce,
    Invalid,
}

impl Event {
    pub(super) const ALL: [Self; 9] = [
        Self::Paid,
        Self::Refused,
        Self::Credited,
        Self::Annulled,
        Self::AlreadyAnnulled,
        Self::Repeated,
        Self::Reused,
        Self::AtOnce,
        Self::Invalid,
    ];
}

/// A request, and another one of the same operation.
#[derive(Clone)]
pub(super) struct Wish {
    path: String,
    body: String,
    other: (String, String),
}

/// No pago and no cliente has it.
const NOBODY: u64 = 999_999_999;
/// More than any client asks for.
const OTHER_MONTO: &str = "77777.77";

impl Wish {
    pub(super) fn pago(cliente_id: u64, monto: &str) -> Self {
        Self::pago_at(cliente_id, monto, "CLP")
    }

    fn pago_at(cliente_id: u64, monto: &str, moneda: &str) -> Self {
        let body = |monto: &str| format!(r#"{{"cliente_id":{cliente_id},"monto":"{monto}","moneda":"{moneda}"}}"#);
        Self { path: PAGOS.to_owned(), body: body(monto), other: (PAGOS.to_owned(), body(OTHER_MONTO)) }
    }

    pub(super) fn recarga(cliente_id: u64, monto: &str) -> Self {
        let (path, body) = (format!("{CLIENTES}/{cliente_id}/recargas"), |monto: &str| format!(r#"{{"monto":"{monto}"}}"#));
        Self { other: (path.clone(), body(OTHER_MONTO)), path, body: body(monto) }
    }

    pub(super) fn anulacion(pago_id: u64) -> Self {
        let path = |pago_id: u64| format!("{PAGOS}/{pago_id}/anulacion");
        Self { path: path(pago_id), body: String::new(), other: (path(NOBODY), String::new()) }
    }

    /// Requests that are refused whatever the books hold, with the status and code that they get.
    pub(super) fn invalid_ones() -> [(Self, u16, &'static str); 8] {
        [
            (Self::pago(1, "-1"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "0"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "100000000.00"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "99999999.99"), 400, "SALDO_INSUFICIENTE"),
            (Self::pago(NOBODY, "1"), 400, "CLIENTE_NO_ENCONTRADO"),
            (Self::pago_at(1, "1", "USD"), 400, "MONEDA_NO_COINCIDE"),
            (Self::recarga(NOBODY, "1"), 404, "CLIENTE_NO_ENCONTRADO"),
            (Self::anulacion(NOBODY), 404, "PAGO_NO_ENCONTRADO"),
        ]
    }

    /// The bytes of it.
    pub(super) fn request(&self, key: Option<&str>) -> String {
        let header = key.map(|key| format!("Idempotency-Key: {key}\r\n"));
        post_with(&self.path, header.as_deref().unwrap_or_default(), &self.body)
    }

    /// The other request.
    pub(super) fn other(&self) -> Self {
        let (path, body) = self.other.clone();
        Self { path, body, ..self.clone() }
    }
}

pub(super) fn text(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
