//! PostgreSQL's form, as libpq reads it: `postgres://[user[:password]@][host[:port],...][/database][?name=value&...]`.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::postgres::PgConnectOptions;

use super::DatabaseUrlError;
use super::host::{FORM, Host, read_port};
use super::parameters::Parameters;
use super::text::decoded;
use super::tls::Tls;
use crate::database::servers::{Servers, Wanted};

const PORT: &str = "debe ser un puerto de 1 a 65535, uno para todos los hosts o uno para cada uno";
const HOSTS: &str = "no puede tener hosts vacíos o con espacios, más de ocho, ni otro número de ellos en host o hostaddr";
/// As many servers as a URL may name.
const MOST: usize = 8;

/// Settings of the session that are the service's own, or have a variable.
const OWN: [&str; 6] =
    ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "plan_cache_mode", "enable_seqscan", "jit"];

/// What stands before the query.
struct Address {
    user: Option<String>,
    password: Option<String>,
    hosts: Vec<Host>,
    database: Option<String>,
}

/// Reads what follows `postgres:`.
pub(super) fn read(rest: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Servers, DatabaseUrlError> {
    let rest = rest.strip_prefix("//").ok_or(FORM)?;
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut address, parameters) = (Address::read(address)?, Parameters::read(query, environment)?);
    address.take_over(&parameters)?;
    if address.hosts.iter().any(|host| host.port.is_none())
        && environment("PGPORT").is_some_and(|port| read_port(&port).is_none())
    {
        return Err(DatabaseUrlError::Parameter { name: "PGPORT".to_owned(), reason: PORT });
    }
    let tls = Tls::read(&parameters)?;
    let hosts = address.hosts.iter().map(|host| session(&address, host, &parameters, &tls)).collect::<Result<_, _>>()?;
    let limit = parameters.parse("connect_timeout", "debe ser un número de segundos de 0 a 3600", seconds)?.flatten();
    Ok(Servers::new(hosts, limit, wanted(&parameters)?))
}

impl Address {
    fn read(text: &str) -> Result<Self, DatabaseUrlError> {
        let (authority, database) = text.split_once('/').unwrap_or((text, ""));
        // A part of a password, whose beginning would be taken for hosts, which are shown.
        if database.contains('@') {
            return Err(FORM);
        }
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').map_or((credentials, None), |(user, password)| (user, Some(password)));
        let hosts = hosts.split(',').map(Host::read).collect::<Result<_, _>>()?;
        let given = |text: &str| (!text.is_empty()).then(|| decoded(text)).transpose();
        Ok(Self { user: given(user)?, password: password.map(decoded).transpose()?, hosts, database: given(database)? })
    }

    /// Parameters win over what stands before them.
    fn take_over(&mut self, parameters: &Parameters) -> Result<(), DatabaseUrlError> {
        if let Some(names) = parameters.get("hostaddr").or(parameters.get("host")) {
            self.set_names(names).ok_or(DatabaseUrlError::Form(HOSTS))?;
        }
        if parameters.get("hostaddr").is_some() && !self.hosts.iter().all(Host::is_address) {
            return Err(parameters.refusal("hostaddr", "debe ser una dirección IP"));
        }
        if let Some(ports) = parameters.get("port") {
            self.set_ports(ports).ok_or_else(|| parameters.refusal("port", PORT))?;
        }
        let several = self.hosts.len() > 1;
        let bad = |host: &Host| host.name.as_ref().map_or(several, |name| name.contains(' ') || name.starts_with('@'));
        if self.hosts.iter().any(bad) || self.hosts.len() > MOST {
            return Err(DatabaseUrlError::Form(HOSTS));
        }
        for (own, name) in [(&mut self.user, "user"), (&mut self.password, "password"), (&mut self.database, "dbname")] {
            *own = parameters.get(name).map(str::to_owned).or_else(|| own.take());
        }
        Ok(())
    }

