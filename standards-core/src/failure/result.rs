//! From a `Result` to a failure that knows the line.

use super::{Cause, Failure};

/// Turns the error of a [`Result`] into a [`Failure`] whose place is this line.
///
/// ```
/// use standards_core::{Failure, OrFailure};
///
/// fn port(text: &str) -> Result<u16, Failure> {
///     text.parse().or_unavailable()
/// }
///
/// let failure = port("mil").unwrap_err();
/// assert_eq!((failure.status().as_u16(), failure.error_type()), (503, "core::num::error::ParseIntError"));
/// ```
///
/// `.map_err(Failure::unavailable)` says the same, but a function value does not know where it is called.
pub trait OrFailure<T> {
    /// The value, or [`Failure::unavailable`].
    ///
    /// # Errors
    ///
    /// 503 `SERVICE_UNAVAILABLE`, with the error as its cause.
    fn or_unavailable(self) -> Result<T, Failure>;

    /// The value, or [`Failure::internal`].
    ///
    /// # Errors
    ///
    /// 500 `INTERNAL_ERROR`, with the error as its cause.
    fn or_internal(self) -> Result<T, Failure>;
}

impl<T, E: Into<Cause>> OrFailure<T> for Result<T, E> {
    #[track_caller]
    fn or_unavailable(self) -> Result<T, Failure> {
        // Not `map_err`: a closure would be this file's line.
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Failure::unavailable(error)),
        }
    }

    #[track_caller]
    fn or_internal(self) -> Result<T, Failure> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Failure::internal(error)),
        }
    }
}
