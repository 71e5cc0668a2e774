//! Names of fields: which hide their value, and which an index takes as they are.

use super::redactor::Redactor;

/// How many names a thread remembers: so many sets, a power of two, of so many names each. Where the linker puts a name decides its
/// set; with one place per set, two names that are always logged together could for ever drive each other out.
const SETS: usize = 64;
const WAYS: usize = 4;

/// A field's name.
#[derive(Clone, Copy)]
pub(in crate::log) struct Name<'a> {
    pub(in crate::log) text: &'a str,
    /// Whether the field is masked whatever it holds.
    pub(in crate::log) is_secret: bool,
    /// Whether it is written as it is.
    pub(in crate::log) is_plain: bool,
}

impl<'a> Name<'a> {
    /// A name that is looked at each time.
    pub(in crate::log) fn new(text: &'a str, redactor: &Redactor) -> Self {
        Self { text, is_secret: redactor.denies(text), is_plain: is_plain(text) }
    }

    /// A name of our own that hides nothing.
    pub(in crate::log) const fn plain(text: &'a str) -> Self {
        Self { text, is_secret: false, is_plain: true }
    }
}

/// Whether an index takes the name as it is: it is no path, whose dots make objects, and not blank.
pub(in crate::log) fn is_plain(name: &str) -> bool {
    !name.contains('.') && !is_blank(name)
}

/// Whether nothing of a name can be seen.
pub(in crate::log) fn is_blank(name: &str) -> bool {
    name.chars().all(|character| character.is_whitespace() || character.is_control())
}

/// What was decided about the names in the code, which stay where they are as long as the process runs.
pub(in crate::log) struct KnownNames(Box<[[Known; WAYS]]>);

#[derive(Clone, Copy, Default)]
struct Known {
    address: usize,
    length: usize,
    redactor: u32,
    is_secret: bool,
    is_plain: bool,
}

impl KnownNames {
    pub(in crate::log) fn new() -> Self {
        Self(vec![Default::default(); SETS].into())
    }

    /// The name, as it was decided before if it is remembered.
    pub(in crate::log) fn name(&mut self, text: &'static str, redactor: &Redactor) -> Name<'static> {
        let address = text.as_ptr().addr();
        let Some(set) = self.0.get_mut((address ^ (address >> 6) ^ text.len()) % SETS) else {
            return Name::new(text, redactor);
        };
        let known = set.iter().find(|known| known.is_of(text, redactor)).copied();
        let Known { is_secret, is_plain, .. } = known.unwrap_or_else(|| learn(set, text, redactor));
        Name { text, is_secret, is_plain }
    }
}

impl Known {
    fn is_of(&self, text: &'static str, redactor: &Redactor) -> bool {
        self.address == text.as_ptr().addr() && self.length == text.len() && self.redactor == redactor.id()
    }
}

/// Decides, and remembers it in the place of what was learnt first.
fn learn(set: &mut [Known; WAYS], text: &'static str, redactor: &Redactor) -> Known {
    let Name { is_secret, is_plain, .. } = Name::new(text, redactor);
    set.rotate_right(1);
    set[0] = Known { address: text.as_ptr().addr(), length: text.len(), redactor: redactor.id(), is_secret, is_plain };
    set[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::redact::Redaction;

    #[test]
    fn a_verdict_is_remembered_for_the_redactor_that_gave_it() {
        let (strict, lax) = (Redactor::new(&Redaction::default()), Redactor::new(&Redaction::none()));
        let mut verdicts = KnownNames::new();
        for _ in 0..2 {
            assert!(verdicts.name("password", &strict).is_secret);
            assert!(!verdicts.name("password", &lax).is_secret);
            assert!(!verdicts.name("pago_id", &strict).is_secret);
        }
    }

    #[test]
    fn no_name_is_taken_for_another_however_many_there_are() {
        // Names that lie side by side, more than are remembered.
        let (names, redactor) = ("pin,".repeat(8 * SETS * WAYS).leak(), Redactor::new(&Redaction::default()));
        let mut verdicts = KnownNames::new();
        for at in (0..names.len() - 4).chain(0..names.len() - 4) {
            let (Some(secret), Some(plain)) = (names.get(at..at + 3), names.get(at..at + 2)) else { panic!("no name at {at}") };
            assert_eq!(verdicts.name(secret, &redactor).is_secret, redactor.denies(secret), "{secret} at {at}");
            assert!(!verdicts.name(plain, &redactor).is_secret);
        }
    }

    #[test]
    fn names_in_one_set_do_not_drive_each_other_out() {
        let redactor = Redactor::new(&Redaction::default());
        let (mut set, names) = ([Known::default(); WAYS], ["pin", "monto", "moneda", "pago_id"]);
        for name in names {
            learn(&mut set, name, &redactor);
        }
        assert!(names.iter().all(|name| set.iter().any(|known| known.is_of(name, &redactor))));
        learn(&mut set, "status", &redactor);
        assert!(!set.iter().any(|known| known.is_of("pin", &redactor)));
    }
}
