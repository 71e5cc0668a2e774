//! Whether what was copied adds up to what was there.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use super::{Adoption, AdoptionError};

/// What the rows of the tables come to: not a hundredth may be lost between the old ones and the new.
#[derive(Debug, PartialEq)]
pub(super) struct Totals {
    pub(super) clientes: i64,
    pub(super) pagos: i64,
    pub(super) saldo: Decimal,
    pub(super) monto: Decimal,
}

impl Totals {
    /// What was adopted, if the new tables have it all.
    pub(super) fn kept_by(&self, new: &Self) -> Result<Adoption, AdoptionError> {
        let Self { clientes, pagos, .. } = *self;
        if self == new { Ok(Adoption { clientes, pagos }) } else { Err(AdoptionError::Totals) }
    }
}

/// The query of the totals of two tables.
pub(super) fn totals_of(clientes: &str, pagos: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "select (select count(*) from {clientes}), (select count(*) from {pagos}),
                (select coalesce(sum(saldo), 0) from {clientes}), (select coalesce(sum(monto), 0) from {pagos})"
    ))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Adoption, AdoptionError, Totals};

    #[test]
    fn a_hundredth_that_is_lost_on_the_way_undoes_the_adoption() {
        let totals = |saldo, scale| Totals { clientes: 1, pagos: 2, saldo: Decimal::new(saldo, scale), monto: Decimal::ONE };
        assert_eq!(totals(10_050, 2).kept_by(&totals(1_005, 1)), Ok(Adoption { clientes: 1, pagos: 2 }));
        assert_eq!(totals(10_050, 2).kept_by(&totals(10_049, 2)), Err(AdoptionError::Totals));
    }
}
