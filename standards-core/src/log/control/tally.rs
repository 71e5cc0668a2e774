//! What each place in the code has written since the start.
//!
//! A record costs a look into a table of fixed size and two additions; nobody waits for anybody. A place is known by an address that stands still:
//! that of its `tracing` metadata, else that of the name of its file with line and level.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::ser::{Serialize, SerializeStruct, Serializer};
use tracing::Metadata;
use tracing_serde::AsSerde;

use crate::level::LogLevel;
use crate::log::line::Origin;

/// Places that are told apart.
const PLACES: usize = 1024;

/// How many entries are looked at before a place is one of the others.
const LOOKS: usize = 64;

/// Counts per place.
pub(super) struct Tally {
    entries: Box<[Entry]>,
    others: Counts,
}

#[derive(Default)]
struct Entry {
    place: OnceLock<(Key, Place)>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    records: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    address: usize,
    line: u32,
    level: LogLevel,
}

#[derive(Clone, Debug)]
enum Place {
    /// An event of `tracing`, which knows its fields.
    Event(&'static Metadata<'static>),
    /// Said by hand, or by the `log` crate.
    Said(Said),
}

#[derive(Clone, Debug)]
struct Said {
    level: LogLevel,
    target: Box<str>,
    file: Option<Box<str>>,
    line: Option<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { entries: (0..PLACES).map(|_| Entry::default()).collect(), others: Counts::default() }
    }
}

impl Tally {
    /// Counts a record of so many bytes.
    pub(super) fn count(&self, origin: Origin<'_>, bytes: usize) {
        let counts = self.entry(origin).map_or(&self.others, |entry| &entry.counts);
        counts.records.fetch_add(1, Ordering::Relaxed);
        counts.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The entry of the place, taken for it where it has none; none where there is no room.
    fn entry(&self, origin: Origin<'_>) -> Option<&Entry> {
        let key = Key::of(origin);
        let first = key.hash();
        let mut looked_at = (first..first + LOOKS).filter_map(|index| self.entries.get(index % PLACES));
        looked_at.find(|entry| entry.place.get_or_init(|| (key, Place::of(origin))).0 == key)
    }

    /// Each place that has written, most bytes first.
    pub(super) fn places(&self) -> Vec<LoggedPlace> {
        let known = self.entries.iter().filter_map(|entry| Some((Some(entry.place.get()?.1.clone()), &entry.counts)));
        let all = known.chain([(None, &self.others)]).map(|(place, counts)| LoggedPlace::new(place, counts));
        let mut places: Vec<_> = all.filter(|place| place.records > 0).collect();
        places.sort_by_key(|place| std::cmp::Reverse(place.bytes));
        places
    }
}

impl Key {
    fn of(origin: Origin<'_>) -> Self {
        let address = match (origin.metadata, origin.file) {
            (Some(metadata), _) => std::ptr::from_ref(metadata).addr(),
            (None, Some(file)) => file.as_ptr().addr(),
            (None, None) => origin.target.as_ptr().addr(),
        };
        Self { address, line: origin.line.unwrap_or_default(), level: origin.level }
    }

    /// Neighbours in memory are no neighbours in the table (Fibonacci hashing).
    fn hash(self) -> usize {
        let text = self.address as u64 ^ (u64::from(self.line) << 8) ^ self.level as u64;
        let hash = text.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - PLACES.ilog2());
        usize::try_from(hash).unwrap_or_default()
    }
}

impl Place {
    fn of(origin: Origin<'_>) -> Self {
        let Origin { level, target, file, line, metadata } = origin;
        let said = || Self::Said(Said { level, target: target.into(), file: file.map(Into::into), line });
        metadata.map_or_else(said, Self::Event)
    }
}

