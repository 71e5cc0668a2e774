//! A status that can only mean failure.

use std::fmt;

/// An HTTP status of an error: 400 to 599 and nothing else.
///
/// ```
/// use standards_core::ErrorStatus;
///
/// assert_eq!(ErrorStatus::try_from(404), Ok(ErrorStatus::NOT_FOUND));
/// assert!(ErrorStatus::try_from(200).is_err());
/// ```
///
/// # Example: a constant that cannot be wrong
///
/// ```compile_fail
/// const NOT_AN_ERROR: standards_core::ErrorStatus = standards_core::ErrorStatus::new(302);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorStatus(u16);

impl ErrorStatus {
    /// 400.
    pub const BAD_REQUEST: Self = Self(400);
    /// 401.
    pub const UNAUTHORIZED: Self = Self(401);
    /// 403.
    pub const FORBIDDEN: Self = Self(403);
    /// 404.
    pub const NOT_FOUND: Self = Self(404);
    /// 405.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// 408.
    pub const REQUEST_TIMEOUT: Self = Self(408);
    /// 409.
    pub const CONFLICT: Self = Self(409);
    /// 413.
    pub const PAYLOAD_TOO_LARGE: Self = Self(413);
    /// 415.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self(415);
    /// 422.
    pub const UNPROCESSABLE_ENTITY: Self = Self(422);
    /// 429.
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    /// 500.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// 503.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// A constant status.
    ///
    /// # Panics
    ///
    /// When `status` is not in 400..=599; in a constant, at compile time.
    #[must_use]
    #[expect(clippy::panic, reason = "a constant outside 4xx and 5xx must not compile")]
    pub const fn new(status: u16) -> Self {
        match status {
            400..=599 => Self(status),
            _ => panic!("an error status is 4xx or 5xx"),
        }
    }

    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }

    /// Whether the service is to blame (5xx).
    ///
    /// ```
    /// use standards_core::ErrorStatus;
    ///
    /// assert!(ErrorStatus::SERVICE_UNAVAILABLE.is_server_error());
    /// assert!(!ErrorStatus::NOT_FOUND.is_server_error());
    /// ```
    #[must_use]
    pub const fn is_server_error(self) -> bool {
        self.0 >= 500
    }
}

impl TryFrom<u16> for ErrorStatus {
    type Error = NotAnError;

    fn try_from(status: u16) -> Result<Self, NotAnError> {
        match status {
            400..=599 => Ok(Self(status)),
            _ => Err(NotAnError(status)),
        }
    }
}

impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The status is not 4xx or 5xx.
///
/// ```
/// use standards_core::ErrorStatus;
///
/// let refused = ErrorStatus::try_from(204).unwrap_err();
/// assert_eq!(refused.to_string(), "204 is not an error status");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnError(u16);

impl fmt::Display for NotAnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an error status", self.0)
    }
}

impl std::error::Error for NotAnError {}