    /// The ports stay: one for all, or one for each.
    fn set_names(&mut self, names: &str) -> Option<()> {
        let names: Vec<&str> = names.split(',').collect();
        if self.hosts.len() != 1 && self.hosts.len() != names.len() {
            return None;
        }
        let ports = self.hosts.iter().map(|host| host.port).cycle();
        let named =
            names.iter().zip(ports).map(|(name, port)| Host { name: (!name.is_empty()).then(|| (*name).to_owned()), port });
        self.hosts = named.collect();
        Some(())
    }

    fn set_ports(&mut self, ports: &str) -> Option<()> {
        let ports = ports.split(',').map(read_port).collect::<Option<Vec<_>>>()?;
        if ports.len() != 1 && ports.len() != self.hosts.len() {
            return None;
        }
        for (host, port) in self.hosts.iter_mut().zip(ports.iter().cycle()) {
            host.port = Some(*port);
        }
        Some(())
    }
}

/// How a session with one of the hosts is set up. The driver is handed a URL of its own making, since only so it looks into
/// `PGPASSFILE` and `~/.pgpass` for this host.
fn session(address: &Address, host: &Host, parameters: &Parameters, tls: &Tls) -> Result<PgConnectOptions, DatabaseUrlError> {
    let port = host.port.map(|port| port.to_string());
    let pairs = [
        ("host", host.name.as_deref()),
        ("port", port.as_deref()),
        ("user", address.user.as_deref()),
        ("password", address.password.as_deref()),
        ("dbname", address.database.as_deref()),
        ("options", options(parameters)?),
    ];
    let pairs =
        pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", utf8_percent_encode((*value)?, NON_ALPHANUMERIC))));
    let url = format!("postgres://?{}", pairs.collect::<Vec<_>>().join("&"));
    let session = url.parse().map_err(|_| FORM)?;
    settings(tls.secure(session, parameters, host.is_socket())?, parameters)
}

fn options(parameters: &Parameters) -> Result<Option<&str>, DatabaseUrlError> {
    let text = parameters.get("options");
    if text.is_some_and(|text| OWN.iter().any(|own| text.contains(own))) {
        return Err(parameters.refusal("options", "no puede cambiar lo que fija el servicio (vea DATABASE_STATEMENT_TIMEOUT_MS)"));
    }
    Ok(text)
}

fn settings(mut session: PgConnectOptions, parameters: &Parameters) -> Result<PgConnectOptions, DatabaseUrlError> {
    if let Some(name) = parameters.get("application_name").or(parameters.get("fallback_application_name")) {
        session = session.application_name(name);
    }
    let within = |text: &str| text.parse().ok().filter(|capacity| (1..=10_000).contains(capacity));
    if let Some(capacity) = parameters.parse("statement-cache-capacity", "debe ser un entero de 1 a 10000", within)? {
        session = session.statement_cache_capacity(capacity);
    }
    let path = match (parameters.get("schema"), parameters.get("search_path")) {
        (None, None) => return Ok(session),
        (Some(_), Some(_)) => return Err(parameters.refusal("schema", "no va junto con search_path")),
        (Some(schema), None) => format!("\"{}\"", schema.replace('"', "\"\"")),
        (None, Some(path)) => path.to_owned(),
    };
    Ok(session.options([("search_path", path)]))
}

/// `None` within is for ever, as 0 is in libpq.
fn seconds(text: &str) -> Option<Option<Duration>> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= 3600)?;
    Some((seconds > 0).then(|| Duration::from_secs(seconds)))
}

fn wanted(parameters: &Parameters) -> Result<Wanted, DatabaseUrlError> {
    let read = |text: &str| match text {
        "any" => Some(Wanted::Any),
        "read-write" => Some(Wanted::ReadWrite),
        "primary" => Some(Wanted::Primary),
        _ => None,
    };
    let wanted = parameters.parse("target_session_attrs", "debe ser any, read-write o primary: el servicio escribe", read)?;
    Ok(wanted.unwrap_or_default())
}
