//! A recorded session: HAR 1.2, as browsers and proxies save it.

mod entry;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Deserialize;
use standards_core::rules::Bilingual;

use self::entry::Entry;
use super::document::Document;
use super::observer::{Observer, is_document};
use super::profile::Profile;
use super::recorded::Recorded;
use super::text::{both, clean};

/// The largest file that is read.
pub(super) const HAR_BYTES: usize = 64 << 20;
/// How many entries are judged.
const ENTRIES: usize = 20_000;
/// Under which path the API is, unless somebody says otherwise.
pub(super) const BASE: &str = "/api";

/// What the reader of a session knows beside it.
#[derive(Debug)]
pub(super) struct Wanted {
    /// `host` or `host:port`.
    pub host: Option<String>,
    pub base: String,
    pub profile: Option<Profile>,
    pub document: Option<Document>,
}

/// A session, read.
#[derive(Debug)]
pub(super) struct Session {
    pub recorded: Recorded,
    /// `http://host:port`.
    pub origin: String,
    /// How many entries there are of any host.
    pub entries: usize,
    /// Those of the API whose bodies were not recorded, or too large.
    pub without_body: usize,
}

#[derive(Deserialize)]
struct File {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

/// Reads a session.
///
/// # Errors
///
/// A sentence, where it is none, or shows nothing of an API.
pub(super) fn read(text: &str, wanted: Wanted) -> Result<Session, Bilingual> {
    let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| unreadable(&error))?;
    let (count, entries) = (file.log.entries.len(), file.log.entries);
    if count > ENTRIES {
        return Err(both(format!("El HAR trae más de {ENTRIES} entradas"), format!("The HAR has more than {ENTRIES} entries")));
    }
    if count == 0 {
        return Err(both("El HAR no trae entradas: no hay nada que juzgar", "The HAR has no entries: there is nothing to judge"));
    }
    let mut answered: Vec<Entry> = entries.into_iter().filter(Entry::was_answered).collect();
    let origin = origin_of(&answered, &wanted)?;
    answered.retain(|entry| entry.origin() == origin);
    recorded(answered, origin, count, wanted)
}

fn recorded(entries: Vec<Entry>, origin: String, count: usize, wanted: Wanted) -> Result<Session, Bilingual> {
    let found = || entries.iter().filter(|entry| is_document(&entry.path())).find_map(Entry::document);
    let document = wanted.document.or_else(found);
    let mut recorded = Recorded::watched(wanted.profile, document);
    let observer = Observer { base: &wanted.base, document: recorded.document.as_ref() };
    let (mut exchanges, mut without_body) = (Vec::new(), 0);
    for (at, entry) in entries.into_iter().enumerate() {
        let observed = entry.observed().map_err(|why| broken(at, &why))?;
        without_body += usize::from(!observed.whole && observer.is_api(&observed.request.path));
        exchanges.push(observer.exchange(&origin, observed));
    }
    recorded.exchanges = exchanges;
    Ok(Session { recorded, origin, entries: count, without_body })
}

/// The one service that the session is about.
fn origin_of(entries: &[Entry], wanted: &Wanted) -> Result<String, Bilingual> {
    let observer = Observer { base: &wanted.base, document: wanted.document.as_ref() };
    let named =
        |origin: &String| wanted.host.as_ref().is_none_or(|host| origin.split_once("://").is_some_and(|(_, at)| at == host));
    let of_api = entries.iter().filter(|entry| observer.is_api(&entry.path()));
    let origins: BTreeSet<String> = of_api.map(Entry::origin).filter(named).collect();
    let mut each = origins.iter();
    match (each.next(), each.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => Err(nothing(&wanted.base)),
        _ => Err(several(&origins)),
    }
}

fn unreadable(error: &serde_json::Error) -> Bilingual {
    let why = clean(&error.to_string());
    if error.is_eof() {
        return both(format!("El HAR está truncado: {why}"), format!("The HAR is truncated: {why}"));
    }
    if error.is_data() {
        return both(format!("No es un HAR 1.2 (log.entries): {why}"), format!("Not a HAR 1.2 (log.entries): {why}"));
    }
    both(format!("El HAR no es JSON: {why}"), format!("The HAR is no JSON: {why}"))
}

fn broken(at: usize, why: &str) -> Bilingual {
    let (number, why) = (at + 1, clean(why));
    both(format!("La entrada {number} no se entiende: {why}"), format!("Entry {number} cannot be read: {why}"))
}

fn nothing(base: &str) -> Bilingual {
    let base = clean(base);
    both(
        format!("Ninguna entrada respondida es de un API bajo {base}: diga con --base y --host cuál es"),
        format!("No answered entry is of an API under {base}: say by --base and --host which it is"),
    )
}

fn several(origins: &BTreeSet<String>) -> Bilingual {
    let names: Vec<String> = origins.iter().take(5).map(|origin| clean(origin)).collect();
    let names = names.join(", ");
    both(
        format!("La sesión es de varios servicios ({names}): nombre uno con --host"),
        format!("The session is of several services ({names}): name one by --host"),
    )
}
