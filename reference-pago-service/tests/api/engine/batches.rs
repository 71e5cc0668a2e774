//! Both databases decide a batch as the rule does.

use std::collections::HashMap;

use reference_pago_service::models::{Account, Accounts, ClienteId, Moneda, Monto, NewCliente, NewPago, Veredicto};
use reference_pago_service::repositories::{Atencion, Batch, Clave, Creacion, Decision, LockWait, PagoOrder, Resolucion};
use standards_core::Language;

use crate::support::{Fixture, Random, monto, nuevo_cliente, nuevo_pago, on_both_engines, positivo};

on_both_engines!(
    a_refused_pago_does_not_count,
    random_batches_are_decided_as_the_rule_says,
    two_orders_with_one_key_come_to_nothing_together,
    an_empty_batch_is_nothing,
);

async fn decidir(fixture: &Fixture, orders: &[PagoOrder], paciencia: LockWait) -> Vec<Resolucion<Decision>> {
    let respuestas = fixture.repositories.pagos.decidir(Batch::from(orders), paciencia).await.unwrap();
    let decidida = |respuesta| match respuesta {
        Ok(Atencion::Decidida(resolucion)) => resolucion,
        other => panic!("{other:?}"),
    };
    respuestas.into_iter().map(decidida).collect()
}

