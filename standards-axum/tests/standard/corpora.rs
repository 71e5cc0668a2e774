//! The corpora of the fuzz targets: what a client sends is read, or refused field by field in the envelope.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/cases/answer.rs"]
mod answer;
#[cfg(all(feature = "auth", feature = "multipart", feature = "openapi"))]
#[path = "../../fuzz/cases/generator.rs"]
pub(crate) mod generator;
#[path = "../../fuzz/cases/json.rs"]
mod json;
#[path = "../../fuzz/cases/query.rs"]
mod query;
#[path = "../../../standards-core/fuzz/cases/replay.rs"]
mod replay;
#[cfg(all(feature = "auth", feature = "multipart", feature = "openapi"))]
#[path = "../../fuzz/cases/service.rs"]
pub(crate) mod service;
#[cfg(all(feature = "auth", feature = "multipart", feature = "openapi"))]
#[path = "../../fuzz/cases/stack/mod.rs"]
mod stack;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// An input whose name begins with `good` is accepted, and no other. What the fuzzer found has a hash for its name, and no verdict.
#[track_caller]
fn assert_only_the_good_are_accepted(verdicts: &[(String, Option<bool>)]) {
    for (name, accepted) in verdicts.iter().filter(|(name, _)| name.len() != 40) {
        assert_eq!(Some(name.starts_with("good")), *accepted, "{name}");
    }
    assert!([true, false].iter().all(|verdict| verdicts.iter().any(|(_, accepted)| *accepted == Some(*verdict))));
}

#[test]
fn every_body_of_the_corpus_is_read_or_refused_by_its_fields() {
    assert_only_the_good_are_accepted(&replay::replay(&corpus("json"), |data| Some(json::check(data))));
}

#[test]
fn every_query_of_the_corpus_is_read_or_refused_by_its_parameters() {
    assert_only_the_good_are_accepted(&replay::replay(&corpus("query"), query::check));
}

/// An input's name begins with the status of its answer.
#[cfg(all(feature = "auth", feature = "multipart", feature = "openapi"))]
#[test]
fn every_request_of_the_corpus_is_answered_in_the_standard() {
    let (stack, runtime) = (service::stack(), service::runtime());
    for (name, status) in replay::replay(&corpus("stack"), |data| runtime.block_on(stack.check(data))) {
        assert!(name.len() == 40 || status.is_some_and(|status| name.starts_with(&format!("{status}-"))), "{name}: {status:?}");
    }
}
