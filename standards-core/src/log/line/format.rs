//! The forms that a record can have.

use std::fmt;
use std::str::FromStr;

/// `LOG_FORMAT`: how a record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// The guideline's record, one JSON object per line.
    #[default]
    Json,
    /// The same facts under the names of the Elastic Common Schema, nested, one JSON object per line.
    Ecs,
    /// For a person at a terminal.
    Pretty,
}

/// A text that names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "ecs" => Ok(Self::Ecs),
            "pretty" => Ok(Self::Pretty),
            _ => Err(UnknownFormat),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Ecs => "ecs",
            Self::Pretty => "pretty",
        })
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be json, ecs or pretty")
    }
}

impl std::error::Error for UnknownFormat {}
