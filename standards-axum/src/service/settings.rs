//! What every service is configured with (contract section 6).

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use standards_core::log::{LevelFilters, LogFormat, Redaction};
use standards_core::settings::{AppEnv, SettingValue};

use super::{AllowedHosts, front};
use crate::collector::{CollectorHeaders, SamplingRatio, TraceSampler};
use crate::forwarded::TrustedProxies;
use crate::layers::Rate;
use crate::url::Url;

standards_core::settings! {
    /// The settings of the server and of the log around any service.
    ///
    /// Each has a default, so an empty environment is enough. A service's own settings take it in: `..standard: StandardSettings;`.
    ///
    /// ```
    /// use standards_axum::StandardSettings;
    /// use standards_axum::core::settings::{Environment, Settings};
    ///
    /// let settings: StandardSettings = Environment::default().settings()?;
    /// assert_eq!(settings.address().to_string(), "127.0.0.1:8000");
    /// assert_eq!(settings.max_body_bytes.get(), 16_384);
    ///
    /// let variables = StandardSettings::variables();
    /// assert!(variables.iter().any(|variable| variable.name == "REQUEST_TIMEOUT_MS"));
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    pub struct StandardSettings {
        /// Where the service runs: `development`, `staging` or `production`.
        app_env: AppEnv = "APP_ENV", otherwise "development";
        /// Address to listen on.
        host: IpAddr = "HOST", otherwise "127.0.0.1";
        /// Port to listen on; 0 takes any free one.
        port: u16 = "PORT", otherwise "8000";
        /// Title of the API; the service's name when unset.
        project_name: Option<String> = "PROJECT_NAME", optional;
        /// Version of the API; the service's version when unset.
        version: Option<String> = "VERSION", optional;
        /// Prefix of the API's routes.
        api_v1_str: ApiPrefix = "API_V1_STR", otherwise "/api/v1";
        /// `artifact` of every log record; the crate's name when unset.
        service_name: Option<String> = "SERVICE_NAME", optional;
        /// `version` of every log record; the crate's version when unset.
        service_version: Option<String> = "SERVICE_VERSION", optional;
        /// Lowest level logged, or a filter per module (`info,sqlx=warn`).
        log_level: LevelFilters = "LOG_LEVEL", otherwise "INFO";
        /// Form of a log record: `json`, `ecs` or `pretty`.
        log_format: LogFormat = "LOG_FORMAT", otherwise "json";
        /// Names of fields that the log masks beside those of the standard, separated by commas; `-nombre_producto` shows one.
        log_redaction: Redaction = "LOG_DENIED_NAMES", otherwise "";
        /// Origins that browsers may call from, separated by commas or as a JSON list; `*` allows any, without credentials.
        allowed_hosts: AllowedHosts = "ALLOWED_HOSTS", otherwise "";
        /// Milliseconds in which a request must be answered, its body's arrival included.
        request_timeout: Duration = "REQUEST_TIMEOUT_MS", otherwise "10000";
        /// Largest request body in bytes.
        max_body_bytes: NonZeroUsize = "MAX_BODY_BYTES", otherwise "16384";
        /// Requests in flight at most; those beyond it are refused at once.
        max_in_flight: NonZeroUsize = "MAX_IN_FLIGHT", otherwise "1024";
        /// Connections at once; the kernel holds those beyond until there is a place.
        max_connections: ConnectionCount = "MAX_CONNECTIONS", otherwise "10000";
        /// Requests a second that each subject may make, or without a token each address, and how many at once (`50/100`); unset: any number.
        rate_limit: Option<Rate> = "RATE_LIMIT", optional;
        /// Networks of proxies whose `X-Forwarded-*` count, separated by commas or as a JSON list (`10.0.0.0/8,::1`).
        trusted_proxies: TrustedProxies = "TRUSTED_PROXIES", otherwise "";
        /// Second address, for operators (`127.0.0.1:9000`): `/metrics` and `/admin`; one that is no loopback address asks for a token with the scope `admin`. Unset: no `/admin`.
        admin_addr: Option<SocketAddr> = "ADMIN_ADDR", optional;
        /// Collector that spans are exported to, by OTLP over HTTP (`http://collector:4318`); unset: none are (builds with the feature `otel`).
        otel_endpoint: Option<Url> = "OTEL_EXPORTER_OTLP_ENDPOINT", optional;
        /// Headers for the collector, `name=value` separated by commas.
        otel_headers: Option<CollectorHeaders> = "OTEL_EXPORTER_OTLP_HEADERS", optional;
        /// Traces that are recorded: `always_on`, `always_off` or `traceidratio`; after `parentbased_` only of those that no caller has decided about.
        otel_sampler: TraceSampler = "OTEL_TRACES_SAMPLER", otherwise "parentbased_always_on";
        /// Part of the traces that a sampler by ratio records: 0 to 1; unset: all.
        otel_sampler_arg: Option<SamplingRatio> = "OTEL_TRACES_SAMPLER_ARG", optional;
        /// PEM file of the certificate and those that vouch for it, read again when it changes; unset: no TLS (builds with the feature `tls`).
        tls_cert: Option<String> = "TLS_CERT", optional;
        /// PEM file of the certificate's private key.
        tls_key: Option<String> = "TLS_KEY", optional;
        /// Milliseconds that requests in flight have to finish once the service is told to stop.
        shutdown_grace: Duration = "SHUTDOWN_GRACE_MS", otherwise "10000";
        /// Serve `/_fault/panic` and `/_fault/error` beneath `API_V1_STR`, which fail on purpose and ask for no token, for `standards-check`; only with `APP_ENV=development`.
        fault_route: bool = "FAULT_ROUTE", otherwise "false";
    }
    check front::check;
}

