//! An outcome that may be one of an earlier request.

use http::{HeaderName, HeaderValue};
use standards_core::{Failure, Language};

use crate::error::ApiError;
use crate::reply::{ApiResult, Reply};

/// Marks an answer that repeats the one of an earlier request with the same key.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What became of a request, now or when its key was first used.
///
/// A replayed failure is told in the language of the first answer, whatever the repetition asks for: a replay is byte-identical.
#[derive(Debug)]
#[must_use = "an outcome is to be answered"]
pub struct Outcome<T> {
    result: Result<T, Failure>,
    replayed: Option<Language>,
}

impl<T> Outcome<T> {
    /// What has just happened.
    pub const fn fresh(result: Result<T, Failure>) -> Self {
        Self { result, replayed: None }
    }

    /// What happened when the key was first used, and was answered in `language`.
    pub const fn replayed(result: Result<T, Failure>, language: Language) -> Self {
        Self { result, replayed: Some(language) }
    }

    /// Whether it repeats an earlier answer.
    #[must_use]
    pub const fn is_replay(&self) -> bool {
        self.replayed.is_some()
    }

    /// What it is: data, or why there is none.
    ///
    /// # Errors
    ///
    /// The failure, where it is one.
    pub const fn result(&self) -> Result<&T, &Failure> {
        self.result.as_ref()
    }

    /// The same outcome with its data in another form.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome { result: self.result.map(change), replayed: self.replayed }
    }

    /// The answer of a handler; that of a replay says so in [`IDEMPOTENT_REPLAYED`].
    ///
    /// # Errors
    ///
    /// The failure, where it is one.
    pub fn into_reply(self) -> ApiResult<T> {
        let Some(language) = self.replayed else { return Ok(Reply::new(self.result?)) };
        let replayed = HeaderValue::from_static("true");
        match self.result {
            Ok(data) => Ok(Reply::new(data).with_header(IDEMPOTENT_REPLAYED, replayed)),
            Err(failure) => Err(ApiError::from(failure).in_language(language).with_header(IDEMPOTENT_REPLAYED, replayed)),
        }
    }
}

impl<T> From<Result<T, Failure>> for Outcome<T> {
    fn from(result: Result<T, Failure>) -> Self {
        Self::fresh(result)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use http_body_util::BodyExt;

    use super::*;
    use crate::idempotency::IdempotencyError;

    async fn answer(outcome: Outcome<u8>) -> (u16, bool, String) {
        let (head, body) = outcome.into_reply().into_response().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        (head.status.as_u16(), head.headers.contains_key(IDEMPOTENT_REPLAYED), String::from_utf8(body).unwrap())
    }

    #[tokio::test]
    async fn a_replay_has_the_same_bytes_and_says_what_it_is() {
        let (status, replayed, body) = answer(Outcome::fresh(Ok(7))).await;
        assert_eq!((status, replayed), (200, false));
        assert_eq!(answer(Outcome::replayed(Ok(7), Language::Es)).await, (200, true, body));
    }

    #[tokio::test]
    async fn a_replayed_failure_keeps_its_language() {
        let refused = || Err(IdempotencyError::MissingKey.into());
        let (status, replayed, body) = answer(Outcome::replayed(refused(), Language::En)).await;
        assert_eq!((status, replayed), (400, true));
        assert!(body.contains("is required"), "{body}");
        assert!(!answer(Outcome::fresh(refused())).await.1);
    }
}
