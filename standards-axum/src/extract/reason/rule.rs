//! garde's rules, as they tell themselves: with their bounds, for the document and for who is told of one.

use std::borrow::Cow;
use std::fmt::Display;

use garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind};
use serde::{Deserialize, Serialize};

/// A rule that a value broke, with its bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    MinLength(usize),
    MaxLength(usize),
    /// The number as it is written.
    Minimum(String),
    Maximum(String),
    Pattern(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    /// One of JSON Schema's formats.
    Format(Cow<'static, str>),
    Ascii,
    Alphanumeric,
    Required,
    /// One that a schema has no words for.
    Other,
}

impl Rule {
    /// The rule behind an error that was made under [`Telling`].
    pub(in crate::extract) fn of(error: &garde::Error) -> Self {
        serde_json::from_str(error.message()).unwrap_or(Self::Other)
    }

    fn tell(self) -> Cow<'static, str> {
        serde_json::to_string(&self).unwrap_or_default().into()
    }
}

/// Has garde's rules say what they are, instead of a sentence.
pub(in crate::extract) struct Telling;

impl I18n for Telling {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        Rule::MinLength(min).tell()
    }

    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        Rule::MaxLength(max).tell()
    }

    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        Rule::Minimum(min.to_string()).tell()
    }

    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        Rule::Maximum(max.to_string()).tell()
    }

    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Cow<'static, str> {
        Rule::Other.tell()
    }

    fn pattern_no_match(&self, pattern: &dyn Display) -> Cow<'static, str> {
        Rule::Pattern(pattern.to_string()).tell()
    }

    fn contains_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        Rule::Contains(pattern.to_string()).tell()
    }

    fn url_invalid(&self, _: InvalidUrl) -> Cow<'static, str> {
        Rule::Format("uri".into()).tell()
    }

    fn prefix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        Rule::Prefix(pattern.to_string()).tell()
    }

    fn suffix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        Rule::Suffix(pattern.to_string()).tell()
    }

    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Cow<'static, str> {
        Rule::Format("phone".into()).tell()
    }

    fn ip_invalid(&self, kind: IpKind) -> Cow<'static, str> {
        let format = match kind {
            IpKind::Any => "ip",
            IpKind::V4 => "ipv4",
            IpKind::V6 => "ipv6",
        };
        Rule::Format(format.into()).tell()
    }

    fn matches_field_mismatch(&self, _: &dyn Display) -> Cow<'static, str> {
        Rule::Other.tell()
    }

    fn email_invalid(&self, _: InvalidEmail) -> Cow<'static, str> {
        Rule::Format("email".into()).tell()
    }

    fn ascii_invalid(&self) -> Cow<'static, str> {
        Rule::Ascii.tell()
    }

    fn alphanumeric_invalid(&self) -> Cow<'static, str> {
        Rule::Alphanumeric.tell()
    }

    fn required_not_set(&self) -> Cow<'static, str> {
        Rule::Required.tell()
    }
}
