//! Whether and how connections are encrypted.

use std::fs::{self, File};
use std::io::Read as _;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::DatabaseUrlError;
use super::parameters::Parameters;

const MODES: &str = "debe ser disable, prefer, require, verify-ca o verify-full";
const FILE: &str = "debe nombrar un archivo PEM que se pueda leer";
/// More than any chain of certificates takes.
const LARGEST: u64 = 1 << 20;

/// What a URL says about encryption. `None` leaves it to the server (`prefer`).
pub(super) struct Tls(Option<PgSslMode>);

impl Tls {
    /// Reads the parameters and looks whether their files can be read: what is wrong with them would else show as a server that is not
    /// there.
    pub(super) fn read(parameters: &Parameters) -> Result<Self, DatabaseUrlError> {
        let mode = mode(parameters)?;
        for (name, marker) in [
            ("sslrootcert", "-----BEGIN CERTIFICATE-----"),
            ("sslcert", "-----BEGIN CERTIFICATE-----"),
            ("sslkey", "PRIVATE KEY-----"),
        ] {
            parameters.parse(name, FILE, |path| holds(path, marker))?;
        }
        match (parameters.get("sslcert"), parameters.get("sslkey")) {
            (Some(_), None) => return Err(parameters.refusal("sslcert", "va junto con sslkey")),
            (None, Some(_)) => return Err(parameters.refusal("sslkey", "va junto con sslcert")),
            _ => {}
        }
        Ok(Self(checked(mode, parameters)?))
    }

    /// The same options with what was read.
    pub(super) fn secure(
        &self,
        mut session: PgConnectOptions,
        parameters: &Parameters,
        is_socket: bool,
    ) -> Result<PgConnectOptions, DatabaseUrlError> {
        if is_socket && self.encrypts() {
            return Err(parameters.refusal(named(parameters), "no vale para un socket local, que no se cifra"));
        }
        session = session.ssl_mode(self.0.unwrap_or(PgSslMode::Prefer));
        if let Some(path) = parameters.get("sslrootcert") {
            session = session.ssl_root_cert(path);
        }
        if let (Some(certificate), Some(key)) = (parameters.get("sslcert"), parameters.get("sslkey")) {
            session = session.ssl_client_cert(certificate).ssl_client_key(key);
        }
        Ok(session)
    }

    fn encrypts(&self) -> bool {
        matches!(self.0, Some(PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull))
    }
}

/// `sslmode`, and `ssl`, which is libpq's and JDBC's `true` or asyncpg's name for it.
fn mode(parameters: &Parameters) -> Result<Option<PgSslMode>, DatabaseUrlError> {
    let ssl = parameters.parse("ssl", "debe ser true; para no cifrar escriba sslmode=disable", |text| match text {
        "true" | "1" => Some(PgSslMode::Require),
        _ => read(text),
    })?;
    let mode = parameters.parse("sslmode", MODES, read)?;
    match (ssl, mode) {
        (Some(_), Some(mode)) if Tls(Some(mode)).encrypts() => Ok(Some(mode)),
        (Some(_), Some(_)) => Err(parameters.refusal("ssl", "contradice a sslmode")),
        (ssl, mode) => Ok(mode.or(ssl)),
    }
}

/// The driver does not do `allow`: it would not encrypt where the server wants it.
fn read(text: &str) -> Option<PgSslMode> {
    text.parse().ok().filter(|mode| !matches!(mode, PgSslMode::Allow))
}

/// As in libpq, `require` with a certificate of an authority verifies; the driver would not.
fn checked(mode: Option<PgSslMode>, parameters: &Parameters) -> Result<Option<PgSslMode>, DatabaseUrlError> {
    if matches!(mode, Some(PgSslMode::Disable)) && parameters.get("sslcert").is_some() {
        return Err(parameters.refusal("sslcert", "no va junto con sslmode=disable"));
    }
    if matches!(mode, Some(PgSslMode::VerifyFull)) && parameters.get("hostaddr").and(parameters.get("host")).is_some() {
        return Err(parameters.refusal("hostaddr", "no va junto con host y sslmode=verify-full"));
    }
    match mode {
        _ if parameters.get("sslrootcert").is_none() => Ok(mode),
        Some(PgSslMode::Require) => Ok(Some(PgSslMode::VerifyCa)),
        Some(PgSslMode::VerifyCa | PgSslMode::VerifyFull) => Ok(mode),
        _ => Err(parameters.refusal("sslrootcert", "necesita sslmode=verify-full o verify-ca")),
    }
}

fn named(parameters: &Parameters) -> &'static str {
    if parameters.get("sslmode").is_some() { "sslmode" } else { "ssl" }
}

/// Whether the file at `path` is a regular one, not too large, and has this in it.
fn holds(path: &str, marker: &str) -> Option<()> {
    let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() <= LARGEST)?;
    let mut text = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
    File::open(path).ok()?.take(LARGEST).read_to_end(&mut text).ok()?;
    String::from_utf8_lossy(&text).contains(marker).then_some(())
}
