//! Finding every bad field of a request.
//!
//! A deserialiser stops at the first field it refuses. So each refused field is given a plausible value and the request is read
//! again, until the whole can be read; then garde's rules judge what the client did send. Reading is repeated only for requests
//! that are refused anyway, and the work is bounded.

mod client_path;
mod decision;

use garde::Validate;
use garde::i18n::with_i18n;
use serde::de::DeserializeOwned;
use standards_core::Failure;
use standards_core::FieldError;

use self::client_path::client_path;
use self::decision::{Progress, adopt};
use super::read::{Document, FieldPath, Plan, Refusal};
use super::reason::Reason;
use super::reason::rules::{self, Bilingual};

/// As many bad fields are reported.
const MAX_FIELDS: usize = 64;
/// As often a request is read.
const MAX_READINGS: usize = 1024;
/// After as much work (bytes looked at, treatments compared) no other reading is begun: a few milliseconds.
const MAX_COST: usize = 1 << 20;

/// Reads a valid `T`, or says everything that is wrong.
pub(in crate::extract) fn read<T>(document: &impl Document) -> Result<T, Failure>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let broken = match document.read::<T>(None) {
        Ok(value) => match check(&value) {
            Ok(()) => return Ok(value),
            Err(report) => Survey::new(document).judge::<T>(report),
        },
        Err(refusal) => Survey::new(document).explore::<T>(refusal),
    };
    Err(Failure::validation(broken))
}

/// Runs the rules of `value`.
fn check(value: &impl Validate<Context = ()>) -> Result<(), garde::Report> {
    with_i18n(Bilingual, || value.validate())
}

/// Refuses the whole for one reason.
pub(in crate::extract) fn refuse(name: &str, reason: &Reason) -> Failure {
    Failure::validation(vec![reason.about(name.to_owned())])
}

struct Survey<'d, D> {
    document: &'d D,
    plan: Plan,
    found: Vec<FieldError>,
}

impl<'d, D: Document> Survey<'d, D> {
    fn new(document: &'d D) -> Self {
        Self { document, plan: Plan::default(), found: Vec::new() }
    }

    /// Reads on from the first refusal.
    fn explore<T>(mut self, mut refusal: Refusal) -> Vec<FieldError>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        for _ in 0..MAX_READINGS {
            let stuck = self.note(refusal) == Progress::Stuck;
            if stuck || self.found.len() == MAX_FIELDS || self.plan.cost() > MAX_COST {
                break;
            }
            match self.document.read::<T>(Some(&self.plan)) {
                Ok(value) => match check(&value) {
                    Ok(()) => break,
                    Err(report) => return self.judge::<T>(report),
                },
                Err(next) => refusal = next,
            }
        }
        self.found
    }

    fn note(&mut self, refusal: Refusal) -> Progress {
        let (path, reason) = refusal.into_parts();
        let progress = adopt(&mut self.plan, &path, &reason);
        if progress == Progress::New || self.found.is_empty() {
            self.report(&path, &reason);
        }
        progress
    }

    /// Adds the broken rules, but for those about values that are not the client's.
    fn judge<T: DeserializeOwned>(mut self, report: garde::Report) -> Vec<FieldError> {
        self.plan = std::mem::take(&mut self.plan).noting_shapes();
        // Read once more, for the client's names of the fields; the value has been seen.
        let _ = self.document.read::<T>(Some(&self.plan));
        for (path, error) in report.into_inner() {
            let path = client_path(&path.to_string(), &self.plan);
            if !self.plan.treats(&path) {
                self.report(&path, &rules::reason(&error));
            }
        }
        self.found
    }

    fn report(&mut self, path: &FieldPath, reason: &Reason) {
        let error = reason.about(path.to_field(self.document.name()));
        // Two rules of one field are two reasons; two reasons of one deserialiser are not.
        if self.found.len() < MAX_FIELDS && !self.found.contains(&error) {
            self.found.push(error);
        }
    }
}
