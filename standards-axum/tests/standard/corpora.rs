//! The corpora of the fuzz targets: what a client sends is read, or refused field by field in the envelope.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/cases/answer.rs"]
mod answer;
#[path = "../../fuzz/cases/json.rs"]
mod json;
#[path = "../../fuzz/cases/query.rs"]
mod query;
#[path = "../../../standards-core/fuzz/cases/replay.rs"]
mod replay;

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
