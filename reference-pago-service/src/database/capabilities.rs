//! What a PostgreSQL server can do that not every server can, asked when a connection is made.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgConnection;

/// What is known of the servers of one URL. Until one has been asked it is taken to have everything.
#[derive(Debug)]
pub(super) struct Capabilities {
    /// Whether anybody asks; else nothing is there.
    asks: bool,
    /// Whether a statement that writes may pass over rows that others hold.
    pub(super) skip_locked: AtomicBool,
}

/// Planned and not run, in the one round trip of the simple protocol. A table that somebody has locked does not hold the connection up.
const SKIP_LOCKED: &str = "set lock_timeout = '50ms';
    explain (costs off) with held as materialized (
        select id from clientes where id = 0 for no key update skip locked
    ) update clientes set saldo = saldo from held where clientes.id = held.id;
    reset lock_timeout";
/// There are no tables yet.
const MISSING: &str = "42P01";

impl Capabilities {
    pub(super) fn new(asks: bool) -> Self {
        Self { asks, skip_locked: AtomicBool::new(asks) }
    }

    /// Ask the server of a new connection.
    ///
    /// # Errors
    ///
    /// When it does not answer. That it cannot is an answer.
    pub(super) async fn probe(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !self.asks {
            return Ok(());
        }
        let answer = sqlx::raw_sql(SKIP_LOCKED).execute(connection).await;
        match answer {
            Ok(_) => self.note(true),
            Err(sqlx::Error::Database(no)) if is_refusal(no.code().as_deref()) => self.note(false),
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn note(&self, skip_locked: bool) {
        self.skip_locked.store(skip_locked, Ordering::Relaxed);
    }
}

/// A syntax that it does not know, or a feature that it does not have. What else it may answer says nothing of that.
fn is_refusal(code: Option<&str>) -> bool {
    code.is_some_and(|code| code != MISSING && (code.starts_with("42") || code.starts_with("0A")) && code != "42501")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_cannot_parse_or_do_is_a_refusal() {
        for code in ["42601", "0A000", "42883"] {
            assert!(is_refusal(Some(code)), "{code}");
        }
        for code in ["42P01", "42501", "57014", "55P03", "25006"] {
            assert!(!is_refusal(Some(code)), "{code}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_there() {
        let skips = |asks| Capabilities::new(asks).skip_locked.into_inner();
        assert!(skips(true) && !skips(false));
    }
}
