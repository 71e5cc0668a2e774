//! The changes of state that a pago can make.

use super::Estado;

/// A change of a pago's state that is allowed. There is no other way to change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    desde: Estado,
    hacia: Estado,
}

impl Transition {
    /// A debited pago is given back. A `PENDIENTE` one was never debited, so there is nothing to give back.
    pub const ANNULMENT: Self = Self { desde: Estado::Procesado, hacia: Estado::Anulado };

    /// The state before.
    #[must_use]
    pub const fn desde(self) -> Estado {
        self.desde
    }

    /// The state after.
    #[must_use]
    pub const fn hacia(self) -> Estado {
        self.hacia
    }

    /// The state after it, or `None` where it is not allowed.
    #[must_use]
    pub fn aplicar(self, estado: Estado) -> Option<Estado> {
        (estado == self.desde).then_some(self.hacia)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_debited_is_annulled() {
        assert_eq!(Transition::ANNULMENT.aplicar(Estado::Procesado), Some(Estado::Anulado));
        assert_eq!(Transition::ANNULMENT.aplicar(Estado::Anulado), None);
        assert_eq!(Transition::ANNULMENT.aplicar(Estado::Pendiente), None);
    }
}
