//! What passed, judged in a thread beside, in small lots: what rules came to is kept, not the traffic.

use std::collections::HashSet;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use standards_core::rules::Rule;

use crate::conformance::exchange::{Exchange, Role};
use crate::conformance::judges::judge;
use crate::conformance::model::Judged;
use crate::conformance::observer::{Observed, Observer};
use crate::conformance::recorded::Recorded;

/// How many answers wait to be judged.
const WAITING: usize = 64;
/// How many pieces of evidence are kept for a rule.
const KEPT: usize = 5;
/// Rules of the document alone: judged once.
const OF_DOCUMENT: [&str; 3] = ["API-07", "API-08", "API-09"];

/// What judges, and what it came to.
#[derive(Debug)]
pub(in crate::conformance) struct Court {
    /// What is known of the service, with the exchanges of one lot at a time.
    pub recorded: Recorded,
    pub judged: Vec<Judged>,
    /// How many answers there were.
    pub seen: u32,
    base: String,
    origin: String,
    wanted: HashSet<&'static str>,
    /// The last answer to a request without an id, so that one that always has the same is known.
    last: Option<Exchange>,
}

/// A court that sits: where answers are sent, and what is left of it when nobody sends any more.
pub(in crate::conformance) type Opened = (SyncSender<Observed>, JoinHandle<Court>);

/// Has the court sit in a thread of its own.
pub(in crate::conformance) fn open(court: Court) -> io::Result<Opened> {
    let (sender, receiver) = sync_channel(WAITING);
    let thread = Builder::new().name("court".to_owned()).spawn(move || court.sit(&receiver))?;
    Ok((sender, thread))
}

impl Court {
    /// `recorded` holds the request for the document, where it was made; `wanted` are the rules that are judged.
    pub(in crate::conformance) fn new(
        mut recorded: Recorded,
        base: String,
        origin: String,
        wanted: HashSet<&'static str>,
    ) -> Self {
        let judged = judge(&recorded, |rule| wanted.contains(rule.id.as_str()));
        recorded.exchanges.clear();
        Self { recorded, judged, seen: 0, base, origin, wanted, last: None }
    }

    fn sit(mut self, answers: &Receiver<Observed>) -> Self {
        while let Ok(first) = answers.recv() {
            let lot: Vec<Observed> = std::iter::once(first).chain(answers.try_iter().take(WAITING - 1)).collect();
            self.judge(lot);
        }
        self
    }

    fn judge(&mut self, lot: Vec<Observed>) {
        self.seen = self.seen.saturating_add(u32::try_from(lot.len()).unwrap_or(u32::MAX));
        let observer = Observer { base: &self.base, document: self.recorded.document.as_ref() };
        let exchanges = lot.into_iter().map(|observed| observer.exchange(&self.origin, observed));
        self.recorded.exchanges = self.last.take().into_iter().chain(exchanges).collect();
        let wants = |rule: &Rule| self.wanted.contains(rule.id.as_str()) && !OF_DOCUMENT.contains(&rule.id.as_str());
        let judged = judge(&self.recorded, wants);
        self.judged.iter_mut().zip(judged).for_each(|(sum, one)| add(sum, one));
        self.last = self.recorded.exchanges.drain(..).rev().find(is_new).map(bare);
    }
}

/// Broken once is broken; kept once is kept, until it is broken.
fn add(sum: &mut Judged, mut one: Judged) {
    if one.status.is_open() || (sum.status.is_broken() && !one.status.is_broken()) {
        return;
    }
    if sum.status.is_broken() {
        let room = KEPT.saturating_sub(sum.evidence.len());
        sum.evidence.extend(one.evidence.drain(..).take(room));
    } else {
        *sum = one;
    }
}

/// Whether the service made the id of an answer that is otherwise good.
fn is_new(exchange: &Exchange) -> bool {
    exchange.also == Some(Role::NoId) && exchange.status() == Some(200)
}

/// Its head alone.
fn bare(mut exchange: Exchange) -> Exchange {
    exchange.role = Role::Beside;
    if let Ok(answer) = &mut exchange.outcome {
        answer.body = Vec::new();
    }
    exchange
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::exchange::{Answer, Request};
    use crate::conformance::model::Status;

    fn observed(status: u16, body: &str, id: &str) -> Observed {
        let request = Request { method: "GET".into(), path: "/api/v1/x".into(), ..Request::default() };
        let headers = vec![("content-type".into(), "application/json".into()), ("x-correlation-id".into(), id.into())];
        Observed { request, answer: Answer { status, headers, body: body.as_bytes().to_vec() }, whole: true }
    }

    fn court() -> Court {
        let wanted = ["API-01", "API-02", "COR-02"].into();
        Court::new(Recorded::watched(None, None), "/api".into(), "http://x".into(), wanted)
    }

    fn status(court: &Court, id: &str) -> Status {
        court.judged.iter().find(|one| one.rule.id == id).unwrap().status
    }

    const GOOD: &str = r#"{"success":true,"data":1,"errors":[]}"#;

    #[test]
    fn what_was_broken_once_stays_so_and_evidence_is_bounded() {
        let mut court = court();
        (0..100).for_each(|number| court.judge(vec![observed(200, "{}", &format!("a-{number}"))]));
        court.judge(vec![observed(200, GOOD, "b")]);
        let broken = court.judged.iter().find(|one| one.rule.id == "API-01").unwrap();
        assert_eq!((broken.status, broken.evidence.len(), court.seen), (Status::Fail, KEPT, 101));
        assert!(court.recorded.exchanges.is_empty());
        assert_eq!(status(&court, "COR-02"), Status::Pass);
    }

    #[test]
    fn an_id_that_is_always_the_same_is_found_across_lots() {
        let mut court = court();
        court.judge(vec![observed(200, GOOD, "a")]);
        assert_eq!(status(&court, "COR-02"), Status::Pass);
        court.judge(vec![observed(200, GOOD, "a")]);
        assert_eq!(status(&court, "COR-02"), Status::Fail);
        assert_eq!((status(&court, "API-01"), status(&court, "API-02")), (Status::Pass, Status::NotTested));
    }
}
