//! A service under load while something fails.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Attempt, Base, Books, Load, Outcome, ServiceProcess, Tally, Watch, pause, post};

/// A busy machine's share of every limit.
pub(crate) const SLACK: Duration = Duration::from_millis(500);
/// In which the answer comes when the database says nothing: its statement timeout, half a second, and the machine's share.
pub(crate) const SILENT: Duration = Duration::from_millis(2500).saturating_add(SLACK);
/// In which the answer comes when the database cannot be connected to.
pub(crate) const REFUSED: Duration = Duration::from_secs(1).saturating_add(SLACK);
/// In which everything is well again once the fault is over.
const RECOVERY: Duration = Duration::from_millis(2500);

pub(crate) struct Trial {
    pub(crate) base: Base,
    pub(crate) service: ServiceProcess,
    pub(crate) books: Arc<Books>,
    pub(crate) clientes: Vec<i64>,
    pub(crate) watch: Watch,
    load: Option<Load>,
    begun: Instant,
}

impl Trial {
    /// A service on `base`, reached by `url`, and eight clientes with a balance.
    pub(crate) async fn begin(base: Base, url: &str) -> Self {
        Self::with(base, ServiceProcess::start(url).await).await
    }

    pub(crate) async fn with(base: Base, service: ServiceProcess) -> Self {
        service.ready().await;
        let clientes = register(&service, 8).await;
        let watch = Watch::start(service.address);
        Self { base, service, books: Arc::default(), clientes, watch, load: None, begun: Instant::now() }
    }

    /// One payer for each cliente and one more for the first.
    pub(crate) async fn load(&mut self) {
        let mut payers = self.clientes.clone();
        payers.push(self.clientes[0]);
        self.load_by(&payers).await;
    }

    /// A payer for each of these, and a moment to come into stride.
    pub(crate) async fn load_by(&mut self, clientes: &[i64]) {
        self.load = Some(Load::start(self.service.address, &self.books, clientes));
        pause(500).await;
    }

    /// While the fault lasts the service comes to say that it is not ready.
    pub(crate) async fn assert_unready(&self) {
        let begun = Instant::now();
        while !self.watch.ready_since(begun).contains(&503) {
            assert!(begun.elapsed() < SILENT, "ready all the time");
            pause(20).await;
        }
    }

    /// Call when the fault is over: shortly after, every payment is well and the service is ready. Says how long it took until
    /// the last failure.
    pub(crate) async fn assert_recovery(&self) -> Duration {
        let healed = Instant::now();
        tokio::time::sleep(RECOVERY + SLACK).await;
        let (attempts, well) = (self.books.attempts(), healed + RECOVERY);
        let late: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.begun > well).collect();
        assert!(!late.is_empty(), "nobody was answered");
        let unwell = late.iter().find(|attempt| !attempt.is_well());
        assert!(unwell.is_none(), "{unwell:?}");
        assert!(self.watch.ready_since(well).iter().all(|status| *status == 200), "{:?}", self.watch.ready_since(well));
        let failures = attempts.iter().filter(|attempt| !attempt.is_well()).map(Attempt::ended);
        failures.max().map_or(Duration::ZERO, |last| last.saturating_duration_since(healed))
    }

    /// Ends the load and checks everything that holds whatever the fault was.
    pub(crate) async fn end(self, name: &str, limit: Duration) {
        if let Some(load) = self.load {
            load.stop().await;
        }
        self.books.assert_answers(limit);
        let attempts = self.books.attempts();
        let Tally { unknown, made } = self.books.settle(self.service.address, &self.base).await;
        let count = |wanted: fn(&Outcome) -> bool| attempts.iter().filter(|attempt| wanted(&attempt.outcome)).count();
        let slowest = attempts.iter().map(|attempt| attempt.took).max().unwrap_or_default();
        eprintln!(
            "{name}: {:.1?}, {} paid, {} refused, {unknown} unavailable of which {made} paid, slowest {slowest:.0?}",
            self.begun.elapsed(),
            count(|outcome| matches!(outcome, Outcome::Paid(_))),
            count(|outcome| *outcome == Outcome::Refused),
        );
        self.watch.assert_always_live();
        assert_eq!(self.service.status("/health/ready").await, 200);
    }
}

/// Registers clientes with a balance that no test uses up.
pub(crate) async fn register(service: &ServiceProcess, count: usize) -> Vec<i64> {
    let mut client = service.client();
    let mut ids = Vec::new();
    for number in 0..count {
        let body = format!(r#"{{"nombre": "Ana", "email": "ana{number}@x.cl", "saldo": "90000000.00"}}"#);
        let answer = client.ask(&post("/clientes", "", &body)).await.unwrap();
        ids.push(answer.data()["id"].as_i64().unwrap());
    }
    ids
}
