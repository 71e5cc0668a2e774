//! Typed settings from the environment and `.env` (guideline section 1, "config.py").
//!
//! A service declares its variables once, with [`settings!`](macro@crate::settings): name, type, default and meaning. From that come the reading, which
//! reports every problem at once and never a value, and the description that `config describe` and `.env.example` print.
//!
//! ```
//! use standards_core::settings::{Environment, Settings};
//!
//! standards_core::settings! {
//!     /// Where the queue is.
//!     pub struct QueueSettings {
//!         /// Port of the queue.
//!         port: u16 = "QUEUE_PORT", otherwise "5672";
//!         /// Name of the queue.
//!         name: String = "QUEUE_NAME", required;
//!         /// Seconds before a message is given up; never when unset.
//!         give_up: Option<u64> = "QUEUE_GIVE_UP", optional;
//!     }
//! }
//!
//! let settings: QueueSettings = Environment::from_pairs([("QUEUE_NAME", "pagos")]).settings()?;
//! assert_eq!((settings.port, settings.name.as_str(), settings.give_up), (5672, "pagos", None));
//!
//! let problems = Environment::from_pairs([("QUEUE_PORT", "abc")]).settings::<QueueSettings>().unwrap_err();
//! assert_eq!(problems.to_string(), "QUEUE_PORT: debe ser un entero de 0 a 65535; QUEUE_NAME: es obligatoria");
//! # Ok::<(), standards_core::settings::Problems>(())
//! ```
//!
//! The walk of a variable:
//!
//! 1. [`settings!`](macro@crate::settings) declares it, in a group that may stand within others.
//! 2. [`Settings::load`] takes the process's variables over those of the `.env` file.
//! 3. [`Environment::settings`] reads each through its [`SettingValue`], and goes on after a problem, so that
//!    all are told at once.
//! 4. [`Problems`] name variables and reasons, never values: they are printed and logged where the service does not start.

mod declare;
mod dotenv;
mod environment;
mod hours;
mod listed;
mod value;

use std::path::Path;

pub use environment::{Environment, Problem, Problems};
pub use hours::Hours;
pub use listed::{ListedSetting, Source};
pub use value::{AppEnv, Secret, SettingValue};

/// A group of settings, declared with [`settings!`](macro@crate::settings), which other groups may stand within.
///
/// ```no_run
/// use standards_core::settings;
/// use standards_core::settings::Settings;
///
/// settings! {
///     /// What the conciliation is configured with.
///     pub struct Ajustes {
///         /// Name of the queue.
///         queue: String = "QUEUE_NAME", required;
///     }
/// }
///
/// let ajustes = Ajustes::load()?;
/// println!("{}", ajustes.queue);
/// # Ok::<(), settings::Problems>(())
/// ```
pub trait Settings: Sized {
    /// Every variable that is read, in order.
    fn variables() -> Vec<Variable>;

    /// Reads them all. `None` when `environment` has noted a problem with any of them.
    fn read(environment: &mut Environment) -> Option<Self>;

    /// Reads the variables of the process over the `.env` file of the working directory.
    ///
    /// # Errors
    ///
    /// Every problem at once.
    fn load() -> Result<Self, Problems> {
        Environment::load(Path::new(".env")).settings()
    }
}

/// What is known of a variable before it is read.
///
/// ```
/// use standards_core::settings::{Absence, Settings};
///
/// standards_core::settings! {
///     /// Where it listens.
///     pub struct Listen {
///         /// Port of the service.
///         port: u16 = "PORT", otherwise "8000";
///     }
/// }
///
/// let port = Listen::variables()[0];
/// assert_eq!((port.name, port.absence, port.secret), ("PORT", Absence::Default("8000"), false));
/// assert_eq!(port.description.trim(), "Port of the service.");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// What happens without it.
    pub absence: Absence,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What it means.
    pub description: &'static str,
}

/// What happens when a variable is not set.
///
/// The words after a variable's name in [`settings!`](macro@crate::settings) say it: `otherwise "text"`, `required`, `optional`.
///
/// ```
/// use standards_core::settings::{Absence, Settings};
///
/// standards_core::settings! {
///     /// Where the queue is.
///     pub struct QueueSettings {
///         /// Port of the queue.
///         port: u16 = "QUEUE_PORT", otherwise "5672";
///         /// Name of the queue.
///         name: String = "QUEUE_NAME", required;
///         /// Seconds before a message is given up; never when unset.
///         give_up: Option<u64> = "QUEUE_GIVE_UP", optional;
///     }
/// }
///
/// let absences: Vec<_> = QueueSettings::variables().iter().map(|variable| variable.absence).collect();
/// assert_eq!(absences, [Absence::Default("5672"), Absence::Required, Absence::Optional]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// This text is read in its place.
    Default(&'static str),
    /// The service does not start.
    Required,
    /// The setting stays empty.
    Optional,
}
