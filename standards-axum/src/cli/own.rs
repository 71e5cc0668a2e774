//! The commands of the service itself.
//!
//! `Cli` would otherwise carry the type of the commands and of their function through every signature. Here they become two functions: one
//! that adds the commands to the command line, one that reads them from it and begins to run.

use std::fmt;
use std::pin::Pin;

use clap::{ArgMatches, Command, Subcommand};
use standards_core::Fatal;

use crate::Exit;

type Running = Pin<Box<dyn Future<Output = Result<Exit, Fatal>>>>;
type Begin = dyn FnOnce(&ArgMatches) -> Result<Running, clap::Error>;

/// An enum of commands and the function that runs one, their types forgotten.
pub(super) struct Own {
    augment: fn(Command) -> Command,
    begin: Box<Begin>,
}

impl Own {
    pub(super) fn new<C, F>(run: impl FnOnce(C) -> F + 'static) -> Self
    where
        C: Subcommand,
        F: Future<Output = Result<Exit, Fatal>> + 'static,
    {
        let begin = move |matches: &ArgMatches| -> Result<Running, clap::Error> {
            let command = C::from_arg_matches(matches)?;
            Ok(Box::pin(run(command)))
        };
        Self { augment: C::augment_subcommands, begin: Box::new(begin) }
    }

    pub(super) fn add_to(&self, command: Command) -> Command {
        (self.augment)(command)
    }

    pub(super) async fn run(self, matches: &ArgMatches) -> Result<Exit, Fatal> {
        (self.begin)(matches)?.await
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive()
    }
}
