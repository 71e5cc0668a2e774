//! The service is killed under load, again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::process::random;
use crate::support::{Base, Books, Load, ServiceProcess, Tally, on_both_engines, pause, register, rounds};

/// In which a service is ready again after it was started.
const READY: Duration = Duration::from_secs(3);

/// A service that is ready, and soon.
async fn start(url: &str) -> ServiceProcess {
    let begun = Instant::now();
    let service = ServiceProcess::start(url).await;
    service.ready().await;
    assert!(begun.elapsed() < READY, "{:?}", begun.elapsed());
    service
}

async fn killed_under_load(base: Base) {
    let mut service = start(&base.url()).await;
    let mut clientes = register(&service, 7).await;
    clientes.push(clientes[0]);
    let (books, mut all): (Arc<Books>, _) = (Arc::default(), Tally::default());
    for _ in 0..rounds(20) {
        let load = Load::start(service.address, &books, &clientes);
        pause(200 + random(400)).await;
        service.kill();
        load.stop().await;
        service = start(&base.url()).await;
        // PostgreSQL finishes what the dead process had asked for.
        base.settle().await;
        let Tally { unknown, made } = books.settle(service.address, &base).await;
        all = Tally { unknown: all.unknown + unknown, made: all.made + made };
    }
    let (rounds, attempts) = (rounds(20), books.attempts());
    assert!(attempts.iter().all(|attempt| attempt.is_well() || attempt.is_unknown()), "another answer than 200, 400 and 503");
    eprintln!("killed {rounds} times: {} payments, {} unanswered, {} of them kept", attempts.len(), all.unknown, all.made);
}

on_both_engines!(killed_under_load);
