//! Where a failure was made.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;

use crate::error_chain;

thread_local! {
    /// The line on whose behalf an error is being converted.
    static CONVERTING: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// Runs `convert`; the failures that it makes have `line` for their place.
pub(super) fn converting<R>(line: &'static Location<'static>, convert: impl FnOnce() -> R) -> R {
    /// Puts back what was there, be it that the conversion panics.
    struct Restored(Option<&'static Location<'static>>);

    impl Drop for Restored {
        fn drop(&mut self) {
            let _ = CONVERTING.try_with(|converting| converting.set(self.0));
        }
    }

    let _restored = Restored(CONVERTING.replace(Some(line)));
    convert()
}

/// A line, and the way there where backtraces are enabled.
#[derive(Clone)]
pub(super) struct Place {
    line: &'static Location<'static>,
    backtrace: Option<Arc<Backtrace>>,
    /// What somebody knows better: the place of a panic, taken where it happened.
    told: Option<Arc<str>>,
}

impl Place {
    pub(super) fn of(line: &'static Location<'static>, with_the_way: bool) -> Self {
        let backtrace = with_the_way.then(Backtrace::capture).filter(|way| way.status() == BacktraceStatus::Captured);
        let line = CONVERTING.try_with(Cell::get).ok().flatten().unwrap_or(line);
        Self { line, backtrace: backtrace.map(Arc::new), told: None }
    }

    pub(super) const fn line(&self) -> &'static Location<'static> {
        self.line
    }

    pub(super) const fn set(&mut self, line: &'static Location<'static>) {
        self.line = line;
    }

    pub(super) fn tell(&mut self, traceback: String) {
        self.told = Some(traceback.into());
    }

    /// Whether it is somebody's line.
    pub(super) fn is_known(&self) -> bool {
        // `#[track_caller]` passes the line of the call, and a function value is called by the standard library (`FnOnce::call_once`);
        // what is called by its pointer is said to be called where it is defined.
        self.told.is_some() || !(is_of_the_standard_library(self.line.file()) || self.line.file() == super::DEFINED_IN)
    }

    /// Whether it is a line of a file in this folder.
    #[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
    pub(super) fn is_in(&self, folder: &str) -> bool {
        self.told.is_none() && self.line.file().starts_with(folder)
    }

    /// The place as the log shows it, `otherwise` where it is not known.
    pub(super) fn traceback(&self, otherwise: Option<&Location<'_>>) -> String {
        if let Some(told) = &self.told {
            return told.to_string();
        }
        let line = otherwise.filter(|_| !self.is_known()).unwrap_or(self.line);
        match &self.backtrace {
            Some(backtrace) => error_chain::traceback(line, backtrace),
            None => line.to_string(),
        }
    }
}

/// Its files are named by where they were compiled, or by where `rustup` put them.
fn is_of_the_standard_library(file: &str) -> bool {
    file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/library/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_standard_library_is_known_by_its_path() {
        let standard = ["/rustc/5980/library/core/src/ops/function.rs", "/x/lib/rustlib/src/rust/library/core/src/result.rs"];
        assert!(standard.iter().all(|file| is_of_the_standard_library(file)));
        assert!(!["src/main.rs", "/work/library/core/src/lib.rs", file!()].iter().any(|file| is_of_the_standard_library(file)));
    }
}
