//! What a client asks for.

use crate::http::socket::post_with;
use crate::support::http::{CLIENTES, PAGOS};

/// What must happen at least once in a day, so that the day proves something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Suceso {
    Pagado,
    SinSaldo,
    Recargado,
    Anulado,
    YaAnulado,
    Repetido,
    Reutilizado,
    ALaVez,
    Invalido,
}

impl Suceso {
    pub(super) const TODOS: [Self; 9] = [
        Self::Pagado,
        Self::SinSaldo,
        Self::Recargado,
        Self::Anulado,
        Self::YaAnulado,
        Self::Repetido,
        Self::Reutilizado,
        Self::ALaVez,
        Self::Invalido,
    ];
}

/// A request, and another one of the same operation.
#[derive(Clone)]
pub(super) struct Pedido {
    path: String,
    body: String,
    otro: (String, String),
}

/// No pago and no cliente has it.
const NADIE: u64 = 999_999_999;
/// More than any client asks for.
const OTRO_MONTO: &str = "77777.77";

impl Pedido {
    pub(super) fn pago(cliente_id: u64, monto: &str) -> Self {
        Self::pago_en(cliente_id, monto, "CLP")
    }

    fn pago_en(cliente_id: u64, monto: &str, moneda: &str) -> Self {
        let body = |monto: &str| format!(r#"{{"cliente_id":{cliente_id},"monto":"{monto}","moneda":"{moneda}"}}"#);
        Self { path: PAGOS.to_owned(), body: body(monto), otro: (PAGOS.to_owned(), body(OTRO_MONTO)) }
    }

    pub(super) fn credited(cliente_id: u64, monto: &str) -> Self {
        let (path, body) = (format!("{CLIENTES}/{cliente_id}/recargas"), |monto: &str| format!(r#"{{"monto":"{monto}"}}"#));
        Self { otro: (path.clone(), body(OTRO_MONTO)), path, body: body(monto) }
    }

    pub(super) fn verdict(pago_id: u64) -> Self {
        let path = |pago_id: u64| format!("{PAGOS}/{pago_id}/anulacion");
        Self { path: path(pago_id), body: String::new(), otro: (path(NADIE), String::new()) }
    }

    /// Requests that are refused whatever the books hold, with the status and code that they get.
    pub(super) fn invalidos() -> [(Self, u16, &'static str); 8] {
        [
            (Self::pago(1, "-1"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "0"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "100000000.00"), 422, "VALIDATION_ERROR"),
            (Self::pago(1, "99999999.99"), 400, "SALDO_INSUFICIENTE"),
            (Self::pago(NADIE, "1"), 400, "CLIENTE_NO_ENCONTRADO"),
            (Self::pago_en(1, "1", "USD"), 400, "MONEDA_NO_COINCIDE"),
            (Self::credited(NADIE, "1"), 404, "CLIENTE_NO_ENCONTRADO"),
            (Self::verdict(NADIE), 404, "PAGO_NO_ENCONTRADO"),
        ]
    }

    /// The bytes of it.
    pub(super) fn request(&self, key: Option<&str>) -> String {
        let header = key.map(|key| format!("Idempotency-Key: {key}\r\n"));
        post_with(&self.path, header.as_deref().unwrap_or_default(), &self.body)
    }

    /// The other request.
    pub(super) fn otro(&self) -> Self {
        let (path, body) = self.otro.clone();
        Self { path, body, ..self.clone() }
    }
}

pub(super) fn texto(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
