//! What stands before a service, as its settings say.
//!
//! The settings are read by what each variable says alone; that a certificate needs a key is a rule about two of them, so it is checked
//! beside (`check front::check`). The files are read once more here, when the service is about to run: what they hold is no matter of
//! reading settings, and `config check` prints on a machine that has none of them.

use std::net::{IpAddr, SocketAddr};

use standards_core::settings::{AppEnv, Environment, Problem, SettingValue};

use super::StandardSettings;
use crate::server::{Limits, Security};

impl StandardSettings {
    /// The limits of its connections.
    pub(super) fn limits(&self) -> Limits {
        Limits { connections: self.max_connections.get(), ..Limits::default() }
    }

    /// Whether it speaks TLS, and with what.
    pub(super) fn security(&self) -> Result<Security, Problem> {
        match pair(self.tls_cert.as_deref(), self.tls_key.as_deref())? {
            Some((certificate, key)) => tls(certificate, key),
            None => Ok(Security::Plain),
        }
    }
}

/// The rules that no variable can be judged by alone.
pub(super) fn check(environment: &mut Environment) {
    if is_one_address(environment) {
        environment.note("ADMIN_ADDR", "debe ser otra dirección que la de HOST y PORT");
    }
    if is_refused_fault(environment) {
        environment.note("FAULT_ROUTE", "solo puede ser true con APP_ENV=development");
    }
    if let Err(Problem { variable, reason }) = pair(environment.get("TLS_CERT"), environment.get("TLS_KEY")) {
        environment.note(&variable, reason);
    }
}

/// Whether something would fail on purpose where others than developers call. An `APP_ENV` that is none is a problem of its own.
fn is_refused_fault(environment: &Environment) -> bool {
    let elsewhere = environment.get("APP_ENV").and_then(AppEnv::parse).is_some_and(|env| env != AppEnv::Development);
    elsewhere && environment.get("FAULT_ROUTE").and_then(bool::parse) == Some(true)
}

/// Whether operators would be served on the service's own port.
fn is_one_address(environment: &Environment) -> bool {
    let read = |name, default| environment.get(name).unwrap_or(default).to_owned();
    let main = IpAddr::parse(&read("HOST", "127.0.0.1")).zip(u16::parse(&read("PORT", "8000")));
    let admin = environment.get("ADMIN_ADDR").and_then(SocketAddr::parse);
    main.zip(admin).is_some_and(|((host, port), admin)| {
        let overlap = host == admin.ip() || host.is_unspecified() || admin.ip().is_unspecified();
        port != 0 && port == admin.port() && overlap
    })
}

/// Both of the files, or neither; in a build without TLS neither.
fn pair<'a>(certificate: Option<&'a str>, key: Option<&'a str>) -> Result<Option<(&'a str, &'a str)>, Problem> {
    match (certificate, key) {
        (None, None) => Ok(None),
        // A service that is told to encrypt and cannot must not serve at all.
        _ if !cfg!(feature = "tls") => {
            Err(problem("TLS_CERT", "no se puede usar: el programa se compiló sin la característica tls"))
        }
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (Some(_), None) => Err(problem("TLS_KEY", "es obligatoria con TLS_CERT")),
        (None, Some(_)) => Err(problem("TLS_CERT", "es obligatoria con TLS_KEY")),
    }
}

#[cfg(feature = "tls")]
fn tls(certificate: &str, key: &str) -> Result<Security, Problem> {
    use crate::server::{KeyPair, Tls};

    let files = KeyPair { certificate: certificate.into(), key: key.into() };
    match Tls::load(files) {
        Ok(tls) => Ok(Security::Tls(std::sync::Arc::new(tls))),
        Err(error) => Err(problem("TLS_CERT", &format!("no se puede usar con TLS_KEY: {error}"))),
    }
}

/// Never asked for: see [`pair`].
#[cfg(not(feature = "tls"))]
const fn tls(_certificate: &str, _key: &str) -> Result<Security, Problem> {
    Ok(Security::Plain)
}

fn problem(variable: &str, reason: &str) -> Problem {
    Problem { variable: variable.to_owned(), reason: reason.to_owned() }
}
