//! The payment that everybody makes.

/// Clientes over which payments are spread.
pub(crate) const CLIENTES: u32 = 200;

/// The opening balance of each: no round can use it up.
pub(crate) const OPENING: &str = "90000000.00";

/// One payment in one statement: what a database does without a service, and the least that it can do.
pub(crate) const STATEMENT: &str = "with debito as (\
    update clientes set saldo = saldo - 1.00 where id = $1 and saldo >= 1.00 returning id) \
    insert into pagos (cliente_id, monto, moneda, estado) \
    select id, 1.00, 'CLP', 'PROCESADO' from debito returning id, created_at";

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payers {
    /// Any of the clientes, at random.
    Spread,
    /// The first one only.
    Hot,
}

impl Payers {
    /// How many clientes they are, counted from id 1.
    pub(crate) const fn count(self) -> u32 {
        match self {
            Self::Spread => CLIENTES,
            Self::Hot => 1,
        }
    }

    /// The name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread over 200 clientes",
            Self::Hot => "one cliente",
        }
    }

    /// The payment of each, ready to be sent.
    pub(crate) fn requests(self) -> Vec<Vec<u8>> {
        (1..=self.count()).map(request).collect()
    }
}

/// Where a payment is sent.
pub(crate) const PATH: &str = "/api/v1/pagos";

/// A payment of this cliente's.
pub(crate) fn body(cliente_id: u32) -> String {
    format!(r#"{{"cliente_id":{cliente_id},"monto":"1.00","moneda":"CLP"}}"#)
}

/// The same as HTTP/1.1.
pub(crate) fn request(cliente_id: u32) -> Vec<u8> {
    let body = body(cliente_id);
    let length = body.len();
    format!("POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}
