//! The service's settings (contract section 6).

use std::num::NonZeroU32;
use std::time::Duration;

use standards_axum::StandardSettings;
use standards_axum::auth::AuthSettings;
use standards_core::cache::redis::CacheSettings;
use standards_core::idempotency::IdempotencySettings;
use standards_core::settings;
use standards_core::settings::{AppEnv, Environment, SettingValue};

use crate::database::{DatabaseOptions, DatabaseUrl};

settings! {
    /// Where the database is and how it is used.
    pub struct DatabaseSettings {
        /// The database: `sqlite://<file>?mode=rwc` or `postgres://<user>:<password>@<host>/<database>`.
        url: DatabaseUrl = "DATABASE_URL", otherwise "sqlite://pagos.db?mode=rwc";
        /// Apply pending migrations when the service starts; `false` refuses to serve while any is pending.
        migrate_on_start: bool = "MIGRATE_ON_START", otherwise "true";
        /// Connections at most.
        pool_size: PoolSize = "DATABASE_POOL_SIZE", otherwise "10";
        /// Milliseconds that a request waits for a free connection.
        acquire_timeout: Duration = "DATABASE_ACQUIRE_TIMEOUT_MS", otherwise "1000";
        /// Milliseconds that the database may work on one statement (PostgreSQL).
        statement_timeout: Duration = "DATABASE_STATEMENT_TIMEOUT_MS", otherwise "2000";
    }
}

settings! {
    /// How requests with an `Idempotency-Key` are treated.
    pub struct KeySettings {
        ..outcomes: IdempotencySettings;
        /// Refuse the operations that move money when they carry no `Idempotency-Key`.
        required: bool = "IDEMPOTENCY_REQUIRED", otherwise "false";
    }
}

settings! {
    /// What is kept of what was read.
    pub struct KeptSettings {
        ..shared: CacheSettings;
        /// Seconds that a pago that was read is kept; one that can still be annulled 5 at most. 0 keeps none, and reads each time.
        ttl: CacheTtl = "CACHE_TTL_SECONDS", otherwise "3600";
    }
}

settings! {
    /// Everything that the service is configured with.
    pub struct ServiceSettings {
        ..standard: StandardSettings;
        ..auth: AuthSettings;
        ..database: DatabaseSettings;
        ..keys: KeySettings;
        ..kept: KeptSettings;
    }
    check check;
}

/// A number of connections: 1 to 1000.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize(NonZeroU32);

/// A time in whole seconds: up to a day.
#[derive(Clone, Copy, Debug)]
pub struct CacheTtl(Duration);

/// The rule that no variable can be judged by alone. It holds whatever else is wrong, so that every problem is told at once.
fn check(environment: &mut Environment) {
    let production = environment.get("APP_ENV").and_then(AppEnv::parse) == Some(AppEnv::Production);
    if production && environment.get("DATABASE_URL").is_none() {
        environment.note("DATABASE_URL", "es obligatoria con APP_ENV=production");
    }
}

impl DatabaseSettings {
    /// The limits of the connections.
    #[must_use]
    pub const fn options(&self) -> DatabaseOptions {
        DatabaseOptions {
            pool_size: self.pool_size.0.get(),
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
            shorter_ways: true,
        }
    }
}

impl SettingValue for PoolSize {
    const EXPECTED: &'static str = "un entero de 1 a 1000";

    fn parse(text: &str) -> Option<Self> {
        let size: NonZeroU32 = text.parse().ok()?;
        (size.get() <= 1000).then_some(Self(size))
    }
}

impl From<CacheTtl> for Duration {
    fn from(ttl: CacheTtl) -> Self {
        ttl.0
    }
}

impl SettingValue for CacheTtl {
    const EXPECTED: &'static str = "un entero de 0 a 86400";

    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: u64 = text.parse().ok().filter(|seconds| digits && *seconds <= 86_400)?;
        Some(Self(Duration::from_secs(seconds)))
    }
}

impl SettingValue for DatabaseUrl {
    const EXPECTED: &'static str =
        "una URL sqlite://<archivo>?mode=rwc o postgres://<usuario>@<host>/<base>, sin base en memoria";
    // It may hold a password.
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// Names the parameter that cannot be honoured.
    fn refusal(text: &str) -> String {
        text.parse::<Self>().err().map_or_else(|| format!("debe ser {}", Self::EXPECTED), |error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(pairs: &[(&str, &str)]) -> String {
        Environment::from_pairs(pairs.iter().copied()).settings::<ServiceSettings>().unwrap_err().to_string()
    }

    #[test]
    fn an_empty_environment_runs_the_guideline_service() {
        let settings: ServiceSettings = Environment::default().settings().unwrap();
        assert_eq!(settings.standard.address().to_string(), "127.0.0.1:8000");
        assert!(settings.database.migrate_on_start);
    }

    #[test]
    fn without_authentication_only_loopback_is_listened_on() {
        assert!(problems(&[("HOST", "0.0.0.0")]).starts_with("HOST: debe ser una dirección de loopback"));
    }

    #[test]
    fn production_names_its_key_and_its_database() {
        let key = "SECRET_KEY: es obligatoria con APP_ENV=production, o JWKS_URL en su lugar";
        let database = "DATABASE_URL: es obligatoria con APP_ENV=production";
        assert_eq!(problems(&[("APP_ENV", "production")]), format!("{key}; {database}"));
    }

    #[test]
    fn a_parameter_that_cannot_be_honoured_is_named() {
        let shown = problems(&[("DATABASE_URL", "postgres://u:secreto@db/x?channel_binding=require")]);
        assert_eq!(shown, "DATABASE_URL: el parámetro channel_binding no puede ser require: no se admite el enlace de canal");
    }

    #[test]
    fn the_time_of_what_is_kept_is_up_to_a_day() {
        assert_eq!(CacheTtl::parse("86400").map(|ttl| ttl.0), Some(Duration::from_secs(86_400)));
        assert_eq!(CacheTtl::parse("0").map(|ttl| ttl.0), Some(Duration::ZERO));
        for text in ["", "-1", "+1", "86401", "1.5", "1e3", " 1", "99999999999999999999"] {
            assert!(CacheTtl::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn every_bad_variable_is_named_and_no_value_is_shown() {
        let url = "mysql://u:secreto@h/d";
        let shown = problems(&[("PORT", "abc"), ("ALLOWED_HOSTS", "[x"), ("DATABASE_URL", url), ("HOST", "0.0.0.0")]);
        for variable in ["PORT: ", "ALLOWED_HOSTS: ", "DATABASE_URL: ", "HOST: "] {
            assert!(shown.contains(variable), "{shown}");
        }
        assert!(!shown.contains("secreto"), "{shown}");
    }
}
