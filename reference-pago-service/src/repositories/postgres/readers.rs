//! Reads of one cliente each that are asked together: those that arrive while others are being read form the next statement.
//!
//! A statement begins after every read that it answers has arrived, so an answer is as fresh as one of its own. Nobody waits for others
//! to come: an idle service asks at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::PgConnection;
use standards_core::{catch_panic_async, context};
use tokio::sync::oneshot;

use crate::database::{PostgresDatabase, Remedy, RepositoryError};
use crate::models::{Cliente, ClienteId};
use crate::repositories::rows::ClienteRow;

/// Statements at once: while the server works on one, another is written and the one before is read.
// What being asked together gains: `cargo bench -p reference-pago-service --bench pagos -- --only reads`.
const LANES: usize = 2;
/// Reads of one statement at most.
const TOGETHER: usize = 256;

type Answer = Result<Option<Cliente>, RepositoryError>;

/// A read, and who waits for its answer.
type Read = (ClienteId, oneshot::Sender<Answer>);

/// The reads of clientes by id. Clones share them.
#[derive(Clone)]
pub(super) struct Readers {
    database: PostgresDatabase,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    /// Statements at work.
    lanes: usize,
    reads: Vec<Read>,
}

impl Readers {
    pub(super) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone(), waiting: Arc::default() }
    }

    /// The cliente as it is now, or later.
    pub(super) async fn get(&self, id: ClienteId) -> Answer {
        let (reader, answer) = oneshot::channel();
        if self.enter((id, reader)) {
            context::spawn_worker(self.clone().work());
        }
        answer.await.unwrap_or_else(|gone| Err(RepositoryError::unavailable(gone)))
    }

    /// Whether a lane has to be begun for what waits now.
    fn enter(&self, read: Read) -> bool {
        let mut waiting = self.lock();
        waiting.reads.push(read);
        let begins = waiting.lanes < LANES;
        waiting.lanes += usize::from(begins);
        begins
    }

    /// Reads what waits, until nothing does.
    async fn work(self) {
        while let Some(reads) = self.next() {
            // Whoever waits for one that panicked is told by the end of its sender.
            let _panic = catch_panic_async(self.read(reads)).await;
        }
    }

    /// What waits; where nothing does, the lane ends.
    fn next(&self) -> Option<Vec<Read>> {
        let mut waiting = self.lock();
        // Whoever has left is not read for.
        waiting.reads.retain(|(_, reader)| !reader.is_closed());
        let together = waiting.reads.len().min(TOGETHER);
        let reads: Vec<_> = waiting.reads.drain(..together).collect();
        waiting.lanes -= usize::from(reads.is_empty());
        (!reads.is_empty()).then_some(reads)
    }

    async fn read(&self, reads: Vec<Read>) {
        let ids: Vec<_> = reads.iter().map(|(id, _)| id.get()).collect();
        let found = match self.ask(ids.clone()).await {
            Err(error) if error.remedy() == Remedy::Retry => self.ask(ids).await,
            answered => answered,
        };
        let found = found.map(|rows| rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<_, _>>());
        for (id, reader) in reads {
            let answer = match &found {
                Ok(rows) => rows.get(&id.get()).cloned().map(Cliente::try_from).transpose(),
                Err(error) => Err(error.clone()),
            };
            let _left = reader.send(answer);
        }
    }

    async fn ask(&self, ids: Vec<i64>) -> Result<Vec<ClienteRow>, RepositoryError> {
        self.database.run_whole(move |connection| Box::pin(by_ids(connection, ids))).await
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn by_ids(connection: &mut PgConnection, ids: Vec<i64>) -> Result<Vec<ClienteRow>, RepositoryError> {
    let rows = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where id = any($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
