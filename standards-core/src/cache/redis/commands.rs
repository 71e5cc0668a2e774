//! What is asked of Redis: plain commands, one round trip each.

use std::sync::Weak;
use std::time::Duration;

use redis::{Pipeline, Value};
use uuid::Uuid;

use super::level::RedisLevel;
use super::messages;
use super::replies::{bytes, milliseconds, text};
use super::stored::{self, Annulments};
use crate::cache::{Answer, Found, Listener, Mark, Namespace, NoAnswer, SharedHealth, SharedLevel};

/// How long an annulment is remembered: longer than anything from before it can be under way.
const REMEMBERED: Duration = Duration::from_secs(300);

/// The names of what stands in Redis of one key.
struct Names {
    value: String,
    annulled: String,
    cleared: String,
}

impl RedisLevel {
    fn names(&self, namespace: Namespace, key: &str) -> Names {
        let prefix = &self.0.options.prefix;
        let value = format!("{prefix}{}", namespace.key(key));
        Names { value, annulled: format!("{prefix}~annulled:{}", namespace.key(key)), cleared: self.cleared(namespace) }
    }

    fn cleared(&self, namespace: Namespace) -> String {
        format!("{}~cleared:{namespace}", self.0.options.prefix)
    }

    async fn read_key(&self, names: &Names) -> Result<Found, NoAnswer> {
        let mut questions = Pipeline::with_capacity(2);
        // What is of another type is nothing to MGET.
        questions.cmd("MGET").arg(&[&names.value, &names.annulled, &names.cleared]).cmd("TIME");
        let replies = self.ask(&questions).await?;
        let [Value::Array(found), clock] = replies.as_slice() else { return Err(NoAnswer) };
        let ([value, annulled, cleared], Some(clock)) = (found.as_slice(), milliseconds(clock)) else { return Err(NoAnswer) };
        let now = Annulments { namespace: text(cleared), key: text(annulled) };
        Ok(Found { mark: now.mark(clock), value: bytes(value).and_then(|bytes| believed(bytes, now, clock)) })
    }

    async fn write_key(&self, names: &Names, mark: &Mark, value: &[u8], kept: Duration) -> Result<bool, NoAnswer> {
        let (as_of, clock) = stored::read_mark(mark).ok_or(NoAnswer)?;
        let bytes = stored::write(as_of, stored::end(mark, clock, kept), value);
        let mut questions = Pipeline::with_capacity(2);
        questions.cmd("SET").arg(&names.value).arg(bytes).arg("PX").arg(milliseconds_of(kept));
        questions.cmd("MGET").arg(&[&names.annulled, &names.cleared]);
        let replies = self.ask(&questions).await?;
        let [_set, Value::Array(found)] = replies.as_slice() else { return Err(NoAnswer) };
        let [annulled, cleared] = found.as_slice() else { return Err(NoAnswer) };
        Ok(as_of.is_right(Annulments { namespace: text(cleared), key: text(annulled) }))
    }

    async fn annul_key(&self, names: &Names, whole: &str) -> Result<Mark, NoAnswer> {
        let token = Uuid::new_v4().simple().to_string();
        let mut questions = Pipeline::with_capacity(5);
        questions.cmd("SET").arg(&names.annulled).arg(&token).arg("PX").arg(milliseconds_of(REMEMBERED));
        questions.cmd("DEL").arg(&names.value).cmd("GET").arg(&names.cleared).cmd("TIME");
        self.publish(&mut questions, messages::KEY, whole);
        let replies = self.ask(&questions).await?;
        let [_set, _deleted, cleared, clock, _heard] = replies.as_slice() else { return Err(NoAnswer) };
        let clock = milliseconds(clock).ok_or(NoAnswer)?;
        Ok(Annulments { namespace: text(cleared), key: &token }.mark(clock))
    }

    async fn clear_namespace(&self, namespace: Namespace) -> Result<(), NoAnswer> {
        let mut questions = Pipeline::with_capacity(2);
        // For good: what was cleared long ago must not come back.
        questions.cmd("SET").arg(self.cleared(namespace)).arg(Uuid::new_v4().simple().to_string());
        self.publish(&mut questions, messages::NAMESPACE, &namespace.to_string());
        self.ask(&questions).await.map(drop)
    }

    fn publish(&self, questions: &mut Pipeline, kind: &str, subject: &str) {
        questions.cmd("PUBLISH").arg(&self.0.channel).arg(messages::message(&self.0.instance, kind, subject));
    }
}

/// The value and how long it is kept yet, if it is from after the last annulments. What is not of our form is a value that cannot be read.
fn believed(bytes: &[u8], now: Annulments<'_>, clock: u64) -> Option<(Vec<u8>, Duration)> {
    let Some((as_of, end, value)) = stored::read(bytes) else { return Some((UNREADABLE.to_vec(), Duration::ZERO)) };
    let kept = Duration::from_millis(end.saturating_sub(clock));
    (as_of.is_right(now) && !kept.is_zero()).then(|| (value.to_vec(), kept))
}

/// No JSON.
const UNREADABLE: &[u8] = b"\0";

/// One at least, as Redis will have it.
fn milliseconds_of(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl SharedLevel for RedisLevel {
    fn read<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Found> {
        Box::pin(async move { self.read_key(&self.names(namespace, key)).await })
    }

    fn write<'a>(
        &'a self,
        namespace: Namespace,
        key: &'a str,
        mark: &'a Mark,
        value: Vec<u8>,
        kept: Duration,
    ) -> Answer<'a, bool> {
        Box::pin(async move { self.write_key(&self.names(namespace, key), mark, &value, kept).await })
    }

    fn annul<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Mark> {
        Box::pin(async move { self.annul_key(&self.names(namespace, key), &namespace.key(key)).await })
    }

    fn clear(&self, namespace: Namespace) -> Answer<'_, ()> {
        Box::pin(self.clear_namespace(namespace))
    }

    fn listen(&self, listener: Weak<dyn Listener>) {
        self.0.listen(listener);
    }

    fn health(&self) -> SharedHealth {
        self.0.health()
    }
}
