//! Roles that may do no more than the service needs.

use reference_pago_service::database::{Database, DatabaseOptions};

use crate::support::{Base, REFUSED, Server, ServiceProcess, Trial, refusal, shared};

async fn open(url: &str) -> Database {
    Database::open(&url.parse().unwrap(), &DatabaseOptions::default()).await.unwrap()
}

/// A role that may read and write rows, and nothing else.
async fn teller(server: &Server, base: &Base, name: &str) -> String {
    server.role(name).await;
    base.execute(format!(
        "revoke create on schema public from public;
         grant usage on schema public to {name};
         grant select, insert, update, delete on all tables in schema public to {name};
         revoke insert, update, delete on _sqlx_migrations from {name}"
    ))
    .await;
    base.url().replace("pagos@", &format!("{name}@"))
}

/// A database with nothing pending, and its URL for a teller of this name.
async fn migrated(server: &Server, name: &str) -> (Base, String) {
    let base = server.database().await;
    open(&base.url()).await.migrate_up().await.unwrap();
    let url = teller(server, &base, name).await;
    (base, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_change_the_schema_serves_where_nothing_is_pending() {
    let Some(server) = shared().await else { return };
    let (base, url) = migrated(&server, "cajero").await;
    let mut trial = Trial::with(base, ServiceProcess::start(&url).await).await;
    trial.load().await;
    trial.end("a role with the rights of a teller", REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_change_the_schema_is_refused_where_something_is_pending_or_was_changed() {
    let Some(server) = shared().await else { return };
    let (base, url) = migrated(&server, "cajera").await;
    base.execute("delete from _sqlx_migrations where version = 3").await;
    let (status, log) = refusal(&url).await;
    assert!(status == Some(1) && log.contains("permission denied"), "{log}");
    base.execute("update _sqlx_migrations set checksum = '\\x00' where version = 2").await;
    let (status, log) = refusal(&url).await;
    assert!(status == Some(1) && log.contains("migration 2 was previously applied but has been modified"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_that_a_role_may_not_fill_is_refused() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    server.role("nadie").await;
    base.execute("revoke create on schema public from public").await;
    let (status, log) = refusal(&base.url().replace("pagos@", "nadie@")).await;
    assert!(status == Some(1) && log.contains("permission denied"), "{log}");
}
