//! The text of a URL's parts.

use percent_encoding::percent_decode_str;

use super::DatabaseUrlError;

/// A part as it was meant: `%2F` is `/`, `+` is `+`.
pub(super) fn decoded(part: &str) -> Result<String, DatabaseUrlError> {
    let is_hex = |text: Option<&str>| text.is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if part.split('%').skip(1).any(|after| !is_hex(after.get(..2))) {
        return Err(DatabaseUrlError::Form("tiene un % que no inicia un %XX: un % se escribe %25"));
    }
    let text = percent_decode_str(part).decode_utf8().map_err(|_| DatabaseUrlError::Form("no es UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(DatabaseUrlError::Form("no puede llevar caracteres de control"));
    }
    Ok(text.into_owned())
}

/// The pairs of a query, decoded. Empty ones are none.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = Result<(String, String), DatabaseUrlError>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').ok_or(DatabaseUrlError::Form("tiene un parámetro sin valor"))?;
        Ok((decoded(name)?, decoded(value)?))
    })
}

/// A parameter that nobody knows. Its name is told where it cannot be a part of a password that was not percent-encoded.
pub(super) fn unknown(name: &str, query: &str) -> DatabaseUrlError {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if query.contains('@') || name.len() > 40 || !name.bytes().all(is_name) {
        return DatabaseUrlError::Form("tiene un parámetro desconocido; en una contraseña, ? se escribe %3F y & %26");
    }
    DatabaseUrlError::Parameter { name: name.to_owned(), reason: "es desconocido" }
}
