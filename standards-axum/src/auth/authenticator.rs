//! What knows the keys, and whom a request's token names.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use standards_core::log::{LogLevel, Record};
use standards_core::{Cause, ErrorStatus, Failure, context};

use super::caller::Caller;
use super::issue::Grant;
use super::jwks;
use super::keys::{Key, Keys};
use super::refusal::Refusal;
use super::settings::{AuthSettings, JwksUrl};
use super::source::{self, Asked};
use super::token::{self, Expected};
use crate::answer::ApiError;
use crate::layers::charge_subject;

/// Verifies the tokens of requests, by the keys of the settings. Copies share the keys.
///
/// See the [module](super) for what is verified.
///
/// # Example: a key is exchanged while tokens of the old one are about
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::auth::{AuthSettings, Authenticator, BearerLayer, Grant};
/// use standards_axum::core::settings::Environment;
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// const OLD: &str = "the-old-key-of-at-least-32-bytes-for-tests";
/// const NEW: &str = "the-new-key-of-at-least-32-bytes-for-tests";
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let names = [("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
/// let before: AuthSettings = Environment::from_pairs([("SECRET_KEY", OLD)].into_iter().chain(names)).settings()?;
/// let keys = [("SECRET_KEY", NEW), ("SECRET_KEY_PREVIOUS", OLD)];
/// let after: AuthSettings = Environment::from_pairs(keys.into_iter().chain(names)).settings()?;
///
/// let layer = BearerLayer::new(Authenticator::new(&after)?);
/// let app: Router = Router::new().route("/", get(async || ok(()))).layer(layer);
/// for token in [before.issue(&Grant::new("ana"))?, after.issue(&Grant::new("ana"))?] {
///     let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty())?;
///     assert_eq!(app.clone().oneshot(request).await?.status(), 200);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Authenticator(Arc<Known>);

/// The keys, and what a token under them must say.
#[derive(Debug)]
pub(super) struct Known {
    keys: ArcSwap<Keys>,
    expected: Expected,
    /// The text of the set, by which a new one is told from the one that is known.
    text: Mutex<Vec<u8>>,
    /// Whether there is to be a set.
    awaited: bool,
    asked: Asked,
}

/// Why there can be no authentication.
///
/// ```
/// use standards_axum::auth::{AuthError, AuthSettings, Authenticator};
/// use standards_axum::core::settings::Environment;
///
/// let settings: AuthSettings = Environment::default().settings()?;
/// assert!(matches!(Authenticator::new(&settings), Err(AuthError::NoKeys)));
/// # Ok::<(), standards_axum::core::settings::Problems>(())
/// ```
#[derive(Debug)]
pub enum AuthError {
    /// The settings name no key.
    NoKeys,
    /// What `JWKS_URL` names could not be read.
    Unreadable(Cause),
    /// What it holds cannot be used; the sentence says why.
    Unusable(&'static str),
    /// A token that was just signed was not verified.
    SelfTest,
}

impl std::fmt::Display for AuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoKeys => f.write_str("neither SECRET_KEY nor JWKS_URL is set"),
            Self::Unreadable(_) => f.write_str("what JWKS_URL names cannot be read"),
            Self::Unusable(why) => write!(f, "the set of JWKS_URL cannot be used: {why}"),
            Self::SelfTest => f.write_str("a token signed by SECRET_KEY was not verified by it"),
        }
    }
}

impl std::error::Error for AuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(error) => Some(&**error),
            _ => None,
        }
    }
}

impl Authenticator {
    /// Takes the keys of `settings`, reads the set if there is one, and verifies a token of its own as a test of the cryptography.
    ///
    /// The set is read anew every five minutes, and when a token names a key that is not in it, but then once a minute at most; a set
    /// that cannot be read or used leaves the last good one in its place, and a record says so. That is done by a task, so a set needs
    /// a Tokio runtime to be kept up to date. What `https:` names is read by that task from the first time on: until it has been, a
    /// token that may be of one of its keys is answered 503.
    ///
    /// # Errors
    ///
    /// Where there is no key, the set's file cannot be read or used, or the test fails.
    pub fn new(settings: &AuthSettings) -> Result<Self, AuthError> {
        install_cryptography();
        let authenticator = Self(Arc::new(Known::of_secrets(settings)));
        if let Some(url) = &settings.jwks_url {
            match url {
                JwksUrl::File(path) => authenticator.0.take(&source::text_of_file(path)?)?,
                #[cfg(feature = "jwks")]
                JwksUrl::Https(_) => {}
            }
            if tokio::runtime::Handle::try_current().is_ok() {
                context::spawn_worker(source::keep(Arc::downgrade(&authenticator.0), url.clone(), authenticator.0.asked.clone()));
            }
        }
        if !settings.is_enabled() {
            return Err(AuthError::NoKeys);
        }
        authenticator.test(settings).then_some(authenticator).ok_or(AuthError::SelfTest)
    }

