//! Which characters a text from outside may hold.

/// Whether the character steers a terminal, a log reader or the order of the text around it:
/// C0 and C1 controls (NUL included), line and paragraph separators, bidirectional marks,
/// overrides and isolates, the byte order mark.
pub(super) fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// Whether the character leaves no ink: white space, zero-width characters, fillers, variation
/// selectors and tags.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::{is_blank, is_forbidden};

    #[test]
    fn what_steers_a_reader_is_forbidden() {
        let forbidden = "\0\u{1b}\r\n\t\u{7f}\u{85}\u{9b}\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\
            \u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}";
        assert!(forbidden.chars().all(is_forbidden));
        assert!(!"aÑé 日本\u{200d}\u{a0}🙂<>;'\"".chars().any(is_forbidden));
    }

    #[test]
    fn what_leaves_no_ink_is_blank() {
        let blank = " \u{a0}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{2003}\u{3000}\u{2800}\u{3164}";
        assert!(blank.chars().all(is_blank));
        assert!(!"a.ñ日🙂".chars().any(is_blank));
    }
}
