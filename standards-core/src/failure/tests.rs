//! What a failure says, and to whom.

mod places;

use super::*;
use crate::error_catalogue;

error_catalogue! {
    enum Refusal {
        Small { saldo: i64 } => 400, "SALDO", "Saldo {saldo}", en "Balance {saldo}";
    }
}

fn fails() -> Result<(), Failure> {
    Err(Refusal::Small { saldo: 3 })?;
    Ok(())
}

#[test]
fn the_question_mark_turns_a_domain_error_into_a_failure_and_keeps_its_place() {
    let failure = fails().unwrap_err();
    assert_eq!(failure.body(Language::En).errors(), [ErrorItem::new("SALDO", "Balance 3")]);
    assert_eq!(failure.context(), [("saldo", Value::from(3))]);
    assert!(failure.traceback().starts_with(file!()), "{}", failure.traceback());
}

#[test]
fn a_cause_never_reaches_the_body() {
    let cause = std::io::Error::new(std::io::ErrorKind::TimedOut, "select secreto from tabla");
    let failure = Failure::unavailable(cause);
    assert!(!serde_json::to_string(&failure.body(Language::Es)).unwrap().contains("secreto"));
    assert_eq!(failure.cause_chain(), "select secreto from tabla");
    assert_eq!(failure.error_type(), "std::io::error::Error");
}

#[derive(Debug)]
struct Endless;

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("otra vez")
    }
}

impl Error for Endless {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Self)
    }
}

#[test]
fn regression_an_endless_chain_of_causes_ends() {
    assert_eq!(Failure::internal(Endless).cause_chain(), "otra vez");
}

#[test]
fn each_bad_field_is_one_item() {
    let fields = vec![FieldError::new("monto", "malo", "bad"), FieldError::new("", "ilegible", "unreadable")];
    let failure = Failure::validation(fields);
    let messages: Vec<_> = failure.body(Language::Es).errors().iter().map(|item| item.message.clone()).collect();
    assert_eq!(messages, ["monto: malo", "ilegible"]);
    assert_eq!(failure.message(), "monto: malo; ilegible");
}

#[test]
fn the_type_is_the_cause_s_where_that_tells_something() {
    let boxed: Cause = Box::new(fmt::Error);
    let shared: Arc<dyn Error + Send + Sync> = Arc::new(fmt::Error);
    let failures = [
        (Failure::unavailable(fmt::Error), "core::fmt::Error"),
        (Failure::internal(Box::new(fmt::Error)), "core::fmt::Error"),
        (Failure::unavailable("x"), "SERVICE_UNAVAILABLE"),
        (Failure::internal("x".to_owned()), "INTERNAL_ERROR"),
        (Failure::unavailable(boxed), "SERVICE_UNAVAILABLE"),
        (Failure::internal(shared), "INTERNAL_ERROR"),
        (Failure::internal("x").with_error_type("Corrupted"), "Corrupted"),
        (Failure::panic(&"x"), "panic"),
        (Failure::http(ErrorStatus::NOT_FOUND), "HTTP_ERROR"),
    ];
    for (failure, expected) in failures {
        assert_eq!(failure.error_type(), expected);
    }
}

#[test]
fn clones_share_cause_and_place_and_change_alone() {
    let failure = Failure::unavailable("x");
    let other = failure.clone().with_context("pago_id", 1);
    assert_eq!((failure.context().len(), other.context().len()), (0, 1));
    assert_eq!(failure.traceback(), other.traceback());
    let causes = [failure.cause().unwrap(), other.cause().unwrap()].map(|cause| std::ptr::from_ref(cause).addr());
    assert_eq!(causes[0], causes[1]);
}

#[test]
fn a_level_of_its_own_changes_no_more_than_the_level() {
    let failure = Failure::from(Refusal::Small { saldo: 3 }).with_level(LogLevel::Info);
    assert_eq!((failure.level(), failure.entry().level), (LogLevel::Info, LogLevel::Warning));
    assert_eq!(failure.entry(), Refusal::Small { saldo: 3 }.entry());
    assert!(!failure.is_logged() && failure.already_logged().is_logged());
}
