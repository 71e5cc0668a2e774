//! What a client knows of its payments, held against the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::base::Fila;
use super::{Answer, Base, Client, post};

/// A payment that was asked for. Its amount is like no other's, so that it can be found again.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) cliente: i64,
    pub(crate) centavos: i64,
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 200: it is in the database, as this pago.
    Paid(i64),
    /// 400: it is not.
    Refused,
    /// 503 with its envelope and `Retry-After`: nobody knows.
    Unavailable,
    /// No answer: nobody knows.
    Lost,
    /// What must not come.
    Other(String),
}

/// The payments of a test, in the order in which they ended.
#[derive(Default)]
pub(crate) struct Books {
    attempts: Mutex<Vec<Attempt>>,
    last: AtomicI64,
}

impl Attempt {
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.outcome, Outcome::Unavailable | Outcome::Lost)
    }

    pub(crate) fn ended(&self) -> Instant {
        self.begun + self.took
    }

    /// These are the pagos of its amount. Returns how many nobody knew of.
    #[track_caller]
    fn assert_kept(&self, pagos: &[Fila]) -> usize {
        let ids: Vec<i64> = pagos.iter().map(|pago| pago.id).collect();
        assert!(pagos.iter().all(|pago| pago.cliente_id == self.cliente), "{pagos:?} {self:?}");
        match self.outcome {
            Outcome::Paid(id) => assert_eq!(ids, [id], "{self:?}"),
            Outcome::Refused | Outcome::Other(_) => assert!(ids.is_empty(), "{ids:?} {self:?}"),
            Outcome::Unavailable | Outcome::Lost => assert!(ids.len() <= 1, "{ids:?} {self:?}"),
        }
        if self.is_unknown() { ids.len() } else { 0 }
    }

    /// The same payment once more, under the same key.
    pub(crate) async fn ask(&mut self, client: &mut Client) {
        let (cliente, centavos) = (self.cliente, self.centavos);
        let headers = format!("Idempotency-Key: pago-{centavos}\r\nX-Correlation-ID: pago-{centavos}\r\n");
        let body = format!(r#"{{"cliente_id": {cliente}, "monto": "{}.{:02}"}}"#, centavos / 100, centavos % 100);
        self.begun = Instant::now();
        self.outcome = client.ask(&post("/pagos", &headers, &body)).await.map_or(Outcome::Lost, |answer| outcome(&answer));
        self.took = self.begun.elapsed();
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = body["errors"][0]["code"].as_str();
    match (answer.status, code, answer.header("retry-after")) {
        (200, None, None) => Outcome::Paid(body["data"]["id"].as_i64().unwrap()),
        (400, Some("CLIENTE_NO_ENCONTRADO"), None) => Outcome::Refused,
        (503, Some("SERVICE_UNAVAILABLE"), Some(_)) => Outcome::Unavailable,
        _ => Outcome::Other(format!("{answer:?}")),
    }
}

impl Books {
    /// A payment that nobody has asked for yet.
    pub(crate) fn open(&self, cliente: i64) -> Attempt {
        let centavos = 1 + self.last.fetch_add(1, Ordering::Relaxed);
        Attempt { cliente, centavos, begun: Instant::now(), took: Duration::ZERO, outcome: Outcome::Lost }
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

    /// Takes out the payments of which nobody knows.
    pub(crate) fn take_unknown(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.extract_if(.., |attempt| attempt.is_unknown()).collect()
    }

    /// Only 200, 400 and 503 came, none later than `limit`.
    #[track_caller]
    pub(crate) fn assert_answers(&self, limit: Duration) {
        for attempt in self.attempts() {
            assert!(!matches!(attempt.outcome, Outcome::Other(_) | Outcome::Lost), "{attempt:?}");
            assert!(attempt.took <= limit, "{attempt:?}");
        }
    }

    /// The database holds each acknowledged payment once, no refused one, and nothing that was not asked for. Returns how many of
    /// the unknown payments it holds.
    pub(crate) async fn assert_kept(&self, base: &Base) -> usize {
        base.assert_money_rule().await;
        base.assert_no_idle_transaction().await;
        let mut kept: HashMap<i64, Vec<Fila>> = HashMap::new();
        for pago in base.pagos().await {
            kept.entry(pago.centavos).or_default().push(pago);
        }
        let attempts = self.attempts();
        let unknown =
            attempts.iter().map(|attempt| attempt.assert_kept(&kept.remove(&attempt.centavos).unwrap_or_default())).sum();
        assert!(kept.is_empty(), "pagos that nobody asked for: {kept:?}");
        unknown
    }
}
