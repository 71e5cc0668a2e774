//! The service is killed under load, again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::process::random;
use crate::support::{Attempt, Base, Books, Client, Load, Outcome, PATIENCE, Servicio, pause, register, shared};

/// In which a service is ready again after it was started.
const READY: Duration = Duration::from_secs(3);

fn rounds() -> u32 {
    if std::env::var_os("FAULTS_LONG").is_some() { 20 } else { 3 }
}

/// A service that is ready, and soon.
async fn start(url: &str) -> Servicio {
    let begun = Instant::now();
    let servicio = Servicio::start(url).await;
    servicio.ready().await;
    assert!(begun.elapsed() < READY, "{:?}", begun.elapsed());
    servicio
}

async fn kill_under_load(base: Base) {
    let mut servicio = start(&base.url()).await;
    let mut clientes = register(&servicio, 7).await;
    clientes.push(clientes[0]);
    let (books, keys) = (Arc::default(), honours_keys(&servicio).await);
    let (mut unknown, mut kept) = (0, 0);
    for _ in 0..rounds() {
        let load = Load::start(servicio.address, &books, &clientes);
        pause(200 + random(400)).await;
        servicio.kill();
        load.stop().await;
        servicio = start(&base.url()).await;
        base.settle().await;
        kept += books.assert_kept(&base).await;
        unknown += settle(&books, &base, keys.then(|| servicio.client())).await;
    }
    books.assert_kept(&base).await;
    let (rounds, all) = (rounds(), books.attempts().len());
    eprintln!("killed {rounds} times: {all} payments, {unknown} unanswered, {kept} of them kept; keys: {keys}");
}

/// Whether a payment can be asked for again by its key.
async fn honours_keys(servicio: &Servicio) -> bool {
    servicio.client().get("/api/v1/openapi.json").await.unwrap().body.contains("Idempotency-Key")
}

/// Finds out what became of the payments of which nobody knows: by their keys where the service honours them, else by reading. From
/// then on the books hold them like any other. Says how many there were.
async fn settle(books: &Books, base: &Base, mut client: Option<Client>) -> usize {
    let (pagos, unknown) = (base.pagos().await, books.take_unknown());
    let count = unknown.len();
    for mut attempt in unknown {
        let kept = pagos.iter().find(|pago| pago.centavos == attempt.centavos).map(|pago| Outcome::Paid(pago.id));
        match &mut client {
            Some(client) => ask_again(&mut attempt, client).await,
            None => attempt.outcome = kept.clone().unwrap_or(Outcome::Refused),
        }
        assert!(kept.is_none_or(|kept| kept == attempt.outcome), "made again: {attempt:?}");
        books.enter(attempt);
    }
    count
}

async fn ask_again(attempt: &mut Attempt, client: &mut Client) {
    let begun = Instant::now();
    while !matches!(attempt.outcome, Outcome::Paid(_) | Outcome::Refused) {
        assert!(begun.elapsed() < PATIENCE, "{attempt:?}");
        attempt.ask(client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_postgresql() {
    let Some(server) = shared().await else { return };
    kill_under_load(server.database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_sqlite() {
    kill_under_load(Base::sqlite()).await;
}
