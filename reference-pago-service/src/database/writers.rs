//! Which server is written to, and which was before it.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use standards_core::log::{LogLevel, Record};

/// A cluster, and how far it had come when a server became its writer: each promotion begins a timeline with a higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) cluster: i64,
    pub(super) timeline: i64,
}

/// A server that says that it writes. One that cannot tell its term is compared with nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Writer {
    /// Its place in the URL.
    pub(super) place: usize,
    /// As the URL calls it.
    pub(super) name: String,
    /// The address at which it answered, where its name has several.
    pub(super) address: Option<String>,
    pub(super) term: Option<Term>,
}

/// Why a server that writes is not written to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Superseded {
    #[error("{name} writes on timeline {seen}, and timeline {known} has been written to: two servers write")]
    Older { name: String, seen: i64, known: i64 },
    #[error("{name} is of another cluster than the one that has been written to")]
    Foreign { name: String },
}

/// The writer of one URL, as all who connect by it know it.
#[derive(Debug, Default)]
pub(super) struct Writers {
    state: Mutex<State>,
    /// How often it has changed. What was written to an earlier one may not be there any more.
    pub(super) changes: AtomicU32,
}

#[derive(Debug, Default)]
struct State {
    writer: Option<Writer>,
    /// Whether it is not worth being asked first.
    is_lost: bool,
    /// Who was last refused, which is told once.
    refused: Option<Writer>,
}

impl Writers {
    /// Take a server for the writer, unless a later one has been written to. Returns how often the writer had changed by then.
    ///
    /// # Errors
    ///
    /// When a later one has; the log is told of it once.
    pub(super) fn admit(&self, seen: &Writer) -> Result<u32, Superseded> {
        let mut state = self.lock();
        if let Err(superseded) = compare(state.writer.as_ref(), seen) {
            state.refuse(seen, &superseded);
            return Err(superseded);
        }
        let now = state.remember(seen);
        let before = state.writer.replace(now);
        state.is_lost = false;
        match before {
            Some(before) if before.is_another_than(seen) => {
                tell(&before, seen);
                Ok(self.changes.fetch_add(1, Ordering::AcqRel).wrapping_add(1))
            }
            _ => Ok(self.changes.load(Ordering::Acquire)),
        }
    }

    /// Refuse a server that is not needed, where it should not write.
    pub(super) fn look_at(&self, seen: &Writer) {
        let mut state = self.lock();
        if let Err(superseded) = compare(state.writer.as_ref(), seen) {
            state.refuse(seen, &superseded);
        }
    }

    /// Whom to ask first.
    pub(super) fn known(&self) -> Option<Writer> {
        let state = self.lock();
        state.writer.clone().filter(|_| !state.is_lost)
    }

    /// It did not answer, or no longer writes. What is known of its term stays known.
    pub(super) fn lose(&self) {
        self.lock().is_lost = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A term that was known is not forgotten.
    fn remember(&self, seen: &Writer) -> Writer {
        let known = self.writer.as_ref().and_then(|writer| writer.term);
        Writer { term: seen.term.or(known), ..seen.clone() }
    }

    fn refuse(&mut self, seen: &Writer, superseded: &Superseded) {
        if self.refused.as_ref() == Some(seen) {
            return;
        }
        self.refused = Some(seen.clone());
        let message = "Un servidor PostgreSQL que no es el actual también escribe: no se usa";
        Record::new(LogLevel::Error, message).target(module_path!()).error(superseded).emit();
    }
}

impl Writer {
    /// Where terms are not known, another address is another server.
    fn is_another_than(&self, seen: &Self) -> bool {
        match (self.term, seen.term) {
            (Some(before), Some(now)) => (self.place, before) != (seen.place, now),
            _ => (self.place, &self.address) != (seen.place, &seen.address),
        }
    }
}

/// The order in which servers that write are to be taken: those of the latest timeline first.
pub(super) fn latest_first(writer: &Writer) -> Reverse<Option<i64>> {
    Reverse(writer.term.map(|term| term.timeline))
}

fn compare(known: Option<&Writer>, seen: &Writer) -> Result<(), Superseded> {
    let (Some(known), Some(Term { cluster, timeline })) = (known.and_then(|known| known.term), seen.term) else { return Ok(()) };
    let name = || seen.name.clone();
    if cluster != known.cluster {
        return Err(Superseded::Foreign { name: name() });
    }
    if timeline < known.timeline {
        return Err(Superseded::Older { name: name(), seen: timeline, known: known.timeline });
    }
    Ok(())
}

fn tell(before: &Writer, now: &Writer) {
    let timeline = |writer: &Writer| writer.term.map(|term| term.timeline);
    Record::new(LogLevel::Warning, "Cambió el servidor PostgreSQL en el que se escribe")
        .target(module_path!())
        .field("server", now.name.clone())
        .field("timeline", timeline(now))
        .field("previous_server", before.name.clone())
        .field("previous_timeline", timeline(before))
        .emit();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(place: usize, term: Option<(i64, i64)>) -> Writer {
        let term = term.map(|(cluster, timeline)| Term { cluster, timeline });
        Writer { place, name: format!("host{place}:5432"), address: None, term }
    }

    fn place(writers: &Writers) -> Option<usize> {
        writers.known().map(|writer| writer.place)
    }

    #[test]
    fn a_later_timeline_is_taken_and_an_earlier_one_refused() {
        let writers = Writers::default();
        assert_eq!((writers.admit(&writer(0, Some((7, 1)))), place(&writers)), (Ok(0), Some(0)));
        assert_eq!(writers.admit(&writer(1, Some((7, 2)))), Ok(1), "it has changed");
        assert_eq!(writers.admit(&writer(1, Some((7, 2)))), Ok(1), "and not again");
        let refused = writers.admit(&writer(0, Some((7, 1)))).unwrap_err().to_string();
        assert_eq!(refused, "host0:5432 writes on timeline 1, and timeline 2 has been written to: two servers write");
        assert_eq!((place(&writers), writers.changes.load(Ordering::Acquire)), (Some(1), 1), "the writer stays");
    }

    #[test]
    fn another_cluster_is_refused_whatever_its_timeline() {
        let writers = Writers::default();
        writers.admit(&writer(0, Some((7, 1)))).unwrap();
        assert_eq!(writers.admit(&writer(0, Some((8, 9)))), Err(Superseded::Foreign { name: "host0:5432".to_owned() }));
    }

    #[test]
    fn one_that_cannot_tell_its_term_is_taken_and_what_was_known_stays_known() {
        let writers = Writers::default();
        writers.admit(&writer(0, Some((7, 3)))).unwrap();
        assert_eq!(writers.admit(&writer(1, None)), Ok(1));
        assert!(writers.admit(&writer(0, Some((7, 2)))).is_err());
    }

    #[test]
    fn a_writer_that_is_lost_is_not_asked_first_and_its_term_is_not_forgotten() {
        let writers = Writers::default();
        writers.admit(&writer(1, Some((7, 3)))).unwrap();
        writers.lose();
        assert_eq!(place(&writers), None);
        assert!(writers.admit(&writer(0, Some((7, 2)))).is_err());
        assert_eq!((writers.admit(&writer(1, Some((7, 3)))), place(&writers)), (Ok(0), Some(1)), "it is back");
    }

    #[test]
    fn the_latest_is_first_and_those_without_a_term_last() {
        let mut found = [writer(0, None), writer(1, Some((7, 1))), writer(2, Some((7, 2)))];
        found.sort_by_key(latest_first);
        assert_eq!(found.map(|writer| writer.place), [2, 1, 0]);
    }
}
