//! What a client knows of its payments, held against the database.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use super::base::Row;
use super::{Answer, Base, Client, PATIENCE, pause, post};

/// Clients that ask again at the same time.
const ASKERS: usize = 16;
/// Settled payments that are asked for once more, at most.
const REPLAYS: usize = 400;

/// A payment that was asked for. Its amount is like no other's, so that it can be found again.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) cliente: i64,
    pub(crate) hundredths: i64,
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
    /// What came first.
    pub(crate) outcome: Outcome,
    /// What settled it: the first answer, or that of a retry.
    settled: Option<Settled>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 200: it is in the database, as this pago.
    Paid(i64),
    /// 400: it is not.
    Refused,
    /// 503 with its envelope and `Retry-After`: nobody knows.
    Unavailable,
    /// 409 with `Retry-After`, to a retry only: the first request is still being worked on.
    InProgress,
    /// No answer: nobody knows.
    Lost,
    /// What must not come.
    Other(String),
}

/// An answer that a key is bound to from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settled {
    status: u16,
    body: String,
    /// The pago that it names.
    pago: Option<i64>,
}

/// The payments of a test, in the order in which they ended.
#[derive(Default)]
pub(crate) struct Books {
    attempts: Mutex<Vec<Attempt>>,
    last: AtomicI64,
}

/// How the payments of which nobody knew were settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// How many there were.
    pub(crate) unknown: usize,
    /// How many of them had been made at the first time.
    pub(crate) made: usize,
}

