//! `/admin/log-level`: what is logged, and other filters for a while.

use std::time::Duration;

use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};
use standards_core::log::{self, LevelFilters, LogHandle};
use standards_core::settings::SettingValue;
use standards_core::validation::reject;
use standards_core::{ErrorStatus, Failure, Text, Timestamp};

use super::who::Who;
use crate::answer::{ApiResult, ok};
use crate::extract::Json;

/// What is in force.
#[derive(Debug, Serialize)]
pub(super) struct LogLevel {
    filter: String,
    /// When the filter of the start returns by itself; none while it is in force.
    returns_at: Option<Timestamp>,
}

impl LogLevel {
    fn of(handle: &LogHandle) -> Self {
        Self { filter: handle.filters().to_string(), returns_at: handle.returns_at() }
    }
}

/// What is asked for.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct Change {
    #[garde(skip)]
    filter: Filter,
    #[garde(range(min = 1, max = 86_400))]
    #[serde(default = "ten_minutes")]
    seconds: u32,
}

const fn ten_minutes() -> u32 {
    600
}

/// A filter as `LOG_LEVEL` takes it.
#[derive(Debug)]
struct Filter(LevelFilters);

/// Each directive is compared with each record that some module writes and some does not.
const LONGEST: usize = 1000;

const REJECTED: Text = Text::new(
    "debe ser DEBUG, INFO, WARNING, ERROR o un filtro por módulo (info,sqlx=warn), de 1000 caracteres como máximo",
    "must be DEBUG, INFO, WARNING, ERROR or a filter by module (info,sqlx=warn), of 1000 characters at most",
);

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let filters =
            Some(&text).filter(|text| text.len() <= LONGEST).and_then(|text| <LevelFilters as SettingValue>::parse(text));
        filters.map(Self).ok_or_else(|| reject(REJECTED))
    }
}

pub(super) async fn log_level() -> ApiResult<LogLevel> {
    ok(LogLevel::of(&handle()?))
}

pub(super) async fn change(who: Who, Json(change): Json<Change>) -> ApiResult<LogLevel> {
    let handle = handle()?;
    handle.lend_filters(change.filter.0, Duration::from_secs(change.seconds.into()), who.as_str());
    ok(LogLevel::of(&handle))
}

/// A process whose log is somebody else's has none that could be told or changed here.
pub(super) fn handle() -> Result<LogHandle, Failure> {
    log::handle().ok_or_else(|| Failure::http(ErrorStatus::NOT_FOUND))
}
