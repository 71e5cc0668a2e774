//! The rule by which pagos are decided.

use std::collections::HashMap;

use super::{ClienteId, Moneda, Monto, NewPago, PagoError};

/// What a cliente pays from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its balance.
    pub saldo: Monto,
    /// Its currency.
    pub moneda: Moneda,
}

/// The accounts that a batch of pagos is decided on.
#[derive(Clone, Debug, Default)]
pub struct Accounts(HashMap<ClienteId, Account>);

impl Accounts {
    /// Decides pagos in the order of their arrival, each on the balance that the ones before it left: 100 pays 60, does not pay
    /// another 60, and still pays 40.
    ///
    /// Each is told the balance that it leaves, or why it is refused.
    ///
    /// ```
    /// use reference_pago_service::models::{Account, Accounts, ClienteId, Moneda, NewPago};
    ///
    /// let cliente_id = ClienteId::new(7).unwrap();
    /// let pago = |monto: &str| NewPago { cliente_id, monto: monto.parse().unwrap(), moneda: Moneda::CLP };
    /// let mut accounts = Accounts::from_iter([(cliente_id, Account { saldo: "100".parse()?, moneda: Moneda::CLP })]);
    /// let pagos = [pago("60"), pago("60"), pago("40")];
    /// assert_eq!(accounts.decide(&pagos), [Ok("40".parse()?), Err(pago("60").beyond("40".parse()?)), Ok("0".parse()?)]);
    /// # Ok::<(), reference_pago_service::models::Rejected>(())
    /// ```
    pub fn decide<'a>(&mut self, pagos: impl IntoIterator<Item = &'a NewPago>) -> Vec<Result<Monto, PagoError>> {
        pagos.into_iter().map(|pago| self.decide_one(pago)).collect()
    }

    fn decide_one(&mut self, pago: &NewPago) -> Result<Monto, PagoError> {
        let account = self.0.get_mut(&pago.cliente_id).ok_or_else(|| pago.without_cliente())?;
        if account.moneda != pago.moneda {
            return Err(pago.not_in(account.moneda));
        }
        let nuevo_saldo = account.saldo.checked_sub(pago.monto.monto()).ok_or_else(|| pago.beyond(account.saldo))?;
        account.saldo = nuevo_saldo;
        Ok(nuevo_saldo)
    }

    /// The account of a cliente as it stands now.
    #[must_use]
    pub fn get(&self, cliente_id: ClienteId) -> Option<&Account> {
        self.0.get(&cliente_id)
    }
}

impl FromIterator<(ClienteId, Account)> for Accounts {
    fn from_iter<I: IntoIterator<Item = (ClienteId, Account)>>(accounts: I) -> Self {
        Self(accounts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
    use proptest::{collection, sample};

    use super::*;
    use crate::models::PositiveMonto;

    fn cliente(id: i64) -> ClienteId {
        ClienteId::new(id).unwrap()
    }

    fn pagos() -> impl Strategy<Value = Vec<NewPago>> {
        let usd = "USD".parse().unwrap();
        let pago = (1..=4_i64, 1..=200_i64, sample::select(vec![Moneda::CLP, Moneda::CLP, Moneda::CLP, usd]));
        let pago = pago.prop_map(|(id, centavos, moneda)| NewPago {
            cliente_id: cliente(id),
            monto: Monto::from_centavos(centavos).and_then(PositiveMonto::new).unwrap(),
            moneda,
        });
        collection::vec(pago, 0..60)
    }

    /// Three clientes of the four that pay.
    fn accounts(saldos: [u16; 3]) -> Accounts {
        let account = |(id, saldo): (i64, u16)| {
            let saldo = Monto::from_centavos(i64::from(saldo)).unwrap();
            (cliente(id), Account { saldo, moneda: Moneda::CLP })
        };
        (1..).zip(saldos).map(account).collect()
    }

    proptest! {
        #[test]
        fn a_batch_is_decided_as_its_pagos_one_by_one(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            let (mut together, mut alone) = (accounts(saldos), accounts(saldos));
            let one_by_one: Vec<_> = pagos.iter().flat_map(|pago| alone.decide([pago])).collect();
            prop_assert_eq!(together.decide(&pagos), one_by_one);
        }

        #[test]
        fn the_balance_is_what_was_there_less_what_was_accepted(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            let (before, mut after) = (accounts(saldos), accounts(saldos));
            let verdicts = after.decide(&pagos);
            for id in 1..=3 {
                let paid: i64 = pagos.iter().zip(&verdicts)
                    .filter(|(pago, verdict)| pago.cliente_id == cliente(id) && verdict.is_ok())
                    .map(|(pago, _)| pago.monto.centavos())
                    .sum();
                let (before, after) = (before.get(cliente(id)).unwrap().saldo, after.get(cliente(id)).unwrap().saldo);
                prop_assert_eq!(before.centavos() - paid, after.centavos());
            }
        }

        #[test]
        fn a_pago_is_refused_only_for_its_reason(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            for (pago, verdict) in pagos.iter().zip(accounts(saldos).decide(&pagos)) {
                match verdict {
                    Ok(_) => prop_assert!(pago.cliente_id < cliente(4) && pago.moneda == Moneda::CLP),
                    Err(PagoError::ClienteNoEncontrado { cliente_id }) => prop_assert_eq!(cliente_id, cliente(4)),
                    Err(PagoError::MonedaNoCoincide { moneda, moneda_cliente }) => prop_assert!(moneda != moneda_cliente),
                    Err(PagoError::SaldoInsuficiente { saldo, monto }) => prop_assert!(saldo < monto),
                }
            }
        }
    }
}
