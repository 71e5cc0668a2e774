//! Whoever asks for a request's span finds it where it always stood; where nobody asks there is none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};

use tokio::task::yield_now;
use tracing::dispatcher::{self, DefaultGuard};
use tracing::{Instrument, info, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::*;
use crate::context::current::tests::{id, request};
use crate::context::{scope, spawn, sync_scope};
use crate::log::{DirectSink, LogOptions, RecordLayer};

/// What becomes of spans, one line each.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn tell(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for Told {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let parent = span.parent().map(|parent| format!(" in {}", parent.name()));
        self.tell(format!("{}{}", span.name(), parent.unwrap_or_default()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.tell(format!("no {}", context.span(&id).unwrap().name()));
    }
}

/// A subscriber that tells of its spans, before anything stands around it.
fn subscriber(told: &Told) -> impl Subscriber + Send + Sync + use<> {
    let layer = RecordLayer::new(&LogOptions::new("log", "1.0.0"), DirectSink::new(std::io::sink()));
    tracing_subscriber::registry().with(layer).with(told.clone())
}

/// Has this thread's subscriber be ours.
fn ours() -> (Told, DefaultGuard) {
    let told = Told::default();
    let guard = tracing::subscriber::set_default(LazySpans::around(subscriber(&told)));
    (told, guard)
}

/// The name of the current span.
fn current_name() -> Option<&'static str> {
    Span::current().metadata().map(Metadata::name)
}

#[tokio::test]
async fn a_request_in_which_nobody_asks_makes_no_span() {
    let (told, _guard) = ours();
    let work = async {
        info!("Pago recibido");
        yield_now().await;
        info_span!(parent: None, "aparte").in_scope(id)
    };
    assert_eq!(scope(request("a"), work).await.as_deref(), Some("a"));
    assert_eq!(told.lines(), ["aparte", "no aparte"]);
}

#[tokio::test]
async fn somebody_elses_subscriber_is_told_of_each_request() {
    let told = Told::default();
    let _guard = tracing::subscriber::set_default(subscriber(&told));
    scope(request("a"), async { yield_now().await }).await;
    assert_eq!(told.lines(), ["request", "no request"]);
}

#[tokio::test]
async fn asked_in_the_middle_it_is_there_until_the_end() {
    let (told, _guard) = ours();
    let asked = scope(request("a"), async {
        yield_now().await;
        let first = Span::current().id();
        yield_now().await;
        (
            first,
            Span::current().id(),
            Span::current().metadata().is_some_and(|span| span.fields().field("correlation_id").is_some()),
        )
    });
    let (first, second, has_id) = asked.await;
    assert!(first.is_some() && first == second && has_id);
    assert_eq!((told.lines(), current_name()), (vec!["request".to_owned(), "no request".to_owned()], None));
}

#[tokio::test]
async fn a_span_of_the_service_is_within_that_of_its_request() {
    let (told, _guard) = ours();
    let names = scope(request("a"), async {
        let span = info_span!("pago");
        (span.in_scope(current_name), current_name())
    });
    assert_eq!(names.await, (Some("pago"), Some("request")));
    assert_eq!(told.lines(), ["request", "pago in request", "no pago", "no request"]);
}

#[tokio::test]
async fn a_span_that_was_entered_within_stays_the_current_one() {
    let (told, _guard) = ours();
    let names = scope(request("a"), async {
        let apart = info_span!(parent: None, "aparte").entered();
        let first = current_name();
        drop(apart);
        (first, current_name())
    });
    assert_eq!(names.await, (Some("aparte"), Some("request")));
    assert_eq!(told.lines(), ["aparte", "no aparte", "request", "no request"]);
}

#[tokio::test]
async fn it_stands_within_the_spans_in_which_the_request_is_polled() {
    let (told, _guard) = ours();
    let connection = info_span!("connection");
    let polled = scope(request("a"), async { (current_name(), id()) });
    assert_eq!(polled.instrument(connection.clone()).await, (Some("request"), Some("a".into())));
    let begun = connection.in_scope(|| scope(request("b"), async { current_name() }));
    assert_eq!(begun.await, Some("request"));
    drop(connection);
    assert_eq!(told.lines(), ["connection", "request", "no request", "request in connection", "no request", "no connection"]);
}

