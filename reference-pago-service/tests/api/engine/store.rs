//! The service's own storage of outcomes keeps the library's contract.

use std::time::Duration;

use reference_pago_service::engine::with_retries;
use reference_pago_service::models::{Cliente, ClienteId, Pago};
use reference_pago_service::repositories::{
    Anulacion, Atencion, Batch, Clave, Decision, LockWait, PagoOrder, Recarga, Repositories, Resolucion,
};
use standards_core::Failure;
use standards_core::idempotency::contract::{StoreUnderTest, verify};
use standards_core::idempotency::{IdempotencyStore, Keyed, KeyedRequest};

use crate::support::{Fixture, nuevo_pago, on_both_engines, positivo};

on_both_engines!(recargas_keep_the_contract, pagos_keep_the_contract, annulments_keep_the_contract);

/// One kind of operation, its keys and its effects.
struct Almacen<E> {
    fixture: Fixture,
    efecto: E,
}

/// An operation that can be done under a key.
trait Efecto: Clone + Send + Sync + 'static {
    type Resultado: PartialEq + std::fmt::Debug + Send + 'static;

    /// An operation that succeeds, or one that comes to nothing and is not kept.
    fn another(&self, fails: bool) -> Self;

    fn hacer(
        &self,
        repositories: &Repositories,
        clave: Clave,
    ) -> impl Future<Output = Result<Resolucion<Self::Resultado>, Failure>> + Send;

    /// How many have been done.
    const HECHOS: &'static str;
}

fn kept<T, U>(resolucion: Resolucion<T>, keep: impl FnOnce(T) -> Option<U>) -> Result<Resolucion<U>, Failure> {
    let none = || Failure::unavailable("it came to nothing");
    Ok(match resolucion {
        Resolucion::Nueva(outcome) => Resolucion::Nueva(keep(outcome).ok_or_else(none)?),
        Resolucion::Repetida(outcome, language) => Resolucion::Repetida(keep(outcome).ok_or_else(none)?, language),
        Resolucion::Reutilizada => Resolucion::Reutilizada,
    })
}

const NOBODY: i64 = 999_999;

#[derive(Clone)]
struct Recargar(ClienteId);

impl Efecto for Recargar {
    type Resultado = Cliente;

    fn another(&self, fails: bool) -> Self {
        Self(if fails { ClienteId::new(NOBODY).unwrap() } else { self.0 })
    }

    async fn hacer(&self, repositories: &Repositories, clave: Clave) -> Result<Resolucion<Cliente>, Failure> {
        let recarga = || repositories.clientes.recargar(self.0, positivo("0.01"), Some(clave.clone()));
        kept(with_retries(recarga).await?, |recarga| match recarga {
            Recarga::Recargado(cliente) => Some(cliente),
            _ => None,
        })
    }

    // The first is the opening balance.
    const HECHOS: &'static str = "select count(*) - 1 from recargas";
}

#[derive(Clone)]
struct Pagar(ClienteId, bool);

impl Efecto for Pagar {
    type Resultado = Pago;

    fn another(&self, fails: bool) -> Self {
        Self(self.0, fails)
    }

    async fn hacer(&self, repositories: &Repositories, clave: Clave) -> Result<Resolucion<Pago>, Failure> {
        if self.1 {
            // Every refusal of a pago is kept: the failure is one of the database.
            return Err(Failure::unavailable("the database is unavailable"));
        }
        let batch = Batch::from([PagoOrder { nuevo: nuevo_pago(self.0, "0.01"), clave: Some(clave) }]);
        let mut respuestas = with_retries(|| repositories.pagos.decidir(batch.clone(), LockWait::Espera)).await?;
        let Atencion::Decidida(resolucion) = respuestas.pop().unwrap()? else { panic!("it was to wait") };
        kept(resolucion, |decision| match decision {
            Decision::Aceptado { pago, .. } => Some(pago),
            _ => None,
        })
    }

    const HECHOS: &'static str = "select count(*) from pagos";
}

/// Pays and annuls at once, so that there is always something to annul.
#[derive(Clone)]
struct Anular(ClienteId, bool);

impl Efecto for Anular {
    type Resultado = Pago;

    fn another(&self, fails: bool) -> Self {
        Self(self.0, fails)
    }

    async fn hacer(&self, repositories: &Repositories, clave: Clave) -> Result<Resolucion<Pago>, Failure> {
        let Decision::Aceptado { pago, .. } = repositories.pagos.procesar(nuevo_pago(self.0, "0.01")).await? else {
            panic!("the balance bears it")
        };
        let id = if self.1 { NOBODY.to_string().parse().unwrap() } else { pago.id };
        let anulacion = with_retries(|| repositories.pagos.anular(id, Some(clave.clone()))).await?;
        kept(anulacion, |anulacion| match anulacion {
            Anulacion::Anulado { pago, .. } => Some(pago),
            _ => None,
        })
    }

    const HECHOS: &'static str = "select count(*) from pagos where estado = 'ANULADO'";
}

impl<E: Efecto> IdempotencyStore for Almacen<E> {
    type Effect = E;
    type Outcome = E::Resultado;

    async fn perform(&self, request: &KeyedRequest, effect: E) -> Result<Keyed<E::Resultado>, Failure> {
        let clave = Clave::of(request.clone(), request.language());
        Ok(match effect.hacer(&self.fixture.repositories, clave).await? {
            Resolucion::Nueva(outcome) => Keyed::Fresh(outcome),
            Resolucion::Repetida(outcome, language) => Keyed::Replayed(outcome, language),
            Resolucion::Reutilizada => Keyed::Reused,
        })
    }

    async fn reap(&self, older_than: Duration, at_most: u32) -> Result<u64, Failure> {
        Ok(self.fixture.repositories.claves.reap(older_than, at_most).await?)
    }
}

impl<E: Efecto> StoreUnderTest for Almacen<E> {
    type Store = Self;

    fn store(&self) -> &Self {
        self
    }

    fn effect(&self) -> E {
        self.efecto.another(false)
    }

    fn failing_effect(&self) -> E {
        self.efecto.another(true)
    }

    async fn performed(&self) -> u64 {
        u64::try_from(self.fixture.count(E::HECHOS).await).unwrap()
    }
}

async fn keeps_the_contract<E: Efecto>(fixture: Fixture, efecto: impl FnOnce(ClienteId) -> E) {
    let id = fixture.creado("ana@x.cl", "1000.00").await.id;
    verify(&Almacen { efecto: efecto(id), fixture: fixture.clone() }).await;
    fixture.assert_money_rule().await;
}

async fn recargas_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, Recargar).await;
}

async fn pagos_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, |id| Pagar(id, false)).await;
}

async fn annulments_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, |id| Anular(id, false)).await;
}
