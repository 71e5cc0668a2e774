//! What the clients were told, held against the database.

use std::collections::BTreeMap;

use reference_pago_service::database::Database;

use super::wish::Suceso;
use crate::support::Fixture;

/// The clients' own books.
#[derive(Default)]
pub(super) struct Libro {
    accounts: BTreeMap<u64, Account>,
    pagos: BTreeMap<u64, Anotado>,
    sucesos: BTreeMap<Suceso, usize>,
}

/// What came in and what went out of one cliente's balance, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Account {
    abonos: i64,
    /// Without what was given back.
    pagado: i64,
}

/// A pago that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anotado {
    pub(super) cliente_id: u64,
    pub(super) cents: i64,
    anulado: bool,
}

type Fila = (i64, i64, i64, i64);

impl Libro {
    pub(super) fn abonar(&mut self, cliente_id: u64, cents: i64) {
        self.accounts.entry(cliente_id).or_default().abonos += cents;
    }

    pub(super) fn pay(&mut self, pago_id: u64, cliente_id: u64, cents: i64) {
        self.accounts.get_mut(&cliente_id).unwrap().pagado += cents;
        let known = self.pagos.insert(pago_id, Anotado { cliente_id, cents, anulado: false });
        assert_eq!(known, None, "pago {pago_id} was told of twice");
    }

    pub(super) fn annul(&mut self, pago_id: u64) -> Anotado {
        let pago = self.pagos.get_mut(&pago_id).unwrap();
        assert!(!std::mem::replace(&mut pago.anulado, true), "pago {pago_id} was annulled twice");
        self.accounts.get_mut(&pago.cliente_id).unwrap().pagado -= pago.cents;
        *pago
    }

    /// Notes that something happened.
    pub(super) fn sucede(&mut self, suceso: Suceso) {
        *self.sucesos.entry(suceso).or_default() += 1;
    }

    /// The pago at some place of all that were told of, whoever made it.
    pub(super) fn pago_en(&self, place: u64) -> Option<u64> {
        let place = place.checked_rem(self.pagos.len() as u64)?;
        self.pagos.keys().nth(usize::try_from(place).unwrap()).copied()
    }

    /// What each cliente must have.
    pub(super) fn saldos(&self) -> impl Iterator<Item = (u64, i64)> {
        self.accounts.iter().map(|(id, account)| (*id, account.abonos - account.pagado))
    }

    pub(super) fn pagos(&self) -> usize {
        self.pagos.len()
    }

    /// The database holds this and nothing else, and every kind of thing did happen.
    pub(super) async fn assert_kept(&self, fixture: &Fixture) {
        eprintln!("{}: {:?}", fixture.database.engine(), self.sucesos);
        let clientes =
            self.accounts.iter().map(|(id, account)| fila([*id, 0], [account.abonos - account.pagado, account.abonos]));
        assert_eq!(filas(fixture, CLIENTES).await, clientes.collect::<Vec<_>>());
        let pagos = self.pagos.iter().map(|(id, pago)| fila([*id, pago.cliente_id], [pago.cents, pago.anulado.into()]));
        assert_eq!(filas(fixture, PAGOS).await, pagos.collect::<Vec<_>>());
        for suceso in Suceso::TODOS {
            assert!(self.sucesos.contains_key(&suceso), "{suceso:?} never happened");
        }
    }
}

fn fila([id, other]: [u64; 2], [one, two]: [i64; 2]) -> Fila {
    (i64::try_from(id).unwrap(), i64::try_from(other).unwrap(), one, two)
}

/// A cliente's balance and all that was credited to it; `@` is the number of units in the engine's amount.
const CLIENTES: &str = "
    select id, cast(0 as bigint), cast(saldo * @ as bigint), cast(@ *
        (select coalesce(sum(monto), 0) from recargas where cliente_id = clientes.id) as bigint)
    from clientes order by id";

const PAGOS: &str = "
    select id, cliente_id, cast(monto * @ as bigint), cast(case estado when 'PROCESADO' then 0 when 'ANULADO' then 1 end as bigint)
    from pagos order by id";

async fn filas(fixture: &Fixture, query: &str) -> Vec<Fila> {
    let units = if fixture.database.engine() == "sqlite" { "1" } else { "100" };
    let query = sqlx::AssertSqlSafe(query.replace('@', units));
    let filas = match &fixture.database {
        Database::Sqlite(sqlite) => sqlx::query_as(query).fetch_all(sqlite.readers()).await,
        Database::Postgres(postgres) => sqlx::query_as(query).fetch_all(&mut postgres.connect().await.unwrap()).await,
    };
    filas.unwrap()
}
