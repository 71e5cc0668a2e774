//! An outcome as the column `resultado` holds it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Codes, ErrorEntry, ErrorStatus};
use crate::failure::Failure;
use crate::language::{Language, Text};
use crate::level::LogLevel;

/// An outcome that is kept: data as JSON, or a refusal as its code and sentences.
///
/// It is read again for every answer, the first included, so that all of them are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOutcome(String);

/// What is kept for good; anything else may pass, or is no matter of the effect's (contract section 5).
pub(super) fn is_kept(failure: &Failure) -> bool {
    failure.status() == ErrorStatus::BAD_REQUEST
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form<T> {
    Done(T),
    Refused(Refusal),
}

#[derive(Serialize, Deserialize)]
struct Refusal {
    code: String,
    es: String,
    en: String,
    level: String,
}

impl StoredOutcome {
    /// The outcome of an effect; its failure is one that is kept.
    pub(super) fn of<T: Serialize>(result: Result<&T, &Failure>) -> Result<Self, serde_json::Error> {
        let form = match result {
            Ok(data) => Form::Done(data),
            Err(failure) => Form::Refused(Refusal::of(failure)),
        };
        serde_json::to_string(&form).map(Self)
    }

    pub(super) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The column's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The data, or the failure that the effect ended in.
    ///
    /// # Errors
    ///
    /// 500 where it is no `T`: the type does not read what it wrote, or has changed since.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Result<T, Failure>, Failure> {
        match serde_json::from_str(&self.0)? {
            Form::Done(data) => Ok(Ok(data)),
            Form::Refused(refusal) => refusal.failure().map(Err),
        }
    }
}

/// What a service writes there are the codes of its own catalogues.
static CODES: Codes = Codes::at_most(4096);

impl Refusal {
    fn of(failure: &Failure) -> Self {
        let sentence = |language| {
            let body = failure.body(language);
            body.errors().first().map(|item| item.message.clone()).unwrap_or_default()
        };
        let code = failure.entry().code.to_owned();
        Self { code, es: sentence(Language::Es), en: sentence(Language::En), level: failure.level().to_string() }
    }

    fn failure(self) -> Result<Failure, Failure> {
        let Some(code) = CODES.get(&self.code) else {
            return Err(Failure::internal("an outcome is kept with a code that is none"));
        };
        let level = LogLevel::ALL.into_iter().find(|level| level.as_str() == self.level).unwrap_or(LogLevel::Warning);
        let entry = ErrorEntry::new(code, ErrorStatus::BAD_REQUEST, Text::new("", ""), "").with_level(level);
        Ok(Failure::of_entry(entry).with_sentences([self.es, self.en]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_catalogue;

    error_catalogue! {
        enum Rechazo {
            Agotado { quedan: u8 } => 400, "AGOTADO", "Quedan {quedan}", en "{quedan} left", level LogLevel::Info;
        }
    }

    fn read(text: &str) -> Result<Result<u8, Failure>, Failure> {
        StoredOutcome::new(text.to_owned()).read()
    }

    #[test]
    fn data_comes_back() {
        let stored = StoredOutcome::of::<u8>(Ok(&7)).unwrap();
        assert_eq!((stored.as_str(), stored.read::<u8>().unwrap().unwrap()), (r#"{"done":7}"#, 7));
    }

    #[test]
    fn a_refusal_comes_back_in_both_languages_and_at_its_level() {
        let first = Failure::from(Rechazo::Agotado { quedan: 3 });
        let again = StoredOutcome::of::<u8>(Err(&first)).unwrap().read::<u8>().unwrap().unwrap_err();
        for language in [Language::Es, Language::En] {
            assert_eq!(again.body(language), first.body(language));
        }
        assert_eq!((again.status(), again.level(), again.error_type()), (first.status(), LogLevel::Info, "AGOTADO"));
    }

    #[test]
    fn what_is_no_outcome_is_500() {
        for text in ["", "{}", r#"{"done":"x"}"#, r#"{"refused":{"code":"a b","es":"","en":"","level":""}}"#] {
            assert_eq!(read(text).unwrap_err().status().as_u16(), 500, "{text}");
        }
        let long = format!(r#"{{"refused":{{"code":"{}","es":"","en":"","level":""}}}}"#, "A".repeat(129));
        assert_eq!(read(&long).unwrap_err().status().as_u16(), 500);
    }
}
