//! Reads of one cliente each that are asked together: those that arrive while others are being read form the next statement.
//!
//! Which they are is settled once there is a connection, so those that wait for one wait together, however many. A statement begins
//! after every read that it answers has arrived, so an answer is as fresh as one of its own. Nobody waits for others to come: an idle
//! service asks at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::PgConnection;
use standards_core::{catch_panic_async, context};
use tokio::sync::oneshot;

use crate::database::{Crowd, PostgresDatabase, Remedy, RepositoryError};
use crate::models::{Cliente, ClienteId};
use crate::repositories::rows::ClienteRow;

/// Statements at once: while the server works on one, another is written and the one before is read.
// What being asked together gains: `cargo bench -p reference-pago-service --bench pagos -- --only reads`.
const LANES: usize = 2;
/// Reads of one statement at most.
const TOGETHER: usize = 256;

type Answer = Result<Option<Cliente>, RepositoryError>;

/// A read, and who waits for its answer.
struct Read {
    /// Its place in the order in which they arrived.
    number: u64,
    id: ClienteId,
    reader: oneshot::Sender<Answer>,
}

/// The reads of clientes by id. Clones share them.
#[derive(Clone)]
pub(super) struct Readers {
    database: PostgresDatabase,
    waiting: Arc<Mutex<Waiting>>,
}

struct Waiting {
    /// Statements at work, or waiting for a connection.
    lanes: usize,
    reads: Vec<Read>,
    /// How many have arrived.
    arrived: u64,
    /// As many as there are reads, for who waits for a connection on their behalf.
    crowd: Crowd,
}

impl Readers {
    pub(super) fn new(database: &PostgresDatabase) -> Self {
        let waiting = Waiting { lanes: 0, reads: Vec::new(), arrived: 0, crowd: Crowd::of(0) };
        Self { database: database.clone(), waiting: Arc::new(waiting.into()) }
    }

    /// The cliente as it is now, or later.
    pub(super) async fn get(&self, id: ClienteId) -> Answer {
        let (reader, answer) = oneshot::channel();
        if self.lock().enter(id, reader) {
            context::spawn_worker(self.clone().work());
        }
        answer.await.unwrap_or_else(|gone| Err(RepositoryError::unavailable(gone)))
    }

    /// Reads what waits, until nothing does.
    async fn work(self) {
        loop {
            let Some(last) = self.lock().last() else { return };
            if catch_panic_async(self.read(last)).await.is_err() {
                // Whoever waits for one that panicked is told by the end of its sender.
                self.lock().take_until(last);
            }
        }
    }

    /// Reads what waits once there is a connection. Where none is to be had, those until `last` are told, who have waited long enough.
    async fn read(&self, last: u64) {
        let (crowd, mut reads) = (self.lock().crowd.clone(), Vec::new());
        let asked = self.database.run_whole(crowd, |connection| {
            reads = self.lock().take();
            Box::pin(by_ids(connection, ids(&reads)))
        });
        let found = match asked.await {
            Err(error) if error.remedy() == Remedy::Retry => self.read_again(ids(&reads)).await,
            answered => answered,
        };
        if found.is_err() && reads.is_empty() {
            reads = self.lock().take_until(last);
        }
        answer(reads, found);
    }

    async fn read_again(&self, ids: Vec<i64>) -> Result<Vec<ClienteRow>, RepositoryError> {
        self.database.run_whole(Crowd::of(ids.len()), move |connection| Box::pin(by_ids(connection, ids))).await
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Whether a lane has to be begun for what waits now.
    fn enter(&mut self, id: ClienteId, reader: oneshot::Sender<Answer>) -> bool {
        self.arrived += 1;
        self.reads.push(Read { number: self.arrived, id, reader });
        self.crowd.set(self.reads.len());
        let begins = self.lanes < LANES;
        self.lanes += usize::from(begins);
        begins
    }

    /// The last that waits; where nothing does, the lane ends.
    fn last(&mut self) -> Option<u64> {
        self.forget_who_left();
        let last = self.reads.last().map(|read| read.number);
        self.lanes -= usize::from(last.is_none());
        last
    }

    /// What waits, as much as one statement takes.
    fn take(&mut self) -> Vec<Read> {
        self.forget_who_left();
        let together = self.reads.len().min(TOGETHER);
        self.take_first(together)
    }

    /// What waits, those that came after `last` left out.
    fn take_until(&mut self, last: u64) -> Vec<Read> {
        let together = self.reads.partition_point(|read| read.number <= last);
        self.take_first(together)
    }

    fn take_first(&mut self, together: usize) -> Vec<Read> {
        let reads = self.reads.drain(..together).collect();
        self.crowd.set(self.reads.len());
        reads
    }

    /// Whoever has left is not read for.
    fn forget_who_left(&mut self) {
        self.reads.retain(|read| !read.reader.is_closed());
    }
}

fn ids(reads: &[Read]) -> Vec<i64> {
    reads.iter().map(|read| read.id.get()).collect()
}

fn answer(reads: Vec<Read>, found: Result<Vec<ClienteRow>, RepositoryError>) {
    let found = found.map(|rows| rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<_, _>>());
    for Read { id, reader, .. } in reads {
        let answer = match &found {
            Ok(rows) => rows.get(&id.get()).cloned().map(Cliente::try_from).transpose(),
            Err(error) => Err(error.clone()),
        };
        let _left = reader.send(answer);
    }
}

async fn by_ids(connection: &mut PgConnection, ids: Vec<i64>) -> Result<Vec<ClienteRow>, RepositoryError> {
    // Another lane may have read for all of them.
    if ids.is_empty() {
        return Ok(Vec::new());
    }
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
