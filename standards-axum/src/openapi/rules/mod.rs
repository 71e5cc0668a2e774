//! The bounds that the document states are those of garde's rules: the rules are asked, and nobody writes them twice.
//!
//! garde's derive makes a function and no description. So each type that a handler's arguments read is given requests that are made up
//! from its own schema (`build`, `part`, `round`), by the same reader as a client's: a text too short, a number too small, a list too long.
//! What breaks a rule tells the rule and its bound ([`Rule`](crate::extract::Rule)), which is then stated where the value stands
//! (`bounds`). Where a type is read in several places, what all of them refuse is stated. [`unenforced`] asks the other way round: whether what
//! the document states is refused at all.
//!
//! It is done when the document is put together, by a fixed list of requests. What no request of these breaks is not stated: a list longer than
//! 10,000 entries (a map: 1,000), a text longer than 2^17 characters, a rule that is a function of the team's own.
//!
//! # How bounds are asked
//!
//! 1. When the document is put together, each argument that reads a part of the request leaves a [`Question`]: which part it is about, and a function
//!    that has its type read one.
//! 2. `build` makes a [`Part`] of that part's schema: a tree of values, each with the `Address` of its schema.
//! 3. Each of [`ROUNDS`] says what stands in a text, a number, a list; `Part::request` writes a request of it. [`ask`] has the type read it.
//! 4. The answer is one of two. The type could not read the request: the places that it refused are closed, so that from now on their example is sent,
//!    and the request is made once more. Or it could, and garde's rules have told what they are: each tells its bound to the part at its path.
//! 5. [`state`] keeps, of a component that several operations read, what all of them refuse. What is left goes into the schemas by `apply`: the stricter
//!    of what was written by hand and what a rule says.
//!
//! A schema can say what a rule means for lengths, ranges, patterns, a few formats and `required`. [`Bounds::learn`] is the list of them.
//!
//! # What it costs
//!
//! Some thirty requests to each argument, a few with lists of thousands of entries. It is paid when the document is put together; no request of a
//! client pays for it. A type must not do anything when it is read: one that counts, or asks somebody, is asked as often.

mod apply;
mod bounds;
mod build;
mod enforced;
mod part;
mod round;
mod tries;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

pub(super) use self::apply::Described;
use self::apply::Site;
use self::bounds::Bounds;
pub(super) use self::enforced::unenforced;
use self::part::{Address, Part};
use self::round::ROUNDS;
use crate::extract::Answer;

/// One argument of a handler, that can be asked.
#[derive(Clone)]
pub(super) struct Question {
    /// Which part of the operation it is about.
    pub(super) about: About,
    /// Has the argument's type read a request.
    pub(super) ask: fn(&Value) -> Answer,
}

/// What of an operation an argument reads.
#[derive(Clone)]
pub(super) enum About {
    Body,
    /// These of its parameters.
    Parameters(Range<usize>),
}

/// States, in each operation, what its arguments' rules refuse.
pub(super) fn state(operations: &mut [Described<'_>], components: &mut Components) {
    let mut stated: BTreeMap<(Option<usize>, Address), Bounds> = BTreeMap::new();
    for (index, operation) in operations.iter().enumerate() {
        for question in operation.questions {
            let Some(mut part) = operation.part(&question.about, components) else { continue };
            if !ask(&mut part, question) {
                continue;
            }
            part.each(&mut |part| {
                // A component is shared; what stands in an operation is its own.
                let owner = (!part.address.is_shared()).then_some(index);
                let known = stated.entry((owner, part.address.clone()));
                let bounds = known.or_insert_with(|| part.bounds.clone());
                bounds.keep_common(&part.bounds);
            });
        }
    }
    for ((owner, address), bounds) in stated {
        let operation = owner.and_then(|index| operations.get_mut(index));
        Site::new(operation, components).state(&address, &bounds);
    }
}

/// Sends one request after the other; whether any could be read.
fn ask(part: &mut Part, question: &Question) -> bool {
    let mut was_read = false;
    for round in ROUNDS {
        let answer = (question.ask)(&part.request(round));
        if answer.broken.is_none() {
            // A type that refuses what no placeholder satisfies gets its own example.
            answer.refused.iter().for_each(|path| part.close(path, round));
        }
        let answer = if answer.broken.is_some() { answer } else { (question.ask)(&part.request(round)) };
        answer.refused.iter().for_each(|path| part.refuse(path, round));
        let Some(broken) = answer.broken else { continue };
        was_read = true;
        broken.iter().for_each(|(path, rule)| part.learn(path, round, rule));
    }
    was_read
}

type Components = BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Schema>>;
