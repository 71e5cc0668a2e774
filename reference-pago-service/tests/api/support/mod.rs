//! What the tests stand on.

#[path = "../../support/child.rs"]
pub(crate) mod child;
mod engine;
pub(crate) mod http;
mod ledger;
mod random;
mod samples;

pub(crate) use engine::{Fixture, on_postgres, on_postgres_made, on_sqlite};
pub(crate) use random::Random;
pub(crate) use samples::{email, monto, new_cliente, new_pago, nombre, page, positive};

/// Run each behaviour, an async function of a [`Fixture`], on both engines. `empty:` hands it a
/// database before its first migration.
macro_rules! on_both_engines {
    (empty: $($name:ident),+ $(,)?) => {
        $crate::support::on_both_engines!(@ (async |fixture| fixture), $($name),+);
    };
    ($($name:ident),+ $(,)?) => {
        $crate::support::on_both_engines!(@ (async |fixture| $crate::support::Fixture::migrated(fixture).await), $($name),+);
    };
    (@ $prepare:tt, $($name:ident),+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    $crate::support::on_sqlite(async |fixture| super::$name($prepare(fixture).await).await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    $crate::support::on_postgres(async |fixture| super::$name($prepare(fixture).await).await).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_engines;
