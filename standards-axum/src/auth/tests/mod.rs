//! Tokens as they are, and as attackers make them.

mod seen;
mod set;
mod support;
mod tokens;
