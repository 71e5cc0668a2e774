//! What an address paid for a request whose caller turns out to be known.

use http::header::AUTHORIZATION;
use http::request::Parts;
use std::hash::BuildHasher;

use super::refusal::Counted;
use super::{Limit, RateLimit};
use crate::answer::ApiError;

/// Stands in a request's extensions from when it was counted for its address until its token is verified.
#[derive(Clone)]
struct Charge {
    limit: RateLimit,
    address: u64,
}

/// Notes what the address has paid, where somebody may be known later.
pub(super) fn note(limit: &RateLimit, address: u64, head: &mut Parts) {
    if head.headers.contains_key(AUTHORIZATION) {
        head.extensions.insert(Charge { limit: limit.clone(), address });
    }
}

/// Counts a request for the verified `subject`, and gives its address back what it paid.
///
/// # Errors
///
/// The answer, where the subject has spent what it may.
pub(crate) fn charge_subject(head: &mut Parts, subject: &str) -> Result<(), ApiError> {
    let Some(Charge { limit, address }) = head.extensions.remove() else { return Ok(()) };
    let Limit { cells, rate, hasher, .. } = &*limit.0;
    cells.give_back(address, rate.quota().replenish_interval());
    // An address is hashed as something else than a text.
    limit.count(hasher.hash_one(subject), Counted::Subject, head)
}
