//! The corpus of the fuzz target `values`.

use std::path::Path;

#[path = "../../fuzz/cases/values.rs"]
mod cases;
#[path = "../../../standards-core/fuzz/cases/replay.rs"]
pub(crate) mod replay;

/// What each input is begins its name: `monto-largest` is a monto; `none-..` is nothing but, perhaps, a name.
#[test]
fn every_text_of_the_corpus_is_what_its_name_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/values");
    let kinds = replay::replay(&folder, cases::check);
    // What the fuzzer found has a hash for its name, and is nothing in particular.
    for (name, kinds) in kinds.iter().filter(|(name, _)| name.len() != 40) {
        let expected = name.split_once('-').unwrap().0;
        let told = kinds.iter().find(|kind| **kind != "nombre" || expected == "nombre").unwrap_or(&"none");
        assert_eq!(*told, expected, "{name}: {kinds:?}");
    }
}
