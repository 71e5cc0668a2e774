//! Names of fields, and whether their value may be shown.

use super::redact::Redactor;

/// How many names a thread remembers; a power of two.
const REMEMBERED: usize = 256;

/// A field's name.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    /// Whether the field is masked whatever it holds.
    pub(super) is_secret: bool,
}

impl<'a> Name<'a> {
    /// A name that is looked at each time.
    pub(super) fn new(text: &'a str, redactor: &Redactor) -> Self {
        Self { text, is_secret: redactor.denies(text) }
    }

    /// A name of our own that hides nothing.
    pub(super) const fn plain(text: &'a str) -> Self {
        Self { text, is_secret: false }
    }
}

/// What was decided about the names in the code, which stay where they are as long as the process runs.
pub(super) struct Verdicts(Box<[Verdict]>);

#[derive(Clone, Copy, Default)]
struct Verdict {
    address: usize,
    length: usize,
    redactor: u32,
    is_secret: bool,
}

impl Verdicts {
    pub(super) fn new() -> Self {
        Self(vec![Verdict::default(); REMEMBERED].into())
    }

    /// The name, as it was decided before if it is remembered.
    pub(super) fn name(&mut self, text: &'static str, redactor: &Redactor) -> Name<'static> {
        let address = text.as_ptr().addr();
        let Some(verdict) = self.0.get_mut((address ^ (address >> 8) ^ text.len()) % REMEMBERED) else {
            return Name::new(text, redactor);
        };
        if verdict.address != address || verdict.length != text.len() || verdict.redactor != redactor.id() {
            let is_secret = redactor.denies(text);
            *verdict = Verdict { address, length: text.len(), redactor: redactor.id(), is_secret };
        }
        Name { text, is_secret: verdict.is_secret }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::redact::Redaction;

    #[test]
    fn a_verdict_is_remembered_for_the_redactor_that_gave_it() {
        let (strict, lax) = (Redactor::new(&Redaction::default()), Redactor::new(&Redaction::none()));
        let mut verdicts = Verdicts::new();
        for _ in 0..2 {
            assert!(verdicts.name("password", &strict).is_secret);
            assert!(!verdicts.name("password", &lax).is_secret);
            assert!(!verdicts.name("pago_id", &strict).is_secret);
        }
    }
}
