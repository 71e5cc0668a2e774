//! The tags of an XML file, one after the other: no more of XML than reports of tests have. What stands between tags is passed over, and a
//! document type is refused, so that nothing in it is ever expanded.

use standards_core::rules::Bilingual;

use super::unreadable;

/// How many tags a file may have.
const TAGS: usize = 2_000_000;

/// A tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub name: &'a str,
    attributes: &'a str,
    is_end: bool,
    /// Whether it ends itself: `<a/>`.
    pub is_empty: bool,
}

impl Tag<'_> {
    /// Whether it begins an element of this name.
    pub(super) fn is_open(&self, name: &str) -> bool {
        !self.is_end && self.name == name
    }

    /// An attribute's value, its entities resolved.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
            let (value, left) = after.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(plain(value));
            }
            rest = left;
        }
    }
}

/// All tags of a file.
///
/// # Errors
///
/// A sentence, where it is no XML, is cut off, or has a document type.
pub(super) fn tags(text: &str) -> Result<Vec<Tag<'_>>, Bilingual> {
    let (mut rest, mut tags, mut open) = (text, Vec::new(), 0_usize);
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, left) = piece(after)?;
        rest = left;
        let Some(tag) = tag else { continue };
        match (tag.is_end, tag.is_empty) {
            (true, _) => open = open.checked_sub(1).ok_or_else(|| unreadable(&format!("XML: </{}>", tag.name)))?,
            (false, false) => open += 1,
            (false, true) => {}
        }
        tags.push(tag);
        if tags.len() > TAGS {
            return Err(unreadable(&format!("XML: > {TAGS}")));
        }
    }
    if open == 0 && !tags.is_empty() { Ok(tags) } else { Err(unreadable("XML: truncado / cut off")) }
}

/// What begins behind a `<`, if it is a tag, and what follows it.
fn piece(after: &str) -> Result<(Option<Tag<'_>>, &str), Bilingual> {
    let skipped =
        |end: &str| after.split_once(end).map(|(_, left)| (None, left)).ok_or_else(|| unreadable(&format!("XML: {end}")));
    if after.starts_with("!--") {
        return skipped("-->");
    }
    if after.starts_with("![CDATA[") {
        return skipped("]]>");
    }
    if after.starts_with('?') {
        return skipped("?>");
    }
    let end = end_of(after).filter(|_| !after.starts_with('!')).ok_or_else(|| unreadable("XML: <!"))?;
    let (inside, left) = after.split_at_checked(end).ok_or_else(|| unreadable("XML"))?;
    Ok((Some(tag(inside)), left.get(1..).unwrap_or_default()))
}

/// Where the tag's `>` stands, which is none within quotes.
fn end_of(after: &str) -> Option<usize> {
    let mut quote = None;
    after.char_indices().find_map(|(at, c)| match (quote, c) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(c);
            None
        }
        (Some(open), c) if open == c => {
            quote = None;
            None
        }
        _ => None,
    })
}

fn tag(inside: &str) -> Tag<'_> {
    let (is_end, inside) = inside.strip_prefix('/').map_or((false, inside), |inside| (true, inside));
    let (is_empty, inside) = inside.strip_suffix('/').map_or((false, inside), |inside| (true, inside));
    let (name, attributes) =
        inside.split_at_checked(inside.find(char::is_whitespace).unwrap_or(inside.len())).unwrap_or((inside, ""));
    Tag { name, attributes, is_end, is_empty }
}

/// The five entities that need no declaration.
fn plain(value: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.into_iter().fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}
