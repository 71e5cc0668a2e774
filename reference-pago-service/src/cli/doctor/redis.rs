//! `redis`: whether the shared cache answers, as the service asks it.
//!
//! The level tells only the log why it has no connection. So the way there is tried first: what is silent or refuses is the
//! network's, what takes the connection and is of no use afterwards is a matter of user, password, TLS or version.

use std::io;
use std::time::Duration;

use standards_core::cache::redis::{CacheSettings, RedisOptions};
use standards_core::cache::{Namespace, SharedLevel};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::Finding;

const CHECK: &str = "redis";
const NAMESPACE: Namespace = Namespace::new("doctor", 1);
/// To connect; the rest of a check's time is for what the service asks.
const CONNECTS: Duration = Duration::from_millis(2500);
/// In which it must answer once: two attempts of the level's own.
const ANSWERS: Duration = Duration::from_millis(2400);
const EVERY: Duration = Duration::from_millis(20);

/// How far somebody came.
#[derive(Debug)]
enum Reached {
    /// Nobody takes a connection.
    Nothing(io::Error),
    /// Somebody does, who is of no use.
    Network,
    /// Redis, which answered in this time.
    Redis(Duration),
}

pub(super) async fn examine(settings: &CacheSettings) -> Finding {
    let Some(url) = &settings.redis_url else {
        return Finding::skipped(CHECK, "REDIS_URL no está definida: cada instancia guarda lo suyo");
    };
    let shown = url.to_string();
    let Some(level) = settings.level(RedisOptions::default().with_prefix("pagos:")) else {
        return Finding::skipped(CHECK, "REDIS_URL no está definida");
    };
    let reached = match connects(&shown).await {
        Err(error) => Reached::Nothing(error),
        Ok(()) => answers(&*level).await.map_or(Reached::Network, Reached::Redis),
    };
    judge(&shown, &reached)
}

/// The host and the port of a URL as it is shown.
fn host_of(shown: &str) -> Option<(&str, u16)> {
    let authority = shown.rsplit_once('/')?.0;
    let authority = authority.split_once("://")?.1;
    let (host, port) = authority.rsplit_once('@').map_or(authority, |(_, host)| host).rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

async fn connects(shown: &str) -> io::Result<()> {
    let address = host_of(shown).ok_or(io::ErrorKind::InvalidInput)?;
    let connected = timeout(CONNECTS, TcpStream::connect(address)).await;
    connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map(drop)
}

/// How long the first answer took; the connection is made in the background meanwhile.
async fn answers(level: &dyn SharedLevel) -> Option<Duration> {
    let end = Instant::now() + ANSWERS;
    while Instant::now() < end {
        let asked = Instant::now();
        if level.read(NAMESPACE, "nada").await.is_ok() {
            return Some(asked.elapsed());
        }
        sleep(EVERY).await;
    }
    None
}

fn judge(shown: &str, reached: &Reached) -> Finding {
    match reached {
        Reached::Redis(took) => Finding::ok(CHECK, format!("{shown} contesta en {:.1} ms", took.as_secs_f64() * 1000.0)),
        Reached::Nothing(error) => Finding::failed(
            CHECK,
            format!("{shown} no acepta conexiones ({error}); el servicio atiende sin él, más despacio"),
            "revise que Redis esté en marcha, y host y puerto en REDIS_URL",
        ),
        Reached::Network => Finding::failed(
            CHECK,
            format!("{shown} acepta la conexión y no sirve; el servicio atiende sin él, más despacio"),
            "revise usuario, clave y TLS (rediss://) en REDIS_URL, que sea Redis 6 o mayor, y que conteste en 50 ms",
        ),
    }
}

#[cfg(test)]
mod tests {
    use standards_core::cache::redis::RedisUrl;
    use standards_core::settings::SettingValue as _;

    use super::*;

    #[test]
    fn a_host_is_found_in_what_is_shown() {
        let host = |text: &str| {
            let shown = RedisUrl::parse(text).unwrap().to_string();
            host_of(&shown).map(|(host, port)| (host.to_owned(), port))
        };
        assert_eq!(host("redis://a"), Some(("a".to_owned(), 6379)));
        assert_eq!(host("redis://ana:cl%40ve@10.0.0.1:6380/2"), Some(("10.0.0.1".to_owned(), 6380)));
    }

    #[test]
    fn what_is_reached_tells_whose_matter_it_is() {
        let refused = Reached::Nothing(io::ErrorKind::ConnectionRefused.into());
        assert!(judge("redis://a:6379/0", &refused).to_string().contains("host y puerto"));
        assert!(judge("redis://a:6379/0", &Reached::Network).to_string().contains("usuario, clave y TLS"));
        assert!(!judge("redis://a:6379/0", &Reached::Redis(Duration::from_millis(1))).is_failed());
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_nobody() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let shown = format!("redis://{}/0", listener.local_addr().unwrap());
        assert!(connects(&shown).await.is_ok());
        drop(listener);
        assert!(connects(&shown).await.is_err());
    }
}
