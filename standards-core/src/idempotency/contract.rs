//! What every store of outcomes must do, as a test.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use standards_core::Failure;
//! use standards_core::idempotency::contract::{StoreUnderTest, verify};
//! use standards_core::idempotency::{MemoryEffect, MemoryStore};
//!
//! #[derive(Default)]
//! struct InMemory {
//!     store: MemoryStore<u64>,
//!     performed: Arc<AtomicU64>,
//! }
//!
//! impl StoreUnderTest for InMemory {
//!     type Store = MemoryStore<u64>;
//!
//!     fn store(&self) -> &MemoryStore<u64> {
//!         &self.store
//!     }
//!
//!     fn effect(&self) -> MemoryEffect<u64> {
//!         let performed = self.performed.clone();
//!         MemoryStore::effect(async move { Ok(performed.fetch_add(1, Ordering::SeqCst)) })
//!     }
//!
//!     fn failing_effect(&self) -> MemoryEffect<u64> {
//!         MemoryStore::effect(async { Err(Failure::unavailable("gone")) })
//!     }
//!
//!     async fn performed(&self) -> u64 {
//!         self.performed.load(Ordering::SeqCst)
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! verify(&InMemory::default()).await;
//! # });
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test for other crates to call")]

use std::collections::VecDeque;
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::{IdempotencyStore, KeyScope, Keyed, KeyedRequest};
use crate::language::Language;

/// A store that holds nothing yet, and effects to try it with.
pub trait StoreUnderTest: Sync {
    /// The store.
    type Store: IdempotencyStore<Outcome: PartialEq + Debug>;

    /// The store itself.
    fn store(&self) -> &Self::Store;

    /// An effect that succeeds, with an outcome of its own each time.
    fn effect(&self) -> <Self::Store as IdempotencyStore>::Effect;

    /// An effect that fails in a way that may pass, and changes nothing.
    fn failing_effect(&self) -> <Self::Store as IdempotencyStore>::Effect;

    /// How many effects have been performed.
    fn performed(&self) -> impl Future<Output = u64> + Send;
}

type Outcome<T> = Keyed<<<T as StoreUnderTest>::Store as IdempotencyStore>::Outcome>;

/// Checks every promise of [`IdempotencyStore`].
///
/// # Panics
///
/// When the store breaks one.
pub async fn verify<T: StoreUnderTest>(subject: &T) {
    a_repetition_gets_the_first_outcome(subject).await;
    another_request_is_refused(subject).await;
    scopes_are_independent(subject).await;
    simultaneous_requests_perform_one_effect(subject).await;
    a_failure_leaves_no_trace(subject).await;
    reaping_is_bounded_and_frees_the_key(subject).await;
}

fn request(subject: &str, operation: &'static str, key: &str, fingerprint: &str) -> KeyedRequest {
    KeyedRequest::new(KeyScope::new(subject, operation, key.parse().unwrap()), fingerprint)
}

async fn perform<T: StoreUnderTest>(subject: &T, request: &KeyedRequest) -> Outcome<T> {
    subject.store().perform(request, subject.effect()).await.expect("an effect that succeeds")
}

async fn a_repetition_gets_the_first_outcome<T: StoreUnderTest>(subject: &T) {
    let (before, request) = (subject.performed().await, request("", "POST /a", "repetida", "x"));
    let first = perform(subject, &request.clone().in_language(Language::En)).await;
    let Keyed::Fresh(first) = first else { panic!("the first use of a key is no replay") };
    for _ in 0..3 {
        let Keyed::Replayed(again, language) = perform(subject, &request).await else { panic!("a repetition is a replay") };
        assert_eq!((&again, language), (&first, Language::En));
    }
    assert_eq!(subject.performed().await, before + 1, "one key, one effect");
}

async fn another_request_is_refused<T: StoreUnderTest>(subject: &T) {
    let _ = perform(subject, &request("", "POST /a", "reutilizada", "x")).await;
    let before = subject.performed().await;
    assert_eq!(perform(subject, &request("", "POST /a", "reutilizada", "y")).await, Keyed::Reused);
    assert_eq!(subject.performed().await, before, "a refused request has no effect");
}

async fn scopes_are_independent<T: StoreUnderTest>(subject: &T) {
    let _ = perform(subject, &request("ana", "POST /a", "clave", "x")).await;
    for other in [("eva", "POST /a", "clave"), ("ana", "POST /b", "clave"), ("ana", "POST /a", "Clave")] {
        let settled = perform(subject, &request(other.0, other.1, other.2, "x")).await;
        assert!(matches!(settled, Keyed::Fresh(_)), "{other:?} has an outcome of its own");
    }
}

async fn simultaneous_requests_perform_one_effect<T: StoreUnderTest>(subject: &T) {
    let (before, request) = (subject.performed().await, request("", "POST /a", "simultanea", "x"));
    let attempts = (0..16).map(|_| subject.store().perform(&request, subject.effect()));
    let mut fresh = 0;
    for settled in together(attempts).await.into_iter().flatten() {
        fresh += u32::from(matches!(settled, Keyed::Fresh(_)));
        assert_ne!(settled, Keyed::Reused, "the same request is no other");
    }
    assert_eq!((fresh, subject.performed().await), (1, before + 1), "of simultaneous requests one is performed");
}

async fn a_failure_leaves_no_trace<T: StoreUnderTest>(subject: &T) {
    let request = request("", "POST /a", "fallida", "x");
    assert!(subject.store().perform(&request, subject.failing_effect()).await.is_err(), "a failure is told");
    assert!(matches!(perform(subject, &request).await, Keyed::Fresh(_)), "a failure does not use the key up");
}

async fn reaping_is_bounded_and_frees_the_key<T: StoreUnderTest>(subject: &T) {
    let (store, request) = (subject.store(), request("", "POST /a", "vieja", "x"));
    let _ = perform(subject, &request).await;
    assert_eq!(store.reap(Duration::from_secs(3600), 100).await.unwrap(), 0, "what is young stays");
    assert!(matches!(perform(subject, &request).await, Keyed::Replayed(..)));
    assert_eq!(store.reap(Duration::ZERO, 1).await.unwrap(), 1, "no more than it was told");
    while store.reap(Duration::ZERO, 2).await.unwrap() > 0 {}
    assert!(matches!(perform(subject, &request).await, Keyed::Fresh(_)), "a reaped key is new");
}

/// Awaits all of them at once; their results in the order in which they came.
async fn together<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: VecDeque<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    poll_fn(move |cx| {
        for _ in 0..waiting.len() {
            let Some(mut future) = waiting.pop_front() else { break };
            match future.as_mut().poll(cx) {
                Poll::Ready(output) => done.push(output),
                Poll::Pending => waiting.push_back(future),
            }
        }
        if waiting.is_empty() { Poll::Ready(std::mem::take(&mut done)) } else { Poll::Pending }
    })
    .await
}