impl StandardSettings {
    /// The address to listen on.
    ///
    /// ```
    /// use standards_axum::StandardSettings;
    /// use standards_axum::core::settings::Environment;
    ///
    /// let settings: StandardSettings = Environment::from_pairs([("HOST", "::1"), ("PORT", "0")]).settings()?;
    /// assert_eq!(settings.address().to_string(), "[::1]:0");
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// A service without settings of its own is configured with these.
impl AsRef<Self> for StandardSettings {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// A path under which routes are nested: `/api/v1`.
///
/// It begins with a slash, ends without one, and has no parameters.
///
/// ```
/// use standards_axum::ApiPrefix;
/// use standards_axum::core::settings::SettingValue;
///
/// assert_eq!(ApiPrefix::parse("/api/v1").unwrap().as_str(), "/api/v1");
/// assert_eq!(ApiPrefix::parse("/api/v1/"), None);
/// assert_eq!(ApiPrefix::parse("/{tenant}"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPrefix(String);

impl ApiPrefix {
    /// The path, with its leading slash and no other at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for ApiPrefix {
    const EXPECTED: &'static str = "una ruta como /api/v1";

    fn parse(text: &str) -> Option<Self> {
        let segments = text.strip_prefix('/')?.split('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let well_formed = segments.clone().all(|segment| !segment.is_empty() && segment.bytes().all(plain));
        well_formed.then(|| Self(text.to_owned()))
    }
}

/// A number of connections: 1 to 1000000.
///
/// ```
/// use standards_axum::ConnectionCount;
/// use standards_axum::core::settings::SettingValue;
///
/// assert_eq!(ConnectionCount::parse("10000").map(ConnectionCount::get), Some(10_000));
/// assert_eq!(ConnectionCount::parse("0"), None);
/// ```
///
/// A connection is a descriptor: the process's limit of those (`ulimit -n`) has to lie above it. A service that is full says so in a
/// record, at most once a second, and the kernel keeps what comes meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionCount(usize);

impl ConnectionCount {
    /// The number.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

impl SettingValue for ConnectionCount {
    const EXPECTED: &'static str = "un entero de 1 a 1000000";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| (1..=1_000_000).contains(count)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standards_core::settings::Environment;

    #[test]
    fn an_empty_environment_is_enough() {
        let settings: StandardSettings = Environment::default().settings().unwrap();
        assert_eq!(settings.address().to_string(), "127.0.0.1:8000");
        assert_eq!(settings.api_v1_str.as_str(), "/api/v1");
        assert_eq!(settings.max_connections.get(), 10_000);
    }

    #[test]
    fn connections_are_counted_in_whole_numbers() {
        assert_eq!(ConnectionCount::parse("1000000").map(ConnectionCount::get), Some(1_000_000));
        for text in ["", "0", "-1", "1000001", "1e3", "1.5", " 1", "99999999999999999999"] {
            assert_eq!(ConnectionCount::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_is_a_plain_path() {
        for text in ["", "/", "api", "/api/", "//api", "/{x}", "/a b", "/api/*rest"] {
            assert_eq!(ApiPrefix::parse(text), None, "{text:?}");
        }
    }
}
