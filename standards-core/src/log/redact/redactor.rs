//! The policy at work: which names hide their value, and what is masked in a text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::keys::Keys;
use super::policy::{Redaction, Shape};
use super::scan::Hints;
use super::{MASK, card, email, issuer, labelled, token, url};

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
            keys: Keys::new(&redaction.keys, &redaction.shown),
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
    pub(in crate::log) fn denies_number(&self, number: u64) -> bool {
        self.numbers && number >= issuer::LEAST && issuer::is_card_number(number)
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
            self.find(*shape, text, hints, &mut found);
        }
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(masked(text, found)) }
    }

    fn find(&self, shape: Shape, text: &str, hints: Hints, found: &mut Vec<Range<usize>>) {
        let bytes = text.as_bytes();
        match shape {
            Shape::CardNumber if hints.card() => card::find(text, found),
            Shape::JsonWebToken if hints.token() => token::find_web_tokens(bytes, found),
            Shape::BearerToken if hints.bearer() => token::find_bearers(bytes, found),
            Shape::UrlCredentials if hints.url() => url::find(bytes, found),
            Shape::EmailAddress if hints.email() => email::find(bytes, found),
            Shape::LabelledSecret if hints.label() => labelled::find(bytes, &self.keys, found),
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
