//! One reading of a request: a deserialiser of our own, whose error is a reason and a place.
//!
//! A good body is read past all of that, in one pass (`direct`). For any other, the walk: a [`Document`] starts at the root's [`Place`]. A body is a [`Value`], cut into raw texts level by level; a path or a query
//! are [`Parameters`], each a `Text`. Both show an object's fields and a list's elements the same way (`object`), and numbers from
//! their own digits (`number`). What the [`Plan`] says of a place is read instead of what stands there (`placeholder`): on a first
//! reading it says nothing. What a type does not take is a [`Refusal`]; what it takes in before it asks for anything is noted as [`Shown`].

mod direct;
mod number;
mod object;
mod parameters;
pub(super) mod percent;
mod place;
mod placeholder;
mod plan;
mod refusal;
mod shown;
mod text;
mod told;
mod value;

use serde::de::DeserializeOwned;

pub(super) use direct::read as read_directly;
pub(super) use parameters::{Parameter, Parameters};
pub(super) use place::Place;
pub(crate) use place::{FieldPath, Segment};
pub(super) use placeholder::{CANDIDATES, candidates_of};
pub(super) use plan::{Fix, Hint, Plan, Shape};
pub(super) use refusal::{Complaint, Refusal};
pub(super) use shown::Shown;
pub(super) use value::Value;

/// A request, or a part of one, that a `T` can be read from.
pub(in crate::extract) trait Document {
    /// What the whole is called, where no single field is to blame.
    fn name(&self) -> &str;

    /// Whether all its values are texts, that may stand for numbers.
    const OF_TEXTS: bool;

    /// Reads it once, the first time without a plan.
    fn read<T: DeserializeOwned>(&self, plan: Option<&Plan>) -> Result<T, Refusal>;
}
