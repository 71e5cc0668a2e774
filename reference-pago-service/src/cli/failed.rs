//! What a command says of a failure.

use std::error::Error;
use std::io::{self, Write};
use std::iter::successors;

use standards_axum::Exit;

/// Tells what went wrong and ends with status 1. A cause whose text stands at the end already is not told again.
pub(super) fn fail(error: &dyn Error) -> Exit {
    let _ = writeln!(io::stderr().lock(), "error: {}", told(error));
    Exit::Failed
}

fn told(error: &dyn Error) -> String {
    successors(error.source(), |cause| (**cause).source())
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.ends_with(&cause) { text } else { format!("{text}: {cause}") })
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Display};

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &dyn Error)
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = Layer("no database: refused", Some(Box::new(Layer("refused", Some(Box::new(Layer("os error 111", None)))))));
        assert_eq!(told(&error), "no database: refused: os error 111");
        assert_eq!(told(&Layer("alone", None)), "alone");
    }
}
