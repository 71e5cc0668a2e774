//! A TCP proxy that breaks what passes through it, until it is told to heal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::pause;

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    Pass,
    /// It delays what it carries, each way.
    Latency(Duration),
    /// It takes everything, carries nothing, and tells nobody.
    BlackHole,
    /// It refuses connections and has reset those that were.
    Refuse,
    /// It ends a connection after so many bytes of an answer.
    Cut(usize),
    /// It carries an answer byte by byte, so long apart.
    Drip(Duration),
    /// It carries this in place of each answer.
    Say(&'static str),
}

/// A way to a server on this machine. It ends when it is dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    fault: watch::Sender<Fault>,
    resets: watch::Sender<()>,
    accepted: Arc<AtomicUsize>,
    _running: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (fault, resets, accepted) = (watch::Sender::new(Fault::Pass), watch::Sender::new(()), Arc::default());
        let way = Way { upstream, fault: fault.subscribe(), resets: resets.subscribe(), accepted: Arc::clone(&accepted) };
        let mut running = JoinSet::new();
        running.spawn(way.accept(listener, port));
        Self { port, fault, resets, accepted, _running: running }
    }

    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
        if fault == Fault::Refuse {
            self.reset();
        }
    }

    /// Resets every connection; new ones are accepted.
    pub(crate) fn reset(&self) {
        self.resets.send_replace(());
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
struct Way {
    upstream: u16,
    fault: watch::Receiver<Fault>,
    resets: watch::Receiver<()>,
    accepted: Arc<AtomicUsize>,
}

impl Way {
    async fn accept(mut self, mut listener: TcpListener, port: u16) {
        let mut connections = JoinSet::new();
        loop {
            let connection = tokio::select! {
                connection = listener.accept() => connection.unwrap().0,
                () = until(&mut self.fault, |fault| fault == Fault::Refuse) => {
                    drop(listener);
                    until(&mut self.fault, |fault| fault != Fault::Refuse).await;
                    listener = bind_again(port).await;
                    continue;
                }
            };
            self.accepted.fetch_add(1, Ordering::Relaxed);
            self.resets.mark_unchanged();
            let way = self.clone();
            connections.spawn(async move { drop(way.carry(connection).await) });
        }
    }

    async fn carry(mut self, mut client: TcpStream) -> io::Result<()> {
        until(&mut self.fault, |fault| fault != Fault::BlackHole).await;
        let mut server = TcpStream::connect(("127.0.0.1", self.upstream)).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let (questions, answers) = (self.clone(), self.clone());
        let reset = tokio::select! {
            _ = self.resets.changed() => true,
            _ = answers.pump(&mut from_server, &mut to_client, true) => false,
            _ = questions.pump(&mut from_client, &mut to_server, false) => false,
        };
        if reset {
            client.set_zero_linger()?;
            server.set_zero_linger()?;
        }
        Ok(())
    }

    /// Carries bytes one way until their end.
    async fn pump(
        mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        answers: bool,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).await?;
            until(&mut self.fault, |fault| fault != Fault::BlackHole).await;
            let (fault, carried) = (*self.fault.borrow(), &buffer[..read]);
            match fault {
                Fault::Latency(delay) => tokio::time::sleep(delay).await,
                Fault::Cut(after) if answers && read > after => return to.write_all(&buffer[..after]).await,
                _ => {}
            }
            match fault {
                _ if read == 0 => return Ok(()),
                Fault::Drip(apart) if answers => drip(to, carried, apart).await?,
                Fault::Say(instead) if answers => to.write_all(instead.as_bytes()).await?,
                _ => to.write_all(carried).await?,
            }
        }
    }
}

async fn drip(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8], apart: Duration) -> io::Result<()> {
    for byte in bytes {
        tokio::time::sleep(apart).await;
        to.write_all(&[*byte]).await?;
    }
    Ok(())
}

/// Waits until the network is in such a state.
async fn until(fault: &mut watch::Receiver<Fault>, holds: impl Fn(Fault) -> bool) {
    let _proxy_gone = fault.wait_for(|fault| holds(*fault)).await;
}

async fn bind_again(port: u16) -> TcpListener {
    loop {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return listener;
        }
        pause(10).await;
    }
}
