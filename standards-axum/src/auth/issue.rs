//! Tokens of one's own making: for a command line, a test, a service that calls another.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::settings::AuthSettings;

/// What a token is to say beyond issuer and audience.
///
/// ```
/// use std::time::Duration;
///
/// use standards_axum::auth::Grant;
///
/// let grant = Grant::new("ana").with_scope("pagos:read pagos:write").with_lifetime(Duration::from_secs(300));
/// assert_eq!(grant.lifetime, Duration::from_secs(300));
/// ```
#[derive(Clone, Debug)]
pub struct Grant {
    /// The `sub`.
    pub subject: String,
    /// The `scope`: names separated by spaces.
    pub scope: String,
    /// How long it is valid from now on.
    pub lifetime: Duration,
}

impl Grant {
    /// Who, without a scope, for an hour.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), scope: String::new(), lifetime: Duration::from_secs(3600) }
    }

    /// Grants `scope`: names separated by spaces.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Is valid for `lifetime` from now on; parts of a second do not count.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }
}

/// Why no token can be made.
///
/// A set of `JWKS_URL` holds public keys, by which nothing can be signed.
///
/// ```
/// use standards_axum::auth::{AuthSettings, Grant, IssueError};
/// use standards_axum::core::settings::Environment;
///
/// let keyless: AuthSettings = Environment::default().settings()?;
/// assert_eq!(keyless.issue(&Grant::new("ana")), Err(IssueError::NoKey));
/// # Ok::<(), standards_axum::core::settings::Problems>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// `SECRET_KEY` is not set.
    NoKey,
    /// The cryptography refused the key.
    Signing,
}

impl std::fmt::Display for IssueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoKey => "SECRET_KEY is not set",
            Self::Signing => "the key could not sign",
        })
    }
}

impl std::error::Error for IssueError {}

#[derive(Serialize)]
struct Claims<'g> {
    iss: &'g str,
    aud: &'g str,
    sub: &'g str,
    iat: u64,
    nbf: u64,
    exp: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'g str,
}

impl AuthSettings {
    /// A token for `grant`, signed by `SECRET_KEY` (HS256), valid from now on.
    ///
    /// Its claims are `iss`, `aud`, `sub`, `iat`, `nbf`, `exp` and, where there is one, `scope` (RFC 7519, section 4.1; RFC 8693, section
    /// 4.2). Times are whole seconds.
    ///
    /// ```
    /// use standards_axum::auth::{AuthSettings, Grant};
    /// use standards_axum::core::settings::Environment;
    ///
    /// let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    /// let settings: AuthSettings = Environment::from_pairs(variables).settings()?;
    /// let token = settings.issue(&Grant::new("ana").with_scope("pagos:read")).unwrap();
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no `SECRET_KEY`.
    pub fn issue(&self, grant: &Grant) -> Result<String, IssueError> {
        let key = self.secret_key.as_ref().ok_or(IssueError::NoKey)?;
        super::authenticator::install_cryptography();
        let now = jsonwebtoken::get_current_timestamp();
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: &grant.subject,
            iat: now,
            nbf: now,
            exp: now.saturating_add(grant.lifetime.as_secs()),
            scope: &grant.scope,
        };
        let key = EncodingKey::from_secret(key.expose().as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|_| IssueError::Signing)
    }
}
