//! The file's settings and schema.

use super::refusal;
use crate::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

/// Marks the file as ours ("Hdrm").
const APPLICATION: i32 = 0x4864_726d;

/// Each step brings the file from the version of its position to the next one. Never change a step that was released; add
/// one.
const STEPS: [&str; 1] = ["
    CREATE TABLE share (
        id BLOB PRIMARY KEY, owner BLOB NOT NULL, editor BLOB, created INTEGER NOT NULL, expires INTEGER NOT NULL,
        latest INTEGER NOT NULL, parent BLOB, parent_version INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX share_by_end ON share (expires);
    CREATE TABLE version (
        share BLOB NOT NULL, number INTEGER NOT NULL, created INTEGER NOT NULL, sealed_expires INTEGER NOT NULL,
        size INTEGER NOT NULL, checksum INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (share, number)
    ) STRICT;
    CREATE TABLE gone (id BLOB PRIMARY KEY, why INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX gone_by_time ON gone (at);
    CREATE TABLE usage (one INTEGER PRIMARY KEY CHECK (one = 1), shares INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
    INSERT INTO usage VALUES (1, 0, 0);
    CREATE TRIGGER version_in AFTER INSERT ON version BEGIN UPDATE usage SET bytes = bytes + new.size; END;
    CREATE TRIGGER version_out AFTER DELETE ON version BEGIN UPDATE usage SET bytes = bytes - old.size; END;
    CREATE TRIGGER share_in AFTER INSERT ON share BEGIN UPDATE usage SET shares = shares + 1; END;
    CREATE TRIGGER share_out AFTER DELETE ON share BEGIN UPDATE usage SET shares = shares - 1; END;
"];

/// Sets up the writing connection and brings the file to the current schema.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(10)).map_err(refusal)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        .map_err(refusal)?;
    connection.set_prepared_statement_cache_capacity(32);
    // Two programs that open the same new file at once: the second waits here and finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refusal)?;
    let version = version(&transaction)?;
    for (done, step) in STEPS.iter().enumerate().skip(version) {
        transaction.execute_batch(step).map_err(refusal)?;
        transaction.pragma_update(None, "user_version", done + 1).map_err(refusal)?;
    }
    if version == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(refusal)?;
    }
    transaction.commit().map_err(refusal)
}

/// Refuses a file that is not ours or was written by a newer program.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    if version(connection)? == 0 {
        return Err(StoreError::Unavailable("the file is no share store".to_owned()));
    }
    Ok(())
}

/// Sets up a reading connection: a small cache, because the system caches the file too.
pub(super) fn set_up_reader(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(5)).map_err(refusal)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -1024;").map_err(refusal)
}

/// Steps already done on the file: 0 for an empty one.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0)).map_err(refusal);
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(refusal)?;
    let version = usize::try_from(number("user_version")?).unwrap_or(usize::MAX);
    let foreign = StoreError::Unavailable("the file is a database of another program".to_owned());
    match (tables, number("application_id")?) {
        (0, 0) => Ok(0),
        (_, APPLICATION) if version <= STEPS.len() => Ok(version),
        (_, APPLICATION) => {
            Err(StoreError::Unavailable("the file was written by a newer version of Headroom".to_owned()))
        }
        _ => Err(foreign),
    }
}
