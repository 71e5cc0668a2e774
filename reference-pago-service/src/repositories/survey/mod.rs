//! What an operator wants to know of a database. Nothing is written, and no table of the service is read.

mod hosts;
mod postgres;
mod sqlite;

pub(crate) use hosts::{Host, Role, hosts};
pub(crate) use postgres::{Clock, Probes, Rights, Server, Statements, probes, rights, server};
pub(crate) use sqlite::{File, damage, file};
