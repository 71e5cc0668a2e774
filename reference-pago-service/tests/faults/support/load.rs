//! Clients that pay without pause.

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
    payers: JoinSet<()>,
}

impl Load {
    /// One connection per element of `clientes`, which pays from that cliente's balance.
    pub(crate) fn start(address: SocketAddr, books: &Arc<Books>, clientes: &[i64]) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut payers = JoinSet::new();
        for cliente in clientes {
            payers.spawn(pay(Client::new(address), Arc::clone(books), *cliente, Arc::clone(&stopped)));
        }
        Self { stopped, payers }
    }

    /// Lets every payment end.
    pub(crate) async fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.payers.join_all().await;
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
