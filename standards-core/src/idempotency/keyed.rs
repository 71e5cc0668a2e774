//! What became of a request that may have been done before.

use super::IdempotencyError;
use crate::failure::Failure;
use crate::language::Language;

/// What became of a request under a key, now or when the key was first used.
///
/// A request without a key is [`Fresh`](Self::Fresh). A replay is told in the language of the first answer, whatever the repetition
/// asks for, so that it is byte-identical.
///
/// ```
/// use standards_core::Language;
/// use standards_core::idempotency::Keyed;
///
/// let kept: Keyed<Result<u8, std::io::Error>> = Keyed::Replayed(Ok(7), Language::En);
/// let shown = kept.map(|result| result.map(|number| number.to_string()));
/// assert_eq!(shown.language(), Some(Language::En));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an outcome is to be answered"]
pub enum Keyed<T> {
    /// Done now.
    Fresh(T),
    /// Done when the key was first used, and told in this language.
    Replayed(T, Language),
    /// The key belongs to another request; nothing was done.
    Reused,
}

impl<T> Keyed<T> {
    /// The same outcome in another form.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Keyed<U> {
        match self {
            Self::Fresh(outcome) => Keyed::Fresh(change(outcome)),
            Self::Replayed(outcome, language) => Keyed::Replayed(change(outcome), language),
            Self::Reused => Keyed::Reused,
        }
    }

    /// The same outcome, looked at.
    pub const fn as_ref(&self) -> Keyed<&T> {
        match self {
            Self::Fresh(outcome) => Keyed::Fresh(outcome),
            Self::Replayed(outcome, language) => Keyed::Replayed(outcome, *language),
            Self::Reused => Keyed::Reused,
        }
    }

    /// The language of the first answer, where this one repeats it.
    #[must_use]
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::Replayed(_, language) => Some(*language),
            Self::Fresh(_) | Self::Reused => None,
        }
    }

    /// The outcome, whenever it came about.
    ///
    /// # Errors
    ///
    /// [`IdempotencyError::ReusedKey`] where the key belongs to another request.
    ///
    /// ```
    /// use standards_core::idempotency::{IdempotencyError, Keyed};
    ///
    /// assert_eq!(Keyed::Fresh(7).outcome(), Ok(7));
    /// assert_eq!(Keyed::<u8>::Reused.outcome(), Err(IdempotencyError::ReusedKey));
    /// ```
    pub fn outcome(self) -> Result<T, IdempotencyError> {
        match self {
            Self::Fresh(outcome) | Self::Replayed(outcome, _) => Ok(outcome),
            Self::Reused => Err(IdempotencyError::ReusedKey),
        }
    }
}

impl<T, E: Into<Failure>> Keyed<Result<T, E>> {
    /// The data, or why there is none.
    ///
    /// ```
    /// use standards_core::Failure;
    /// use standards_core::idempotency::Keyed;
    ///
    /// let reused: Keyed<Result<u8, Failure>> = Keyed::Reused;
    /// assert_eq!(reused.into_result().unwrap_err().entry().code, "IDEMPOTENCY_KEY_REUTILIZADA");
    /// ```
    ///
    /// # Errors
    ///
    /// The outcome's own error, or [`IdempotencyError::ReusedKey`] where the key belongs to another request.
    #[track_caller]
    pub fn into_result(self) -> Result<T, Failure> {
        match self.outcome() {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(error)) => Err(error.into()),
            Err(reused) => Err(reused.into()),
        }
    }
}
