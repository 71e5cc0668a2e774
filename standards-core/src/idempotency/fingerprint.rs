//! What was asked for, in one form only.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

/// The parsed values of a request as a text: equal values have equal texts, whatever the client's spelling was.
///
/// It is JSON without spaces, the keys of each object in order; numbers keep all their digits. The order of a list counts, so what is a
/// set to the service should be one with an order (`BTreeSet`). What a type does not serialise (`skip_serializing`, `Sensitive`) is not
/// told apart.
///
/// ```
/// use std::collections::HashMap;
/// use standards_core::idempotency::Fingerprint;
///
/// let first = HashMap::from([("b", 2), ("a", 1)]);
/// assert_eq!(Fingerprint::of(&first)?.as_str(), r#"{"a":1,"b":2}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(Box<str>);

impl Fingerprint {
    /// The fingerprint of `values`: a body, or a tuple of a body and what of the query counts.
    ///
    /// # Errors
    ///
    /// When a value cannot be written as JSON, such as a map whose keys are no texts.
    pub fn of<T: Serialize + ?Sized>(values: &T) -> Result<Self, serde_json::Error> {
        let mut text = String::new();
        write(&serde_json::value::to_raw_value(values)?, &mut text)?;
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn write(value: &RawValue, text: &mut String) -> Result<(), serde_json::Error> {
    match value.get().as_bytes().first() {
        Some(b'{') => write_object(&serde_json::from_str(value.get())?, text),
        Some(b'[') => write_list(&serde_json::from_str::<Vec<_>>(value.get())?, text),
        _ => {
            text.push_str(value.get());
            Ok(())
        }
    }
}

fn write_object(entries: &BTreeMap<String, &RawValue>, text: &mut String) -> Result<(), serde_json::Error> {
    let mut before = '{';
    for (name, value) in entries {
        text.push(before);
        text.push_str(&serde_json::to_string(name)?);
        text.push(':');
        write(value, text)?;
        before = ',';
    }
    text.push_str(if entries.is_empty() { "{}" } else { "}" });
    Ok(())
}

fn write_list(values: &[&RawValue], text: &mut String) -> Result<(), serde_json::Error> {
    let mut before = '[';
    for value in values {
        text.push(before);
        write(value, text)?;
        before = ',';
    }
    text.push_str(if values.is_empty() { "[]" } else { "]" });
    Ok(())
}

impl From<Fingerprint> for Box<str> {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// It holds what the client sent.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn of(values: impl Serialize) -> String {
        Fingerprint::of(&values).unwrap().to_string()
    }

    #[test]
    fn it_is_json_in_one_form() {
        let nested =
            HashMap::from([("ñ\"\n{", vec![HashMap::from([("b", Some(1.5)), ("a", None)]), HashMap::new()]), ("", vec![])]);
        assert_eq!(of(nested), r#"{"":[],"ñ\"\n{":[{"a":null,"b":1.5},{}]}"#);
        assert_eq!(of((u128::MAX, i64::MIN, "[", true, ())), format!(r#"[{},{},"[",true,null]"#, u128::MAX, i64::MIN));
    }

    #[test]
    fn values_and_their_order_are_told_apart() {
        let all = [of([1, 2]), of([2, 1]), of(["1", "2"]), of((1, [2])), of([12]), of("[1,2]"), of(())];
        assert!(all.iter().enumerate().all(|(n, text)| !all[..n].contains(text)), "{all:?}");
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        assert!(Fingerprint::of(&HashMap::from([((1, 2), 3)])).is_err());
    }
}
