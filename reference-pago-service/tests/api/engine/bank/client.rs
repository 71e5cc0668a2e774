//! One of the bank's clients.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use super::CUENTAS;
use super::books::Libro;
use super::wish::{Pedido, Suceso, texto};
use crate::http::socket::{Answer, Socket};
use crate::support::Random;

/// It asks for one thing after the other, of any of the processes, and notes what it is told.
pub(super) struct Cliente {
    number: usize,
    procesos: Arc<[SocketAddr]>,
    libro: Arc<Mutex<Libro>>,
    random: Random,
    keys: usize,
    hechos: Vec<Hecho>,
}

/// A request that was done under a key, and the answer that every repetition must get.
struct Hecho {
    pedido: Pedido,
    key: String,
    answer: Answer,
    proceso: usize,
}

impl Cliente {
    pub(super) fn new(number: usize, procesos: Arc<[SocketAddr]>, libro: Arc<Mutex<Libro>>, random: Random) -> Self {
        Self { number, procesos, libro, random, keys: 0, hechos: Vec::new() }
    }

    pub(super) async fn operar(&mut self) {
        match self.random.below(16) {
            0 => self.credit().await,
            1..=3 => self.annul().await,
            4 | 5 => self.repetir().await,
            6 => self.reutilizar().await,
            7 => self.a_la_vez().await,
            8 | 9 => self.invalido().await,
            _ => self.pay().await,
        }
    }

