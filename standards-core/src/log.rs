//! The structured log (guideline section 3): one JSON object per line.

mod level;
mod value;

pub use level::LogLevel;
pub use value::{ToValue, Value};
