//! The writing thread and its group commit.

use super::refusal;
use crate::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

/// Most writes in one commit.
const TOGETHER: usize = 512;

/// Hands writes to the thread that owns the writing connection. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// Does its part of the transaction, if there is one, and returns what to do once it is known whether the commit worked.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(4 * TOGETHER);
        std::thread::Builder::new()
            .name("share-writer".to_owned())
            .spawn(move || run(connection, waiting))
            .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        Ok(Self { jobs })
    }

    /// Runs a write; its answer comes after its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection: Result<&Connection, StoreError>| {
            let result = connection.and_then(|connection| within_savepoint(connection, write));
            // Whoever asked may have gone; the write stands all the same.
            Box::new(move |committed| drop(reply.send(committed.and(result))))
        });
        let stopped = || StoreError::Unavailable("the writer has stopped".to_owned());
        self.jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < TOGETHER
            && let Ok(next) = waiting.try_recv()
        {
            jobs.push(next);
        }
        let (answers, committed) = commit(&mut connection, jobs);
        if let Err(cause) = &committed {
            tracing::error!(%cause, "writes were not stored");
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// Runs all jobs in one transaction.
fn commit(connection: &mut Connection, jobs: Vec<Job>) -> (Vec<Answer>, Result<(), StoreError>) {
    match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => {
            let answers = jobs.into_iter().map(|job| job(Ok(&transaction))).collect();
            (answers, transaction.commit().map_err(refusal))
        }
        Err(cause) => {
            let cause = refusal(cause);
            (jobs.into_iter().map(|job| job(Err(cause.clone()))).collect(), Err(cause))
        }
    }
}

/// A write that fails halfway leaves nothing behind and does not disturb the others of its commit.
fn within_savepoint<T>(
    connection: &Connection,
    write: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let run = |statement: &str| connection.prepare_cached(statement).and_then(|mut it| it.execute([])).map_err(refusal);
    run("SAVEPOINT one")?;
    let result = write(connection);
    if result.is_err() {
        run("ROLLBACK TO one")?;
    }
    run("RELEASE one")?;
    result
}
