//! A corpus, input by input: what the fuzzer begins with holds in every run of the tests.

use std::path::Path;

/// What `check` says of each input of the corpus in `folder`, by the input's name. Panics on an empty corpus, and where `check` does.
#[track_caller]
pub(crate) fn replay<T>(folder: &Path, check: impl Fn(&[u8]) -> T) -> Vec<(String, T)> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}: no inputs", folder.display());
    let checked = |file: &std::path::PathBuf| {
        // Shown where the test fails.
        println!("{}", file.display());
        (file.file_name().unwrap().to_string_lossy().into_owned(), check(&std::fs::read(file).unwrap()))
    };
    files.iter().map(checked).collect()
}
