//! A proxy that can be stopped: it takes connections and ends them at once, as who is there and is of no use.

use std::io;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Stands before one address until it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    is_up: Arc<watch::Sender<bool>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub(super) async fn start(host: &str, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (own, is_up) = (listener.local_addr()?.port(), Arc::new(watch::Sender::new(true)));
        let accepting = standards_core::context::spawn_worker(accept(listener, (host.to_owned(), port), Arc::clone(&is_up)));
        Ok(Self { port: own, is_up, accepting })
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections, and each that comes.
    pub(super) fn stop(&self) {
        self.is_up.send_replace(false);
    }

    pub(super) fn resume(&self) {
        self.is_up.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, to: (String, u16), is_up: Arc<watch::Sender<bool>>) {
    while let Ok((client, _)) = listener.accept().await {
        if *is_up.borrow() {
            drop(standards_core::context::spawn_worker(pass(client, to.clone(), is_up.subscribe())));
        }
    }
}

async fn pass(mut client: TcpStream, to: (String, u16), mut is_up: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect((to.0.as_str(), to.1)).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = is_up.wait_for(|is_up| !*is_up) => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What an echo behind the proxy sends back.
    async fn echoed(proxy: &Proxy) -> io::Result<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
        stream.write_all(b"x").await?;
        stream.read_u8().await
    }

    /// Sends back the first byte of whoever comes.
    async fn echo(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let byte = stream.read_u8().await.unwrap_or_default();
            let _ = stream.write_u8(byte).await;
        }
    }

    #[tokio::test]
    async fn a_stopped_proxy_ends_what_is_there_and_what_comes() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = async {
            let proxy = Proxy::start("127.0.0.1", port).await.unwrap();
            assert_eq!(echoed(&proxy).await.unwrap(), b'x');
            let mut idle = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
            proxy.stop();
            assert!(!matches!(idle.read(&mut [0]).await, Ok(1..)) && echoed(&proxy).await.is_err());
            proxy.resume();
            assert_eq!(echoed(&proxy).await.unwrap(), b'x');
        };
        tokio::select! {
            () = echo(listener) => {}
            () = asked => {}
        }
    }
}
