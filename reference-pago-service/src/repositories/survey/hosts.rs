//! What each of the servers says that a URL names.

use serde::Deserialize;

use super::postgres::tell;
use crate::database::{PostgresDatabase, RepositoryError};

/// A server, as the URL calls it, and what it says or why it does not.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) says: Result<Role, RepositoryError>,
}

/// What it does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Role {
    /// Whether it follows another one.
    pub(crate) recovers: bool,
    pub(crate) writes: bool,
    pub(crate) cluster: String,
    pub(crate) timeline: i64,
    /// How far its log has come, in bytes; `None` where it follows and has received nothing yet.
    pub(crate) position: Option<i64>,
}

const ROLE: &str = "select json_build_object(
        'recovers', pg_is_in_recovery(),
        'writes', current_setting('transaction_read_only') = 'off',
        'cluster', (pg_control_system()).system_identifier::text,
        'timeline', case when pg_is_in_recovery() then (pg_control_checkpoint()).timeline_id
            else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint end,
        'position', pg_wal_lsn_diff(
            case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, '0/0')::bigint)::text";

/// Each server, in the order of the URL.
pub(crate) async fn hosts(database: &PostgresDatabase) -> Vec<Host> {
    let mut hosts = Vec::new();
    for (name, connection) in database.connect_each().await {
        let says = match connection {
            Ok(mut connection) => tell(&mut connection, ROLE).await,
            Err(error) => Err(error),
        };
        hosts.push(Host { name, says });
    }
    hosts
}
