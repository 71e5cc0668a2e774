//! What a service does, for those rules that cannot guess it: a TOML file.
//!
//! `schema = 1`; keys that are not known are refused. `${NAME}` in a text is the environment's variable, `${NAME:-text}` the text where
//! there is none. `{run}` is another word in each run, and `{name}` what an earlier step captured; a text that is nothing but `{name}` is
//! the captured value with its type.

mod checks;
mod environment;
mod template;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use standards_core::rules::Bilingual;

use super::text::{both, clean};

pub(super) use environment::expand;
pub(super) use template::Captured;

/// The largest profile that is read.
pub(super) const PROFILE_BYTES: usize = 256 << 10;

/// A profile, its environment filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub schema: u32,
    /// What reports call the service.
    pub name: Option<String>,
    #[serde(default)]
    pub service: ServiceSection,
    pub auth: Option<Auth>,
    /// Made before the cases, in this order.
    #[serde(default)]
    pub setup: Vec<Step>,
    #[serde(default)]
    pub success: Vec<Success>,
    #[serde(default)]
    pub refusal: Vec<Refusal>,
    #[serde(default)]
    pub invalid: Vec<Invalid>,
    /// Paths with a parameter that is not valid.
    #[serde(default)]
    pub parameter: Vec<Parameter>,
    pub amount: Option<Amount>,
    pub atomic: Option<Atomic>,
    pub fault: Option<Fault>,
    /// How the checker starts it.
    #[serde(default)]
    pub spawn: SpawnSection,
    pub config: Option<Config>,
    #[serde(default)]
    pub log: LogSection,
    /// What the service depends on, and can be taken away from it.
    #[serde(default)]
    pub dependency: Vec<Dependency>,
    pub layers: Option<Layers>,
    /// Operations that must have tests of their own.
    #[serde(default)]
    pub critical: Vec<Critical>,
    /// Taken away after the cases; what it answers is not judged.
    #[serde(default)]
    pub cleanup: Vec<Step>,
}

/// Where things are, and what the service says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServiceSection {
    pub base: String,
    pub openapi: Option<String>,
    pub live: String,
    pub ready: String,
    pub metrics: String,
    pub docs: String,
    /// `artifact` of its log.
    pub artifact: Option<String>,
    pub version: Option<String>,
    /// Statuses beyond the guideline's.
    pub statuses: Vec<u16>,
    /// The whole error catalogue.
    pub codes: Vec<String>,
}

impl Default for ServiceSection {
    fn default() -> Self {
        Self {
            base: "/api/v1".to_owned(),
            openapi: None,
            live: "/health/live".to_owned(),
            ready: "/health/ready".to_owned(),
            metrics: "/metrics".to_owned(),
            docs: "/docs".to_owned(),
            artifact: None,
            version: None,
            statuses: Vec::new(),
            codes: Vec::new(),
        }
    }
}

impl ServiceSection {
    /// Where the OpenAPI document is.
    pub(super) fn document(&self) -> String {
        self.openapi.clone().unwrap_or_else(|| format!("{}/openapi.json", self.base))
    }
}

/// A token that goes with each request; none where it is empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    #[serde(default = "authorization")]
    pub header: String,
    #[serde(default = "bearer")]
    pub scheme: String,
    pub token: String,
}

fn authorization() -> String {
    "Authorization".to_owned()
}

fn bearer() -> String {
    "Bearer".to_owned()
}

/// One request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub method: String,
    pub path: String,
    pub body: Option<Value>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Names of values in the answer, by JSON pointer.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// Values of the body that are personal: no log may show them, by JSON pointer.
    #[serde(default)]
    pub private: Vec<String>,
}

/// A request that must succeed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Success {
    pub request: Step,
    /// Money in the answer, by JSON pointer.
    #[serde(default)]
    pub money: Vec<String>,
    /// Names that its INFO records carry in `context`; empty where it is no business operation.
    #[serde(default)]
    pub context: Vec<String>,
}

/// A request that the domain refuses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    pub request: Step,
    #[serde(default = "bad_request")]
    pub status: u16,
    pub code: String,
    /// What the message holds.
    #[serde(default)]
    pub message: Vec<String>,
}

const fn bad_request() -> u16 {
    400
}

/// A request with fields that are not valid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invalid {
    pub request: Step,
    /// The bad fields, all of them.
    pub fields: Vec<String>,
}

/// A path or query that is not valid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameter {
    pub request: Step,
}

