//! The policy at work: which names hide their value, and what is masked in a text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::keys::Keys;
use super::policy::{Redaction, Shape};
use super::scan::Hints;
use super::{MASK, card, email, labelled, token, url};

/// How many names a thread remembers: so many sets, a power of two, of so many names each. Where the linker puts a name decides its
/// set; with one place per set, two names that are always logged together could for ever drive each other out.
const SETS: usize = 64;
const WAYS: usize = 4;

/// A [`Redaction`] made ready.
#[derive(Debug)]
pub(in crate::log) struct Redactor {
    /// Tells its verdicts from those of another redactor of this process.
    id: u32,
    keys: Keys,
    shapes: Vec<Shape>,
    numbers: bool,
}

impl Redactor {
    pub(in crate::log) fn new(redaction: &Redaction) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            keys: Keys::new(&redaction.keys),
            shapes: redaction.shapes.clone(),
            numbers: redaction.shapes.contains(&Shape::CardNumber),
        }
    }

    pub(in crate::log) const fn id(&self) -> u32 {
        self.id
    }

    /// Whether a field of this name is masked whatever it holds.
    pub(in crate::log) fn denies(&self, name: &str) -> bool {
        self.keys.deny(name)
    }

    /// Whether a name holds a secret itself.
    pub(in crate::log) fn holds_secret(&self, name: &str) -> bool {
        matches!(self.clean(name), Cow::Owned(_))
    }

    /// Whether a number could be that of a card.
    pub(in crate::log) const fn denies_number(&self, number: u64) -> bool {
        self.numbers && card::is_card_number(number)
    }

    /// The text with everything masked that has the shape of a secret.
    pub(in crate::log) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.shapes.is_empty() {
            return Cow::Borrowed(text);
        }
        let hints = Hints::of(text.as_bytes());
        if hints.rule_out_everything() { Cow::Borrowed(text) } else { self.search(text, hints) }
    }

    #[cold]
    fn search<'t>(&self, text: &'t str, hints: Hints) -> Cow<'t, str> {
        let mut found = Vec::new();
        for shape in &self.shapes {
            self.find(*shape, text.as_bytes(), hints, &mut found);
        }
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(masked(text, found)) }
    }

    fn find(&self, shape: Shape, text: &[u8], hints: Hints, found: &mut Vec<Range<usize>>) {
        match shape {
            Shape::CardNumber if hints.card() => card::find(text, found),
            Shape::JsonWebToken if hints.token() => token::find_web_tokens(text, found),
            Shape::BearerToken if hints.bearer() => token::find_bearers(text, found),
            Shape::UrlCredentials if hints.url() => url::find(text, found),
            Shape::EmailAddress if hints.email() => email::find(text, found),
            Shape::LabelledSecret if hints.label() => labelled::find(text, &self.keys, found),
            _ => {}
        }
    }
}

/// The text with a mask in the place of each range; ranges that touch or overlap share one.
fn masked(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut clean = String::with_capacity(text.len());
    let mut shown_to = 0;
    for range in ranges {
        if range.start > shown_to || clean.is_empty() {
            clean.push_str(text.get(shown_to..range.start).unwrap_or_default());
            clean.push_str(MASK);
        }
        shown_to = shown_to.max(range.end);
    }
    clean.push_str(text.get(shown_to..).unwrap_or_default());
    clean
}

/// A field's name.
#[derive(Clone, Copy)]
pub(in crate::log) struct Name<'a> {
    pub(in crate::log) text: &'a str,
    /// Whether the field is masked whatever it holds.
    pub(in crate::log) is_secret: bool,
}

impl<'a> Name<'a> {
    /// A name that is looked at each time.
    pub(in crate::log) fn new(text: &'a str, redactor: &Redactor) -> Self {
        Self { text, is_secret: redactor.denies(text) }
    }

    /// A name of our own that hides nothing.
    pub(in crate::log) const fn plain(text: &'a str) -> Self {
        Self { text, is_secret: false }
    }
}

/// What was decided about the names in the code, which stay where they are as long as the process runs.
pub(in crate::log) struct KnownNames(Box<[[Known; WAYS]]>);

#[derive(Clone, Copy, Default)]
struct Known {
    address: usize,
    length: usize,
    redactor: u32,
    is_secret: bool,
}

impl KnownNames {
    pub(in crate::log) fn new() -> Self {
        Self(vec![Default::default(); SETS].into())
    }

    /// The name, as it was decided before if it is remembered.
    pub(in crate::log) fn name(&mut self, text: &'static str, redactor: &Redactor) -> Name<'static> {
        let address = text.as_ptr().addr();
        let Some(set) = self.0.get_mut((address ^ (address >> 6) ^ text.len()) % SETS) else {
            return Name::new(text, redactor);
        };
        let known = set.iter().find(|known| known.is_of(text, redactor)).map(|known| known.is_secret);
        Name { text, is_secret: known.unwrap_or_else(|| learn(set, text, redactor)) }
    }
}

impl Known {
    fn is_of(&self, text: &'static str, redactor: &Redactor) -> bool {
        self.address == text.as_ptr().addr() && self.length == text.len() && self.redactor == redactor.id()
    }
}

/// Decides, and remembers it in the place of what was learnt first.
fn learn(set: &mut [Known; WAYS], text: &'static str, redactor: &Redactor) -> bool {
    let is_secret = redactor.denies(text);
    set.rotate_right(1);
    set[0] = Known { address: text.as_ptr().addr(), length: text.len(), redactor: redactor.id(), is_secret };
    is_secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::redact::Redaction;

    #[test]
    fn a_verdict_is_remembered_for_the_redactor_that_gave_it() {
        let (strict, lax) = (Redactor::new(&Redaction::default()), Redactor::new(&Redaction::none()));
        let mut verdicts = KnownNames::new();
        for _ in 0..2 {
            assert!(verdicts.name("password", &strict).is_secret);
            assert!(!verdicts.name("password", &lax).is_secret);
            assert!(!verdicts.name("pago_id", &strict).is_secret);
        }
    }

    #[test]
    fn no_name_is_taken_for_another_however_many_there_are() {
        // Names that lie side by side, more than are remembered.
        let (names, redactor) = ("pin,".repeat(8 * SETS * WAYS).leak(), Redactor::new(&Redaction::default()));
        let mut verdicts = KnownNames::new();
        for at in (0..names.len() - 4).chain(0..names.len() - 4) {
            let (Some(secret), Some(plain)) = (names.get(at..at + 3), names.get(at..at + 2)) else { panic!("no name at {at}") };
            assert_eq!(verdicts.name(secret, &redactor).is_secret, redactor.denies(secret), "{secret} at {at}");
            assert!(!verdicts.name(plain, &redactor).is_secret);
        }
    }

    #[test]
    fn names_in_one_set_do_not_drive_each_other_out() {
        let redactor = Redactor::new(&Redaction::default());
        let (mut set, names) = ([Known::default(); WAYS], ["pin", "monto", "moneda", "pago_id"]);
        for name in names {
            learn(&mut set, name, &redactor);
        }
        assert!(names.iter().all(|name| set.iter().any(|known| known.is_of(name, &redactor))));
        learn(&mut set, "status", &redactor);
        assert!(!set.iter().any(|known| known.is_of("pin", &redactor)));
    }
}
