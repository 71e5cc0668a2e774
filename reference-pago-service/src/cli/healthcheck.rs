//! `healthcheck`: for containers that have neither shell nor curl.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use standards_axum::Exit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::failed::fail;
use super::output::{misconfigured, say};
use crate::config::ServiceSettings;

const LIMIT: Duration = Duration::from_secs(3);

/// What answers begin with when the service is ready.
const READY: &[u8] = b"HTTP/1.1 200 ";

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Healthcheck {
    /// Where the service listens; HOST and PORT when not given.
    #[arg(long)]
    address: Option<SocketAddr>,
}

pub(super) async fn run(command: Healthcheck) -> Exit {
    let address = match command.address.map_or_else(|| ServiceSettings::load().map(|settings| settings.standard.address()), Ok) {
        Ok(address) => address,
        Err(problems) => return misconfigured(&problems),
    };
    match tokio::time::timeout(LIMIT, is_ready(address)).await {
        Ok(Ok(true)) => {
            say("ready");
            Exit::Stopped
        }
        Ok(Ok(false)) => fail(&io::Error::other("not ready")),
        Ok(Err(error)) => fail(&error),
        Err(late) => fail(&late),
    }
}

async fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; READY.len()];
    stream.read_exact(&mut head).await?;
    Ok(head == READY)
}
