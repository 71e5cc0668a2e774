//! Which of the servers a session is made with: any, or the one that writes, which is searched for.
//!
//! The writer that is known is asked alone. Where none is known, or a connection to it broke, all servers are asked at once, each at
//! every address of its name; the one of the latest timeline is taken. A server that has been superseded is never written to again,
//! however well it answers.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use standards_core::context::JoinSetExt as _;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::servers::{Servers, Wanted, name_of};
use super::writers::{Term, Writer, latest_first};

/// How long the others are waited for once one has said that it writes: another may have been promoted.
const OTHERS: Duration = Duration::from_millis(100);
/// As many addresses of one name as are asked.
const MOST_ADDRESSES: usize = 8;

/// A session with a server that writes.
struct Found {
    writer: Writer,
    connection: PgConnection,
}

/// A session with a server that will do, and how often the writer had changed when it was made.
///
/// # Errors
///
/// That of one of the servers, when none will do.
pub(super) async fn connect(servers: &Servers) -> Result<(PgConnection, u32), sqlx::Error> {
    match servers.wanted {
        Wanted::Any => servers.first_to_answer().await,
        // Boxed: whoever connects is deep in other futures, and does it rarely.
        _ => Box::pin(known_or_latest(servers)).await,
    }
}

/// The same where it is in doubt that the last one still is what is wanted: all are asked.
///
/// # Errors
///
/// As [`connect`].
pub(super) async fn find(servers: &Servers) -> Result<(PgConnection, u32), sqlx::Error> {
    match servers.wanted {
        Wanted::Any => servers.first_to_answer().await,
        _ => Box::pin(latest(servers)).await,
    }
}

/// The known writer, or who else writes now.
async fn known_or_latest(servers: &Servers) -> Result<(PgConnection, u32), sqlx::Error> {
    let Some(known) = servers.writers.known() else { return latest(servers).await };
    match ask_again(servers, known).await {
        Ok(found) => take_latest(servers, vec![found]),
        Err(error) => {
            servers.writers.lose();
            Err(error)
        }
    }
}

/// The writer of the latest timeline among all.
async fn latest(servers: &Servers) -> Result<(PgConnection, u32), sqlx::Error> {
    let mut asked = JoinSet::new();
    for place in 0..servers.hosts().len() {
        asked.spawn_in_context(ask(servers.clone(), place));
    }
    take_latest(servers, gather(asked).await?)
}

/// The known writer, where it answered before.
async fn ask_again(servers: &Servers, known: Writer) -> Result<Found, sqlx::Error> {
    let host = servers.hosts().get(known.place).cloned().ok_or(sqlx::Error::PoolTimedOut)?;
    let host = known.address.as_ref().map_or_else(|| host.clone(), |address| host.clone().host(address));
    let (connection, term) = servers.within_limit(session(host, servers.wanted)).await?;
    Ok(Found { writer: Writer { term, ..known }, connection })
}

/// One server, at each address that its name has.
async fn ask(servers: Servers, place: usize) -> Result<Found, sqlx::Error> {
    let host = servers.hosts().get(place).cloned().ok_or(sqlx::Error::PoolTimedOut)?;
    let ask = async {
        let mut asked = JoinSet::new();
        for address in addresses(&host).await? {
            asked.spawn_in_context(at_address(host.clone(), address, place, servers.wanted));
        }
        let found = gather(asked).await?;
        found.into_iter().min_by_key(|found| latest_first(&found.writer)).ok_or(sqlx::Error::PoolTimedOut)
    };
    servers.within_limit(ask).await
}

async fn at_address(host: PgConnectOptions, address: Option<String>, place: usize, wanted: Wanted) -> Result<Found, sqlx::Error> {
    let name = name_of(&host);
    let host = address.as_ref().map_or_else(|| host.clone(), |address| host.clone().host(address));
    let (connection, term) = session(host, wanted).await?;
    Ok(Found { writer: Writer { place, name, address, term }, connection })
}

