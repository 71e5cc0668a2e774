//! Units of work on the writer.

use sqlx::SqliteConnection;
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, Failure, RequestContext, context};
use tempfile::TempDir;

use super::SqliteDatabase;
use crate::database::{Database, DatabaseOptions, ErrorKind, Remedy, RepositoryError};
use crate::engine::tests::install_log;

async fn open() -> (TempDir, SqliteDatabase) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("pagos.db").display());
    let database = Database::open(&url.parse().unwrap(), &DatabaseOptions::default()).await.unwrap();
    database.migrate_up().await.unwrap();
    let Database::Sqlite(sqlite) = database else { panic!("not SQLite") };
    (directory, sqlite)
}

async fn run(writer: &mut SqliteConnection, statement: &'static str) -> Result<(), RepositoryError> {
    sqlx::query(statement).execute(writer).await?;
    Ok(())
}

const CLIENTE: &str = "insert into clientes (nombre, email, email_normalizado, created_at) \
    values ('Ana', 'ana@x.cl', 'ana@x.cl', 0)";
const RECARGA_WITHOUT_CLIENTE: &str = "insert into recargas (cliente_id, monto, created_at) values (99, 1, 0)";

async fn assert_only_later_work_is_kept(database: &SqliteDatabase) {
    database.write(|writer| Box::pin(run(writer, CLIENTE))).await.unwrap();
    let count = "select (select count(*) from clientes) * 10 + (select count(*) from recargas)";
    let rows: i64 = sqlx::query_scalar(count).fetch_one(database.readers()).await.unwrap();
    assert_eq!(rows, 10);
}

#[tokio::test]
async fn a_failed_commit_leaves_no_transaction_open() {
    let (_directory, database) = open().await;
    let outcome = database.write(|writer| {
        Box::pin(async move {
            run(writer, "pragma defer_foreign_keys = on").await?;
            run(writer, RECARGA_WITHOUT_CLIENTE).await
        })
    });
    assert_eq!(outcome.await.unwrap_err().kind(), ErrorKind::Internal);
    assert_only_later_work_is_kept(&database).await;
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_does_not_poison_the_writer() {
    let (_directory, database) = open().await;
    let outcome = database.write(|writer| {
        Box::pin(async move {
            run(writer, CLIENTE).await?;
            run(writer, "rollback").await?;
            Err::<(), _>(RepositoryError::internal("disk full"))
        })
    });
    assert!(outcome.await.is_err());
    assert_only_later_work_is_kept(&database).await;
}

#[tokio::test]
async fn a_panic_reaches_the_caller_and_undoes_the_work() {
    install_log();
    let (_directory, database) = open().await;
    let id = CorrelationId::generate();
    let request = RequestContext::new(id.clone(), "/api/v1/pagos", "POST");
    let outcome = database.write::<(), _>(|writer| {
        Box::pin(async move {
            run(writer, CLIENTE).await?;
            panic!("half-way")
        })
    });
    let error = context::scope(request, outcome).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy(), error.error_type()), (ErrorKind::Internal, Remedy::GiveUp, "panic"));
    // Whoever answers logs it, with its place; until then it is not logged.
    assert_eq!(Capture::of(&id).records(), [] as [serde_json::Value; 0]);
    assert!(Failure::from(error).traceback().starts_with(file!()));
    assert_only_later_work_is_kept(&database).await;
}

#[tokio::test]
async fn nothing_is_acknowledged_once_the_file_is_gone() {
    let (directory, database) = open().await;
    std::fs::remove_file(directory.path().join("pagos.db")).unwrap();
    let outcome = database.write(|writer| Box::pin(run(writer, CLIENTE))).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
}