    /// What the settings' own key signs is verified; where there is none, there is nothing to sign with.
    fn test(&self, settings: &AuthSettings) -> bool {
        let Ok(own) = settings.issue(&Grant::new("self-test")) else { return settings.secret_key.is_none() };
        self.0.keys.load().verify(&own, &self.0.expected).is_ok()
    }

    /// Gives the head its caller, or the answer that refuses it: 401, 429 where the caller asks too often, and 403 where the token lacks
    /// `scope`.
    pub(crate) fn admit(&self, head: &mut Parts, scope: Option<&'static str>) -> Result<(), ApiError> {
        let caller = self.authenticate(&head.headers)?;
        charge_subject(head, caller.subject())?;
        if let Some(scope) = scope.filter(|scope| !caller.has_scope(scope)) {
            return Err(Failure::http(ErrorStatus::FORBIDDEN).with_context("scope_required", scope).into());
        }
        head.extensions.insert(caller);
        Ok(())
    }

    /// The caller whom the one bearer token of the head names (RFC 6750, section 2.1).
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let token = bearer(headers)?;
        let Known { keys, expected, asked, awaited, .. } = &*self.0;
        let keys = keys.load();
        match keys.verify(token, expected) {
            Err(Refusal::UnknownKey | Refusal::Signature) if *awaited && keys.set.is_empty() => Err(Refusal::NotYetKnown),
            Err(Refusal::UnknownKey) => {
                asked.notify_one();
                Err(Refusal::UnknownKey)
            }
            decided => decided,
        }
    }
}

#[cfg(test)]
impl Authenticator {
    pub(super) fn take_set(&self, text: &[u8]) -> Result<(), AuthError> {
        self.0.take(text)
    }
}

impl Known {
    fn of_secrets(settings: &AuthSettings) -> Self {
        let AuthSettings { secret_key, secret_key_previous, issuer, audience, .. } = settings;
        let secret = |key: &super::SigningKey| Key::of_secret(key.expose());
        let keys = Keys { secrets: secret_key.iter().chain(secret_key_previous).map(secret).collect(), ..Keys::default() };
        let expected = Expected { issuer: issuer.clone(), audience: audience.clone() };
        Self {
            keys: ArcSwap::from_pointee(keys),
            expected,
            text: Mutex::default(),
            awaited: settings.jwks_url.is_some(),
            asked: Asked::default(),
        }
    }

    /// Whether a set has been read.
    pub(super) fn has_set(&self) -> bool {
        !self.keys.load().set.is_empty()
    }

    /// Puts the set in `text` in the place of the one before it.
    pub(super) fn take(&self, text: &[u8]) -> Result<(), AuthError> {
        let mut known = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == text {
            return Ok(());
        }
        let set = jwks::read(text).map_err(AuthError::Unusable)?;
        Record::new(LogLevel::Info, "Claves leídas").field("keys", set.len()).emit();
        self.keys.store(Arc::new(Keys { secrets: self.keys.load().secrets.clone(), set, ..Keys::default() }));
        text.clone_into(&mut known);
        Ok(())
    }
}

/// The token of the only `Authorization` header: the scheme in any case, one space, and whatever follows.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let value = all.next().ok_or(Refusal::Absent)?;
    if all.next().is_some() || value.len() > token::LONGEST {
        return Err(Refusal::Malformed);
    }
    let (scheme, token) =
        std::str::from_utf8(value.as_bytes()).ok().and_then(|value| value.split_once(' ')).ok_or(Refusal::Malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token) } else { Err(Refusal::Malformed) }
}

/// One cryptography in the process; whoever came first has chosen it.
pub(super) fn install_cryptography() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}
