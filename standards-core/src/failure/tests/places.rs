//! Whose line a failure's place is, by the way in which it came about.

use crate::{Failure, OrFailure, error_catalogue};

error_catalogue! {
    enum Refusal {
        Small => 400, "SMALL", "Pequeño";
    }
}

/// An error of a service, and one whose author did not think of the caller.
struct Known;
struct Careless;

impl From<Known> for Failure {
    #[track_caller]
    fn from(_: Known) -> Self {
        Self::unavailable("known")
    }
}

const IMPL_LINE: u32 = line!() + 4;

impl From<Careless> for Failure {
    fn from(_: Careless) -> Self {
        Self::unavailable("careless")
    }
}

/// What a handler answers with, as `ApiError` is.
struct Answer(Failure);

impl<E: Into<Failure>> From<E> for Answer {
    #[track_caller]
    fn from(error: E) -> Self {
        Self(Failure::convert(error))
    }
}

#[track_caller]
fn assert_made_at(line: u32, failed: Result<(), Failure>) {
    let place = failed.unwrap_err().traceback();
    assert!(place.starts_with(&format!("{}:{line}:", file!())), "line {line}, not {place}");
}

/// What went wrong elsewhere.
fn broken<E>(error: E) -> Result<(), E> {
    Err(error)
}

fn answered(answer: impl FnOnce() -> Result<(), Answer>) -> Result<(), Failure> {
    answer().map_err(|answer| answer.0)
}

#[test]
fn a_failure_that_is_made_by_a_call_has_the_line_of_the_call() {
    assert_made_at(line!(), Err(Failure::unavailable("x")));
    assert_made_at(line!(), Err(Failure::internal("x")));
    assert_made_at(line!(), Err(Failure::from(Refusal::Small)));
    assert_made_at(line!(), Err(Refusal::Small.into()));
    assert_made_at(line!(), Err(Failure::panic(&"x")));
}

#[test]
fn a_question_mark_that_converts_is_the_place() {
    assert_made_at(line!(), (|| Err(Refusal::Small)?)());
    assert_made_at(line!(), (|| Err(std::io::Error::other("x"))?)());
    assert_made_at(line!(), (|| Err(Known)?)());
    assert_made_at(line!(), answered(|| Err(Refusal::Small)?));
    assert_made_at(line!(), answered(|| Err(Known)?));
    assert_made_at(line!(), answered(|| Err(std::fmt::Error)?));
}

#[test]
fn a_conversion_without_track_caller_is_the_place_itself_unless_an_answer_converts() {
    assert_made_at(IMPL_LINE, (|| Err(Careless)?)());
    assert_made_at(line!(), answered(|| Err(Careless)?));
    assert_made_at(line!(), Err(Failure::convert(Careless)));
    assert_made_at(line!(), answered(|| Ok(broken(Careless).map_err(Failure::convert)?)));
}

#[test]
fn a_failure_that_a_conversion_only_hands_on_keeps_its_place() {
    struct Wrapped(Failure);

    impl From<Wrapped> for Failure {
        fn from(error: Wrapped) -> Self {
            error.0
        }
    }

    let (made, line) = (Failure::unavailable("x"), line!());
    assert_made_at(line, answered(|| Err(Wrapped(made))?));
    assert_made_at(line!(), Err(Failure::unavailable("after a conversion")));
}

#[test]
fn a_place_in_words_is_no_line() {
    let failure = Failure::unavailable("x").with_place("<upstream>");
    assert_eq!(failure.clone().located().traceback(), "<upstream>");
    assert_eq!(answered(|| Ok(Err(failure)?)).unwrap_err().traceback(), "<upstream>");
}

#[test]
fn a_method_of_a_result_knows_its_line() {
    assert_made_at(line!(), Err("x").or_unavailable());
    assert_made_at(line!(), Err("x").or_internal());
    let asked = || -> Result<(), Failure> {
        broken("x").or_internal()?;
        Ok(())
    };
    assert_made_at(line!() - 3, asked());
}

#[test]
fn a_function_value_takes_the_line_of_the_next_conversion() {
    assert_made_at(line!(), answered(|| Ok(broken("x").map_err(Failure::unavailable)?)));
    assert_made_at(line!(), answered(|| Ok(broken("x").map_err(Failure::internal)?)));
    assert_made_at(line!(), answered(|| Ok(broken(Refusal::Small).map_err(Failure::from)?)));
    assert_made_at(line!(), answered(|| Ok(broken(Known).map_err(Failure::from)?)));
    let inner = || broken("x").map_err(Failure::unavailable);
    assert_made_at(line!(), answered(|| Ok(inner()?)));
    let pointer: fn(&'static str) -> Failure = Failure::unavailable;
    assert_made_at(line!(), answered(|| Ok(broken("x").map_err(pointer)?)));
}

#[test]
fn a_place_that_is_known_stays() {
    let (made, line) = (Failure::unavailable("x"), line!());
    assert_made_at(line, answered(|| Ok(Err(made)?)));
}

#[test]
fn who_logs_a_failure_whose_place_is_unknown_is_its_place() {
    let failure = broken("x").map_err(Failure::unavailable).unwrap_err();
    let here = std::panic::Location::caller();
    assert!(failure.traceback_or(here).starts_with(&here.to_string()));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a task without a request")]
async fn a_task_that_panics_fails_where_it_is_awaited() {
    let task = tokio::spawn(async { panic!("x") });
    let failed: Result<(), Failure> = async { Ok(task.await?) }.await;
    assert_made_at(line!() - 1, failed);
}
