//! Tokens as they are, and as attackers make them.

mod set;
mod support;
mod tokens;
