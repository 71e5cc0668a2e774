//! The command line of a service: what every one of them can be asked, and commands of its own beside it.
//!
//! | command | what it does | needs |
//! |---|---|---|
//! | `serve`, or none | serves until SIGTERM or SIGINT | everything |
//! | `config check` | prints the settings in force, secrets covered; status 2 with every problem where they are not valid | settings |
//! | `config describe` | every variable, as a Markdown table | nothing |
//! | `config env-example` | a commented `.env` with every variable at its default | nothing |
//! | `healthcheck` | asks the running service whether it is ready, for containers that have neither shell nor curl | `HOST`, `PORT`, and `TLS_CERT` where it speaks TLS |
//! | `token` | prints a token signed by the service's own key, and nothing else (feature `auth`); with `APP_ENV=production` with `--force` only | `SECRET_KEY`, `JWT_ISSUER`, `JWT_AUDIENCE` |
//! | `openapi` | prints the API's document | the settings that it depends on |
//! | `errors` | prints the error catalogue, as a Markdown table | nothing |
//!
//! Standard output belongs to the command, standard error tells why it failed; only `serve` logs. Status 0 is success, 1 a failure (output that
//! could not be written included), 2 a wrong command line or settings that are not valid.
//!
//! ```no_run
//! use standards_axum::prelude::*;
//! use standards_axum::Service;
//!
//! settings! {
//!     /// What the service is configured with.
//!     pub struct Ajustes {
//!         ..standard: StandardSettings;
//!         /// How a greeting begins.
//!         saludo: String = "SALUDO", otherwise "Hola";
//!     }
//! }
//!
//! fn api() -> ApiRouter<String> {
//!     ApiRouter::new().operation(Operation::get("/saludo", "saludar"), async |State(saludo): State<String>| ok(saludo))
//! }
//!
//! async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
//!     Ok(Service::new(service_info!(), ajustes.standard).api(api().with_state(ajustes.saludo)))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Exit {
//!     Cli::new(service_info!()).about("Greets").api(api).serve(servicio).await
//! }
//! ```
//!
//! # Example: commands of one's own
//!
//! An enum that derives `clap::Subcommand` (`clap` stands in the service's own manifest, with `derive`), and a function that runs it. An error
//! of any type ends the command with status 1, [`Problems`](standards_core::settings::Problems) of settings with status 2.
//!
//! ```no_run
//! use clap::Subcommand;
//! use standards_axum::cli::say;
//! use standards_axum::prelude::*;
//! use standards_axum::Service;
//!
//! #[derive(Debug, Subcommand)]
//! enum Command {
//!     /// Print the greeting.
//!     Saludar {
//!         /// Whom to greet.
//!         nombre: String,
//!     },
//! }
//!
//! async fn run(Command::Saludar { nombre }: Command) -> Result<Exit, Fatal> {
//!     say(format!("Hola, {nombre}"));
//!     Ok(Exit::Stopped)
//! }
//!
//! async fn servicio(settings: StandardSettings) -> Result<Service, Fatal> {
//!     Ok(Service::new(service_info!(), settings))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Exit {
//!     Cli::new(service_info!()).commands(run).serve(servicio).await
//! }
//! ```

mod config;
#[cfg(feature = "openapi")]
mod describe;
mod healthcheck;
mod output;
mod own;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "auth")]
mod token;

#[cfg(test)]
mod tests;

use clap::{ArgMatches, FromArgMatches, Subcommand};
use standards_core::Fatal;
use standards_core::settings::Settings;

#[cfg(feature = "openapi")]
use self::describe::{ApiCommand, Described};
use self::own::Own;
#[cfg(feature = "openapi")]
use crate::openapi::ApiRouter;
use crate::{Exit, Service, ServiceInfo, StandardSettings, serve_with};

pub use output::say;

/// The command line of a service; see the [module](self).
#[derive(Debug)]
#[must_use = "a command line is run by `serve`"]
pub struct Cli {
    info: ServiceInfo,
    about: Option<&'static str>,
    #[cfg(feature = "openapi")]
    api: Described,
    own: Option<Own>,
}

/// What any service can be asked.
#[derive(Debug, Subcommand)]
enum StandardCommand {
    /// Serve the API until SIGTERM or SIGINT (the default).
    Serve,
    /// Check or describe the settings.
    #[command(subcommand)]
    Config(config::Config),
    /// Ask a running service whether it is ready; status 0 when it is.
    Healthcheck(healthcheck::Healthcheck),
    /// Print a token signed by `SECRET_KEY`, to call the service with.
    #[cfg(feature = "auth")]
    Token(token::Token),
}

impl Cli {
    /// `serve`, `config` and `healthcheck` of the service that `info` names, and with the feature `auth` its `token`.
    ///
    /// `info` names it in `--help` and `--version`, and in the log of `serve`.
    pub fn new(info: ServiceInfo) -> Self {
        Self {
            info,
            about: None,
            #[cfg(feature = "openapi")]
            api: Described::default(),
            own: None,
        }
    }

    /// What `--help` says of the service, in a sentence.
    pub const fn about(mut self, about: &'static str) -> Self {
        self.about = Some(about);
        self
    }