async fn a_refused_pago_does_not_count(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "100.00").await.id;
    let orders = ["60", "60", "40", "0.01"].map(|monto| PagoOrder { nuevo: nuevo_pago(id, monto), clave: None });
    let decisiones = decidir(&fixture, &orders, LockWait::Skip).await;
    let saldos: Vec<_> = decisiones
        .iter()
        .map(|decision| match decision {
            Resolucion::Nueva(Decision::Aceptado { nuevo_saldo, .. }) => (true, nuevo_saldo.to_string()),
            Resolucion::Nueva(Decision::SaldoInsuficiente { saldo }) => (false, saldo.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [(true, "40.00"), (false, "40.00"), (true, "0.00"), (false, "0.00")];
    assert_eq!(saldos, expected.map(|(accepted, saldo)| (accepted, saldo.to_owned())));
    fixture.assert_money_rule().await;
}

async fn an_empty_batch_is_nothing(fixture: Fixture) {
    assert_eq!(decidir(&fixture, &[], LockWait::Espera).await, []);
}

async fn two_orders_with_one_key_come_to_nothing_together(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "100.00").await.id;
    let order = || order(nuevo_pago(id, "1"), Some("k"));
    let batch = Batch::from([order(), order()]);
    assert!(fixture.repositories.pagos.decidir(batch, LockWait::Espera).await.is_err());
    assert_eq!(fixture.count("select (select count(*) from pagos) + (select count(*) from idempotencia)").await, 0);
    fixture.assert_money_rule().await;
}

fn order(nuevo: NewPago, key: Option<&str>) -> PagoOrder {
    let huella = format!("{nuevo:?}");
    let clave = key.map(|key| Clave::new("", "POST /pagos", key.parse().unwrap(), huella, Language::En));
    PagoOrder { nuevo, clave }
}

/// What the rule and a table of keys say, as against what the database does.
struct Modelo {
    cuentas: Accounts,
    claves: HashMap<String, (NewPago, Decision)>,
    random: Random,
}

/// Clientes with little money, one of them in another currency, and one that does not exist.
async fn modelo(fixture: &Fixture) -> Modelo {
    let mut cuentas = Vec::new();
    for (number, saldo) in [(1, "20.00"), (2, "3.00"), (3, "0.50"), (4, "100.00")] {
        let moneda = if number == 4 { "USD".parse().unwrap() } else { Moneda::CLP };
        let nuevo = NewCliente { moneda, ..nuevo_cliente(&format!("c{number}@x.cl"), saldo) };
        let Creacion::Creado(cliente) = fixture.crear(nuevo).await else { panic!("duplicate") };
        assert_eq!(cliente.id.get(), number);
        cuentas.push((cliente.id, Account { saldo: monto(saldo), moneda }));
    }
    Modelo { cuentas: cuentas.into_iter().collect(), claves: HashMap::new(), random: Random::new() }
}

impl Modelo {
    fn pago(&mut self) -> NewPago {
        let id = ClienteId::new(i64::try_from(1 + self.random.below(5)).unwrap()).unwrap();
        let centavos = 1 + self.random.below(150);
        let monto = positivo(&format!("{}.{:02}", centavos / 100, centavos % 100));
        let moneda = if self.random.below(5) == 0 { "USD".parse().unwrap() } else { Moneda::CLP };
        NewPago { cliente_id: id, monto, moneda }
    }

    /// A batch whose keys are new, or known with the same request or another, and none twice.
    fn batch(&mut self, round: usize) -> Vec<PagoOrder> {
        // A single order has a statement of its own.
        let size = if self.random.below(3) == 0 { 1 } else { self.random.below(40) };
        let (mut batch, mut used) = (Vec::new(), Vec::new());
        for number in 0..size {
            let (mut nuevo, mut key) = (self.pago(), None);
            match self.random.below(4) {
                0 => key = Some(format!("{round}-{number}")),
                1 => {
                    let known = usize::try_from(self.random.below(1 + self.claves.len() as u64)).unwrap();
                    let kept = self.claves.iter().nth(known).filter(|(key, _)| !used.contains(*key));
                    if let Some((known, (first, _))) = kept {
                        key = Some(known.clone());
                        nuevo = if self.random.below(2) == 0 { *first } else { nuevo };
                    }
                }
                _ => {}
            }
            used.extend(key.clone());
            batch.push(order(nuevo, key.as_deref()));
        }
        batch
    }

    /// What must come of it; ids and instants are the database's own.
    #[track_caller]
    fn check(&mut self, batch: &[PagoOrder], resoluciones: &[Resolucion<Decision>]) {
        assert_eq!(batch.len(), resoluciones.len());
        for (order, resolucion) in batch.iter().zip(resoluciones) {
            let key = order.clave.as_ref().map(|clave| clave.scope().key().to_owned());
            match key.as_ref().and_then(|key| self.claves.get(key)) {
                Some((first, decision)) if *first == order.nuevo => {
                    assert_eq!(*resolucion, Resolucion::Repetida(*decision, Language::En));
                }
                Some(_) => assert_eq!(*resolucion, Resolucion::Reutilizada),
                None => {
                    let Resolucion::Nueva(decision) = resolucion else { panic!("{order:?}: {resolucion:?}") };
                    assert_eq!(veredicto(decision), self.cuentas.decidir([&order.nuevo])[0], "{order:?}");
                    self.claves.extend(key.map(|key| (key, (order.nuevo, *decision))));
                }
            }
        }
    }

    fn saldo(&self, id: ClienteId) -> Monto {
        self.cuentas.get(id).unwrap().saldo
    }
}

fn veredicto(decision: &Decision) -> Veredicto {
    match *decision {
        Decision::Aceptado { nuevo_saldo, .. } => Veredicto::Aceptado { nuevo_saldo },
        Decision::ClienteNoEncontrado => Veredicto::ClienteNoEncontrado,
        Decision::SaldoInsuficiente { saldo } => Veredicto::SaldoInsuficiente { saldo },
        Decision::MonedaNoCoincide { moneda } => Veredicto::MonedaNoCoincide { moneda },
    }
}

/// The ids of the accepted pagos, in the order of their orders.
fn ids(resoluciones: &[Resolucion<Decision>]) -> Vec<i64> {
    let id = |resolucion: &Resolucion<Decision>| match resolucion {
        Resolucion::Nueva(Decision::Aceptado { pago, .. }) => Some(pago.id.get()),
        _ => None,
    };
    resoluciones.iter().filter_map(id).collect()
}

async fn random_batches_are_decided_as_the_rule_says(fixture: Fixture) {
    let mut modelo = modelo(&fixture).await;
    let mut last = 0;
    for round in 0..80 {
        last = one_round(&fixture, &mut modelo, round, last).await;
        if round % 8 == 7 {
            fixture.recargar(ClienteId::new(1).unwrap(), "5.00").await;
            modelo.cuentas = fixture_cuentas(&fixture, &modelo).await;
        }
    }
    for id in (1..=4).map(|id| ClienteId::new(id).unwrap()) {
        assert_eq!(fixture.cliente(id).await.unwrap().saldo, modelo.saldo(id));
    }
    fixture.assert_money_rule().await;
}

/// Decides one batch; the ids of its pagos follow `last` in the order of arrival, and the last of them is returned.
async fn one_round(fixture: &Fixture, modelo: &mut Modelo, round: usize, last: i64) -> i64 {
    let batch = modelo.batch(round);
    let paciencia = if round.is_multiple_of(2) { LockWait::Skip } else { LockWait::Espera };
    let resoluciones = decidir(fixture, &batch, paciencia).await;
    modelo.check(&batch, &resoluciones);
    assert_kept(fixture, &resoluciones).await;
    let ids = ids(&resoluciones);
    assert!(ids.first().is_none_or(|first| *first > last) && ids.is_sorted(), "{ids:?}");
    ids.last().copied().unwrap_or(last)
}

/// Each accepted pago is kept under its own id, as it was answered.
async fn assert_kept(fixture: &Fixture, resoluciones: &[Resolucion<Decision>]) {
    for resolucion in resoluciones {
        if let Resolucion::Nueva(Decision::Aceptado { pago, .. }) = resolucion {
            assert_eq!(fixture.repositories.pagos.obtener(pago.id).await.unwrap(), Some(*pago));
        }
    }
}

/// The accounts after a recarga to cliente 1; those of the others are as the model has them.
async fn fixture_cuentas(fixture: &Fixture, modelo: &Modelo) -> Accounts {
    let mut cuentas = Vec::new();
    for id in 1..=4 {
        let cliente = fixture.cliente(ClienteId::new(id).unwrap()).await.unwrap();
        assert!(id == 1 || cliente.saldo == modelo.saldo(cliente.id));
        cuentas.push((cliente.id, Account { saldo: cliente.saldo, moneda: cliente.moneda }));
    }
    cuentas.into_iter().collect()
}
