//! `healthcheck`: for containers that have neither shell nor curl.
//!
//! A container's health check runs a program inside it, and an image with nothing but the service has just one. It asks `/health/ready` on
//! the address that the settings say, over HTTP/1.1, with TLS where `TLS_CERT` is set, and has three seconds. The standard's settings are read
//! for that and must be valid; a service's own are not looked at.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use standards_core::Fatal;
use standards_core::settings::Settings;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::output::say;
use crate::{Exit, StandardSettings};

const LIMIT: Duration = Duration::from_secs(3);

/// What answers begin with when the service is ready.
const READY: &[u8] = b"HTTP/1.1 200 ";

/// What an alert of TLS begins with: a plain request is none of its words.
const ALERT: &[u8] = b"\x15\x03";

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Healthcheck {
    /// Where the service listens; HOST and PORT when not given.
    #[arg(long)]
    address: Option<SocketAddr>,
}

pub(super) async fn run(command: Healthcheck) -> Result<Exit, Fatal> {
    let settings = StandardSettings::load()?;
    let address = command.address.unwrap_or_else(|| reachable(settings.address()));
    ask(address, settings.tls_cert.is_some()).await?;
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

/// Nothing, where the service there is ready; else why not, by its address.
pub(super) async fn ask(address: SocketAddr, tls: bool) -> io::Result<()> {
    let asked = tokio::time::timeout(LIMIT, connect_and_ask(address, tls)).await;
    asked
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in 3 s")))
        .map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

async fn connect_and_ask(address: SocketAddr, tls: bool) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    match tls {
        #[cfg(feature = "tls")]
        true => is_ready(super::tls::secure(stream).await?, address).await,
        // A build that cannot speak it has refused the settings that ask for it.
        _ => is_ready(stream, address).await,
    }
}

async fn is_ready(mut stream: impl AsyncRead + AsyncWrite + Unpin, address: SocketAddr) -> io::Result<()> {
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Vec::new();
    stream.take(READY.len() as u64).read_to_end(&mut head).await?;
    match &head[..] {
        READY => Ok(()),
        [] => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer")),
        head if head.starts_with(ALERT) => Err(io::Error::other("it speaks TLS: set TLS_CERT and TLS_KEY here as there")),
        _ => Err(io::Error::other("not ready")),
    }
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

    async fn asked(address: SocketAddr) -> Result<(), String> {
        ask(address, false).await.map_err(|error| error.to_string())
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
        assert_eq!(asked(listening(Some("HTTP/1.1 200 OK\r\n\r\n")).await).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for() {
        let address = listening(None).await;
        assert_eq!(asked(address).await, Err(format!("{address}: no answer in 3 s")));
    }
}
