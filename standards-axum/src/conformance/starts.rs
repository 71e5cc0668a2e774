//! Starts of the service other than the usual one.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::client::Client;
use super::engine::come_up;
use super::exchange::Request;
use super::lines::Log;
use super::profile::Profile;
use super::recorded::Misconfigured;
use super::spawn::Spawned;

/// How long a start that must fail may take.
const FAILS_WITHIN: Duration = Duration::from_secs(10);
/// Between looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// Starts it without what the profile says it cannot do without.
pub(super) async fn misconfigured(command: &str, profile: &Profile, deadline: Instant) -> Option<Misconfigured> {
    let config = profile.config.as_ref().filter(|_| Instant::now() < deadline)?;
    let secret = config.secret.as_ref().map(|name| (name.clone(), secret()));
    let mut variables = profile.spawn.env.clone();
    variables.extend(config.env.clone());
    variables.extend(secret.clone());
    variables.remove(&config.missing);
    let mut service = Spawned::start(command, &variables, Some(&config.missing)).ok()?;
    let served = serves(&mut service, &profile.service.live, deadline.min(Instant::now() + FAILS_WITHIN)).await;
    let code = service.ended().and_then(|status| status.code());
    let (_, log) = service.stop().await;
    Some(Misconfigured { code, served, log, secret: secret.map(|(_, value)| value) })
}

/// A value that nobody has, long enough for a key.
fn secret() -> String {
    format!("canario-secreto-{}-{}", super::engine::word(), super::engine::word())
}

/// Whether it answers before it ends.
async fn serves(service: &mut Spawned, path: &str, until: Instant) -> bool {
    let client = Client::new(service.target.clone(), until);
    let request = Request { method: "GET".to_owned(), path: path.to_owned(), ..Request::default() };
    while service.ended().is_none() && Instant::now() < until {
        if client.send(&request).await.is_ok() {
            return true;
        }
        sleep(LOOK).await;
    }
    false
}

/// Starts it with `LOG_LEVEL=ERROR`, asks for what is not there, and ends it.
pub(super) async fn quiet(command: &str, profile: &Profile, ready: &str, deadline: Instant) -> Option<Log> {
    if Instant::now() >= deadline {
        return None;
    }
    let mut variables = profile.spawn.env.clone();
    variables.insert("LOG_LEVEL".to_owned(), "ERROR".to_owned());
    let mut service = Spawned::start(command, &variables, None).ok()?;
    let client = Client::new(service.target.clone(), deadline);
    let up = come_up(&mut service, &client, ready).await;
    let unknown = Request { method: "GET".to_owned(), path: "/chk-nada".to_owned(), ..Request::default() };
    let answered = client.send(&unknown).await.is_ok();
    let (_, log) = service.stop().await;
    (up.is_ok() && answered).then_some(log)
}
