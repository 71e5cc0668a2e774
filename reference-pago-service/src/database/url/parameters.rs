//! The parameters of a PostgreSQL URL: libpq's, and the names that other drivers have for them.

use std::collections::BTreeMap;

use super::DatabaseUrlError;
use super::text::{pairs, unknown};

/// What a URL asks for beside where the database is.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<&'static str, Given>);

#[derive(Debug)]
struct Given {
    /// As whoever wrote it calls it.
    shown: String,
    value: String,
}

/// Those that are honoured.
const HONOURED: [&str; 19] = [
    "application_name",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "schema",
    "search_path",
    "ssl",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "target_session_attrs",
    "user",
];

/// Other names for them: sqlx's, JDBC's. Capitals count for nothing.
const ALIASES: [(&str, &str); 8] = [
    ("ssl-mode", "sslmode"),
    ("ssl-root-cert", "sslrootcert"),
    ("ssl-ca", "sslrootcert"),
    ("ssl-cert", "sslcert"),
    ("ssl-key", "sslkey"),
    ("currentschema", "search_path"),
    ("applicationname", "application_name"),
    ("connecttimeout", "connect_timeout"),
];

/// Those of which only a value is taken that asks for what is done anyway.
const ONLY: [(&str, &[&str], &str); 14] = [
    ("channel_binding", &["disable", "prefer"], "no puede ser require: no se admite el enlace de canal"),
    ("client_encoding", &["utf8", "utf-8"], "solo puede ser UTF8"),
    ("gssencmode", &["disable", "prefer"], "no puede ser require: no se admite GSSAPI"),
    ("keepalives", &["0"], "no se admite"),
    ("load_balance_hosts", &["disable"], "solo puede ser disable"),
    ("replication", &["false", "off", "no", "0"], "no se admite"),
    ("requiressl", &["0"], "no se admite: escriba sslmode=require"),
    ("ssl_min_protocol_version", &["tlsv1", "tlsv1.1", "tlsv1.2"], "no puede exigir más que TLSv1.2"),
    ("ssl_max_protocol_version", &["tlsv1.3"], "solo puede ser TLSv1.3"),
    ("sslcertmode", &["allow"], "solo puede ser allow"),
    ("sslcompression", &["0"], "solo puede ser 0"),
    ("sslnegotiation", &["postgres"], "solo puede ser postgres"),
    ("sslsni", &["1"], "solo puede ser 1"),
    ("tcp_user_timeout", &["0"], "no se admite"),
];

/// Those that cannot be honoured.
const REFUSED: [(&str, &str); 17] = [
    ("gssdelegation", "no se admite"),
    ("gsslib", "no se admite"),
    ("keepalives_count", "no se admite"),
    ("keepalives_idle", "no se admite"),
    ("keepalives_interval", "no se admite"),
    ("krbsrvname", "no se admite"),
    ("passfile", "no se admite: nombre el archivo en la variable PGPASSFILE"),
    ("require_auth", "no se admite"),
    ("requirepeer", "no se admite"),
    ("service", "no se admite: escriba en la URL lo que dice el servicio"),
    ("servicefile", "no se admite"),
    ("sslcrl", "no se admite"),
    ("sslcrldir", "no se admite"),
    ("sslfactory", "no se admite: use sslmode y sslrootcert"),
    ("sslpassword", "no se admite: la clave debe estar sin cifrar"),
    ("sslrootcertificate", "no se admite: escriba sslrootcert"),
    ("pgbouncer", "no se admite: conéctese al servidor mismo"),
];

/// Variables that stand in for what a URL does not say. The others that there are (`PGHOST`, `PGUSER`, `PGPASSWORD`, `PGPASSFILE`,
/// ...) are the driver's.
const VARIABLES: [(&str, &str); 16] = [
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
];

impl Parameters {
    /// Those of a query, and below them libpq's variables.
    pub(super) fn read(query: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, DatabaseUrlError> {
        let mut parameters = Self::default();
        for pair in pairs(query) {
            let (name, value) = pair?;
            match option_of(&name) {
                Some(setting) => parameters.add_option(setting, &value),
                None => parameters.add(canonical(&name).ok_or_else(|| unknown(&name, query))?, name, value)?,
            }
        }
        for (variable, name) in VARIABLES {
            let value = environment(variable).filter(|value| !value.is_empty() && !parameters.has(name));
            if let Some(value) = value {
                parameters.add(name, variable.to_owned(), value)?;
            }
        }
        Ok(parameters)
    }

    fn add(&mut self, name: &'static str, shown: String, value: String) -> Result<(), DatabaseUrlError> {
        let refused = |reason| Err(DatabaseUrlError::Parameter { name: shown.clone(), reason });
        if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            return refused(reason);
        }
        if let Some((_, values, reason)) = ONLY.iter().find(|(only, ..)| *only == name) {
            return if values.contains(&value.to_ascii_lowercase().as_str()) { Ok(()) } else { refused(reason) };
        }
        if self.has(name) {
            return refused("está dos veces");
        }
        self.0.insert(name, Given { shown, value });
        Ok(())
    }

    /// sqlx's `options[name]=value`.
    fn add_option(&mut self, setting: &str, value: &str) {
        let escaped = value.replace('\\', r"\\").replace(' ', r"\ ");
        let given = self.0.entry("options").or_insert_with(|| Given { shown: "options".to_owned(), value: String::new() });
        given.value = format!("{} -c {setting}={escaped}", given.value).trim_start().to_owned();
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|given| given.value.as_str())
    }

    /// What is wrong with a parameter, by the name that it was given.
    pub(super) fn refusal(&self, name: &str, reason: &'static str) -> DatabaseUrlError {
        let shown = self.0.get(name).map_or(name, |given| &given.shown);
        DatabaseUrlError::Parameter { name: shown.to_owned(), reason }
    }

    /// What `read` makes of a parameter, where it is given.
    pub(super) fn parse<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, DatabaseUrlError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.refusal(name, expected))
    }
}

/// What a parameter is called here, however it is written.
fn canonical(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, name)| *name);
    let only = ONLY.iter().map(|(only, ..)| *only);
    let mut known = HONOURED.into_iter().chain(only).chain(REFUSED.iter().map(|(refused, _)| *refused));
    alias.or_else(|| known.find(|known| *known == name))
}

/// The setting of the server in `options[setting]`.
fn option_of(name: &str) -> Option<&str> {
    let setting = name.strip_prefix("options[")?.strip_suffix(']')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    (!setting.is_empty() && setting.bytes().all(is_name)).then_some(setting)
}
