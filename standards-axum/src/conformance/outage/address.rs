//! The address in a variable that says where a dependency is.

/// Host and port, and where they stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub host: String,
    pub port: u16,
    from: usize,
    to: usize,
}

impl Address {
    /// Reads `scheme://user:password@host:port/path` or `host:port`. Nothing where there is no one address that a proxy can stand before: a
    /// file, a socket, several hosts, or TLS, whose certificate names the host.
    pub(super) fn of(value: &str) -> Option<Self> {
        let (scheme, begin) = value.split_once("://").map_or(("", 0), |(scheme, _)| (scheme, scheme.len() + 3));
        let port = usual_port(scheme)?;
        let rest = value.get(begin..)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let user = authority.rfind('@').map_or(0, |at| at + 1);
        let (from, named) = (begin + user, authority.get(user..)?);
        let bracket = named.rfind(']').map_or(0, |at| at + 1);
        let colon = named.get(bracket..)?.find(':').map(|at| bracket + at);
        let host = named.get(..colon.unwrap_or(named.len()))?.trim_start_matches('[').trim_end_matches(']');
        let port = match colon {
            Some(colon) => named.get(colon + 1..)?.parse().ok().filter(|port| *port > 0)?,
            None => Some(port).filter(|port| *port > 0)?,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        let right = (1..=253).contains(&host.len()) && host.chars().all(plain) && !value.contains("sslmode=verify");
        right.then(|| Self { host: host.to_owned(), port, from, to: from + named.len() })
    }

    /// The same value with an address of this machine in it.
    pub(super) fn moved(&self, value: &str, port: u16) -> String {
        let (before, after) = (value.get(..self.from).unwrap_or_default(), value.get(self.to..).unwrap_or_default());
        format!("{before}127.0.0.1:{port}{after}")
    }
}

/// The port of a scheme whose URLs may leave it out, 0 where they may not; nothing for what is no TCP or is encrypted.
fn usual_port(scheme: &str) -> Option<u16> {
    match scheme.split('+').next().unwrap_or_default() {
        "" | "tcp" => Some(0),
        "postgres" | "postgresql" => Some(5432),
        "mysql" | "mariadb" => Some(3306),
        "redis" => Some(6379),
        "amqp" => Some(5672),
        "mongodb" => Some(27017),
        "http" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_found_and_changed_where_it_stands() {
        for (value, host, port, moved) in [
            ("postgres://u:p%40@db:5433/x?a=b", "db", 5433, "postgres://u:p%40@127.0.0.1:9/x?a=b"),
            ("postgresql+psycopg2://u@db/x", "db", 5432, "postgresql+psycopg2://u@127.0.0.1:9/x"),
            ("redis://[::1]:7000", "::1", 7000, "redis://127.0.0.1:9"),
            ("redis://10.0.0.1", "10.0.0.1", 6379, "redis://127.0.0.1:9"),
            ("db.local:1", "db.local", 1, "127.0.0.1:9"),
        ] {
            let address = Address::of(value).unwrap();
            assert_eq!((address.host.as_str(), address.port, address.moved(value, 9).as_str()), (host, port, moved), "{value}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn what_is_no_single_address_is_none() {
        for value in [
            "",
            "db",
            "://",
            "sqlite://pagos.db?mode=rwc",
            "sqlite:////tmp/x.db",
            "rediss://a:1",
            "https://a",
            "postgres:///x",
            "postgres://a:1,b:2/x",
            "postgres://%2Fvar%2Frun/x",
            "postgres://a:0/x",
            "postgres://a:99999/x",
            "postgres://a:x/",
            "postgres://a/x?sslmode=verify-full",
            "a:",
            ":1",
            "redis://ñandú:1",
            "redis://a b:1",
        ] {
            assert_eq!(Address::of(value), None, "{value}");
        }
    }
}
