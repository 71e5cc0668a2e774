//! A level that several processes share, behind the memory of each.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Weak;
use std::time::Duration;

use tokio::time::Instant;

use super::Namespace;

/// What a shared level says, or that it says nothing.
pub type Answer<'a, R> = Pin<Box<dyn Future<Output = Result<R, NoAnswer>> + Send + 'a>>;

/// The shared level could not be asked, or did not answer in time. Whether it did what it was asked is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shared cache gave no answer")
    }
}

impl Error for NoAnswer {}

/// As of which annulment of a key something is known: given by a read or an annulment, and needed to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What only the level knows the meaning of.
    pub text: String,
    /// When it was given.
    pub given: Instant,
}

impl Mark {
    /// One that is given now.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self { text, given: Instant::now() }
    }
}

/// What a read finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What a value that is loaded from now on may be written by.
    pub mark: Mark,
    /// The value, and how long it is kept yet.
    pub value: Option<(Vec<u8>, Duration)>,
}

/// Whether a shared level can be used just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedHealth {
    /// Nobody has asked it yet, or it is being connected to for the first time, which takes no longer than that may.
    Idle,
    /// It answers.
    Reachable,
    /// It does not, and what would be there is loaded.
    Degraded,
}

impl SharedHealth {
    /// As a readiness check says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Reachable => "reachable",
            Self::Degraded => "degraded",
        }
    }
}

/// Where several processes keep their values together, and tell each other what they annul.
///
/// All of it may be away at any time: no function waits for long, and each may say [`NoAnswer`].
pub trait SharedLevel: Send + Sync {
    /// What is kept of a key.
    fn read<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Found>;

    /// Keeps a value for so long from now, however late it gets there, unless the key was annulled after `mark` was given: then nobody is ever given it. `false` says that.
    fn write<'a>(
        &'a self,
        namespace: Namespace,
        key: &'a str,
        mark: &'a Mark,
        value: Vec<u8>,
        kept: Duration,
    ) -> Answer<'a, bool>;

    /// Forgets a key, makes all earlier marks void, and tells the other processes; returns the first mark after that.
    fn annul<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Mark>;

    /// The same of all keys of a namespace.
    fn clear(&self, namespace: Namespace) -> Answer<'_, ()>;

    /// Tells `listener` what others annul, for as long as it is there.
    fn listen(&self, listener: Weak<dyn Listener>);

    /// How it is, without asking it.
    fn health(&self) -> SharedHealth;
}

/// What a shared level tells of by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedEvent<'a> {
    /// Another process annulled this key: the whole of it, with its namespace.
    Annulled(&'a str),
    /// Another process annulled all keys of this namespace, as it is written.
    Cleared(&'a str),
    /// It can be reached again, and what was annulled meanwhile was not heard of.
    Restored,
}

/// Hears what a shared level tells. It must not wait for anything.
pub trait Listener: Send + Sync {
    /// It happened.
    fn hear(&self, event: &SharedEvent<'_>);
}