/// A request with an amount of money in its body.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Amount {
    pub request: Step,
    /// Where the amount stands in the body, by JSON pointer.
    pub field: String,
    /// Values that must be refused; those of the checker where it is empty.
    #[serde(default)]
    pub values: Vec<Value>,
}

/// Requests sent at once, of which only some can succeed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Atomic {
    pub request: Step,
    pub attempts: usize,
    pub succeed: usize,
    /// What is read afterwards.
    pub read: Step,
    /// The value there, by JSON pointer.
    pub pointer: String,
    pub expect: Value,
}

/// A route that fails on purpose; none where the path is empty, or answers 404.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    #[serde(default = "get")]
    pub method: String,
    pub path: String,
    /// Others that fail in other ways, by the same verb.
    #[serde(default)]
    pub also: Vec<String>,
    /// A text of the failure that nobody but the code knows.
    #[serde(default)]
    pub canary: String,
}

fn get() -> String {
    "GET".to_owned()
}

/// What is special about every start by `--spawn`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpawnSection {
    /// Variables that are set, whatever the environment has.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Something that the service depends on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dependency {
    /// The variable that says where it is.
    pub variable: String,
    pub kind: DependencyKind,
    /// A request that needs it; without one, a case that writes.
    pub request: Option<Step>,
    /// What another service answers.
    #[serde(default = "success")]
    pub status: u16,
    #[serde(default)]
    pub body: Value,
}

const fn success() -> u16 {
    200
}

/// What becomes of requests while it is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DependencyKind {
    /// Those that need it are answered 503.
    Database,
    /// They are answered as before.
    Cache,
    /// Another service, which the checker plays.
    Service,
}

/// How the service starts, or does not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// A variable without which it must not start.
    pub missing: String,
    /// Set for that start.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// A variable whose value is secret.
    pub secret: Option<String>,
}

/// The layers of the sources, and who may import whom.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layers {
    /// The lowest first: none imports from one that stands behind it.
    pub order: Vec<String>,
    /// Packages of others that a layer may not name.
    #[serde(default)]
    pub deny: BTreeMap<String, Vec<String>>,
}

impl Layers {
    /// Where a layer stands.
    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.order.iter().position(|layer| layer == name)
    }
}

/// An operation that must have tests of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Critical {
    /// What it is called, `POST /api/v1/pagos`.
    pub operation: String,
    /// Parts of tests' names, of each of which one test at least must pass, and none may fail.
    pub tests: Vec<String>,
}

/// What is special about the log.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogSection {
    /// Keys of `context` that hold money, beyond `monto` and its like.
    #[serde(default)]
    pub money: Vec<String>,
}

impl Profile {
    /// Reads a profile; `variable` is the environment.
    pub(super) fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Bilingual> {
        let written: Value = toml::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        let filled = expand(written, &variable)?;
        let profile: Self = serde_json::from_value(filled).map_err(|error| unreadable(&error.to_string()))?;
        profile.checked()
    }

    fn checked(mut self) -> Result<Self, Bilingual> {
        if self.schema != 1 {
            return Err(both("El perfil no es de schema = 1", "The profile is not of schema = 1"));
        }
        if let Some(problem) = self.problem() {
            return Err(unreadable(&problem));
        }
        self.auth = self.auth.filter(|auth| !auth.token.is_empty());
        self.fault = self.fault.filter(|fault| !fault.path.is_empty());
        self.service.artifact = self.service.artifact.filter(|name| !name.is_empty());
        self.service.version = self.service.version.filter(|version| !version.is_empty());
        Ok(self)
    }

    /// Every step that it names.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let cases = self.success.iter().map(|case| &case.request).chain(self.refusal.iter().map(|case| &case.request));
        let wrong = self.invalid.iter().map(|case| &case.request).chain(self.parameter.iter().map(|case| &case.request));
        let atomic = self.atomic.iter().flat_map(|atomic| [&atomic.request, &atomic.read]);
        let money = self.amount.iter().map(|amount| &amount.request).chain(atomic);
        let depending = self.dependency.iter().filter_map(|dependency| dependency.request.as_ref());
        self.setup.iter().chain(&self.cleanup).chain(depending).chain(cases).chain(wrong).chain(money)
    }
}

fn unreadable(text: &str) -> Bilingual {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    both(format!("El perfil no se entiende: {}", clean(&text)), format!("The profile cannot be read: {}", clean(&text)))
}
