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
    verdict: Verdict,
}

/// What a name decides.
#[derive(Clone, Copy, Default)]
struct Verdict {
    is_secret: bool,
    is_plain: bool,
    is_bare: bool,
    is_untold: bool,
}

impl Verdict {
    fn of(name: &str, redactor: &Redactor) -> Self {
        Self {
            is_secret: redactor.denies(name),
            is_plain: is_plain(name),
            is_bare: name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty(),
            is_untold: redactor.holds_secret(name),
        }
    }
}

impl<'a> Name<'a> {
    /// A name that is looked at each time.
    pub(in crate::log) fn new(text: &'a str, redactor: &Redactor) -> Self {
        Self { text, verdict: Verdict::of(text, redactor) }
    }

    /// A name of our own that hides nothing.
    pub(in crate::log) const fn plain(text: &'a str) -> Self {
        Self { text, verdict: Verdict { is_secret: false, is_plain: true, is_bare: false, is_untold: false } }
    }

    /// Whether the field is masked whatever it holds.
    pub(in crate::log) const fn is_secret(self) -> bool {
        self.verdict.is_secret
    }

    /// Whether an index takes it as it is.
    pub(in crate::log) const fn is_plain(self) -> bool {
        self.verdict.is_plain
    }

    /// Whether nothing of it can need an escape either.
    pub(in crate::log) const fn is_bare(self) -> bool {
        self.verdict.is_bare
    }

    /// Whether it holds a secret itself, and is left out.
    pub(in crate::log) const fn is_untold(self) -> bool {
        self.verdict.is_untold
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
    verdict: Verdict,
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
        let Known { verdict, .. } = known.unwrap_or_else(|| learn(set, text, redactor));
        Name { text, verdict }
    }
}

impl Known {
    fn is_of(&self, text: &'static str, redactor: &Redactor) -> bool {
        self.address == text.as_ptr().addr() && self.length == text.len() && self.redactor == redactor.id()
    }
}

/// Decides, and remembers it in the place of what was learnt first.
fn learn(set: &mut [Known; WAYS], text: &'static str, redactor: &Redactor) -> Known {
    set.rotate_right(1);
    let (address, length, verdict) = (text.as_ptr().addr(), text.len(), Verdict::of(text, redactor));
    set[0] = Known { address, length, redactor: redactor.id(), verdict };
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
            assert!(verdicts.name("password", &strict).is_secret());
            assert!(!verdicts.name("password", &lax).is_secret());
            assert!(!verdicts.name("pago_id", &strict).is_secret());
        }
    }

    #[test]
    fn no_name_is_taken_for_another_however_many_there_are() {
        // Names that lie side by side, more than are remembered.
        let (names, redactor) = ("pin,".repeat(8 * SETS * WAYS).leak(), Redactor::new(&Redaction::default()));
        let mut verdicts = KnownNames::new();
        for at in (0..names.len() - 4).chain(0..names.len() - 4) {
            let (Some(secret), Some(plain)) = (names.get(at..at + 3), names.get(at..at + 2)) else { panic!("no name at {at}") };
            assert_eq!(verdicts.name(secret, &redactor).is_secret(), redactor.denies(secret), "{secret} at {at}");
            assert!(!verdicts.name(plain, &redactor).is_secret());
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
