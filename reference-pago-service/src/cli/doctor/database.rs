//! The database, whichever it is.

use super::limit::OPTIONS;
use super::{Finding, postgres, sqlite};
use crate::config::DatabaseSettings;
use crate::database::Database;

pub(super) async fn examine(settings: &DatabaseSettings) -> Vec<Finding> {
    match Database::inspect(&settings.url, &OPTIONS) {
        Ok(database) => match &database {
            Database::Sqlite(file) => sqlite::examine(&database, file, settings).await,
            Database::Postgres(server) => postgres::examine(&database, server, settings).await,
        },
        Err(error) => sqlite::unopened(&error),
    }
}