impl Attempt {
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.outcome, Outcome::Unavailable | Outcome::Lost)
    }

    pub(crate) fn is_well(&self) -> bool {
        matches!(self.outcome, Outcome::Paid(_) | Outcome::Refused)
    }

    pub(crate) fn ended(&self) -> Instant {
        self.begun + self.took
    }

    /// The payment under its key; `correlation` is the prefix of this request's id.
    pub(crate) fn request(&self, correlation: &str) -> String {
        let Self { cliente, hundredths, .. } = self;
        let headers = format!("Idempotency-Key: pago-{hundredths}\r\nX-Correlation-ID: {correlation}-{hundredths}\r\n");
        let body = format!(r#"{{"cliente_id": {cliente}, "monto": "{}.{:02}"}}"#, hundredths / 100, hundredths % 100);
        post("/pagos", &headers, &body)
    }

    async fn ask(&mut self, client: &mut Client) {
        self.begun = Instant::now();
        let answer = client.ask(&self.request("pago")).await;
        self.took = self.begun.elapsed();
        self.outcome = answer.as_ref().map_or(Outcome::Lost, outcome);
        self.settled = answer.ok().as_ref().and_then(settled);
    }

    /// Asks again under the same key, as often as the answer settles nothing.
    async fn retry(&mut self, client: &mut Client) {
        let begun = Instant::now();
        while self.settled.is_none() {
            assert!(begun.elapsed() < PATIENCE, "a retry that settles nothing: {self:?}");
            let answer = client.ask(&self.request("reintento")).await;
            let came = answer.as_ref().map_or(Outcome::Lost, outcome);
            assert!(!matches!(came, Outcome::Other(_)), "{came:?} {self:?}");
            self.settled = answer.ok().as_ref().and_then(settled);
            if self.settled.is_none() {
                pause(20).await;
            }
        }
    }

    /// Asks once more for what is settled: the very same answer comes, marked as a replay.
    async fn replay(&self, client: &mut Client) {
        let answer = client.ask(&self.request("repetido")).await.unwrap();
        assert_eq!(settled(&answer), self.settled, "{answer:?} {self:?}");
        assert_eq!(answer.header("idempotent-replayed"), Some("true"), "{answer:?} {self:?}");
    }

    /// The pago that must be in the database, if there must be one.
    fn row(&self) -> Option<Row> {
        let id = self.settled.as_ref()?.pago?;
        Some(Row { id, cliente_id: self.cliente, hundredths: self.hundredths })
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = body["errors"][0]["code"].as_str();
    match (answer.status, code, answer.header("retry-after")) {
        (200, None, None) => Outcome::Paid(body["data"]["id"].as_i64().unwrap()),
        (400, Some("CLIENTE_NO_ENCONTRADO"), None) => Outcome::Refused,
        (503, Some("SERVICE_UNAVAILABLE"), Some(_)) => Outcome::Unavailable,
        (409, Some("IDEMPOTENCY_EN_PROCESO"), Some(_)) => Outcome::InProgress,
        _ => Outcome::Other(format!("{answer:?}")),
    }
}

fn settled(answer: &Answer) -> Option<Settled> {
    let pago = match outcome(answer) {
        Outcome::Paid(id) => Some(id),
        Outcome::Refused => None,
        _ => return None,
    };
    Some(Settled { status: answer.status, body: answer.body.clone(), pago })
}

impl Books {
    /// A payment that nobody has asked for yet.
    pub(crate) fn open(&self, cliente: i64) -> Attempt {
        let hundredths = 1 + self.last.fetch_add(1, Ordering::Relaxed);
        Attempt { cliente, hundredths, begun: Instant::now(), took: Duration::ZERO, outcome: Outcome::Lost, settled: None }
    }

    pub(crate) fn enter(&self, attempt: Attempt) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }

    pub(crate) async fn pay(&self, client: &mut Client, cliente: i64) -> Attempt {
        let mut attempt = self.open(cliente);
        attempt.ask(client).await;
        self.enter(attempt.clone());
        attempt
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Only 200, 400 and 503 came, none later than `limit`.
    #[track_caller]
    pub(crate) fn assert_answers(&self, limit: Duration) {
        for attempt in self.attempts() {
            assert!(attempt.is_well() || attempt.outcome == Outcome::Unavailable, "{attempt:?}");
            assert!(attempt.took <= limit, "{attempt:?}");
        }
    }

    /// Asks again, by its key, for each payment of which nobody knows, until it is settled; and for many of the others, which are
    /// answered byte for byte as before. Then the database holds the acknowledged payments, each once, and no others.
    pub(crate) async fn settle(&self, service: SocketAddr, base: &Base) -> Tally {
        let made: HashMap<i64, i64> = base.pagos().await.into_iter().map(|pago| (pago.hundredths, pago.id)).collect();
        let retried = ask_all(service, &self.take_unsettled(), Question::Retry).await;
        let made_before = |attempt: &&Attempt| made.contains_key(&attempt.hundredths);
        let tally = Tally { unknown: retried.len(), made: retried.iter().filter(made_before).count() };
        for attempt in retried {
            let before = made.get(&attempt.hundredths);
            assert!(before.is_none() || before == attempt.row().map(|row| row.id).as_ref(), "made again: {attempt:?}");
            self.enter(attempt);
        }
        let attempts = self.attempts();
        let some: Vec<_> = attempts.iter().step_by(attempts.len().div_ceil(REPLAYS).max(1)).cloned().collect();
        ask_all(service, &some, Question::Replay).await;
        self.assert_kept(base).await;
        tally
    }

    /// Takes out the payments of which nobody knows.
    fn take_unsettled(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.extract_if(.., |attempt| attempt.settled.is_none()).collect()
    }

    /// The database holds each acknowledged payment, as its answer said, and nothing else. Call when all are settled.
    async fn assert_kept(&self, base: &Base) {
        base.assert_money_rule().await;
        base.assert_no_idle_transaction().await;
        let (mut kept, attempts) = (base.pagos().await, self.attempts());
        let unsettled = attempts.iter().find(|attempt| attempt.settled.is_none());
        assert!(unsettled.is_none(), "{unsettled:?}");
        let mut acknowledged: Vec<Row> = attempts.iter().filter_map(Attempt::row).collect();
        kept.sort_unstable();
        acknowledged.sort_unstable();
        assert!(kept == acknowledged, "{}", differences(&kept, &acknowledged));
    }
}

/// What is asked once more for an attempt.
#[derive(Clone, Copy)]
enum Question {
    Retry,
    Replay,
}

/// Asks for each attempt, some at the same time, and returns them.
async fn ask_all(service: SocketAddr, attempts: &[Attempt], question: Question) -> Vec<Attempt> {
    let mut asking = JoinSet::new();
    for part in attempts.chunks(attempts.len().div_ceil(ASKERS).max(1)) {
        asking.spawn(ask_each(Client::new(service), part.to_vec(), question));
    }
    asking.join_all().await.concat()
}

async fn ask_each(mut client: Client, mut attempts: Vec<Attempt>, question: Question) -> Vec<Attempt> {
    for attempt in &mut attempts {
        match question {
            Question::Retry => attempt.retry(&mut client).await,
            Question::Replay => attempt.replay(&mut client).await,
        }
    }
    attempts
}

fn differences(kept: &[Row], acknowledged: &[Row]) -> String {
    let lost: Vec<_> = acknowledged.iter().filter(|row| kept.binary_search(row).is_err()).collect();
    let unknown: Vec<_> = kept.iter().filter(|row| acknowledged.binary_search(row).is_err()).collect();
    format!("acknowledged and not kept: {lost:?}; kept and not acknowledged: {unknown:?}")
}
