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
mod issuer;
mod keys;
mod labelled;
mod name;
mod policy;
mod redactor;
mod scan;
mod sensitive;
mod token;
mod url;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(in crate::log) use name::is_plain;
pub(in crate::log) use name::{KnownNames, Name, is_blank};
pub use policy::{Redaction, Shape};
pub(in crate::log) use redactor::Redactor;
pub(in crate::log) use scan::{CARD_DIGITS, TOKEN_LENGTH, is_hint};
pub use sensitive::Sensitive;

/// What stands in the place of what must not be shown.
pub(in crate::log) const MASK: &str = "[redacted]";
