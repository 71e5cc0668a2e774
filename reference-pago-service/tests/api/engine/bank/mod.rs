//! A bank's day: many clients, valid and invalid operations, hot and cold clientes, the service as processes of its own. What the
//! clients were told is what the books hold.

mod books;
mod client;
mod wish;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use self::books::Books;
use self::client::Cliente;
use super::size_of;
use crate::http::service::{Exit, ServiceProcess, url_of};
use crate::http::socket::{get, post};
use crate::ledger::command::told;
use crate::support::http::CLIENTES;
use crate::support::{Fixture, Random, on_both_engines};

on_both_engines!(empty: what_was_acknowledged_is_what_the_books_hold);

const CLIENTS: usize = 64;
/// The first is hot: half of the operations are its.
const ACCOUNTS: u64 = 21;
/// Hundredths that each cliente begins with. The hot one's are soon gone.
const OPENING: i64 = 10_000;

async fn what_was_acknowledged_is_what_the_books_hold(fixture: Fixture) {
    let services = open(&fixture).await;
    let processes: Arc<[SocketAddr]> = services.iter().map(|service| service.address).collect();
    let books = Arc::new(Mutex::new(Books::default()));
    register(&services, &books).await;
    one_day(&processes, &books).await;
    let books = std::mem::take(&mut *books.lock().unwrap());
    assert_told(&services, &books).await;
    books.assert_kept(&fixture).await;
    assert_verified(&fixture, &books).await;
    for service in services {
        assert_without_errors(&service.stop());
    }
}

/// SQLite has one process. On PostgreSQL there are two, which start at the same moment and both find no schema.
async fn open(fixture: &Fixture) -> Vec<ServiceProcess> {
    let url = url_of(fixture).await;
    let services = if fixture.database.engine() == "sqlite" {
        vec![ServiceProcess::patient(&url).await]
    } else {
        let (one, other) = tokio::join!(ServiceProcess::patient(&url), ServiceProcess::patient(&url));
        vec![one, other]
    };
    for service in &services {
        assert_eq!(service.status("/health/ready").await, 200);
    }
    services
}

async fn register(services: &[ServiceProcess], books: &Mutex<Books>) {
    for (number, service) in (1..=ACCOUNTS).zip(services.iter().cycle()) {
        let body = format!(r#"{{"nombre":"Ana","email":"c{number}@x.cl","saldo":"100.00"}}"#);
        let answer = service.connect().await.ask(post(CLIENTES, &body)).await;
        assert_eq!((answer.status, &answer.json()["data"]["id"]), (200, &number.into()), "{answer:?}");
        books.lock().unwrap().credit(number, OPENING);
    }
}

/// Every client does its operations, one after the other, and all clients at once.
async fn one_day(processes: &Arc<[SocketAddr]>, books: &Arc<Mutex<Books>>) {
    let (operations, mut random, mut clients) = (size_of("PAGOS_TEST_OPERATIONS", 12), Random::new(), JoinSet::new());
    for number in 0..CLIENTS {
        let mut client = Cliente::new(number, processes.clone(), books.clone(), random.fork());
        clients.spawn(async move {
            for _ in 0..operations {
                client.act().await;
            }
        });
    }
    clients.join_all().await;
}

/// Each process tells the balances that the clients expect.
async fn assert_told(services: &[ServiceProcess], books: &Books) {
    for service in services {
        for (id, saldo) in books.saldos() {
            let told = service.connect().await.ask(get(&format!("{CLIENTES}/{id}"))).await;
            assert_eq!(told.json()["data"]["saldo"], wish::text(saldo), "cliente {id}");
        }
    }
}

/// The command finds the same books in order, with the processes running.
async fn assert_verified(fixture: &Fixture, books: &Books) {
    let anulacion = format!("ledger: {ACCOUNTS} clientes, {} pagos, 0 violations\n", books.pagos());
    assert_eq!(told(fixture, &["verify-ledger"]).await, (Some(0), anulacion, String::new()));
}

/// The process ended as it was told to, and nothing that it logged calls for anybody.
#[track_caller]
fn assert_without_errors(exit: &Exit) {
    assert_eq!(exit.status, Some(0));
    let mut errors = exit.records();
    errors.retain(|record| record["level"] == "ERROR");
    assert!(errors.is_empty(), "{errors:#?}");
}
