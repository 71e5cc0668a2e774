//! Clients that pay, or read, without pause.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use super::{Books, Client, pause};

/// Of so many payments one names a cliente that is not there.
const REFUSED_EVERY: usize = 16;
const NOBODY: i64 = 999_999_999;

pub(crate) struct Load {
    stopped: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

impl Load {
    /// One connection per element of `clientes`, which pays from that cliente's balance.
    pub(crate) fn start(address: SocketAddr, books: &Arc<Books>, clientes: &[i64]) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for cliente in clientes {
            clients.spawn(pay(Client::new(address), Arc::clone(books), *cliente, Arc::clone(&stopped)));
        }
        Self { stopped, clients }
    }

    /// So many connections that read, one question after the other, and are answered with 200 or 503.
    pub(crate) fn reading(address: SocketAddr, readers: usize) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for _ in 0..readers {
            clients.spawn(read(Client::new(address), Arc::clone(&stopped)));
        }
        Self { stopped, clients }
    }

    /// Lets every request end.
    pub(crate) async fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
    }
}

async fn pay(mut client: Client, books: Arc<Books>, cliente: i64, stopped: Arc<AtomicBool>) {
    for number in 1_usize.. {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        let cliente = if number.is_multiple_of(REFUSED_EVERY) { NOBODY } else { cliente };
        let attempt = books.pay(&mut client, cliente).await;
        if !attempt.is_well() {
            // As a client would that was told to come back later; a refused connection costs no time otherwise.
            pause(20).await;
        }
    }
}

async fn read(mut client: Client, stopped: Arc<AtomicBool>) {
    while !stopped.load(Ordering::Relaxed) {
        let answer = client.get("/api/v1/pagos?limit=1").await.unwrap();
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        pause(10).await;
    }
}
