//! The service as a process, the servers around it, the faults, and a client that keeps its own books.

mod base;
mod books;
#[path = "../../support/child.rs"]
mod child;
mod client;
#[path = "../../support/cluster.rs"]
mod cluster;
#[path = "../../support/installed.rs"]
mod installed;
mod load;
mod pooler;
mod postgres;
// What the tests of the cache break their Redis by breaks a database's network too.
#[path = "../../../../standards-core/tests/redis/proxy.rs"]
mod proxy;
#[expect(dead_code, reason = "the tests of the cache also tell it commands")]
#[path = "../../../../standards-core/tests/redis/server.rs"]
mod redis;
mod runbook;
mod service;
mod trial;
mod watch;

pub(crate) use base::Base;
pub(crate) use books::{Attempt, Books, Outcome, Tally};
pub(crate) use child::{PATIENCE, binary};
pub(crate) use client::{Answer, Client, post};
pub(crate) use cluster::{Pair, Replication};
pub(crate) use load::Load;
pub(crate) use pooler::{Policy, Pooler};
pub(crate) use postgres::{Server, StopMode, alone, postgres_is_there, shared};
pub(crate) use proxy::{Fault, Proxy};
pub(crate) use redis::Server as Redis;
pub(crate) use runbook::assert_as_in_runbook;
pub(crate) use service::{ServiceProcess, refusal};
pub(crate) use trial::{REFUSED, SILENT, SLACK, Trial, register};
pub(crate) use watch::Watch;

use std::time::Duration;

pub(crate) async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// How often a thing is done that is done `long` times with `FAULTS_LONG`.
pub(crate) fn rounds(long: u32) -> u32 {
    if std::env::var_os("FAULTS_LONG").is_some() { long } else { 3 }
}

/// Run each behaviour, an async function of a new [`Base`], on both engines: `postgres::name` and `sqlite::name`.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let Some(server) = $crate::support::shared().await else { return };
                    super::$name(server.database().await).await;
                }
            )+
        }

        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name($crate::support::Base::sqlite()).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_engines;
