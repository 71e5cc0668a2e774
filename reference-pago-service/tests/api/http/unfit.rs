//! Databases that the service refuses to start on, with a sentence.

use std::time::Duration;

use reference_pago_service::database::{Database, DatabaseOptions, ErrorKind};
use serde_json::Value;

use super::service::{run, url_of};
use crate::support::{Fixture, on_postgres_made};

/// How the service ends on this database: with status 1, and what it tells as the cause.
async fn cause_of_refusal(url: &str) -> String {
    let exit = run(&[], &[("PORT", "0"), ("DATABASE_URL", url)]);
    assert_eq!(exit.status, Some(1), "{}", exit.stdout);
    let errors: Vec<Value> = exit.records().into_iter().filter(|record| record["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{}", exit.stdout);
    errors[0]["error"].to_string()
}

async fn assert_refused(fixture: &Fixture, encoding: &str) {
    let error = fixture.database.examine().await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (ErrorKind::Internal, "DatabaseUnfit"));
    fixture.database.migrate_up().await.unwrap_err();
    assert_eq!(fixture.count("select count(*) from pg_class where relname in ('clientes', '_sqlx_migrations')").await, 0);
    let url = url_of(fixture).await;
    let told = cause_of_refusal(&url).await;
    assert!(told.contains(encoding) && told.contains("UTF8"), "{told}");
    let command = run(&["migrate", "up"], &[("DATABASE_URL", &url)]);
    assert!(command.status == Some(1) && command.stderr.contains(encoding), "{command:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_whose_encoding_cannot_hold_every_text_is_refused() {
    for encoding in ["SQL_ASCII", "LATIN1", "EUC_JP"] {
        let made = format!("template template0 encoding '{encoding}' lc_collate 'C' lc_ctype 'C'");
        on_postgres_made(&made, async |fixture| assert_refused(&fixture, encoding).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_utf8_database_of_any_locale_is_taken() {
    on_postgres_made("template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'", async |fixture| {
        fixture.database.examine().await.unwrap();
        fixture.database.migrate_up().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_sqlite_file_can_be_used_once_it_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("pagos.db").display());
    let database = Database::open(
        &url.parse().unwrap(),
        &DatabaseOptions { acquire_timeout: Duration::from_secs(20), ..DatabaseOptions::default() },
    )
    .await
    .unwrap();
    database.examine().await.unwrap();
}
