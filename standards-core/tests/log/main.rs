//! The log, seen from outside: whole lines, from every source, on behalf of every request.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]

mod arbitrary;
mod bridge;
#[cfg(test)]
mod capture;
#[cfg(test)]
mod circuits;
#[cfg(test)]
mod corpus;
mod correlation;
#[cfg(test)]
mod elastic;
#[cfg(test)]
mod fields;
mod hostile;
mod panics;
mod record;
#[cfg(test)]
mod stray;
#[cfg(test)]
mod support;