#[tokio::test]
async fn a_spawned_task_has_the_same_span() {
    let (told, _guard) = ours();
    let (here, there) = scope(request("a"), async {
        let task = spawn(async {
            yield_now().await;
            (Span::current().id(), id())
        });
        (Span::current().id(), task)
    })
    .await;
    assert_eq!(told.lines(), ["request"]);
    assert_eq!(there.await.unwrap(), (here, Some("a".into())));
    assert_eq!(told.lines(), ["request", "no request"]);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a thread to which nothing is carried")]
async fn a_thread_that_knows_only_the_span_finds_the_request() {
    let (_told, _guard) = ours();
    let dispatch = dispatcher::get_default(Clone::clone);
    let span = scope(request("a"), async { Span::current() }).await;
    let thread = std::thread::spawn(move || dispatcher::with_default(&dispatch, || (span.in_scope(id), id())));
    assert_eq!(thread.join().unwrap(), (Some("a".into()), None));
}

#[tokio::test]
async fn a_request_within_another_one_is_the_child_of_that() {
    let (told, _guard) = ours();
    let seen = scope(request("outer"), async {
        let inner = scope(request("inner"), async { (current_name(), id()) }).await;
        let lent = sync_scope(request("lent"), || (info_span!("tramo").in_scope(id), current_name()));
        (inner, lent, id())
    });
    let named = |name: &str| (Some("request"), Some(name.to_owned()));
    assert_eq!(seen.await, (named("inner"), (Some("lent".into()), Some("request")), Some("outer".into())));
    let spans = ["request", "request in request", "no request", "tramo in request", "no tramo", "no request"];
    assert_eq!(told.lines(), spans);
}

#[tokio::test]
async fn a_request_that_is_polled_within_another_one_has_its_own() {
    let (told, _guard) = ours();
    let other = scope(request("b"), async { (Span::current().id(), id()) });
    let (inner, outer) = scope(request("a"), async { (other.await, (Span::current().id(), id())) }).await;
    assert_eq!((inner.1.as_deref(), outer.1.as_deref()), (Some("b"), Some("a")));
    assert!(inner.0.is_some() && outer.0.is_some());
    assert_eq!(told.lines().iter().filter(|line| *line == "request").count(), 2);
    assert_eq!(current_name(), None);
}

#[tokio::test]
async fn what_comes_after_the_future_takes_its_span_on() {
    let (told, _guard) = ours();
    let mut future = pin!(scope(request("a"), async { Span::current().id() }));
    let asked = future.as_mut().await;
    let mut body = Box::pin(future.hand_on(()));
    assert_eq!(body.as_mut().within(|_| (Span::current().id(), id())), (asked, Some("a".into())));
    assert_eq!(told.lines(), ["request"]);
    drop(body);
    assert_eq!(told.lines(), ["request", "no request"]);
}

#[test]
fn a_panic_leaves_the_span_behind() {
    let (told, _guard) = ours();
    let mut body = Box::pin(scope(request("a"), std::future::pending::<()>()));
    let work = || body.as_mut().within::<()>(|_| panic!("{:?}", Span::current().id()));
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    assert_eq!((current_name(), id(), entered()), (None, None, 0));
    assert_eq!(body.as_mut().within(|_| (current_name(), id())), (Some("request"), Some("a".into())));
    drop(body);
    assert_eq!(told.lines(), ["request", "no request"]);
}

#[test]
fn the_parts_of_the_subscriber_are_found_within() {
    let (_told, _guard) = ours();
    dispatcher::get_default(|dispatch| {
        assert!(dispatch.is::<LazySpans>() && part_of::<Registry>(dispatch).is_some());
        assert!(part_of::<RecordLayer>(dispatch).is_some() && part_of::<LogOptions>(dispatch).is_none());
    });
}
