//! Answers as a client reads them.

use std::time::Duration;

use axum::response::IntoResponse;
use http::HeaderValue;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt;
use standards_core::idempotency::{IdempotencyError, Keyed};
use standards_core::{ErrorStatus, Failure, Language};

use super::*;

#[test]
fn an_unavailable_service_says_when_to_come_back() {
    let response = ApiError::from(Failure::unavailable("no")).into_response();
    assert_eq!((response.status().as_u16(), response.headers()[RETRY_AFTER].as_bytes()), (503, &b"1"[..]));
}

#[test]
fn a_failure_that_knows_when_to_come_back_says_so_in_whole_seconds() {
    for (millis, expected) in [(0, "0"), (1, "1"), (1000, "1"), (1001, "2"), (600_000, "600")] {
        let failure = Failure::unavailable("closed").with_retry_after(Duration::from_millis(millis));
        assert_eq!(ApiError::from(failure).into_response().headers()[RETRY_AFTER], expected);
    }
}

#[test]
fn a_key_in_process_may_be_tried_again() {
    let response = ApiError::from(IdempotencyError::InProgress).into_response();
    assert_eq!((response.status().as_u16(), response.headers()[RETRY_AFTER].as_bytes()), (409, &b"1"[..]));
}

#[test]
fn a_header_of_its_own_replaces_the_standard_one() {
    let error = ApiError::from(Failure::unavailable("no")).with_header(RETRY_AFTER, HeaderValue::from_static("7"));
    let response = error.into_response();
    assert_eq!(response.headers().get_all(RETRY_AFTER).iter().collect::<Vec<_>>(), ["7"]);
}

#[test]
fn an_answer_carries_its_failure() {
    let response = ApiError::from(Failure::http(ErrorStatus::NOT_FOUND)).into_response();
    assert_eq!(Outcome::of(&response).failure.entry().code, "HTTP_ERROR");
}

/// A success is written in pieces; they are those of the envelope as a value.
async fn assert_written_as_the_envelope<T: serde::Serialize + Clone>(data: T) {
    let answer = Reply::<T>::new(data.clone()).into_response();
    let written = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(written, serde_json::to_vec(&standards_core::ApiResponse::success(data)).unwrap());
}

#[tokio::test]
async fn a_success_is_the_envelope_of_its_data() {
    assert_written_as_the_envelope(()).await;
    assert_written_as_the_envelope(None::<u8>).await;
    assert_written_as_the_envelope("comillas \" y ñ \u{7}").await;
    assert_written_as_the_envelope(vec![Some(1), None]).await;
    assert_written_as_the_envelope(serde_json::json!({"a": {"b": [1.5, true, null]}, "c": ""})).await;
}

async fn answer(outcome: Keyed<Result<u8, IdempotencyError>>) -> (u16, bool, String) {
    let (head, body) = outcome.into_reply().into_response().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    (head.status.as_u16(), head.headers.contains_key(IDEMPOTENT_REPLAYED), String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn a_replay_has_the_same_bytes_and_says_what_it_is() {
    let (status, replayed, body) = answer(Keyed::Fresh(Ok(7))).await;
    assert_eq!((status, replayed), (200, false));
    assert_eq!(answer(Keyed::Replayed(Ok(7), Language::Es)).await, (200, true, body));
}

#[tokio::test]
async fn a_replayed_failure_keeps_its_language() {
    let refused = || Err(IdempotencyError::MissingKey);
    let (status, replayed, body) = answer(Keyed::Replayed(refused(), Language::En)).await;
    assert_eq!((status, replayed), (400, true));
    assert!(body.contains("is required"), "{body}");
    assert!(!answer(Keyed::Fresh(refused())).await.1);
    assert_eq!(answer(Keyed::Reused).await.0, 422);
}
