//! `dirección` and `administración`: whether the service can listen where it is told to.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use standards_axum::StandardSettings;
use tokio::net::TcpSocket;

use super::Finding;

const PUBLIC: &str = "dirección";
const ADMIN: &str = "administración";

pub(super) fn examine(settings: &StandardSettings) -> [Finding; 2] {
    let public = settings.address();
    let admin = settings.admin_addr.map_or_else(
        || Finding::skipped(ADMIN, "ADMIN_ADDR no está definida: no hay /admin"),
        |admin| judge(ADMIN, admin, bind(admin)),
    );
    [judge(PUBLIC, public, bind(public)), admin]
}

/// Takes the address and leaves it again. Nobody listens meanwhile, so that nobody is turned away.
fn bind(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the service does it.
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

fn judge(check: &'static str, address: SocketAddr, bound: io::Result<()>) -> Finding {
    let Err(error) = bound else { return Finding::ok(check, format!("{address} está libre")) };
    match error.kind() {
        ErrorKind::AddrInUse => Finding::warning(
            check,
            format!("{address} está ocupada"),
            "es lo esperado si el servicio está en marcha o systemd tiene el socket; si no, `ss -ltnp` dice quién la ocupa",
        ),
        ErrorKind::PermissionDenied => Finding::failed(
            check,
            format!("{address} no se puede ocupar sin privilegios"),
            "use un puerto de 1024 o mayor, o dé CAP_NET_BIND_SERVICE al servicio",
        ),
        ErrorKind::AddrNotAvailable => Finding::failed(
            check,
            format!("{address} no es de esta máquina"),
            "corrija la dirección: `ip address` muestra las que hay",
        ),
        _ => Finding::failed(check, format!("{address} no se puede ocupar ({error})"), "corrija la dirección"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::finding::Status;
    use super::*;

    #[test]
    fn an_address_in_use_may_be_the_service_and_only_warns() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(judge(PUBLIC, address, bind(address)).status(), Status::Warning);
        drop(listener);
        assert_eq!(judge(PUBLIC, address, bind(address)).to_string(), format!("✔ dirección: {address} está libre"));
    }

    #[test]
    fn what_can_never_be_bound_fails() {
        let address = "192.0.2.1:80".parse().unwrap();
        assert!(judge(ADMIN, address, bind(address)).is_failed(), "an address of documentation");
        for kind in [ErrorKind::PermissionDenied, ErrorKind::AddrNotAvailable, ErrorKind::Other] {
            assert!(judge(ADMIN, address, Err(kind.into())).is_failed(), "{kind}");
        }
    }
}
