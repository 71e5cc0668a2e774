//! What a person saw.

use serde::Deserialize;
use standards_core::rules::Bilingual;

use super::{Said, is_of_evidence, unreadable};
use crate::conformance::text::{both, clean};

/// The file of reviews.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviews {
    review: Vec<Review>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    rule: String,
    by: String,
    date: toml::value::Datetime,
    holds: bool,
    detail: String,
}

pub(super) fn reviews(text: &str) -> Result<Vec<Said>, Bilingual> {
    let reviews: Reviews = toml::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
    reviews.review.into_iter().map(reviewed).collect()
}

fn reviewed(review: Review) -> Result<Said, Bilingual> {
    let Review { rule, by, date, holds, detail } = review;
    if !is_of_evidence(&rule) || by.trim().is_empty() || detail.trim().is_empty() {
        return Err(unreadable(&format!("{rule}: by, detail")));
    }
    let (by, detail) = (clean(&by), clean(&detail));
    let reason = both(format!("revisada por {by} el {date}: {detail}"), format!("reviewed by {by} on {date}: {detail}"));
    Ok(Said::new(&rule, if holds { Vec::new() } else { vec![detail] }, reason))
}
