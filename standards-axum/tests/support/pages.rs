//! Pages of the repository that are made by a test, and compared with what is kept.

use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Compares a page with what is made now; with `ACCEPT_PAGES=1` it is written.
#[track_caller]
pub(crate) fn assert_page(path: &str, made: &str) {
    let file = root().join(path);
    if std::env::var("ACCEPT_PAGES").is_ok_and(|accept| accept == "1") {
        std::fs::write(&file, made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert!(made == kept, "{path} is not what is made now (ACCEPT_PAGES=1 writes it): {differs:#?}");
}
