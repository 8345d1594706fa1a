//! Shares in one SQLite file: the embedded default.
//!
//! One thread writes. Whatever writes arrived while it was busy are committed together, so that many clients share one wait
//! for the disk (group commit); each is answered only after that commit. Reads run beside it on their own connections
//! (write-ahead log), off the event loop.

mod rows;
mod schema;
mod writer;

use super::{Follows, Store, StoreError, Usage, checksum};
use crate::share::{NewShare, Seconds, Share, ShareId, TokenHash, Version, VersionInfo};
use async_trait::async_trait;
use axum::body::Bytes;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use writer::Writer;

/// Shares in one SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
}

impl Sqlite {
    /// Opens the file, makes it if it is absent, and brings it to the current schema.
    ///
    /// # Errors
    /// When the file cannot be opened or written, is no share store, or was written by a newer program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        }
        let mut connection = Connection::open(path).map_err(refusal)?;
        schema::prepare(&mut connection)?;
        // SQLite opens what it may only read without a word, and a log left by a killed server hides it from `prepare`.
        if connection.is_readonly(rusqlite::MAIN_DB).map_err(refusal)? {
            return Err(StoreError::Unavailable("it can be read but not written".to_owned()));
        }
        let readers = Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() });
        Ok(Self { writer: Writer::start(connection)?, readers })
    }

    /// Writes a consistent copy of a store's file, while servers may be using it.
    ///
    /// # Errors
    /// When the file is no store, or the copy exists already or cannot be written.
    pub fn backup(path: &Path, copy: &Path) -> Result<(), StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(refusal)?;
        schema::check(&connection)?;
        let copy = copy.to_str().ok_or_else(|| StoreError::Unavailable("the copy's path is no text".to_owned()))?;
        connection.execute("VACUUM INTO ?1", [copy]).map_err(refusal)?;
        Ok(())
    }

    /// Runs a read on a connection of its own, off the event loop.
    async fn read_with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = read(&connection);
            readers.give_back(connection);
            result
        });
        task.await.map_err(|cause| StoreError::Unavailable(cause.to_string()))?
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn create(&self, share: NewShare, now: Seconds) -> Result<Share, StoreError> {
        self.writer.write(move |connection| rows::create(connection, &share, now)).await
    }

    async fn append(
        &self,
        id: ShareId,
        token: TokenHash,
        after: Follows,
        content: Bytes,
        now: Seconds,
    ) -> Result<Share, StoreError> {
        self.writer.write(move |connection| rows::append(connection, id, &token, after, &content, now)).await
    }

    async fn read(&self, id: ShareId, number: Option<u32>, now: Seconds) -> Result<Version, StoreError> {
        let (version, sum) = self.read_with(move |connection| rows::read(connection, id, number, now)).await?;
        if checksum(&version.content) == sum { Ok(version) } else { Err(StoreError::Corrupted) }
    }

    async fn history(&self, id: ShareId, now: Seconds) -> Result<(Share, Vec<VersionInfo>), StoreError> {
        self.read_with(move |connection| rows::history(connection, id, now)).await
    }

    async fn extend(
        &self,
        id: ShareId,
        owner: TokenHash,
        expires: Seconds,
        _now: Seconds,
    ) -> Result<Share, StoreError> {
        self.writer.write(move |connection| rows::extend(connection, id, &owner, expires)).await
    }

    async fn delete(&self, id: ShareId, owner: TokenHash, now: Seconds) -> Result<(), StoreError> {
        self.writer.write(move |connection| rows::delete(connection, id, &owner, now)).await
    }

    async fn sweep(&self, now: Seconds, limit: u32) -> Result<u32, StoreError> {
        self.writer.write(move |connection| rows::sweep(connection, now, limit)).await
    }

    async fn usage(&self) -> Result<Usage, StoreError> {
        self.read_with(rows::usage).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.write(rows::touch).await
    }
}

/// Connections for reading; as many as there were reads at once.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Most connections kept when idle.
    const KEPT: usize = 8;

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.open(), Ok)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < Self::KEPT {
            idle.push(connection);
        }
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(refusal)?;
        schema::set_up_reader(&connection)?;
        Ok(connection)
    }
}

/// What a failure of SQLite means to a caller.
fn refusal(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Corrupted,
        _ => StoreError::Unavailable(error.to_string()),
    }
}
