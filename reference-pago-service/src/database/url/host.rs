//! A host of a PostgreSQL URL, and its port.

use std::net::IpAddr;

use super::DatabaseUrlError;
use super::text::decoded;

pub(super) const FORM: DatabaseUrlError = DatabaseUrlError::Form(
    "debe ser postgres://<usuario>:<clave>@<host>:<puerto>/<base>; en una clave, @ / ? # se escriben con %XX",
);

/// A host, or none for the driver's default; a name, an address, or the directory of a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: Option<String>,
    pub(super) port: Option<u16>,
}

impl Host {
    pub(super) fn read(text: &str) -> Result<Self, DatabaseUrlError> {
        let (name, port) = match text.strip_prefix('[') {
            Some(address) => address.split_once(']').filter(|(address, _)| address.parse::<IpAddr>().is_ok()).ok_or(FORM)?,
            None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(port) => Some(read_port(port).ok_or(FORM)?),
            None => return Err(FORM),
        };
        Ok(Self { name: (!name.is_empty()).then(|| decoded(name)).transpose()?, port })
    }

    pub(super) fn is_address(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.parse::<IpAddr>().is_ok())
    }

    pub(super) fn is_socket(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.starts_with('/'))
    }
}

pub(super) fn read_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}
