//! Whether a foreign failure is an envelope already: that of a service of ours, behind a gateway or called by the client.

use serde::Deserialize;
use serde_json::Value;
use standards_core::ErrorItem;

/// The longest code that is taken for one, in bytes.
const LONGEST_CODE: usize = 128;

/// The first error's code, where `body` is the envelope of a failure and nothing else.
pub(super) fn code_of_envelope(body: &[u8]) -> Option<String> {
    errors_of_envelope(body)?.into_iter().next().map(|first| first.code)
}

/// The errors, one at least, where `body` is the envelope of a failure and nothing else.
pub(crate) fn errors_of_envelope(body: &[u8]) -> Option<Vec<ErrorItem>> {
    // serde takes an array for a struct; the value sees to it that none is one, the struct that no key stands twice.
    let errors = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object)?.get("errors")?.as_array()?.clone();
    let FailureEnvelope { success, data: (), errors: items } = serde_json::from_slice(body).ok()?;
    let is_valid = !success && !items.is_empty() && errors.iter().all(Value::is_object) && items.iter().all(Item::is_valid);
    is_valid.then(|| items.into_iter().map(|item| ErrorItem::new(item.code, item.message)).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailureEnvelope {
    success: bool,
    data: (),
    errors: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    code: String,
    message: String,
}

impl Item {
    /// `UPPER_SNAKE_CASE`, and something to read.
    fn is_valid(&self) -> bool {
        let is_code_byte = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let starts = self.code.starts_with(|first: char| first.is_ascii_uppercase());
        starts && self.code.len() <= LONGEST_CODE && self.code.bytes().all(is_code_byte) && !self.message.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_known_by_its_first_code() {
        let one = br#"{"success":false,"data":null,"errors":[{"code":"SALDO_2","message":"x"}]}"#;
        assert_eq!(code_of_envelope(one).as_deref(), Some("SALDO_2"));
        let spaced =
            br#" {"errors": [{"message": "x", "code": "A"}, {"code": "B", "message": "y"}], "data": null, "success": false} "#;
        assert_eq!(code_of_envelope(spaced).as_deref(), Some("A"));
    }

    const NO_ENVELOPES: [&str; 17] = [
        "",
        "null",
        r#"[false,null,[{"code":"A","message":"x"}]]"#,
        r#"{"success":true,"data":null,"errors":[]}"#,
        r#"{"success":false,"data":null,"errors":[]}"#,
        r#"{"success":false,"data":1,"errors":[{"code":"A","message":"x"}]}"#,
        r#"{"success":false,"errors":[{"code":"A","message":"x"}]}"#,
        r#"{"success":"false","data":null,"errors":[{"code":"A","message":"x"}]}"#,
        r#"{"success":false,"data":null,"errors":[["A","x"]]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"a","message":"x"}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"1A","message":"x"}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"","message":"x"}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"A","message":""}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"A","message":"x","sql":"select"}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"A","message":"x"}],"trace":"at main.rs"}"#,
        r#"{"success":false,"success":false,"data":null,"errors":[{"code":"A","message":"x"}]}"#,
        r#"{"success":false,"data":null,"errors":[{"code":"A","message":"x"}]}{}"#,
    ];

    #[test]
    fn nothing_else_is_one() {
        let long = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{}","message":"x"}}]}}"#, "A".repeat(129));
        for body in NO_ENVELOPES.into_iter().chain([long.as_str()]) {
            assert_eq!(code_of_envelope(body.as_bytes()), None, "{body}");
        }
    }
}
