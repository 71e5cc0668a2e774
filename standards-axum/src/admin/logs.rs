//! `/admin/logs`: what the log costs, and who writes it.

use standards_core::log::LoggedPlace;

use super::log_level::handle;
use crate::answer::{ApiResult, ok};

pub(super) async fn logs() -> ApiResult<Vec<LoggedPlace>> {
    ok(handle()?.places())
}
