//! Who pays on PostgreSQL.

use std::path::PathBuf;

use crate::bench::Bench;
use crate::figures::Round;
use crate::outcome::Outcome;
use crate::payment::Payers;
use crate::peer::Peer;
use crate::report::Report;
use crate::{pgbench, service};

/// Connections to the service under load.
pub(crate) const CONNECTIONS: u64 = 64;

/// One way of paying.
pub(crate) enum Contender {
    /// One payment per statement, by the database's own load tool.
    Pgbench(PathBuf),
    /// The service.
    Service,
    /// The guideline's own service.
    Peer(Peer),
}

impl Contender {
    /// Those that are there, in the order in which they take turns.
    pub(crate) async fn all(bench: &Bench, report: &mut Report) -> Outcome<Vec<Self>> {
        let mut contenders = Vec::new();
        match pgbench::find() {
            Some(program) => contenders.push(Self::Pgbench(program)),
            None => report.note("pgbench was not found: neither in PATH nor under /usr/lib/postgresql.".to_owned()),
        }
        contenders.push(Self::Service);
        if let Some(source) = &bench.options.peer {
            contenders.push(Self::Peer(Peer::install(bench, source).await?));
        }
        Ok(contenders)
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Pgbench(_) => "pgbench, 32 clients",
            Self::Service => "service, 64 connections",
            Self::Peer(_) => "FastAPI peer, 32 connections",
        }
    }

    /// Pays for one round, and checks the books.
    pub(crate) async fn round(&self, bench: &Bench, report: &mut Report, payers: Payers) -> Outcome<Round> {
        match self {
            Self::Pgbench(program) => pgbench::round(bench, program, payers).await,
            Self::Service => service::round(bench, report, payers.requests(), CONNECTIONS).await,
            Self::Peer(peer) => peer.round(bench, report, payers).await,
        }
    }
}
