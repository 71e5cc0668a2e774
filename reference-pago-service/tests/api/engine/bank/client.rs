//! One of the bank's clients.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use super::ACCOUNTS;
use super::books::Books;
use super::wish::{Event, Wish, text};
use crate::http::socket::{Answer, Socket};
use crate::support::Random;

/// It asks for one thing after the other, of any of the processes, and notes what it is told.
pub(super) struct Cliente {
    number: usize,
    processes: Arc<[SocketAddr]>,
    books: Arc<Mutex<Books>>,
    random: Random,
    keys: usize,
    done: Vec<Done>,
}

/// A request that was done under a key, and the answer that every repetition must get.
struct Done {
    wish: Wish,
    key: String,
    answer: Answer,
    process: usize,
}

impl Cliente {
    pub(super) fn new(number: usize, processes: Arc<[SocketAddr]>, books: Arc<Mutex<Books>>, random: Random) -> Self {
        Self { number, processes, books, random, keys: 0, done: Vec::new() }
    }

    pub(super) async fn act(&mut self) {
        match self.random.below(16) {
            0 => self.credit().await,
            1..=3 => self.annul().await,
            4 | 5 => self.repeat().await,
            6 => self.reuse().await,
            7 => self.at_once().await,
            8 | 9 => self.invalid().await,
            _ => self.pay().await,
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// Half of the time the hot cliente, else any.
    fn account(&mut self) -> u64 {
        if self.random.below(2) == 0 { 1 } else { 1 + self.random.below(ACCOUNTS) }
    }

    fn cents(&mut self, most: u64) -> i64 {
        i64::try_from(1 + self.random.below(most)).unwrap()
    }

    fn choose(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| usize::try_from(self.random.below(count as u64)).unwrap())
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("c{}-{}", self.number, self.keys)
    }

    /// The answer of one process, on a connection that no idleness can have closed.
    async fn ask(&self, process: usize, wish: &Wish, key: Option<&str>) -> Answer {
        let address = self.processes[process % self.processes.len()];
        Socket::open(address).await.ask(wish.request(key)).await
    }

    /// Asks any process, half of the time under a new key.
    async fn ask_any(&mut self, wish: Wish) -> Answer {
        let (process, keyed) = (self.choose(self.processes.len()).unwrap(), self.random.below(2) == 0);
        let key = keyed.then(|| self.key());
        let answer = self.ask(process, &wish, key.as_deref()).await;
        assert!(!answer.is_replay(), "{answer:?}");
        if let (Some(key), 200 | 400) = (key, answer.status) {
            self.done.push(Done { wish, key, answer: answer.clone(), process });
        }
        answer
    }

    async fn pay(&mut self) {
        let (cliente_id, cents) = (self.account(), self.cents(5_000));
        let answer = self.ask_any(Wish::pago(cliente_id, &text(cents))).await;
        self.note_pago(cliente_id, cents, &answer);
    }

    #[track_caller]
    fn note_pago(&self, cliente_id: u64, cents: i64, answer: &Answer) {
        if answer.status != 200 {
            answer.assert_refused(400, "SALDO_INSUFICIENTE");
            return self.books().happened(Event::Refused);
        }
        let pago = &answer.json()["data"];
        assert_eq!((&pago["cliente_id"], &pago["monto"]), (&cliente_id.into(), &text(cents).into()));
        let mut books = self.books();
        books.pay(pago["id"].as_u64().unwrap(), cliente_id, cents);
        books.happened(Event::Paid);
    }

    async fn credit(&mut self) {
        let (cliente_id, cents) = (self.account(), self.cents(20_000));
        let answer = self.ask_any(Wish::recarga(cliente_id, &text(cents))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut books = self.books();
        books.credit(cliente_id, cents);
        books.happened(Event::Credited);
    }

    /// Annuls any pago that somebody was told of, perhaps twice; somebody else may be doing the same.
    async fn annul(&mut self) {
        let place = self.random.below(u64::MAX);
        let Some(pago_id) = self.books().pago_at(place) else { return };
        let answer = self.ask_any(Wish::anulacion(pago_id)).await;
        self.note_anulacion(pago_id, &answer);
        if self.random.below(2) == 0 {
            let again = self.ask_any(Wish::anulacion(pago_id)).await;
            assert_ne!(again.status, 200, "{again:?}");
            self.note_anulacion(pago_id, &again);
        }
    }

    #[track_caller]
    fn note_anulacion(&self, pago_id: u64, answer: &Answer) {
        if answer.status != 200 {
            answer.assert_refused(400, "PAGO_NO_ANULABLE");
            return self.books().happened(Event::AlreadyAnnulled);
        }
        let mut books = self.books();
        let (pago, told) = (books.annul(pago_id), &answer.json()["data"]);
        let expected = (&pago.cliente_id.into(), &text(pago.cents).into(), &"ANULADO".into());
        assert_eq!((&told["cliente_id"], &told["monto"], &told["estado"]), expected);
        books.happened(Event::Annulled);
    }

    /// Asks once more for something that was done: first the process that did not do it.
    async fn repeat(&mut self) {
        let Some(chosen) = self.choose(self.done.len()) else { return };
        let done_one = &self.done[chosen];
        for process in [done_one.process + 1, done_one.process] {
            assert_replay(&self.ask(process, &done_one.wish, Some(&done_one.key)).await, &done_one.answer);
        }
        self.books().happened(Event::Repeated);
    }

    /// Asks for something else under a key that was used.
    async fn reuse(&mut self) {
        let Some(chosen) = self.choose(self.done.len()) else { return };
        let done_one = &self.done[chosen];
        for process in [done_one.process + 1, done_one.process] {
            let answer = self.ask(process, &done_one.wish.other(), Some(&done_one.key)).await;
            answer.assert_refused(422, "IDEMPOTENCY_KEY_REUTILIZADA");
        }
        self.books().happened(Event::Reused);
    }

    /// Asks for the same pago several times at once: one is done, the others are told its answer or to wait.
    async fn at_once(&mut self) {
        let (cliente_id, cents, key) = (self.account(), self.cents(5_000), self.key());
        let wish = Wish::pago(cliente_id, &text(cents));
        let ask = |process| self.ask(process, &wish, Some(&key));
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
        self.books().happened(Event::AtOnce);
    }

    async fn invalid(&mut self) {
        let mut invalid_ones = Wish::invalid_ones().to_vec();
        let chosen = self.choose(invalid_ones.len()).unwrap();
        let (wish, status, code) = invalid_ones.swap_remove(chosen);
        self.ask_any(wish).await.assert_refused(status, code);
        self.books().happened(Event::Invalid);
    }
}

/// The same bytes, said to be a repetition.
#[track_caller]
fn assert_replay(again: &Answer, first: &Answer) {
    assert!(again.is_replay(), "{again:?} {first:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
}
