//! A new service from the template that stands in `template/`, and an earlier one brought up to date.
//!
//! 1. A name is read (`name`); the template is filled in with it (`template`).
//! 2. `new` writes the files into a folder beside the wanted one, which then takes its name (`folder`).
//! 3. With them goes what they were made from (`base`), so that `upgrade` can tell the team's changes from the template's (`merge`).

mod base;
mod folder;
mod merge;
mod name;
mod template;
mod upgrade;

#[cfg(test)]
mod tests;

pub(super) use base::Base;
pub(super) use folder::create;
pub(super) use merge::Outcome;
pub(super) use name::Name;
pub(super) use template::home;
pub(super) use upgrade::plan;
