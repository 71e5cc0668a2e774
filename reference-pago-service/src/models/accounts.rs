//! The rule by which pagos are decided.

use std::collections::HashMap;

use super::{ClienteId, Moneda, Monto, NewPago};

/// What a cliente pays from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its balance.
    pub saldo: Monto,
    /// Its currency.
    pub moneda: Moneda,
}

/// What is decided of one pago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veredicto {
    /// It is made.
    Aceptado {
        /// The balance that it leaves.
        nuevo_saldo: Monto,
    },
    /// There is no such cliente.
    ClienteNoEncontrado,
    /// The cliente has less.
    SaldoInsuficiente {
        /// What it has.
        saldo: Monto,
    },
    /// The cliente pays in another currency.
    MonedaNoCoincide {
        /// The cliente's.
        moneda: Moneda,
    },
}

/// The accounts that a batch of pagos is decided on.
#[derive(Clone, Debug, Default)]
pub struct Accounts(HashMap<ClienteId, Account>);

impl Accounts {
    /// Decides pagos in the order of their arrival, each on the balance that the ones before it left: 100 pays 60, does not pay
    /// another 60, and still pays 40.
    ///
    /// ```
    /// use reference_pago_service::models::{ClienteId, Account, Accounts, Moneda, NewPago, Veredicto};
    ///
    /// let cliente_id = ClienteId::new(7).unwrap();
    /// let pago = |monto: &str| NewPago { cliente_id, monto: monto.parse().unwrap(), moneda: Moneda::CLP };
    /// let mut cuentas = Accounts::from_iter([(cliente_id, Account { saldo: "100".parse()?, moneda: Moneda::CLP })]);
    /// let veredictos = cuentas.decidir(&[pago("60"), pago("60"), pago("40")]);
    /// assert_eq!(veredictos[1], Veredicto::SaldoInsuficiente { saldo: "40".parse()? });
    /// assert_eq!(veredictos[2], Veredicto::Aceptado { nuevo_saldo: "0".parse()? });
    /// # Ok::<(), reference_pago_service::models::Rejected>(())
    /// ```
    pub fn decidir<'a>(&mut self, pagos: impl IntoIterator<Item = &'a NewPago>) -> Vec<Veredicto> {
        pagos.into_iter().map(|pago| self.decidir_uno(pago)).collect()
    }

    fn decidir_uno(&mut self, pago: &NewPago) -> Veredicto {
        let Some(cuenta) = self.0.get_mut(&pago.cliente_id) else { return Veredicto::ClienteNoEncontrado };
        if cuenta.moneda != pago.moneda {
            return Veredicto::MonedaNoCoincide { moneda: cuenta.moneda };
        }
        match cuenta.saldo.checked_sub(pago.monto.monto()) {
            Some(nuevo_saldo) => {
                cuenta.saldo = nuevo_saldo;
                Veredicto::Aceptado { nuevo_saldo }
            }
            None => Veredicto::SaldoInsuficiente { saldo: cuenta.saldo },
        }
    }

    /// The account of a cliente as it stands now.
    #[must_use]
    pub fn get(&self, cliente_id: ClienteId) -> Option<&Account> {
        self.0.get(&cliente_id)
    }
}

impl FromIterator<(ClienteId, Account)> for Accounts {
    fn from_iter<I: IntoIterator<Item = (ClienteId, Account)>>(cuentas: I) -> Self {
        Self(cuentas.into_iter().collect())
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
    fn cuentas(saldos: [u16; 3]) -> Accounts {
        let cuenta = |(id, saldo): (i64, u16)| {
            let saldo = Monto::from_centavos(i64::from(saldo)).unwrap();
            (cliente(id), Account { saldo, moneda: Moneda::CLP })
        };
        (1..).zip(saldos).map(cuenta).collect()
    }

    proptest! {
        #[test]
        fn a_batch_is_decided_as_its_pagos_one_by_one(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            let (mut together, mut alone) = (cuentas(saldos), cuentas(saldos));
            let one_by_one: Vec<_> = pagos.iter().flat_map(|pago| alone.decidir([pago])).collect();
            prop_assert_eq!(together.decidir(&pagos), one_by_one);
        }

        #[test]
        fn the_balance_is_what_was_there_less_what_was_accepted(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            let (before, mut after) = (cuentas(saldos), cuentas(saldos));
            let veredictos = after.decidir(&pagos);
            for id in 1..=3 {
                let paid: i64 = pagos.iter().zip(&veredictos)
                    .filter(|(pago, veredicto)| pago.cliente_id == cliente(id) && matches!(veredicto, Veredicto::Aceptado { .. }))
                    .map(|(pago, _)| pago.monto.centavos())
                    .sum();
                let (before, after) = (before.get(cliente(id)).unwrap().saldo, after.get(cliente(id)).unwrap().saldo);
                prop_assert_eq!(before.centavos() - paid, after.centavos());
            }
        }

        #[test]
        fn a_pago_is_refused_only_for_its_reason(pagos in pagos(), saldos in any::<[u16; 3]>()) {
            for (pago, veredicto) in pagos.iter().zip(cuentas(saldos).decidir(&pagos)) {
                match veredicto {
                    Veredicto::Aceptado { .. } => prop_assert!(pago.cliente_id < cliente(4) && pago.moneda == Moneda::CLP),
                    Veredicto::ClienteNoEncontrado => prop_assert_eq!(pago.cliente_id, cliente(4)),
                    Veredicto::MonedaNoCoincide { moneda } => prop_assert!(moneda != pago.moneda),
                    Veredicto::SaldoInsuficiente { saldo } => prop_assert!(saldo < pago.monto.monto()),
                }
            }
        }
    }
}
