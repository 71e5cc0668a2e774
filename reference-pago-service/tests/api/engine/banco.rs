//! A bank's day: many clients, valid and invalid operations, hot and cold clientes. What was acknowledged is what the books hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use super::tamano;
use crate::support::http::{Api, CLIENTES, PAGOS};
use crate::support::{Fixture, Random, on_both_engines};

on_both_engines!(what_was_acknowledged_is_what_the_books_hold, two_instances_keep_the_same_books);

const CLIENTS: usize = 64;
/// The first is hot: half of the operations are its.
const CUENTAS: u64 = 21;

/// What the clients were told.
#[derive(Default)]
struct Libro {
    /// Hundredths that each cliente must have.
    saldos: BTreeMap<u64, i64>,
    /// The pagos that were made, and whether they were annulled since.
    pagos: BTreeMap<u64, bool>,
}

struct Cliente {
    api: Api,
    libro: Arc<Mutex<Libro>>,
    random: Random,
    number: usize,
    operation: usize,
}

impl Cliente {
    /// Half of the time the hot cliente, else any.
    fn cuenta(&mut self) -> u64 {
        if self.random.below(2) == 0 { 1 } else { 1 + self.random.below(CUENTAS) }
    }

    fn centavos(&mut self, most: u64) -> i64 {
        i64::try_from(1 + self.random.below(most)).unwrap()
    }

    async fn operar(&mut self) {
        self.operation += 1;
        match self.random.below(12) {
            0 => self.recargar().await,
            1 | 2 => self.anular().await,
            3 => self.invalida().await,
            4 | 5 => self.pagar_con_clave().await,
            _ => self.pagar(None).await,
        }
    }

    async fn pagar(&mut self, key: Option<String>) {
        let (id, centavos) = (self.cuenta(), self.centavos(5_000));
        let body = format!(r#"{{"cliente_id":{id},"monto":"{}"}}"#, texto(centavos));
        let times = if key.is_some() { 1 + self.random.below(3) } else { 1 };
        let mut first: Option<String> = None;
        for _ in 0..times {
            let answer = match &key {
                Some(key) => self.api.post_once(PAGOS, key, body.clone()).await,
                None => self.api.post(PAGOS, body.clone()).await,
            };
            match (&first, answer.status) {
                (Some(first), _) => assert!(*first == answer.body && answer.is_replay()),
                (None, 200) => self.note_pago(id, centavos, &answer.data()),
                (None, _) => answer.assert_refused(400, "SALDO_INSUFICIENTE", "Saldo insuficiente. "),
            }
            first.get_or_insert(answer.body);
        }
    }

    fn note_pago(&self, id: u64, centavos: i64, pago: &serde_json::Value) {
        let mut libro = self.libro.lock().unwrap();
        *libro.saldos.get_mut(&id).unwrap() -= centavos;
        assert!(libro.pagos.insert(pago["id"].as_u64().unwrap(), false).is_none());
    }

    async fn pagar_con_clave(&mut self) {
        let key = format!("{}-{}", self.number, self.operation);
        self.pagar(Some(key)).await;
    }

    async fn recargar(&mut self) {
        let (id, centavos) = (self.cuenta(), self.centavos(20_000));
        let body = format!(r#"{{"monto":"{}"}}"#, texto(centavos));
        let (path, key) = (format!("{CLIENTES}/{id}/recargas"), format!("{}-{}", self.number, self.operation));
        assert_eq!(self.api.post_once(&path, &key, body).await.status, 200);
        *self.libro.lock().unwrap().saldos.get_mut(&id).unwrap() += centavos;
    }

    /// Annuls any pago that was told of; somebody else may be doing the same.
    async fn anular(&mut self) {
        let chosen = {
            let libro = self.libro.lock().unwrap();
            let place = usize::try_from(self.random.below(1 + libro.pagos.len() as u64)).unwrap();
            libro.pagos.keys().nth(place).copied()
        };
        let Some(pago_id) = chosen else { return };
        let answer = self.api.post(&format!("{PAGOS}/{pago_id}/anulacion"), "").await;
        if answer.status != 200 {
            return answer.assert_refused(400, "PAGO_NO_ANULABLE", "El pago con ID ");
        }
        let (pago, mut libro) = (answer.data(), self.libro.lock().unwrap());
        *libro.saldos.get_mut(&pago["cliente_id"].as_u64().unwrap()).unwrap() += centavos(pago["monto"].as_str().unwrap());
        assert_eq!(libro.pagos.insert(pago_id, true), Some(false), "annulled twice");
    }

    async fn invalida(&mut self) {
        let (body, status) = match self.random.below(4) {
            0 => (r#"{"cliente_id":1,"monto":"-1"}"#, 422),
            1 => (r#"{"cliente_id":99999,"monto":"1"}"#, 400),
            2 => (r#"{"cliente_id":1,"monto":"1","moneda":"USD"}"#, 400),
            _ => (r#"{"cliente_id":1,"monto":"99999999.99"}"#, 400),
        };
        assert_eq!(self.api.post(PAGOS, body).await.status, status);
    }
}

fn texto(centavos: i64) -> String {
    format!("{}.{:02}", centavos / 100, centavos % 100)
}

fn centavos(texto: &str) -> i64 {
    texto.replace('.', "").parse().unwrap()
}

async fn un_dia(fixture: &Fixture, apis: &[Api]) {
    let libro = Arc::new(Mutex::new(Libro::default()));
    for number in 1..=CUENTAS {
        assert_eq!(apis[0].registrar(&format!("c{number}@x.cl"), "500.00").await, number);
        libro.lock().unwrap().saldos.insert(number, 50_000);
    }
    let (operations, mut clients) = (tamano("PAGOS_TEST_OPERATIONS", 12), JoinSet::new());
    for number in 0..CLIENTS {
        let (api, libro, random) = (apis[number % apis.len()].clone(), libro.clone(), Random::new());
        clients.spawn(async move {
            let mut client = Cliente { api, libro, random, number, operation: 0 };
            for _ in 0..operations {
                client.operar().await;
            }
        });
    }
    clients.join_all().await;
    let libro = std::mem::take(&mut *libro.lock().unwrap());
    compare(fixture, &apis[0], &libro).await;
}

async fn compare(fixture: &Fixture, api: &Api, libro: &Libro) {
    for (id, saldo) in &libro.saldos {
        assert_eq!(api.saldo(*id).await, texto(*saldo), "cliente {id}");
    }
    let annulled = libro.pagos.values().filter(|annulled| **annulled).count();
    assert!(annulled > 0 && annulled < libro.pagos.len());
    assert_eq!(fixture.count("select count(*) from pagos").await, i64::try_from(libro.pagos.len()).unwrap());
    let annulled = i64::try_from(annulled).unwrap();
    assert_eq!(fixture.count("select count(*) from pagos where estado = 'ANULADO'").await, annulled);
    fixture.assert_money_rule().await;
}

async fn what_was_acknowledged_is_what_the_books_hold(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    un_dia(&fixture, &[api]).await;
}

async fn two_instances_keep_the_same_books(fixture: Fixture) {
    let other = fixture.another_instance().await;
    un_dia(&fixture, &[Api::over(&fixture).await, Api::over(&other).await]).await;
    other.database.close().await;
}
