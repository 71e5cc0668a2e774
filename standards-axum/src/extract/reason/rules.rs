//! garde's rules: run, and told in both languages.

use std::borrow::Cow;
use std::fmt::Display;

use garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind};
use serde::de::value::Error as Marked;
use standards_core::{Text, validation};

use super::Reason;
use super::rule::Rule;
use crate::extract::read::Hint;

/// Separates the languages inside garde's single message. A control character, which no rule's own sentence holds.
const MARK: char = '\u{2}';

/// Refuses a value from inside a custom garde rule, in both languages.
///
/// A rule that makes its own [`garde::Error`] speaks in one, and is quoted as it is.
///
/// ```
/// use garde::Validate;
/// use standards_axum::extract::refuse;
/// use standards_core::Text;
///
/// #[derive(Validate)]
/// struct Par {
///     #[garde(custom(even))]
///     n: u32,
/// }
///
/// fn even(n: &u32, _: &()) -> garde::Result {
///     if n % 2 == 0 { Ok(()) } else { Err(refuse(Text::new("debe ser par", "must be even"))) }
/// }
///
/// assert!(Par { n: 3 }.validate().is_err());
/// ```
#[must_use]
pub fn refuse(reason: Text) -> garde::Error {
    garde::Error::new(validation::reject::<Marked>(reason))
}

/// Why a rule was broken.
pub(in crate::extract) fn reason(error: &garde::Error) -> Reason {
    let message = error.message();
    let ours = message.strip_prefix(MARK).and_then(|both| both.split_once(MARK));
    let ours = ours.map(|(es, en)| [es.to_owned(), en.to_owned()]);
    Reason::Own(ours.or_else(|| validation::reason(error)).unwrap_or_else(|| [message.to_owned(), message.to_owned()]))
}

/// Why one of two rules was broken that are the bounds of the same thing; `None` where they are not.
pub(in crate::extract) fn between(one: &Rule, other: &Rule) -> Option<Reason> {
    let (es, en) = match (one, other) {
        (Rule::MinLength(min), Rule::MaxLength(max)) | (Rule::MaxLength(max), Rule::MinLength(min)) if min == max => {
            (format!("debe tener un largo de {min}"), format!("must have a length of {min}"))
        }
        (Rule::MinLength(min), Rule::MaxLength(max)) | (Rule::MaxLength(max), Rule::MinLength(min)) => {
            (format!("debe tener un largo de entre {min} y {max}"), format!("must have a length of between {min} and {max}"))
        }
        (Rule::Minimum(min), Rule::Maximum(max)) | (Rule::Maximum(max), Rule::Minimum(min)) => {
            (format!("debe estar entre {min} y {max}"), format!("must be between {min} and {max}"))
        }
        _ => return None,
    };
    Some(Reason::Own([es, en]))
}

/// As long may a text or a list be that a hint makes.
const MAX_LENGTH: usize = 10_000;

/// What would satisfy the rule that says `message`, as far as its words tell: a number, so many characters, a text between quotes.
pub(in crate::extract) fn hint(message: &str) -> Hint {
    let quoted = message.split('"').nth(1).map(str::to_owned);
    let last = message.rsplit(' ').next().unwrap_or_default();
    let number: i64 = last.parse().unwrap_or(-1);
    let length = usize::try_from(number).unwrap_or_default().min(MAX_LENGTH);
    let text = if message.contains("length") { "a".repeat(length) } else { last.to_owned() };
    Hint { text: quoted.unwrap_or(text), number, length }
}

/// Gives garde's rules a sentence in both languages.
pub(in crate::extract) struct Bilingual;

type Sentence = Cow<'static, str>;

fn both(es: impl Display, en: impl Display) -> Sentence {
    format!("{MARK}{es}{MARK}{en}").into()
}

impl I18n for Bilingual {
    fn length_lower_than(&self, min: usize) -> Sentence {
        both(format_args!("debe tener un largo de al menos {min}"), format_args!("must have a length of at least {min}"))
    }

    fn length_greater_than(&self, max: usize) -> Sentence {
        both(format_args!("debe tener un largo de a lo más {max}"), format_args!("must have a length of at most {max}"))
    }

    fn range_lower_than(&self, min: &dyn Display) -> Sentence {
        both(format_args!("debe ser mayor o igual que {min}"), format_args!("must be at least {min}"))
    }

    fn range_greater_than(&self, max: &dyn Display) -> Sentence {
        both(format_args!("debe ser menor o igual que {max}"), format_args!("must be at most {max}"))
    }

    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Sentence {
        both("no es un número de tarjeta válido", "is not a valid card number")
    }

    fn pattern_no_match(&self, _: &dyn Display) -> Sentence {
        both("no tiene el formato esperado", "does not have the expected format")
    }

    fn contains_missing(&self, pattern: &dyn Display) -> Sentence {
        both(format_args!("debe contener \"{pattern}\""), format_args!("must contain \"{pattern}\""))
    }

    fn url_invalid(&self, _: InvalidUrl) -> Sentence {
        both("no es una URL válida", "is not a valid URL")
    }

    fn prefix_missing(&self, pattern: &dyn Display) -> Sentence {
        both(format_args!("debe empezar con \"{pattern}\""), format_args!("must start with \"{pattern}\""))
    }

    fn suffix_missing(&self, pattern: &dyn Display) -> Sentence {
        both(format_args!("debe terminar con \"{pattern}\""), format_args!("must end with \"{pattern}\""))
    }

    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Sentence {
        both("no es un número de teléfono válido", "is not a valid phone number")
    }

    fn ip_invalid(&self, kind: IpKind) -> Sentence {
        both(format_args!("no es una dirección {kind} válida"), format_args!("is not a valid {kind} address"))
    }

    fn matches_field_mismatch(&self, field: &dyn Display) -> Sentence {
        both(format_args!("debe coincidir con {field}"), format_args!("must match {field}"))
    }

    fn email_invalid(&self, _: InvalidEmail) -> Sentence {
        both("no es un correo electrónico válido", "is not a valid e-mail address")
    }

    fn ascii_invalid(&self) -> Sentence {
        both("solo admite caracteres ASCII", "must be ASCII only")
    }

    fn alphanumeric_invalid(&self) -> Sentence {
        both("solo admite letras y números", "must be letters and digits only")
    }

    fn required_not_set(&self) -> Sentence {
        both("es obligatorio", "is required")
    }
}
