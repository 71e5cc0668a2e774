//! `standards-check`: whether a service, in whatever language it is written, keeps the guideline.

mod client;
mod document;
mod engine;
mod exchange;
mod feed;
mod judges;
mod lines;
mod model;
mod probes;
mod profile;
mod recorded;
mod schema;
mod session;
mod spawn;
mod starts;
mod target;
mod text;
mod verdict;
