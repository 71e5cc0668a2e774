//! The rows that stand in the way of an adoption.

use super::AdoptionError;

/// The rows that stand in the way, by reason.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<String>);

impl Refusals {
    pub(super) fn add(&mut self, reason: &str, ids: &[String]) {
        if !ids.is_empty() {
            self.0.push(format!("{reason}: {}", ids.join(", ")));
        }
    }

    pub(super) fn none(self) -> Result<(), AdoptionError> {
        if self.0.is_empty() { Ok(()) } else { Err(AdoptionError::Rows(self.0.join("; "))) }
    }
}

/// Why a row stands in the way.
pub(super) mod reason {
    pub(in crate::migrate::adoption) const CLIENTE_ID: &str = "clientes whose id is not greater than zero";
    pub(in crate::migrate::adoption) const PAGO_ID: &str = "pagos whose id is not greater than zero";
    pub(in crate::migrate::adoption) const EMAIL: &str = "clientes whose e-mails differ only by case or composition";
    pub(in crate::migrate::adoption) const SALDO: &str =
        "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99";
    pub(in crate::migrate::adoption) const MONTO: &str =
        "pagos whose monto is not a whole number of hundredths between 0.01 and 99999999.99";
    pub(in crate::migrate::adoption) const ESTADO: &str = "pagos whose estado is none of PENDIENTE, PROCESADO, ANULADO";
    pub(in crate::migrate::adoption) const MONEDA: &str = "pagos whose moneda is not three capital letters";
    pub(in crate::migrate::adoption) const MONEDAS: &str = "clientes with pagos in several monedas";
    pub(in crate::migrate::adoption) const ORPHAN: &str = "pagos without a cliente";
    pub(in crate::migrate::adoption) const CLIENTE_INSTANT: &str =
        "clientes whose created_at is not an instant of the years 1 to 9999";
    pub(in crate::migrate::adoption) const PAGO_INSTANT: &str =
        "pagos whose created_at or updated_at is not an instant of the years 1 to 9999";
    pub(in crate::migrate::adoption) const OPENING: &str =
        "clientes whose saldo and processed pagos together pass 999999999999.99";
    pub(in crate::migrate::adoption) const TEXT: &str = "clientes whose nombre or email is not a text";
}

#[cfg(test)]
mod tests {
    use super::{AdoptionError, Refusals};

    #[test]
    fn every_row_that_stands_in_the_way_is_named() {
        let mut refusals = Refusals::default();
        refusals.add("pagos of another planet", &[]);
        refusals.add("clientes without a name", &["3".to_owned(), "9".to_owned()]);
        refusals.add("pagos of nobody", &["4".to_owned()]);
        let expected = "clientes without a name: 3, 9; pagos of nobody: 4".to_owned();
        assert_eq!(refusals.none(), Err(AdoptionError::Rows(expected)));
    }
}
