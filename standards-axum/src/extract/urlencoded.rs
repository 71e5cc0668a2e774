//! Reading `name=value&name=value`: what a query and a form have in common.

use garde::Validate;
use serde::de::DeserializeOwned;
use standards_core::Failure;

use super::read::{Parameters, percent};
use super::reason::Reason;
use super::retry;

/// As many parameters one query, or one form, may have.
const MAX_PARAMETERS: usize = 1024;

/// Reads `text`, the whole of which is called `name` where no single parameter is to blame.
pub(super) fn parse<T: DeserializeOwned + Validate<Context = ()>>(name: &'static str, text: &str) -> Result<T, Failure> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    if pairs.clone().nth(MAX_PARAMETERS).is_some() {
        return Err(retry::refuse(name, &Reason::TooMany));
    }
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    // A name that is no text names no field of ours: ignored, like any unknown one.
    let pairs = pairs.filter_map(|(name, text)| Some((percent::decode(name)?, percent::decode(text))));
    retry::read(&Parameters::new(name, pairs))
}