    /// Adds `openapi` and `errors`, which print what `api` says of itself. Neither is served: no state is needed, no database opened.
    ///
    /// `api` is called by these two commands only, and once each. The document is what `GET {prefix}/openapi.json` serves under the same
    /// settings, so a pipeline can compare it with the one that is checked in.
    #[cfg(feature = "openapi")]
    pub fn api<T: Clone + Send + Sync + 'static>(mut self, api: impl Fn() -> ApiRouter<T> + Clone + 'static) -> Self {
        let errors = api.clone();
        self.api.errors = Some(Box::new(move || errors().catalogue()));
        if self.api.under_settings.is_some() { self } else { self.openapi(move |_: &StandardSettings| api()) }
    }

    /// Has `openapi` print what the API is under the service's own settings, where they change it. `errors` needs none of them after
    /// [`api`](Self::api).
    ///
    /// ```no_run
    /// use standards_axum::prelude::*;
    /// use standards_axum::Service;
    ///
    /// settings! {
    ///     /// What the service is configured with.
    ///     pub struct Ajustes {
    ///         ..standard: StandardSettings;
    ///         /// Refuse a pago without an `Idempotency-Key`.
    ///         required: bool = "IDEMPOTENCY_REQUIRED", otherwise "false";
    ///     }
    /// }
    ///
    /// fn api() -> ApiRouter {
    ///     ApiRouter::new().operation(Operation::post("/pagos", "pagar"), async |_: Option<IdempotencyKey>| ok(()))
    /// }
    ///
    /// fn api_under(ajustes: &Ajustes) -> ApiRouter {
    ///     if ajustes.required { api().require_idempotency_key() } else { api() }
    /// }
    ///
    /// async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    ///     let api = api_under(&ajustes);
    ///     Ok(Service::new(service_info!(), ajustes.standard).api(api))
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Exit {
    ///     Cli::new(service_info!()).api(api).openapi(api_under).serve(servicio).await
    /// }
    /// ```
    ///
    /// The command reads the settings as `serve` does; where they are not valid it prints every problem and ends with status 2.
    #[cfg(feature = "openapi")]
    pub fn openapi<S, T>(mut self, api: impl FnOnce(&S) -> ApiRouter<T> + 'static) -> Self
    where
        S: Settings + AsRef<StandardSettings>,
        T: Clone + Send + Sync + 'static,
    {
        let info = self.info;
        self.api.under_settings = Some(Box::new(move || {
            let settings = S::load()?;
            let (api, standard) = (api(&settings), settings.as_ref());
            let api = if standard.rate_limit.is_some() { api.document_rate_limit() } else { api };
            let api = info.mount(api, standard);
            let errors = api.catalogue();
            Ok((api.into_parts().1, errors))
        }));
        self
    }

    /// Adds the commands of `C`, which `run` runs. What they print they [`say`].
    ///
    /// They stand beside the standard ones in `--help`, and their names are theirs alone: one that is called as a standard command is not
    /// reached. Neither settings nor a log are there before `run`; a command that needs them loads them
    /// ([`Settings::load`]).
    ///
    /// # Panics
    ///
    /// In debug builds, when [`serve`](Self::serve) finds two commands of one name.
    pub fn commands<C, F>(mut self, run: impl FnOnce(C) -> F + 'static) -> Self
    where
        C: Subcommand,
        F: Future<Output = Result<Exit, Fatal>> + 'static,
    {
        self.own = Some(Own::new(run));
        self
    }

    /// Does what the process was started for, and says how it ends. Without a command it serves what `build` makes of the settings, as
    /// [`serve_with`] does; for any other `build` is not called.
    ///
    /// The command line is the process's own ([`std::env::args_os`]). One that is wrong is told on standard error, with status 2; `--help`
    /// and `--version` go to standard output, with status 0.
    pub async fn serve<S>(self, build: impl AsyncFnOnce(S) -> Result<Service, Fatal>) -> Exit
    where
        S: Settings + AsRef<StandardSettings>,
    {
        let matches = match self.command().try_get_matches() {
            Ok(matches) => matches,
            Err(usage) => return output::usage(&usage),
        };
        if matches.subcommand_name().is_none_or(|name| name == "serve") {
            return serve_with(self.info, build).await;
        }
        output::end(self.run::<S>(&matches).await)
    }

    fn command(&self) -> clap::Command {
        let command = StandardCommand::augment_subcommands(clap::Command::new(self.info.name));
        #[cfg(feature = "openapi")]
        let command = self.api.add_to(command);
        let command = match &self.own {
            Some(own) => own.add_to(command),
            None => command,
        };
        // Last: each enum of commands brings what its own documentation says.
        command.version(self.info.version).about(self.about).long_about(None)
    }

    async fn run<S: Settings>(self, matches: &ArgMatches) -> Result<Exit, Fatal> {
        let name = matches.subcommand_name().unwrap_or_default();
        #[cfg(feature = "openapi")]
        if ApiCommand::has_subcommand(name) {
            return self.api.run(&ApiCommand::from_arg_matches(matches)?);
        }
        match self.own.filter(|_| !StandardCommand::has_subcommand(name)) {
            Some(own) => own.run(matches).await,
            None => StandardCommand::from_arg_matches(matches)?.run::<S>().await,
        }
    }
}

impl StandardCommand {
    async fn run<S: Settings>(self) -> Result<Exit, Fatal> {
        match self {
            // Served before any command is looked at.
            Self::Serve => Ok(Exit::Stopped),
            Self::Config(command) => config::run::<S>(command),
            Self::Healthcheck(command) => healthcheck::run(command).await,
            #[cfg(feature = "auth")]
            Self::Token(command) => token::run(command),
        }
    }
}
