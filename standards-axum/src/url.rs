//! Addresses of other services, as settings: checked at the start, and never a hiding place for credentials.

use std::fmt;
use std::marker::PhantomData;

use http::Uri;
use standards_core::settings::SettingValue;

/// Which addresses a [`Url`] can be.
///
/// ```
/// use standards_axum::core::settings::SettingValue;
/// use standards_axum::url::{Schemes, Url};
///
/// #[derive(Clone, Copy, Debug)]
/// struct Amqp;
///
/// impl Schemes for Amqp {
///     const ALLOWED: &'static [&'static str] = &["amqp", "amqps"];
///     const EXPECTED: &'static str = "una URL amqp:// o amqps://, sin usuario, parámetros ni fragmento";
/// }
///
/// assert_eq!(Url::<Amqp>::parse("amqps://cola:5671/pagos").unwrap().as_uri().port_u16(), Some(5671));
/// assert!(Url::<Amqp>::parse("http://cola").is_none());
/// ```
pub trait Schemes {
    /// The schemes, in small letters.
    const ALLOWED: &'static [&'static str];

    /// What the text must be, as the sentence `debe ser ...` ends.
    const EXPECTED: &'static str;
}

/// `http` and `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http;

impl Schemes for Http {
    const ALLOWED: &'static [&'static str] = &["http", "https"];
    const EXPECTED: &'static str = "una URL http:// o https://, sin usuario, parámetros ni fragmento";
}

/// `https` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Https;

impl Schemes for Https {
    const ALLOWED: &'static [&'static str] = &["https"];
    const EXPECTED: &'static str = "una URL https://, sin usuario, parámetros ni fragmento";
}

/// The address of another service, from a variable: a scheme of `S`, a host, and a path if need be.
///
/// It has no user, no password, no parameters and no fragment, so it can be shown (`config check`, a record): a credential belongs in a
/// [`Secret`](standards_core::settings::Secret) of its own. What is wrong is told without the text, as of every setting.
///
/// ```
/// use standards_axum::core::settings::Environment;
/// use standards_axum::core::settings;
/// use standards_axum::url::{Https, Url};
///
/// settings! {
///     /// The services that this one calls.
///     pub struct Vecinos {
///         /// Where the payment service is.
///         pagos: Url = "PAGOS_URL", otherwise "http://127.0.0.1:8000";
///         /// Where fraud is asked about.
///         fraude: Option<Url<Https>> = "FRAUDE_URL", optional;
///     }
/// }
///
/// let vecinos: Vecinos = Environment::from_pairs([("PAGOS_URL", "http://pagos:8000/interno/")]).settings()?;
/// assert_eq!(vecinos.pagos.join("/api/v1/pagos"), "http://pagos:8000/interno/api/v1/pagos");
///
/// let with = |url| Environment::from_pairs([("FRAUDE_URL", url)]).settings::<Vecinos>().unwrap_err().to_string();
/// assert_eq!(with("http://fraude"), "FRAUDE_URL: debe ser una URL https://, sin usuario, parámetros ni fragmento");
/// assert_eq!(with("https://ana:hunter2@fraude"), "FRAUDE_URL: no puede llevar usuario ni clave: van en variables propias");
/// # Ok::<(), settings::Problems>(())
/// ```
pub struct Url<S = Http> {
    uri: Uri,
    schemes: PhantomData<fn() -> S>,
}

impl<S> Url<S> {
    /// The address as clients take it.
    #[must_use]
    pub const fn as_uri(&self) -> &Uri {
        &self.uri
    }

    /// The address of `path` beneath this one, with one `/` between them.
    ///
    /// ```
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::url::Url;
    ///
    /// let pagos: Url = Url::parse("http://pagos:8000").unwrap();
    /// assert_eq!(pagos.join("pagos?limit=10"), "http://pagos:8000/pagos?limit=10");
    /// ```
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        let base = self.uri.to_string();
        format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
    }
}

impl<S: Schemes> SettingValue for Url<S> {
    const EXPECTED: &'static str = S::EXPECTED;

    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let scheme = uri.scheme_str().is_some_and(|scheme| S::ALLOWED.iter().any(|allowed| allowed.eq_ignore_ascii_case(scheme)));
        // A fragment is dropped where it is read, and a port that is none is no port.
        let right = scheme && has_host(&uri) && !has_credentials(text) && !text.contains(['?', '#']);
        right.then_some(Self { uri, schemes: PhantomData })
    }

    /// Says of credentials where they belong.
    fn refusal(text: &str) -> String {
        if has_credentials(text) {
            return "no puede llevar usuario ni clave: van en variables propias".to_owned();
        }
        format!("debe ser {}", Self::EXPECTED)
    }
}

/// A host, and a port that is one if there is any.
fn has_host(uri: &Uri) -> bool {
    uri.authority().is_some_and(|authority| {
        let (host, all) = (authority.host(), authority.as_str());
        !host.is_empty() && (all.len() == host.len() || authority.port_u16().is_some_and(|port| port > 0))
    })
}

/// Whether something stands before the host, be it of an address that can be read or not.
fn has_credentials(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    after_scheme.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

impl From<Url<Https>> for Url<Http> {
    fn from(url: Url<Https>) -> Self {
        Self { uri: url.uri, schemes: PhantomData }
    }
}

impl<S> Clone for Url<S> {
    fn clone(&self) -> Self {
        Self { uri: self.uri.clone(), schemes: PhantomData }
    }
}

impl<S> PartialEq for Url<S> {
    fn eq(&self, other: &Self) -> bool {
        self.uri == other.uri
    }
}

impl<S> Eq for Url<S> {}

impl<S> fmt::Debug for Url<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uri, f)
    }
}

impl<S> fmt::Display for Url<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uri, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_may_have_a_port_and_a_path() {
        for text in ["http://a", "https://a.cl/", "HTTP://A.cl:8080/x/y", "http://[::1]:80", "http://127.0.0.1:65535/%20"] {
            assert!(Url::<Http>::parse(text).is_some(), "{text}");
        }
    }

    const REFUSED: &[&str] = &[
        "",
        " ",
        "a.cl",
        "/x",
        "http:",
        "http://",
        "http:///x",
        "http://:80",
        "http://a:",
        "http://a:x",
        "http://a:0",
        "http://a:65536",
        "http://a b",
        "http://a\n",
        "ftp://a",
        "http:a",
        "http://a?x=1",
        "http://a/#x",
        "http://u@a",
        "http://u:p@a/x",
        "//a",
        "http://a/ñ b",
    ];

    #[test]
    fn what_is_no_such_address_is_refused() {
        for text in REFUSED {
            assert_eq!(Url::<Http>::parse(text), None, "{text:?}");
        }
        assert_eq!(Url::<Https>::parse("http://a"), None);
    }

    #[test]
    fn credentials_are_told_apart_and_an_at_sign_in_a_path_is_none() {
        for text in ["http://u:p@a", "ftp://u@a", "u:p@a", "http://u:p@"] {
            assert_eq!(Url::<Http>::refusal(text), "no puede llevar usuario ni clave: van en variables propias", "{text}");
        }
        assert!(Url::<Http>::refusal("http://").starts_with("debe ser una URL http://"));
        assert_eq!(Url::<Http>::parse("http://a/@x").unwrap().to_string(), "http://a/@x");
    }

    #[test]
    fn a_path_is_joined_by_one_slash() {
        for (base, path) in [("http://a", "b"), ("http://a/", "/b"), ("http://a", "/b"), ("http://a/", "b")] {
            assert_eq!(Url::<Http>::parse(base).unwrap().join(path), "http://a/b");
        }
    }
}
