//! What is right with an answer of Redis, and what is wrong.

use redis::{RedisResult, Value};

/// Why an answer is none.
#[derive(Debug)]
pub(super) struct Failing {
    pub(super) reason: String,
    /// Whether another connection may fare better, or this one cannot be trusted any more.
    pub(super) ends_connection: bool,
}

/// The replies, if none is an error.
///
/// What is no error of the server's ends the connection: after a time-out or a byte that makes no sense, nobody knows whose the next reply is. So
/// do errors of a server that is not the one that is wanted, or not yet.
pub(super) fn judge(replies: RedisResult<Vec<Value>>) -> Result<Vec<Value>, Failing> {
    let replies = replies.map_err(|error| Failing { reason: error.to_string(), ends_connection: true })?;
    let error = replies.iter().find_map(|reply| match reply {
        Value::ServerError(error) => Some(error),
        _ => None,
    });
    match error {
        Some(error) => {
            let ends_connection = matches!(error.code(), "READONLY" | "LOADING" | "MASTERDOWN" | "NOAUTH" | "WRONGPASS");
            Err(Failing { reason: error.code().to_owned(), ends_connection })
        }
        None => Ok(replies),
    }
}

/// A reply's bytes; nothing of one that is none.
pub(super) fn bytes(reply: &Value) -> Option<&[u8]> {
    match reply {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

/// A reply's text, empty where there is none.
pub(super) fn text(reply: &Value) -> &str {
    bytes(reply).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The server's own time in milliseconds, of a reply to `TIME`.
pub(super) fn milliseconds(reply: &Value) -> Option<u64> {
    let Value::Array(parts) = reply else { return None };
    let [seconds, microseconds] = parts.as_slice() else { return None };
    let (seconds, microseconds): (u64, u64) = (text(seconds).parse().ok()?, text(microseconds).parse().ok()?);
    Some(seconds.checked_mul(1_000)? + microseconds / 1_000)
}
