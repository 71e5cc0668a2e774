//! Where connections come from.
//!
//! A process that a service manager has started with a socket (systemd's `.socket` units) finds its descriptor in the environment. Such a
//! socket outlives the process: connections that come while one process ends and the next begins wait in it, so an upgrade refuses nobody.
//! Everybody else gets a socket of their own, bound once the settings are known to be good.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel keeps for a service which is busy, or full.
const BACKLOG: u32 = 4096;

/// A descriptor belongs to whoever takes it first.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A listener, and whether it goes on without this process.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Nonblocking, and listening already.
    pub(crate) tcp: TcpListener,
    /// A service manager keeps it open: what this process does not accept, the next one does.
    pub(crate) is_shared: bool,
}

impl Listener {
    /// The listener that a service manager has handed over, or else one at `address`.
    ///
    /// # Errors
    ///
    /// Where the address is taken or is none of this machine, or the descriptor that was handed over is no TCP listener.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        match handed_over()? {
            Some(tcp) => Ok(Self { tcp, is_shared: true }),
            None => Self::own(address),
        }
    }

    /// A listener of this process at `address`, whatever a service manager has handed over.
    ///
    /// # Errors
    ///
    /// Where the address is taken or is none of this machine.
    pub(crate) fn own(address: SocketAddr) -> io::Result<Self> {
        bind(address).map(Self::from)
    }
}

/// A listener of this process alone.
impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, is_shared: false }
    }
}

/// `LISTEN_FDS` and `LISTEN_PID`, as `sd_listen_fds(3)` describes them; of several the first.
fn handed_over() -> io::Result<Option<TcpListener>> {
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Ok(None);
    }
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else { return Ok(None) };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// A listener of our own, IPv4 or IPv6 as the address is.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A service that starts again finds its port, though old connections linger there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
