//! Settings as they are shown to whoever operates a service.

use serde::Serialize;

/// A variable, its value and where that comes from; see [`Environment::listed`](super::Environment::listed).
///
/// ```
/// use standards_core::settings::{ListedSetting, Source};
///
/// let port = ListedSetting { name: "PORT", value: Some("8000".to_owned()), source: Source::Default };
/// assert_eq!(serde_json::to_string(&port)?, r#"{"name":"PORT","value":"8000","source":"default"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedSetting {
    /// The variable's name.
    pub name: &'static str,
    /// Its text; `None` for a secret, set or not, and for what is not set and has no default.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// Where a setting's value comes from: `environment`, `file` or `default`.
///
/// ```
/// use standards_core::settings::{Environment, Settings, Source};
///
/// standards_core::settings! {
///     /// Where it listens.
///     pub struct Listen {
///         /// Port of the service.
///         port: u16 = "PORT", otherwise "8000";
///     }
/// }
///
/// let port = Listen::variables()[0];
/// assert_eq!(Environment::default().listed(&port).source, Source::Default);
/// assert_eq!(Environment::from_pairs([("PORT", "80")]).listed(&port).source, Source::Environment);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A variable of the process.
    Environment,
    /// The `.env` file.
    File,
    /// Neither: the default, where there is one.
    Default,
}