/// A place in the code that has logged, and what that came to; see [`LogHandle::places`](super::LogHandle::places).
///
/// As JSON it is `{metadata, records, bytes}`: of a `tracing` event, `metadata` is what
/// [`tracing-serde`](https://docs.rs/tracing-serde) makes of its callsite (`name`, `target`, `level`, `module_path`, `file`, `line`, `fields`, `is_span`,
/// `is_event`); of a [`Record`](crate::log::Record) and of a record of the `log` crate it has the same keys, and no fields are known. It is `null` for
/// the places that found no room.
///
/// ```
/// use standards_core::log::{self, LogLevel, LogOptions, Record};
///
/// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
/// Record::new(LogLevel::Info, "Cierre de caja").target("ms_pago_service::caja").field("pagos", 17).emit();
/// let place = &log.handle().places()[0];
/// assert_eq!(place.records, 1);
/// let told = serde_json::to_value(place)?;
/// assert_eq!((&told["metadata"]["target"], &told["bytes"]), (&"ms_pago_service::caja".into(), &place.bytes.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoggedPlace {
    /// How many records it has written.
    pub records: u64,
    /// How many bytes these lines had, their line feeds included.
    pub bytes: u64,
    place: Option<Place>,
}

impl LoggedPlace {
    fn new(place: Option<Place>, counts: &Counts) -> Self {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Self { records: read(&counts.records), bytes: read(&counts.bytes), place }
    }
}

impl Serialize for LoggedPlace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("LoggedPlace", 3)?;
        fields.serialize_field("metadata", &self.place)?;
        fields.serialize_field("records", &self.records)?;
        fields.serialize_field("bytes", &self.bytes)?;
        fields.end()
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Event(metadata) => metadata.as_serde().serialize(serializer),
            Self::Said(said) => said.serialize(serializer),
        }
    }
}

/// Under the keys of `tracing-serde`.
impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Metadata", 9)?;
        fields.serialize_field("name", "record")?;
        fields.serialize_field("target", &self.target)?;
        fields.serialize_field("level", self.level_name())?;
        fields.serialize_field("module_path", &None::<&str>)?;
        fields.serialize_field("file", &self.file)?;
        fields.serialize_field("line", &self.line)?;
        fields.serialize_field("fields", &[(); 0])?;
        fields.serialize_field("is_span", &false)?;
        fields.serialize_field("is_event", &true)?;
        fields.end()
    }
}

impl Said {
    /// As `tracing` calls it.
    const fn level_name(&self) -> &'static str {
        match self.level {
            LogLevel::Debug => "DEBUG",
            LogLevel::Info => "INFO",
            LogLevel::Warning => "WARN",
            LogLevel::Error => "ERROR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(line: u32, level: LogLevel) -> Origin<'static> {
        Origin { level, target: "caja", file: Some(file!()), line: Some(line), metadata: None }
    }

    #[test]
    fn places_are_told_apart_by_line_and_level_and_sorted_by_bytes() {
        let tally = Tally::default();
        for (line, level, bytes) in
            [(1, LogLevel::Info, 10), (1, LogLevel::Info, 15), (1, LogLevel::Error, 100), (2, LogLevel::Info, 1)]
        {
            tally.count(origin(line, level), bytes);
        }
        let counts: Vec<_> = tally.places().iter().map(|place| (place.records, place.bytes)).collect();
        assert_eq!(counts, [(1, 100), (2, 25), (1, 1)]);
        let told = serde_json::to_value(&tally.places()[1]).unwrap();
        let metadata = serde_json::json!({"name": "record", "target": "caja", "level": "INFO", "module_path": null, "file": file!(),
            "line": 1, "fields": [], "is_span": false, "is_event": true});
        assert_eq!(told, serde_json::json!({"metadata": metadata, "records": 2, "bytes": 25}));
    }

    #[test]
    fn what_finds_no_room_is_counted_together() {
        let tally = Tally::default();
        (0..5000).for_each(|line| tally.count(origin(line, LogLevel::Info), 2));
        let places = tally.places();
        assert!(places.len() <= PLACES + 1 && places.len() > PLACES / 2, "{}", places.len());
        assert_eq!(places.iter().map(|place| place.records).sum::<u64>(), 5000);
        assert!(places[0].place.is_none() && places[0].bytes > 2);
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        let tally = Tally::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|line| tally.count(origin(line % 300, LogLevel::Info), 1)));
            }
        });
        assert_eq!(tally.places().iter().map(|place| place.records).sum::<u64>(), 40_000);
    }
}
