//! The pagos that a log acknowledges, held against the database.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use standards_axum::cli::say;
use standards_core::{Fatal, context};

use crate::database::Database;
use crate::models::{Pago, PagoId};
use crate::repositories::{self, PagoRepository};

/// A longer line is no record: the longest that the log writes is far below it.
const LONGEST_LINE: u64 = 1 << 20;
/// What the engine says of a pago that is made.
const PAID: &str = "Pago procesado exitosamente";

/// How a log compares with the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    acknowledged: u64,
    missing: u64,
}

/// A pago as its record tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Told {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    #[serde(default)]
    correlation_id: String,
    /// Where the ECS form has the id.
    #[serde(default)]
    labels: Labels,
    context: Content,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Labels {
    correlation_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Content {
    pago_id: PagoId,
    cliente_id: i64,
    monto: String,
    moneda: String,
}

impl Comparison {
    /// Whether the log knows of pagos, and the database of all of these.
    pub(super) fn is_whole(self) -> bool {
        self.acknowledged > 0 && self.missing == 0
    }
}

/// Looks for every pago that the log in `path` (`-`: standard input) acknowledges, and says which ones are not there.
///
/// # Errors
///
/// When the log or the database cannot be read.
pub(super) async fn compare(path: &Path, database: &Database) -> Result<Comparison, Fatal> {
    let pagos = repositories::open(database).pagos;
    let mut lines: Box<dyn BufRead + Send> = match path.to_str() {
        Some("-") => Box::new(BufReader::new(stdin())),
        _ => Box::new(BufReader::new(File::open(path)?)),
    };
    let mut comparison = Comparison::default();
    loop {
        // A pipe may keep us waiting.
        let (line, rest) = context::spawn_blocking(move || (next_line(&mut lines), lines)).await?;
        lines = rest;
        let Some(line) = line? else { break };
        let Some(told) = read(&line)? else { continue };
        comparison.acknowledged += 1;
        comparison.missing += u64::from(!is_kept(&told, &*pagos).await?);
    }
    let Comparison { acknowledged, missing } = comparison;
    say(format!("log {}: {acknowledged} pagos acknowledged, {missing} of them not in this database", path.display()));
    Ok(comparison)
}

/// The next one; `None` at the end.
fn next_line(lines: &mut (impl BufRead + ?Sized)) -> Result<Option<Vec<u8>>, Fatal> {
    let mut line = Vec::new();
    let read = lines.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if u64::try_from(read).is_ok_and(|read| read == LONGEST_LINE) {
        return Err(Fatal::new("a line of the log is longer than 1 MiB"));
    }
    Ok((read > 0).then_some(line))
}

/// What is no record, or another one, is passed over.
fn read(line: &[u8]) -> Result<Option<Told>, Fatal> {
    let record: Value = serde_json::from_slice(line).unwrap_or_default();
    if record.get("message").and_then(Value::as_str) != Some(PAID) {
        return Ok(None);
    }
    let told = serde_json::from_value(record);
    told.map(Some).map_err(|_| Fatal::new("a record of a pago in the log is not of the form that the service writes"))
}

/// Says so where it is not.
async fn is_kept(told: &Told, pagos: &dyn PagoRepository) -> Result<bool, Fatal> {
    let Content { pago_id, cliente_id, monto, moneda } = &told.context;
    let kept = pagos.get(*pago_id).await?;
    if kept.as_ref().is_some_and(|pago| is_same(pago, &told.context)) {
        return Ok(true);
    }
    let what = kept.map_or("is not in this database", |_| "is another pago in this database");
    let (id, at) = (pago_id.get(), &told.timestamp);
    let correlation = if told.correlation_id.is_empty() { &told.labels.correlation_id } else { &told.correlation_id };
    say(format!("pago {id} of cliente {cliente_id}: monto {monto} {moneda}, acknowledged at {at} ({correlation}), {what}"));
    Ok(false)
}

fn is_same(pago: &Pago, told: &Content) -> bool {
    (pago.cliente_id.get(), pago.monto.to_string(), pago.moneda.as_str())
        == (told.cliente_id, told.monto.clone(), told.moneda.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"@timestamp":"2026-01-02T03:04:05.678Z","correlation_id":"c-1","message":"Pago procesado exitosamente","context":{"cliente_id":7,"pago_id":9,"monto":"5.00","moneda":"CLP","nuevo_saldo":"1.00"}}"#;

    #[test]
    fn a_record_of_a_pago_is_read_and_others_are_passed_over() {
        let told = read(RECORD.as_bytes()).unwrap().unwrap();
        assert_eq!((told.context.pago_id.get(), told.context.monto.as_str()), (9, "5.00"));
        let other = RECORD.replace("Pago procesado exitosamente", "Iniciando procesamiento de pago");
        for line in ["", "no es JSON", "[]", "{}", "\u{fffd}", &other] {
            assert_eq!(read(line.as_bytes()).unwrap(), None, "{line}");
        }
    }

    #[test]
    fn a_record_of_a_pago_that_cannot_be_read_is_an_error() {
        let damaged =
            [RECORD.replace(r#""pago_id":9"#, r#""pago_id":0"#), RECORD.replace("\"5.00\"", "5"), RECORD.replace("monto", "m")];
        for line in damaged {
            assert!(read(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_a_line_and_one_without_a_bound_an_error() {
        let mut lines = "a\nb".as_bytes();
        assert_eq!(next_line(&mut lines).unwrap().as_deref(), Some(b"a\n".as_slice()));
        assert_eq!(next_line(&mut lines).unwrap().as_deref(), Some(b"b".as_slice()));
        assert_eq!(next_line(&mut lines).unwrap(), None);
        assert!(next_line(&mut vec![b'x'; 1 << 21].as_slice()).is_err());
    }

    #[test]
    fn a_log_without_pagos_proves_nothing() {
        assert!(!Comparison::default().is_whole());
        assert!(!Comparison { acknowledged: 2, missing: 1 }.is_whole());
        assert!(Comparison { acknowledged: 2, missing: 0 }.is_whole());
    }
}
