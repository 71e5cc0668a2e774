//! `healthcheck`: for containers that have neither shell nor curl.
//!
//! A container's health check runs a program inside it, and an image with nothing but the service has just one. It asks `/health/ready` on
//! the address that the settings say, over plain HTTP/1.1, and has three seconds. The standard's settings are read for that and must be
//! valid; a service's own are not looked at. A service that speaks TLS answers no plain request, so there the platform asks from outside.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use standards_core::Fatal;
use standards_core::settings::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::output::say;
use crate::{Exit, StandardSettings};

const LIMIT: Duration = Duration::from_secs(3);

/// What answers begin with when the service is ready.
const READY: &[u8] = b"HTTP/1.1 200 ";

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Healthcheck {
    /// Where the service listens; HOST and PORT when not given.
    #[arg(long)]
    address: Option<SocketAddr>,
}

pub(super) async fn run(command: Healthcheck) -> Result<Exit, Fatal> {
    let address = match command.address {
        Some(address) => address,
        None => reachable(StandardSettings::load()?.address()),
    };
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
    let asked = tokio::time::timeout(LIMIT, is_ready(address)).await;
    if !asked.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in 3 s"))).map_err(told)? {
        return Err(told(io::Error::other("not ready")).into());
    }
    say("ready");
    Ok(Exit::Stopped)
}

/// What listens on every address is asked on this machine's own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; READY.len()];
    stream.read_exact(&mut head).await?;
    Ok(head == READY)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that says `answer` to whoever asks first, or nothing.
    async fn listening(answer: Option<&'static str>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        standards_core::context::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => std::future::pending().await,
            }
        });
        address
    }

    async fn asked(address: SocketAddr) -> Result<Exit, String> {
        run(Healthcheck { address: Some(address) }).await.map_err(|fatal| fatal.to_string())
    }

    #[test]
    fn every_address_is_asked_on_this_machine() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:8000"), "127.0.0.1:8000");
        assert_eq!(asked("[::]:8000"), "[::1]:8000");
        assert_eq!(asked("10.0.0.7:80"), "10.0.0.7:80");
    }

    #[tokio::test]
    async fn what_is_not_ready_is_named_by_its_address() {
        let address = listening(Some("HTTP/1.1 503 Service Unavailable\r\n\r\n")).await;
        assert_eq!(asked(address).await, Err(format!("{address}: not ready")));
        assert!(asked(address).await.unwrap_err().starts_with(&format!("{address}: ")), "nobody listens any more");
        assert_eq!(asked(listening(Some("HTTP/1.1 200 OK\r\n\r\n")).await).await, Ok(Exit::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for() {
        let address = listening(None).await;
        assert_eq!(asked(address).await, Err(format!("{address}: no answer in 3 s")));
    }
}
