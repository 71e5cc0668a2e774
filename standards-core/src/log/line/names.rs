//! Names of fields, as an index takes them.
//!
//! For Elasticsearch a dot makes an object of what stands before it, so `user` and `user.name` in one record, or in two, are a text and an
//! object under one name; and no part of a path may be blank. Here a dot is written `_`, and so is a name that is blank.

use std::borrow::Cow;

use super::escape;
use crate::log::redact::is_blank;

/// Appends a name, escaped.
pub(super) fn push(out: &mut Vec<u8>, name: &str) {
    if is_blank(name) {
        return out.push(b'_');
    }
    for (number, part) in name.split('.').enumerate() {
        if number > 0 {
            out.push(b'_');
        }
        escape::push(out, part);
    }
}

/// A name as it is written, but for escapes.
pub(super) fn written(name: &str) -> Cow<'_, str> {
    if is_blank(name) { "_".into() } else { name.replace('.', "_").into() }
}

/// Whether two names are written as one.
pub(super) fn are_one(name: &str, other: &str) -> bool {
    mended(name).eq(mended(other))
}

fn mended(name: &str) -> impl Iterator<Item = u8> {
    let name = if is_blank(name) { "_" } else { name };
    name.bytes().map(|byte| if byte == b'.' { b'_' } else { byte })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::redact::is_plain;

    const MENDED: &[(&str, &str)] = &[
        ("", "_"),
        (" ", "_"),
        ("\u{a0}\t", "_"),
        ("\u{1f}", "_"),
        (".", "_"),
        ("a..b", "a__b"),
        ("user.name", "user_name"),
        (".a.", "_a_"),
    ];

    #[test]
    fn what_is_no_name_to_an_index_is_mended() {
        let pushed = |name: &str| {
            let mut out = Vec::new();
            push(&mut out, name);
            String::from_utf8(out).unwrap()
        };
        for &(name, mended) in MENDED {
            assert!(!is_plain(name) && is_plain(mended), "{name:?}");
            assert_eq!((pushed(name).as_str(), written(name).as_ref()), (mended, mended));
            assert!(are_one(name, mended) && !are_one(name, "b"), "{name:?}");
        }
        assert!(is_plain("pago_id") && is_plain(" a") && !are_one("a", "b") && are_one("", " "));
    }
}
