//! Who may do what: nobody without a token, and no more than it grants.

mod keys;
mod limits;
mod operations;
mod process;
mod sets;
pub(crate) mod tokens;

use standards_axum::testing;

pub(crate) const KEY: &str = "a-key-of-at-least-32-bytes-for-tests";
const ANOTHER_KEY: &str = "another-key-of-at-least-32-bytes-for-tests";

/// Authentication by [`KEY`].
pub(crate) const VARIABLES: [(&str, &str); 3] = variables(KEY);

const fn variables(key: &str) -> [(&str, &str); 3] {
    [("SECRET_KEY", key), ("JWT_ISSUER", "https://login.example"), ("JWT_AUDIENCE", "pagos")]
}

/// A token of `subject` with these scopes, signed by `key`.
fn token(key: &str, subject: &str, scope: &str) -> String {
    testing::token(variables(key), subject, scope)
}
