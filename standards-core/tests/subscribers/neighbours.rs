//! Our layer beside another one in one subscriber: each writes what its own filter lets pass.

use standards_core::context;
use standards_core::log::{LogOptions, RecordLayer};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};

use crate::support::{Lines, Text, request};

fn options(filters: &str) -> LogOptions {
    LogOptions::new("log", "1.0.0").with_filters(filters.parse().unwrap())
}

/// One event of each level.
fn speak() {
    tracing::warn!("aviso");
    tracing::info!("dato");
    tracing::debug!("detalle");
}

const NAMES: [&str; 3] = ["aviso", "dato", "detalle"];

fn known(lines: &[String]) -> Vec<&'static str> {
    NAMES.into_iter().filter(|name| lines.iter().any(|line| line.contains(name))).collect()
}

/// What each of two layers writes, ours first, ours last.
fn both_orders(ours: &str, theirs: LevelFilter) -> [(Vec<&'static str>, Vec<&'static str>); 2] {
    let (inner, outer) = ((Lines::default(), Text::default()), (Lines::default(), Text::default()));
    let first = tracing_subscriber::registry()
        .with(RecordLayer::new(&options(ours), inner.0.clone()))
        .with(fmt::layer().with_writer(inner.1.clone()).with_filter(theirs));
    tracing::subscriber::with_default(first, speak);
    let last = tracing_subscriber::registry()
        .with(fmt::layer().with_writer(outer.1.clone()).with_filter(theirs))
        .with(RecordLayer::new(&options(ours), outer.0.clone()));
    tracing::subscriber::with_default(last, speak);
    [inner, outer].map(|(lines, text)| (known(&lines.all()), known(&text.lines())))
}

#[test]
fn a_layer_that_wants_more_gets_more() {
    for (ours, theirs) in both_orders("info", LevelFilter::DEBUG) {
        assert_eq!((ours, theirs), (NAMES[..2].to_vec(), NAMES.to_vec()));
    }
}

#[test]
fn a_layer_that_wants_less_takes_nothing_from_ours() {
    for (ours, theirs) in both_orders("debug", LevelFilter::WARN) {
        assert_eq!((ours, theirs), (NAMES.to_vec(), NAMES[..1].to_vec()));
    }
}

#[tokio::test]
async fn every_layer_knows_the_request_by_its_span() {
    let text = Text::default();
    let subscriber = tracing_subscriber::registry()
        .with(RecordLayer::new(&options("info"), Lines::default()))
        .with(fmt::layer().with_ansi(false).without_time().with_target(false).with_writer(text.clone()));
    let _default = tracing::subscriber::set_default(subscriber);
    context::scope(request("abc-123"), async { tracing::info!("dato") }).await;
    assert_eq!(text.lines(), [" INFO request{correlation_id=\"abc-123\"}: dato"]);
}
