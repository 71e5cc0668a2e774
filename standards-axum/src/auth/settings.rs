//! What authentication is configured with (contract section 6).

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use standards_core::settings::{AppEnv, Environment, Secret, SettingValue, Settings, Variable};

use super::authenticator::{AuthError, Authenticator};

standards_core::settings! {
    struct Declared {
        /// Key of the callers' tokens (HS256), at least 32 bytes; without it and `JWKS_URL` nobody is authenticated.
        secret_key: Option<SigningKey> = "SECRET_KEY", optional;
        /// The key before it, which verifies only: tokens that were signed with it are taken until they expire.
        secret_key_previous: Option<SigningKey> = "SECRET_KEY_PREVIOUS", optional;
        /// Set of public keys (RS256, ES256, EdDSA): `file:/path` or `https://..`; beside `SECRET_KEY` or instead of it.
        jwks_url: Option<JwksUrl> = "JWKS_URL", optional;
        /// The `iss` of every token.
        jwt_issuer: Option<String> = "JWT_ISSUER", optional;
        /// The name of this service in a token's `aud`.
        jwt_audience: Option<String> = "JWT_AUDIENCE", optional;
    }
}

/// Who may call: the keys of their tokens, and what a token must say.
///
/// A group of [`Settings`] beside [`StandardSettings`](crate::StandardSettings). Without `SECRET_KEY` and `JWKS_URL` there is no
/// authentication, and then only `APP_ENV=development` on a loopback address is taken. With either of them `JWT_ISSUER` and `JWT_AUDIENCE` are required.
///
/// ```
/// use standards_axum::auth::AuthSettings;
/// use standards_axum::core::settings::Environment;
///
/// let problems = |variables: &[(&str, &str)]| {
///     Environment::from_pairs(variables.iter().copied()).settings::<AuthSettings>().unwrap_err().to_string()
/// };
/// assert_eq!(problems(&[("APP_ENV", "production")]), "SECRET_KEY: es obligatoria con APP_ENV=production, o JWKS_URL en su lugar");
/// assert_eq!(problems(&[("HOST", "0.0.0.0")]), "HOST: debe ser una dirección de loopback mientras no haya SECRET_KEY ni JWKS_URL");
/// assert!(problems(&[("SECRET_KEY", "corta")]).starts_with("SECRET_KEY: debe ser una clave de 32 bytes o más"));
/// assert!(!Environment::default().settings::<AuthSettings>()?.is_enabled());
/// # Ok::<(), standards_axum::core::settings::Problems>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// The shared secret that signs and verifies.
    pub secret_key: Option<SigningKey>,
    /// The one before it, which verifies only.
    pub secret_key_previous: Option<SigningKey>,
    /// Where the set of public keys is.
    pub jwks_url: Option<JwksUrl>,
    /// The `iss` of every token; empty where there are no keys.
    pub issuer: String,
    /// This service's name in `aud`; empty where there are no keys.
    pub audience: String,
}

impl AuthSettings {
    /// Whether callers are verified: there is a key.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.secret_key.is_some() || self.jwks_url.is_some()
    }

    /// What verifies callers by these keys; `None` where there are none.
    ///
    /// ```
    /// use standards_axum::auth::AuthSettings;
    /// use standards_axum::core::settings::Environment;
    ///
    /// let settings: AuthSettings = Environment::default().settings()?;
    /// assert!(settings.authenticator()?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Authenticator::new`], but for missing keys.
    pub fn authenticator(&self) -> Result<Option<Authenticator>, AuthError> {
        self.is_enabled().then(|| Authenticator::new(self)).transpose()
    }
}

impl Settings for AuthSettings {
    fn variables() -> Vec<Variable> {
        Declared::variables()
    }

