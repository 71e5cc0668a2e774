//! Whether a disk that was full has room again.

use sqlx::{Connection as _, PgConnection};

use crate::database::{PostgresDatabase, RepositoryError};

/// More pages of pagos than are likely to have room left on a full disk. Numbers that no pago has, so that none is used up.
const SOME_PAGOS: &str = "
    insert into pagos (id, cliente_id, monto, estado)
    select -number, (select min(id) from clientes), 1, 'PENDIENTE' from generate_series(1, 1000) number
    where exists (select from clientes)";

/// Writes some pagos, and takes them back. Where nobody comes to pay because the service says that it is not ready, no payment could show
/// that there is room.
///
/// # Errors
///
/// Those of a database that has none, or cannot be asked.
pub(in crate::repositories) async fn look_for_room(database: &PostgresDatabase) -> Result<(), RepositoryError> {
    database.run(|connection| Box::pin(write_and_take_back(connection))).await?;
    database.note_room();
    Ok(())
}

async fn write_and_take_back(connection: &mut PgConnection) -> Result<(), RepositoryError> {
    let mut unit = connection.begin().await?;
    sqlx::query(SOME_PAGOS).execute(&mut *unit).await?;
    Ok(unit.rollback().await?)
}
