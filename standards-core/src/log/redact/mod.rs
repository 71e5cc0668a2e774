//! What is never logged, and what sees to it.
//!
//! | by | what | where |
//! |---|---|---|
//! | type | [`Sensitive`]: a value that shows nothing of itself, or its last characters | wherever it is formatted or serialised |
//! | key | the fields whose name says that they hold a secret or personal data: `password`, `api_key`, `email`, `nombre`, ... | fields of any depth |
//! | shape | card numbers, JSON Web Tokens, `Bearer ...`, credentials in URLs, e-mail addresses, `password=...` in running text | every text and number of every record, those of third parties and of panics included |
//!
//! Only the correlation id stands as it came: it must be found again. Its grammar has no room for an address or a URL.

mod card;
mod email;
mod keys;
mod labelled;
pub(in crate::log) mod names;
mod scan;
mod sensitive;
mod token;
mod url;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use keys::Keys;
use scan::Hints;

pub use sensitive::Sensitive;

/// What stands in the place of what must not be shown.
pub(in crate::log) const MASK: &str = "[redacted]";

/// A form by which a secret is known wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 13 to 19 digits, in one run or in groups, that pass Luhn's check.
    CardNumber,
    /// A JSON Web Token, signed or not.
    JsonWebToken,
    /// What follows `Bearer`.
    BearerToken,
    /// `user:password@` in a URL.
    UrlCredentials,
    /// `someone@example.org`
    EmailAddress,
    /// `password=...`, `"token":"..."` and the like in running text, by the keys of the deny-list.
    LabelledSecret,
}

/// What a service masks. The default is everything; take away what it must show, add what is its own.
///
/// ```
/// use standards_core::log::{LogOptions, Redaction, Shape};
///
/// let redaction = Redaction::default().with_key("rut").without_key("nombre").without_shape(Shape::EmailAddress);
/// let options = LogOptions::new("ms-pago-service", "1.2.3").with_redaction(redaction);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Redaction {
    keys: Vec<String>,
    shapes: Vec<Shape>,
}

impl Redaction {
    /// Masks nothing. For measurements; a service has no use for it.
    pub const fn none() -> Self {
        Self { keys: Vec::new(), shapes: Vec::new() }
    }

    /// Also masks fields in whose name the words of `key` stand: `rut` masks `rut`, `cliente_rut` and `clienteRut`.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// No longer masks fields named by `key`.
    pub fn without_key(mut self, key: &str) -> Self {
        self.keys.retain(|known| known != key);
        self
    }

    /// Also masks what has this shape.
    pub fn with_shape(mut self, shape: Shape) -> Self {
        self.shapes.push(shape);
        self
    }

    /// No longer masks what has this shape.
    pub fn without_shape(mut self, shape: Shape) -> Self {
        self.shapes.retain(|known| *known != shape);
        self
    }
}

impl Default for Redaction {
    fn default() -> Self {
        use Shape::{BearerToken, CardNumber, EmailAddress, JsonWebToken, LabelledSecret, UrlCredentials};
        let shapes = vec![CardNumber, JsonWebToken, BearerToken, UrlCredentials, EmailAddress, LabelledSecret];
        Self { keys: keys::DEFAULT.iter().map(|key| (*key).to_owned()).collect(), shapes }
    }
}

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

#[cfg(test)]
mod tests;