    fn libro(&self) -> MutexGuard<'_, Libro> {
        self.libro.lock().unwrap()
    }

    /// Half of the time the hot cliente, else any.
    fn account(&mut self) -> u64 {
        if self.random.below(2) == 0 { 1 } else { 1 + self.random.below(CUENTAS) }
    }

    fn cents(&mut self, most: u64) -> i64 {
        i64::try_from(1 + self.random.below(most)).unwrap()
    }

    fn elegir(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| usize::try_from(self.random.below(count as u64)).unwrap())
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("c{}-{}", self.number, self.keys)
    }

    /// The answer of one process, on a connection that no idleness can have closed.
    async fn ask(&self, proceso: usize, pedido: &Pedido, key: Option<&str>) -> Answer {
        let address = self.procesos[proceso % self.procesos.len()];
        Socket::open(address).await.ask(pedido.request(key)).await
    }

    /// Asks any process, half of the time under a new key.
    async fn pedir(&mut self, pedido: Pedido) -> Answer {
        let (proceso, keyed) = (self.elegir(self.procesos.len()).unwrap(), self.random.below(2) == 0);
        let key = keyed.then(|| self.key());
        let answer = self.ask(proceso, &pedido, key.as_deref()).await;
        assert!(!answer.is_replay(), "{answer:?}");
        if let (Some(key), 200 | 400) = (key, answer.status) {
            self.hechos.push(Hecho { pedido, key, answer: answer.clone(), proceso });
        }
        answer
    }

    async fn pay(&mut self) {
        let (cliente_id, cents) = (self.account(), self.cents(5_000));
        let answer = self.pedir(Pedido::pago(cliente_id, &texto(cents))).await;
        self.note_pago(cliente_id, cents, &answer);
    }

    #[track_caller]
    fn note_pago(&self, cliente_id: u64, cents: i64, answer: &Answer) {
        if answer.status != 200 {
            answer.assert_refused(400, "SALDO_INSUFICIENTE");
            return self.libro().sucede(Suceso::SinSaldo);
        }
        let pago = &answer.json()["data"];
        assert_eq!((&pago["cliente_id"], &pago["monto"]), (&cliente_id.into(), &texto(cents).into()));
        let mut libro = self.libro();
        libro.pay(pago["id"].as_u64().unwrap(), cliente_id, cents);
        libro.sucede(Suceso::Pagado);
    }

    async fn credit(&mut self) {
        let (cliente_id, cents) = (self.account(), self.cents(20_000));
        let answer = self.pedir(Pedido::credited(cliente_id, &texto(cents))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut libro = self.libro();
        libro.abonar(cliente_id, cents);
        libro.sucede(Suceso::Recargado);
    }

    /// Annuls any pago that somebody was told of, perhaps twice; somebody else may be doing the same.
    async fn annul(&mut self) {
        let place = self.random.below(u64::MAX);
        let Some(pago_id) = self.libro().pago_en(place) else { return };
        let answer = self.pedir(Pedido::verdict(pago_id)).await;
        self.note_anulacion(pago_id, &answer);
        if self.random.below(2) == 0 {
            let again = self.pedir(Pedido::verdict(pago_id)).await;
            assert_ne!(again.status, 200, "{again:?}");
            self.note_anulacion(pago_id, &again);
        }
    }

    #[track_caller]
    fn note_anulacion(&self, pago_id: u64, answer: &Answer) {
        if answer.status != 200 {
            answer.assert_refused(400, "PAGO_NO_ANULABLE");
            return self.libro().sucede(Suceso::YaAnulado);
        }
        let mut libro = self.libro();
        let (pago, told) = (libro.annul(pago_id), &answer.json()["data"]);
        let expected = (&pago.cliente_id.into(), &texto(pago.cents).into(), &"ANULADO".into());
        assert_eq!((&told["cliente_id"], &told["monto"], &told["estado"]), expected);
        libro.sucede(Suceso::Anulado);
    }

    /// Asks once more for something that was done: first the process that did not do it.
    async fn repetir(&mut self) {
        let Some(chosen) = self.elegir(self.hechos.len()) else { return };
        let hecho = &self.hechos[chosen];
        for proceso in [hecho.proceso + 1, hecho.proceso] {
            assert_replay(&self.ask(proceso, &hecho.pedido, Some(&hecho.key)).await, &hecho.answer);
        }
        self.libro().sucede(Suceso::Repetido);
    }

    /// Asks for something else under a key that was used.
    async fn reutilizar(&mut self) {
        let Some(chosen) = self.elegir(self.hechos.len()) else { return };
        let hecho = &self.hechos[chosen];
        for proceso in [hecho.proceso + 1, hecho.proceso] {
            let answer = self.ask(proceso, &hecho.pedido.otro(), Some(&hecho.key)).await;
            answer.assert_refused(422, "IDEMPOTENCY_KEY_REUTILIZADA");
        }
        self.libro().sucede(Suceso::Reutilizado);
    }

    /// Asks for the same pago several times at once: one is done, the others are told its answer or to wait.
    async fn a_la_vez(&mut self) {
        let (cliente_id, cents, key) = (self.account(), self.cents(5_000), self.key());
        let pedido = Pedido::pago(cliente_id, &texto(cents));
        let ask = |proceso| self.ask(proceso, &pedido, Some(&key));
        let (one, two, three) = tokio::join!(ask(0), ask(1), ask(0));
        let (done, others): (Vec<_>, Vec<_>) =
            [one, two, three].into_iter().partition(|answer| answer.status != 409 && !answer.is_replay());
        assert_eq!(done.len(), 1, "{done:?} {others:?}");
        self.note_pago(cliente_id, cents, &done[0]);
        for other in others {
            if other.status == 409 {
                other.assert_refused(409, "IDEMPOTENCY_EN_PROCESO");
            } else {
                assert_replay(&other, &done[0]);
            }
        }
        self.libro().sucede(Suceso::ALaVez);
    }

    async fn invalido(&mut self) {
        let mut invalidos = Pedido::invalidos().to_vec();
        let chosen = self.elegir(invalidos.len()).unwrap();
        let (pedido, status, code) = invalidos.swap_remove(chosen);
        self.pedir(pedido).await.assert_refused(status, code);
        self.libro().sucede(Suceso::Invalido);
    }
}

/// The same bytes, said to be a repetition.
#[track_caller]
fn assert_replay(again: &Answer, first: &Answer) {
    assert!(again.is_replay(), "{again:?} {first:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
}
