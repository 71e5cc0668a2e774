//! What is asked of the database, in five kinds.

/// What is asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseOperation {
    /// A batch of pagos is decided.
    Decide,
    /// A pago is annulled.
    Annul,
    /// A cliente is credited.
    Credit,
    /// Something else is written.
    Write,
    /// Something is read.
    Read,
}

impl DatabaseOperation {
    /// As `operation` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Annul => "annul",
            Self::Credit => "credit",
            Self::Write => "write",
            Self::Read => "read",
        }
    }
}
