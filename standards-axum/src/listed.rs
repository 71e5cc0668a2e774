//! Lists in settings, in both spellings.

/// The entries of a list that is separated by commas, or written in JSON; `None` where it begins as one of JSON and is none.
pub(crate) fn listed(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    Some(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
}
