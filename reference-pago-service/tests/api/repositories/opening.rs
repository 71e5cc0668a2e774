//! Databases that are not there.

use std::time::{Duration, Instant};

use reference_pago_service::database::{Database, DatabaseOptions, ErrorKind, OpenError};
use reference_pago_service::migrate::MigrationError;
use reference_pago_service::models::PagoId;
use reference_pago_service::repositories;

use crate::support::{Fixture, new_cliente, on_sqlite};

async fn open(url: &str) -> Result<Database, OpenError> {
    let options = DatabaseOptions { acquire_timeout: Duration::from_millis(300), ..DatabaseOptions::default() };
    Database::open(&url.parse().unwrap(), &options).await
}

#[tokio::test]
async fn postgresql_that_is_down_is_opened_and_unavailable() {
    let database = open("postgres://nadie@127.0.0.1:1/nada").await.unwrap();
    let begun = Instant::now();
    assert_eq!(database.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    let pagos = repositories::open(&database).pagos;
    let answer = pagos.get(PagoId::new(1).unwrap()).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
    let outcome = database.migrate_up().await;
    let Err(MigrationError::Repository(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn what_keeps_a_sqlite_file_from_being_opened_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display();
    let missing = open(&format!("sqlite://{path}/nada/pagos.db?mode=rwc")).await;
    assert!(matches!(missing, Err(OpenError::MissingDirectory)));
    let missing = open(&format!("sqlite://{path}/pagos.db")).await;
    assert!(matches!(missing, Err(OpenError::MissingFile)));
    std::fs::write(directory.path().join("texto.db"), "no soy una base de datos, aunque sea largo").unwrap();
    let unusable = open(&format!("sqlite://{path}/texto.db")).await;
    assert!(matches!(unusable, Err(OpenError::Unusable(_))), "{unusable:?}");
}

#[tokio::test]
async fn a_sqlite_file_that_was_removed_is_unavailable_and_not_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pagos.db");
    let database = open(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    database.migrate_up().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(database.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    let clientes = repositories::open(&database).clientes;
    let answer = clientes.create(new_cliente("ana@x.cl", "1.00")).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(!file.exists());
}

#[tokio::test]
async fn a_second_instance_sees_what_the_first_wrote() {
    on_sqlite(async |fixture| {
        let first = Fixture::migrated(fixture).await;
        let second = first.another_instance().await;
        let cliente = first.created("ana@x.cl", "1.00").await;
        let seen = second.cliente(cliente.id).await;
        assert_eq!(seen, Some(cliente));
        second.database.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_closed_database_is_unavailable() {
    on_sqlite(async |fixture| {
        let fixture = Fixture::migrated(fixture).await;
        fixture.database.close().await;
        let answer = fixture.repositories.clientes.create(new_cliente("ana@x.cl", "1.00")).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
    })
    .await;
}