    fn read(environment: &mut Environment) -> Option<Self> {
        let declared = Declared::read(environment);
        let keyless = ["SECRET_KEY", "JWKS_URL"].iter().all(|name| environment.get(name).is_none());
        let right = if keyless { check_open(environment) } else { check_keyed(environment) };
        let Declared { secret_key, secret_key_previous, jwks_url, jwt_issuer, jwt_audience } = declared.filter(|_| right)?;
        let (issuer, audience) = (jwt_issuer.unwrap_or_default(), jwt_audience.unwrap_or_default());
        Some(Self { secret_key, secret_key_previous, jwks_url, issuer, audience })
    }
}

/// Without a key: on this machine, while it is developed.
fn check_open(environment: &mut Environment) -> bool {
    let app_env = environment.get("APP_ENV").and_then(AppEnv::parse).unwrap_or(AppEnv::Development);
    if app_env != AppEnv::Development {
        environment.note("SECRET_KEY", format!("es obligatoria con APP_ENV={}, o JWKS_URL en su lugar", app_env.as_str()));
        return false;
    }
    let exposed = environment.get("HOST").and_then(IpAddr::parse).is_some_and(|host| !host.is_loopback());
    if exposed {
        environment.note("HOST", "debe ser una dirección de loopback mientras no haya SECRET_KEY ni JWKS_URL");
    }
    let admin_exposed = environment.get("ADMIN_ADDR").and_then(SocketAddr::parse).is_some_and(|admin| !admin.ip().is_loopback());
    if admin_exposed {
        environment.note("ADMIN_ADDR", "debe ser una dirección de loopback mientras no haya SECRET_KEY ni JWKS_URL");
    }
    let previous = environment.get("SECRET_KEY_PREVIOUS").is_some();
    if previous {
        environment.note("SECRET_KEY_PREVIOUS", "no sirve sin SECRET_KEY");
    }
    !exposed && !admin_exposed && !previous
}

fn check_keyed(environment: &mut Environment) -> bool {
    let mut right = true;
    for name in ["JWT_ISSUER", "JWT_AUDIENCE"] {
        if environment.get(name).is_none() {
            environment.note(name, "es obligatoria con SECRET_KEY o JWKS_URL");
            right = false;
        }
    }
    let production = environment.get("APP_ENV").and_then(AppEnv::parse) == Some(AppEnv::Production);
    for name in ["SECRET_KEY", "SECRET_KEY_PREVIOUS"] {
        if production && environment.get(name).is_some_and(is_placeholder) {
            environment.note(name, "es una clave de ejemplo: con APP_ENV=production debe ser una propia");
            right = false;
        }
    }
    right
}

/// A key that an example or a template brings.
fn is_placeholder(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["changeme", "change-me", "change_me"].iter().any(|mark| key.contains(mark))
}

/// A key of at least 32 bytes, which nothing shows (`SECRET_KEY`).
///
/// HS256 asks for a key as long as its hash, 32 bytes (RFC 7518, section 3.2). A shorter one can be tried out by whoever has a token.
///
/// ```
/// use standards_axum::auth::SigningKey;
/// use standards_axum::core::settings::SettingValue;
///
/// assert!(SigningKey::parse("a-key-of-at-least-32-bytes-for-tests").is_some());
/// assert!(SigningKey::parse("corta").is_none());
/// ```
#[derive(Clone, Debug)]
pub struct SigningKey(Secret);

impl SigningKey {
    /// The key itself.
    ///
    /// It is for what signs with it. `Debug` shows nothing of it, and `config check` prints it covered.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl SettingValue for SigningKey {
    const EXPECTED: &'static str = "una clave de 32 bytes o más (openssl rand -base64 48)";
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        (text.len() >= 32).then(|| Secret::parse(text).map(Self))?
    }
}

/// Where a set of public keys is (`JWKS_URL`).
///
/// ```
/// use standards_axum::auth::JwksUrl;
/// use standards_axum::core::settings::SettingValue;
///
/// assert_eq!(JwksUrl::parse("file:///etc/keys.json"), Some(JwksUrl::File("/etc/keys.json".into())));
/// assert_eq!(JwksUrl::parse("http://login.example/keys"), None);
/// ```
///
/// Whoever can change what is read here can name themselves anybody: so a place that is not encrypted is none, and a redirection is not
/// followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwksUrl {
    /// `file:/path`: a file of this machine.
    File(PathBuf),
    /// `https://host/path`: what an issuer publishes (with the feature `jwks`).
    #[cfg(feature = "jwks")]
    Https(http::Uri),
}