/// Who is what was asked for, once all have answered or the first has been waited for long enough.
async fn gather<T: 'static>(mut asked: JoinSet<Result<T, sqlx::Error>>) -> Result<Vec<T>, sqlx::Error> {
    let (mut found, mut failure) = (Vec::new(), sqlx::Error::PoolTimedOut);
    loop {
        let next = match found.is_empty() {
            true => asked.join_next().await,
            false => timeout(OTHERS, asked.join_next()).await.unwrap_or_default(),
        };
        match next {
            Some(Ok(Ok(one))) => found.push(one),
            Some(Ok(Err(error))) => failure = graver(failure, error),
            Some(Err(_)) => {}
            None if found.is_empty() => return Err(failure),
            None => return Ok(found),
        }
    }
}

/// What a server answered says more than that another is not there.
fn graver(before: sqlx::Error, now: sqlx::Error) -> sqlx::Error {
    if matches!(before, sqlx::Error::Database(_) | sqlx::Error::Tls(_)) { before } else { now }
}

/// The first that nothing speaks against, the latest before the others.
fn take_latest(servers: &Servers, mut found: Vec<Found>) -> Result<(PgConnection, u32), sqlx::Error> {
    found.sort_by_key(|found| latest_first(&found.writer));
    let (mut found, mut failure) = (found.into_iter(), sqlx::Error::PoolTimedOut);
    while let Some(Found { writer, connection }) = found.next() {
        match servers.writers.admit(&writer) {
            Ok(changes) => {
                // A second one that writes is told of, though nobody needs it.
                found.for_each(|other| servers.writers.look_at(&other.writer));
                return Ok((connection, changes));
            }
            Err(superseded) => failure = io::Error::other(superseded).into(),
        }
    }
    Err(failure)
}

/// Each that the name has; `None` for what needs no look. A certificate is verified for the name, which is left to the driver then.
async fn addresses(host: &PgConnectOptions) -> Result<Vec<Option<String>>, sqlx::Error> {
    let is_one = host.get_socket().is_some() || host.get_host().parse::<IpAddr>().is_ok();
    if is_one || matches!(host.get_ssl_mode(), PgSslMode::VerifyFull) {
        return Ok(vec![None]);
    }
    let found = lookup_host((host.get_host(), host.get_port())).await?.map(|address| address.ip());
    let addresses: BTreeSet<IpAddr> = found.take(MOST_ADDRESSES).collect();
    if addresses.len() < 2 {
        return Ok(vec![None]);
    }
    Ok(addresses.into_iter().map(|address| Some(address.to_string())).collect())
}

/// A session with a server that is what is wanted, and its term, where it can tell it.
async fn session(host: PgConnectOptions, wanted: Wanted) -> Result<(PgConnection, Option<Term>), sqlx::Error> {
    let mut connection = host.connect().await?;
    let is_wanted = match wanted {
        Wanted::Any => true,
        Wanted::ReadWrite => ask_one(&mut connection, "select current_setting('transaction_read_only') = 'off'").await?,
        Wanted::Primary => ask_one(&mut connection, "select not pg_is_in_recovery()").await?,
    };
    if !is_wanted {
        return Err(io::Error::other("the server is not what target_session_attrs asks for").into());
    }
    let term = term(&mut connection).await?;
    Ok((connection, term))
}

async fn ask_one(connection: &mut PgConnection, question: &'static str) -> Result<bool, sqlx::Error> {
    sqlx::raw_sql(question).fetch_one(connection).await?.try_get(0)
}

/// The control file still has the timeline before a promotion until the next checkpoint; the name of the log's file has that which is written.
const TERM: &str = "select (pg_control_system()).system_identifier,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint";

/// `None` from a server that does not know these functions, or does not let us ask.
async fn term(connection: &mut PgConnection) -> Result<Option<Term>, sqlx::Error> {
    match sqlx::raw_sql(TERM).fetch_one(connection).await {
        Ok(row) => Ok(Some(Term { cluster: row.try_get(0)?, timeline: row.try_get(1)? })),
        Err(sqlx::Error::Database(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
