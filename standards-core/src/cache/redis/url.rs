//! Where Redis is, as a setting.

use std::fmt;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion};

use crate::settings::SettingValue;

/// `redis://user:password@host:port/db`, or `rediss://` for TLS (feature `redis-tls`). It is never shown whole.
///
/// User and password are those of an ACL, in percent-encoding where need be; the port is 6379 and the database 0 where they are not said.
///
/// ```
/// use standards_core::cache::redis::RedisUrl;
/// use standards_core::settings::SettingValue;
///
/// let url = RedisUrl::parse("redis://pagos:hunter2@redis.interno:6380/2").unwrap();
/// assert_eq!(url.to_string(), "redis://pagos:••••@redis.interno:6380/2");
/// assert!(!format!("{url:?}").contains("hunter2"));
/// assert!(RedisUrl::parse("http://redis").is_none());
/// ```
#[derive(Clone)]
pub struct RedisUrl(ConnectionInfo);

impl RedisUrl {
    /// As the driver takes it. RESP3, so that what others annul comes by the same connection.
    pub(super) fn connection(&self) -> ConnectionInfo {
        let redis = self.0.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
        self.0.clone().set_redis_settings(redis)
    }

    fn scheme(&self) -> &'static str {
        if matches!(self.0.addr(), ConnectionAddr::TcpTls { .. }) { "rediss" } else { "redis" }
    }
}

impl SettingValue for RedisUrl {
    const EXPECTED: &'static str =
        "una URL redis://usuario:clave@host:puerto/base (rediss:// con TLS), sin parámetros ni fragmento";
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        let allowed = ["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme));
        if !allowed || text.contains(['?', '#']) || text.contains(char::is_whitespace) || lacks_tls(text) || !has_database(text) {
            return None;
        }
        text.into_connection_info().ok().map(Self)
    }

    /// Says of TLS what is missing.
    fn refusal(text: &str) -> String {
        if lacks_tls(text) {
            return "pide TLS (rediss://), y este programa se compiló sin la característica redis-tls".to_owned();
        }
        format!("debe ser {}", Self::EXPECTED)
    }
}

fn lacks_tls(text: &str) -> bool {
    text.starts_with("rediss://") && !cfg!(feature = "redis-tls")
}

/// Whether what stands behind the host is nothing, or the number of a database.
fn has_database(text: &str) -> bool {
    let authority_and_path = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, path) = authority_and_path.split_once('/').unwrap_or((authority_and_path, ""));
    !authority.is_empty() && (path.is_empty() || path.parse::<u16>().is_ok())
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redis = self.0.redis_settings();
        write!(f, "{}://{}", self.scheme(), redis.username().unwrap_or_default())?;
        if redis.password().is_some() {
            f.write_str(":••••")?;
        }
        if redis.username().is_some() || redis.password().is_some() {
            f.write_str("@")?;
        }
        match self.0.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                write!(f, "{host}:{port}/{}", redis.db())
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_may_have_a_user_a_password_a_port_and_a_database() {
        let shown = [
            ("redis://a", "redis://a:6379/0"),
            ("redis://a/", "redis://a:6379/0"),
            ("redis://:clave@a:1/15", "redis://:••••@a:1/15"),
            ("redis://ana@a", "redis://ana@a:6379/0"),
            ("redis://ana:cl%40ve@10.0.0.1:6380", "redis://ana:••••@10.0.0.1:6380/0"),
        ];
        for (text, expected) in shown {
            assert_eq!(RedisUrl::parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn anything_else_is_refused_and_not_repeated() {
        let bad = [
            "",
            "redis://",
            "redis:///1",
            "a:6379",
            "unix:///tmp/redis",
            "redis://a:0x",
            "redis://a/x",
            "redis://a/-1",
            "redis://a/1/2",
        ];
        for text in bad.into_iter().chain(["redis://a?protocol=resp2", "rediss://a#insecure", "redis://a b", "valkey://a"]) {
            assert!(RedisUrl::parse(text).is_none(), "{text}");
            assert!(!RedisUrl::refusal(text).contains("://a"), "{text}");
        }
    }

    #[test]
    #[cfg(feature = "redis-tls")]
    fn tls_is_asked_for_by_the_scheme() {
        assert_eq!(RedisUrl::parse("rediss://a").unwrap().to_string(), "rediss://a:6379/0");
    }

    #[test]
    #[cfg(not(feature = "redis-tls"))]
    fn tls_without_its_feature_is_refused_by_name() {
        assert!(RedisUrl::parse("rediss://a").is_none());
        assert!(RedisUrl::refusal("rediss://a").contains("redis-tls"));
    }
}