impl SettingValue for JwksUrl {
    const EXPECTED: &'static str = if cfg!(feature = "jwks") {
        "una URL file:/ruta/absoluta o https://servidor/ruta, sin usuario"
    } else {
        "una URL file:/ruta/absoluta (para https, el servicio se compila con jwks)"
    };

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("file:") {
            Some(path) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                path.starts_with('/').then(|| Self::File(path.into()))
            }
            None => https(text),
        }
    }
}

#[cfg(feature = "jwks")]
fn https(text: &str) -> Option<JwksUrl> {
    let url: http::Uri = text.parse().ok()?;
    let plain = url.scheme_str() == Some("https") && url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    plain.then_some(JwksUrl::Https(url))
}

#[cfg(not(feature = "jwks"))]
const fn https(_: &str) -> Option<JwksUrl> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a-key-of-at-least-32-bytes-for-tests";

    fn problems(variables: &[(&str, &str)]) -> String {
        Environment::from_pairs(variables.iter().copied()).settings::<AuthSettings>().unwrap_err().to_string()
    }

    #[test]
    fn with_a_key_issuer_and_audience_are_required() {
        assert_eq!(
            problems(&[("SECRET_KEY", KEY)]),
            "JWT_ISSUER: es obligatoria con SECRET_KEY o JWKS_URL; JWT_AUDIENCE: es obligatoria con SECRET_KEY o JWKS_URL"
        );
        let all =
            [("SECRET_KEY", KEY), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a"), ("HOST", "0.0.0.0"), ("APP_ENV", "production")];
        let settings: AuthSettings = Environment::from_pairs(all).settings().unwrap();
        assert!(settings.is_enabled());
        assert!(!format!("{settings:?}").contains(KEY));
    }

    #[test]
    fn placeholders_are_refused_in_production() {
        for key in ["changeme-changeme-changeme-changeme", "please-CHANGE-ME-please-change-me!"] {
            let variables = [("SECRET_KEY", key), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
            assert!(Environment::from_pairs(variables).settings::<AuthSettings>().is_ok());
            let shown = problems(&[&variables[..], &[("APP_ENV", "production")]].concat());
            assert!(shown.starts_with("SECRET_KEY: es una clave de ejemplo") && !shown.contains(key), "{shown}");
        }
    }

    #[test]
    fn staging_needs_a_key_and_a_previous_one_alone_is_none() {
        assert!(problems(&[("APP_ENV", "staging")]).starts_with("SECRET_KEY: es obligatoria con APP_ENV=staging"));
        assert_eq!(problems(&[("SECRET_KEY_PREVIOUS", KEY)]), "SECRET_KEY_PREVIOUS: no sirve sin SECRET_KEY");
    }

    #[test]
    fn keys_and_places_have_a_grammar() {
        assert!(SigningKey::parse(&"x".repeat(31)).is_none() && SigningKey::parse(&"x".repeat(32)).is_some());
        assert_eq!(JwksUrl::parse("file:///etc/keys.json"), Some(JwksUrl::File("/etc/keys.json".into())));
        assert_eq!(JwksUrl::parse("file:/etc/keys.json"), Some(JwksUrl::File("/etc/keys.json".into())));
        assert_eq!(JwksUrl::parse("https://a.cl/keys").is_some(), cfg!(feature = "jwks"));
        let no_places = [
            "",
            "keys.json",
            "file:keys.json",
            "http://a.cl/keys",
            "ftp://a.cl",
            "file://host/keys",
            "https://",
            "https://u:p@a.cl/",
        ];
        for text in no_places {
            assert_eq!(JwksUrl::parse(text), None, "{text}");
        }
    }
}
