//! Texts that must not come out anywhere.

use serde_json::{Value, json};

use super::{Body, Entrances, Probe};
use crate::conformance::exchange::Role;
use crate::conformance::profile::Profile;

/// A card number of a test range.
const CARD: &str = "4111111111111111";

/// The canaries of a run.
#[derive(Clone, Debug)]
pub(in crate::conformance) struct Canaries {
    password: String,
    token: String,
    cookie: String,
    query: String,
}

impl Canaries {
    /// `word` is another in each run, and no part of its correlation ids.
    pub(in crate::conformance) fn new(word: &str) -> Self {
        let canary = |kind: &str| format!("canario-{kind}-{word}");
        Self { password: canary("clave"), token: canary("token"), cookie: canary("sesion"), query: canary("consulta") }
    }

    /// All of them.
    pub(in crate::conformance) fn texts(&self) -> Vec<String> {
        let texts = [&self.password, &self.token, &self.cookie, &self.query].map(Clone::clone);
        texts.into_iter().chain([CARD.to_owned()]).collect()
    }

    /// Requests that carry them.
    pub(super) fn probes(&self, profile: &Profile, entrances: &Entrances) -> Vec<Probe> {
        let query = format!("{}?password={}&token={}", entrances.plain, self.query, self.query);
        let mut read = Probe::new(Role::Canary, "LOG-13", "GET", query);
        read = read.with_header("Cookie", format!("session={}", self.cookie)).with_header("X-Api-Key", self.token.as_str());
        let mut foreign = Probe::new(Role::Canary, "LOG-13", "GET", &*entrances.plain);
        foreign = foreign.with_header("Authorization", format!("Bearer {}", self.token));
        foreign.token = false;
        let mut probes = vec![read, foreign];
        if let Some((verb, path)) = &entrances.writing {
            let write = |body| Probe::new(Role::Canary, "LOG-13", verb, &**path).with_body(body);
            let broken = format!("{} mal", self.merged(None)).into_bytes();
            probes.push(write(Body::Raw("application/json", broken)));
        }
        if let Some(case) = profile.invalid.first() {
            probes.push(
                Probe::step(Role::Canary, "LOG-13", &case.request).with_body(Body::Json(self.merged(case.request.body.as_ref()))),
            );
        }
        probes
    }

    /// A body with the canaries beside its own members.
    fn merged(&self, body: Option<&Value>) -> Value {
        let mut members = body.and_then(Value::as_object).cloned().unwrap_or_default();
        members.insert("password".to_owned(), json!(self.password));
        members.insert("token".to_owned(), json!(self.token));
        members.insert("tarjeta".to_owned(), json!(CARD));
        Value::Object(members)
    }
}
