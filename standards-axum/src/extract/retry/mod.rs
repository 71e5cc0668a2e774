//! Finding every bad field of a request.
//!
//! A deserialiser stops at the first field it refuses. So each refused field is given a plausible value and the request is read
//! again, until the whole can be read; then garde's rules judge what the client did send. Reading is repeated only for requests
//! that are refused anyway, and the work is bounded. A refusal that names no place is traced to one first (`locate`).

#[cfg(feature = "openapi")]
mod ask;
mod bounds;
mod broken;
mod client_path;
mod decision;
mod elimination;
mod locate;
mod sample;
mod search;

use garde::Validate;
use serde::de::DeserializeOwned;
use standards_core::Failure;
use standards_core::FieldError;

#[cfg(feature = "openapi")]
pub(crate) use self::ask::Answer;
#[cfg(feature = "openapi")]
pub(super) use self::ask::ask;
use self::broken::{broken_rules, by_place, check};
use self::decision::{Progress, adopt};
use self::locate::{culprit, suspects};
use self::search::Broken;
use super::read::{Complaint, Document, FieldPath, Plan, Refusal};
use super::reason::Reason;
use super::reason::rules;

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
    read_or_refuse(document).map_err(Failure::validation)
}

/// The same, with what is wrong as it was found.
pub(in crate::extract) fn read_or_refuse<T>(document: &impl Document) -> Result<T, Vec<FieldError>>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    match document.read::<T>(None) {
        Ok(value) => match check(&value) {
            Ok(()) => Ok(value),
            Err(_) => Err(Survey::new(document).judge(&value)),
        },
        Err(_) => Survey::new(document).explore(),
    }
}

/// Whether a value that has been read keeps its rules.
pub(in crate::extract) fn is_valid(value: &impl Validate<Context = ()>) -> bool {
    check(value).is_ok()
}

/// Refuses the whole for one reason.
pub(in crate::extract) fn refuse(name: &str, reason: &Reason) -> Failure {
    Failure::validation(vec![reason.about(name.to_owned())])
}

struct Survey<'d, D> {
    document: &'d D,
    plan: Plan,
    found: Vec<FieldError>,
    readings: usize,
    max_cost: usize,
}

impl<'d, D: Document> Survey<'d, D> {
    fn new(document: &'d D) -> Self {
        Self { document, plan: Plan::default(), found: Vec::new(), readings: 0, max_cost: MAX_COST }
    }

    /// Reads again, with notes, and on from the first refusal. A value, where nothing but how its texts are to be shown had to be found out.
    fn explore<T>(mut self) -> Result<T, Vec<FieldError>>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        match self.read_past() {
            Some(value) => self.finish(value),
            None => Err(self.found),
        }
    }

    /// Reads until nothing is refused; `None` where a refusal cannot be got past.
    fn read_past<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut outcome = self.read::<T>();
        loop {
            let complaint = match outcome {
                Ok(value) => return Some(value),
                Err(complaint) => complaint,
            };
            outcome = self.get_past(&complaint)?;
        }
    }

    fn get_past<T: DeserializeOwned>(&mut self, complaint: &Complaint) -> Option<Result<T, Complaint>> {
        let suspects = suspects(&self.plan, complaint);
        if let Some(outcome) = self.locate(&suspects, complaint) {
            return Some(outcome);
        }
        if let Some(culprit) = culprit(&suspects, &self.plan, complaint) {
            self.report(culprit, &complaint.reason);
            return None;
        }
        let stuck = self.note(complaint) == Progress::Stuck;
        (!stuck && !self.is_spent()).then(|| self.read())
    }

    fn is_spent(&self) -> bool {
        self.readings >= MAX_READINGS || self.found.len() == MAX_FIELDS || self.plan.cost() > self.max_cost
    }

    fn read<T: DeserializeOwned>(&mut self) -> Result<T, Complaint> {
        self.readings += 1;
        self.plan.forget_notes();
        self.document.read(Some(&self.plan)).map_err(Refusal::into_complaint)
    }

    fn finish<T>(self, value: T) -> Result<T, Vec<FieldError>>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        match check(&value) {
            Ok(()) if self.plan.is_faithful() => Ok(value),
            Ok(()) => Err(self.found),
            Err(_) => Err(self.judge(&value)),
        }
    }

    fn note(&mut self, Complaint { path, reason, .. }: &Complaint) -> Progress {
        let progress = adopt(&mut self.plan, path, reason);
        if progress == Progress::New || self.found.is_empty() {
            self.report(path, reason);
        }
        progress
    }

    /// Adds the broken rules, but for those about values that are not the client's.
    fn judge<T>(mut self, value: &T) -> Vec<FieldError>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        // Read once more, for the client's names of the fields.
        let _ = self.read::<T>();
        let broken = broken_rules(value);
        let mut placed = Vec::new();
        for of_one in by_place(&broken) {
            let Some(place) = Broken::of(of_one).filter(|_| self.found.len() + placed.len() < MAX_FIELDS) else { break };
            if self.hinges_on_placeholder::<T>(&place) {
                continue;
            }
            let path = self.client_path::<T>(&place);
            if !self.plan.treats(&path) {
                placed.push((path, of_one));
            }
        }
        // Names first: should it become too much, they tell more than a second bound.
        for (path, broken) in placed.iter().flat_map(|(path, of_one)| of_one.iter().map(move |broken| (path, broken))) {
            let reason = self.both_bounds::<T>(path, broken).unwrap_or_else(|| rules::reason(&broken.sentence));
            self.report(path, &reason);
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
