//! A bank's day: many clients, valid and invalid operations, hot and cold clientes, the service as processes of its own. What the
//! clients were told is what the books hold.

mod books;
mod client;
mod wish;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use self::books::Libro;
use self::client::Cliente;
use super::tamano;
use crate::http::service::{Salida, Servicio, url_of};
use crate::http::socket::{get, post};
use crate::ledger::command::told;
use crate::support::http::CLIENTES;
use crate::support::{Fixture, Random, on_both_engines};

on_both_engines!(empty: what_was_acknowledged_is_what_the_books_hold);

const CLIENTS: usize = 64;
/// The first is hot: half of the operations are its.
const CUENTAS: u64 = 21;
/// Hundredths that each cliente begins with. The hot one's are soon gone.
const APERTURA: i64 = 10_000;

async fn what_was_acknowledged_is_what_the_books_hold(fixture: Fixture) {
    let servicios = open(&fixture).await;
    let procesos: Arc<[SocketAddr]> = servicios.iter().map(|servicio| servicio.address).collect();
    let libro = Arc::new(Mutex::new(Libro::default()));
    register(&servicios, &libro).await;
    un_dia(&procesos, &libro).await;
    let libro = std::mem::take(&mut *libro.lock().unwrap());
    assert_told(&servicios, &libro).await;
    libro.assert_kept(&fixture).await;
    assert_verified(&fixture, &libro).await;
    for servicio in servicios {
        assert_without_errors(&servicio.stop());
    }
}

/// SQLite has one process. On PostgreSQL there are two, which start at the same moment and both find no schema.
async fn open(fixture: &Fixture) -> Vec<Servicio> {
    let url = url_of(fixture).await;
    let servicios = if fixture.database.engine() == "sqlite" {
        vec![Servicio::patient(&url).await]
    } else {
        let (one, other) = tokio::join!(Servicio::patient(&url), Servicio::patient(&url));
        vec![one, other]
    };
    for servicio in &servicios {
        assert_eq!(servicio.status("/health/ready").await, 200);
    }
    servicios
}

async fn register(servicios: &[Servicio], libro: &Mutex<Libro>) {
    for (number, servicio) in (1..=CUENTAS).zip(servicios.iter().cycle()) {
        let body = format!(r#"{{"nombre":"Ana","email":"c{number}@x.cl","saldo":"100.00"}}"#);
        let answer = servicio.connect().await.ask(post(CLIENTES, &body)).await;
        assert_eq!((answer.status, &answer.json()["data"]["id"]), (200, &number.into()), "{answer:?}");
        libro.lock().unwrap().abonar(number, APERTURA);
    }
}

/// Every client does its operations, one after the other, and all clients at once.
async fn un_dia(procesos: &Arc<[SocketAddr]>, libro: &Arc<Mutex<Libro>>) {
    let (operations, mut random, mut clients) = (tamano("PAGOS_TEST_OPERATIONS", 12), Random::new(), JoinSet::new());
    for number in 0..CLIENTS {
        let mut client = Cliente::new(number, procesos.clone(), libro.clone(), random.fork());
        clients.spawn(async move {
            for _ in 0..operations {
                client.operar().await;
            }
        });
    }
    clients.join_all().await;
}

/// Each process tells the balances that the clients expect.
async fn assert_told(servicios: &[Servicio], libro: &Libro) {
    for servicio in servicios {
        for (id, saldo) in libro.saldos() {
            let told = servicio.connect().await.ask(get(&format!("{CLIENTES}/{id}"))).await;
            assert_eq!(told.json()["data"]["saldo"], wish::texto(saldo), "cliente {id}");
        }
    }
}

/// The command finds the same books in order, with the processes running.
async fn assert_verified(fixture: &Fixture, libro: &Libro) {
    let verdict = format!("ledger: {CUENTAS} clientes, {} pagos, 0 violations\n", libro.pagos());
    assert_eq!(told(fixture, &["verify-ledger"]).await, (Some(0), verdict, String::new()));
}

/// The process ended as it was told to, and nothing that it logged calls for anybody.
#[track_caller]
fn assert_without_errors(salida: &Salida) {
    assert_eq!(salida.status, Some(0));
    let mut errors = salida.records();
    errors.retain(|record| record["level"] == "ERROR");
    assert!(errors.is_empty(), "{errors:#?}");
}
