//! What an answer without an envelope can be of.

use bytes::Bytes;
use serde::Serialize;

/// A media type, known by its Rust type; a team adds its own.
///
/// ```
/// use axum::response::IntoResponse;
/// use standards_axum::Download;
/// use standards_axum::media::Media;
///
/// struct Zip;
///
/// impl Media for Zip {
///     const NAME: &'static str = "application/zip";
/// }
///
/// let answer = Download::<Zip>::new("PK").into_response();
/// assert_eq!(answer.headers()["content-type"], "application/zip");
/// ```
///
/// # Panics
///
/// A [`Download`](crate::Download) of it panics where `NAME` is no value of a header: with a control character in it.
pub trait Media {
    /// The value of `Content-Type`; the document shows it without its parameters.
    const NAME: &'static str;
}

macro_rules! media {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Media for $name {
                const NAME: &'static str = $value;
            }
        )+
    };
}

media! {
    /// Any bytes.
    Binary = "application/octet-stream";
    /// Rows with commas (RFC 4180), in UTF-8.
    Csv = "text/csv; charset=utf-8";
    /// A page.
    Html = "text/html; charset=utf-8";
    /// A JSON value a line, as a stream tells them.
    Ndjson = "application/x-ndjson";
    /// A document to be printed.
    Pdf = "application/pdf";
    /// Text and nothing else.
    Plain = "text/plain; charset=utf-8";
}

impl Ndjson {
    /// A value as a line.
    ///
    /// ```
    /// use standards_axum::media::Ndjson;
    ///
    /// assert_eq!(Ndjson::line(&("Ana", 7)).unwrap(), "[\"Ana\",7]\n");
    /// ```
    ///
    /// # Errors
    ///
    /// What has no JSON, such as a map whose keys are no texts; that breaks a stream off.
    pub fn line<T: Serialize>(value: &T) -> Result<Bytes, serde_json::Error> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        Ok(line.into())
    }
}
