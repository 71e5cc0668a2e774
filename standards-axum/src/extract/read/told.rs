//! Refusals in the words of the type that refuses.

use serde::de::{Expected, Visitor};

use super::place::Place;
use super::refusal::Refusal;

/// Visits, and tells a refusal by what the visitor says that it expects: a type of another crate has no words for a client.
///
/// A first reading has no plan; if it is refused, a second one finds the reason.
pub(super) fn told<'de, V: Visitor<'de>>(
    place: &Place<'_>,
    visitor: V,
    visit: impl FnOnce(V) -> Result<V::Value, Refusal>,
) -> Result<V::Value, Refusal> {
    if place.plan().is_none() {
        return visit(visitor);
    }
    let expected: &dyn Expected = &visitor;
    let expected = expected.to_string();
    visit(visitor).map_err(|refusal| refusal.expecting(&expected))
}
