//! Whose record it is, wherever the work is done. One row per way of losing it.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use standards_core::CorrelationId;
use standards_core::context::{self, WithContext};
use standards_core::log::capture::Capture;
use standards_core::log::{LogLevel, Record, StructuredLogger};
use tokio::task::JoinSet;
use tracing::info;

use crate::support::request;

const REQUESTS: usize = 1_000;

/// Does `work` for 1,000 requests at once; each must find exactly `messages` under its own id.
async fn for_each_request<F: Future<Output = ()> + Send + 'static>(work: fn(String) -> F, messages: &[&str]) {
    let mut set = JoinSet::new();
    for _ in 0..REQUESTS {
        let id = CorrelationId::generate();
        let captured = Capture::of(&id);
        let work = context::scope(request(id.as_str()), work(id.to_string()));
        set.spawn(async move {
            work.await;
            (id, captured)
        });
    }
    for (id, captured) in set.join_all().await {
        let expected: Vec<String> = messages.iter().map(|message| format!("{message} {id}")).collect();
        let mut actual = captured.messages();
        actual.sort();
        assert_eq!(actual, expected, "records of {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn across_await_points() {
    async fn work(id: String) {
        info!("1 {id}");
        tokio::task::yield_now().await;
        info!("2 {id}");
    }
    for_each_request(work, &["1", "2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_tasks_blocking_work_and_join_sets() {
    async fn work(id: String) {
        let [one, two, three] = [id.clone(), id.clone(), id];
        let task = context::spawn(async move {
            tokio::task::yield_now().await;
            info!("1 {one}");
        });
        let blocking = context::spawn_blocking(move || info!("2 {two}"));
        let mut set = JoinSet::new();
        set.spawn(async move { info!("3 {three}") }.with_context());
        let _ = (task.await, blocking.await, set.join_next().await);
    }
    for_each_request(work, &["1", "2", "3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_both_branches_of_a_select() {
    async fn work(id: String) {
        let mut first = true;
        let polled_twice = poll_fn(|cx| {
            info!("{} {id}", if first { 1 } else { 2 });
            if std::mem::replace(&mut first, false) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        });
        tokio::select! {
            () = polled_twice => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => info!("never {id}"),
        }
    }
    for_each_request(work, &["1", "2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_destructors_of_a_request_that_was_dropped() {
    struct Last(String);
    impl Drop for Last {
        fn drop(&mut self) {
            info!("1 {}", self.0);
        }
    }
    async fn work(id: String) {
        let endless = async {
            let _last = Last(id);
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(Duration::from_millis(1), endless).await;
    }
    for_each_request(work, &["1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_stream_that_is_polled_elsewhere() {
    async fn work(id: String) {
        let chunk = async move {
            tokio::task::yield_now().await;
            info!("1 {id}");
        }
        .with_context();
        // The transport polls a body outside the handler's future.
        std::thread::spawn(|| tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(chunk)).join().unwrap();
    }
    for_each_request(work, &["1"]).await;
}

/// As a database driver's worker thread does it: it knows the span of whoever asked, and no task.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_thread_that_knows_only_the_span() {
    async fn work(id: String) {
        let span = tracing::Span::current();
        let worker = std::thread::spawn(move || {
            let _entered = span.entered();
            let _inner = tracing::info_span!("inner").entered();
            info!("1 {id}");
            log::info!("2 {id}");
            Record::new(LogLevel::Info, format!("3 {id}")).emit();
            StructuredLogger::new("caja").info(&format!("4 {id}"), ());
        });
        worker.join().unwrap();
    }
    for_each_request(work, &["1", "2", "3", "4"]).await;
}

#[test]
fn a_span_of_another_request_never_wins_over_the_task() {
    let (outer, inner) = (CorrelationId::generate(), CorrelationId::generate());
    let captured = Capture::of(&inner);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(context::scope(request(outer.as_str()), async {
        context::sync_scope(request(inner.as_str()), || info!("x"));
    }));
    assert_eq!((captured.messages().len(), Capture::of(&outer).messages().len()), (1, 0));
}
