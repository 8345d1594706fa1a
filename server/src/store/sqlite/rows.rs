//! The statements. Each function runs within one transaction (or one read).

use super::refusal;
use crate::share::{Gone, NewShare, Seconds, Share, ShareId, TokenHash, Version, VersionInfo};
use crate::store::{Follows, GRACE, REMEMBERED, Record, StoreError, Usage, checksum};
use axum::body::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

const EXPIRED: i64 = 1;
const DELETED: i64 = 2;

pub(super) fn create(connection: &Connection, new: &NewShare, now: Seconds) -> Result<Share> {
    match find(connection, new.id) {
        Err(StoreError::NotFound) => {}
        Ok(_) | Err(StoreError::Gone(_)) => return Err(StoreError::Taken),
        Err(failure) => return Err(failure),
    }
    let parent = new.parent.map(|(id, _)| id.0);
    let parent_version = new.parent.map(|(_, version)| version);
    let editor = new.editor.map(|token| token.0);
    let values = params![new.id.0, new.owner.0, editor, now, new.expires, parent, parent_version];
    run(connection, "INSERT INTO share VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7)", values)?;
    insert_version(connection, new.id, 1, now, new.expires, &new.content)?;
    Ok(Share { id: new.id, created: now, expires: new.expires, latest: 1, parent: new.parent })
}

pub(super) fn append(
    connection: &Connection,
    id: ShareId,
    token: &TokenHash,
    after: Follows,
    content: &Bytes,
    now: Seconds,
) -> Result<Share> {
    let record = find(connection, id)?.live(now)?;
    let number = record.next_version(token, after)?;
    run(connection, "UPDATE share SET latest = ?2 WHERE id = ?1", params![id.0, number])?;
    insert_version(connection, id, number, now, record.share.expires, content)?;
    Ok(Share { latest: number, ..record.share })
}

/// The version and the checksum that was stored with it.
pub(super) fn read(connection: &Connection, id: ShareId, number: Option<u32>, now: Seconds) -> Result<(Version, u32)> {
    let share = find(connection, id)?.live(now)?.share;
    let number = number.unwrap_or(share.latest);
    let statement = "SELECT number, created, sealed_expires, size, checksum, content FROM version \
                     WHERE share = ?1 AND number = ?2";
    let found = one(connection, statement, params![id.0, number], |row| {
        Ok((info(row)?, row.get::<_, u32>(4)?, row.get::<_, Vec<u8>>(5)?))
    })?;
    // The share names its newest version, so that one must be there.
    let absent = if number == share.latest { StoreError::Corrupted } else { StoreError::NoVersion };
    let (info, sum, content) = found.ok_or(absent)?;
    Ok((Version { share, info, content: Bytes::from(content) }, sum))
}

pub(super) fn history(connection: &Connection, id: ShareId, now: Seconds) -> Result<(Share, Vec<VersionInfo>)> {
    let share = find(connection, id)?.live(now)?.share;
    let statement = "SELECT number, created, sealed_expires, size FROM version WHERE share = ?1 ORDER BY number";
    let mut prepared = connection.prepare_cached(statement).map_err(refusal)?;
    let rows = prepared.query_map(params![id.0], info).map_err(refusal)?;
    Ok((share, rows.collect::<rusqlite::Result<_>>().map_err(refusal)?))
}

pub(super) fn extend(connection: &Connection, id: ShareId, owner: &TokenHash, expires: Seconds) -> Result<Share> {
    let record = find(connection, id)?;
    record.owned_by(owner)?;
    run(connection, "UPDATE share SET expires = ?2 WHERE id = ?1", params![id.0, expires])?;
    Ok(Share { expires, ..record.share })
}

pub(super) fn delete(connection: &Connection, id: ShareId, owner: &TokenHash, now: Seconds) -> Result<()> {
    find(connection, id)?.owned_by(owner)?;
    remove(connection, id, DELETED, now)
}

pub(super) fn sweep(connection: &Connection, now: Seconds, limit: u32) -> Result<u32> {
    let statement = "SELECT id FROM share WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
    let mut prepared = connection.prepare_cached(statement).map_err(refusal)?;
    let rows = prepared.query_map(params![now - GRACE, limit], |row| row.get::<_, [u8; 16]>(0)).map_err(refusal)?;
    let ended: Vec<[u8; 16]> = rows.collect::<rusqlite::Result<_>>().map_err(refusal)?;
    for id in &ended {
        remove(connection, ShareId(*id), EXPIRED, now)?;
    }
    let forget = "DELETE FROM gone WHERE id IN (SELECT id FROM gone WHERE at <= ?1 LIMIT ?2)";
    run(connection, forget, params![now - REMEMBERED, limit])?;
    Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
}

pub(super) fn usage(connection: &Connection) -> Result<Usage> {
    let found = one(connection, "SELECT shares, bytes FROM usage", [], |row| {
        Ok(Usage { shares: row.get(0)?, bytes: row.get(1)? })
    })?;
    found.ok_or(StoreError::Corrupted)
}

/// A write that changes nothing: it fails when the file cannot be written.
pub(super) fn touch(connection: &Connection) -> Result<()> {
    run(connection, "UPDATE usage SET one = 1", [])
}

/// The share's row, or why it is not there.
fn find(connection: &Connection, id: ShareId) -> Result<Record> {
    let statement = "SELECT owner, editor, created, expires, latest, parent, parent_version FROM share WHERE id = ?1";
    let found = one(connection, statement, params![id.0], |row| {
        let parent = row.get::<_, Option<[u8; 16]>>(5)?.map(ShareId);
        let share = Share {
            id,
            created: row.get(2)?,
            expires: row.get(3)?,
            latest: row.get(4)?,
            parent: parent.zip(row.get(6)?),
        };
        Ok(Record { share, owner: TokenHash(row.get(0)?), editor: row.get::<_, Option<[u8; 32]>>(1)?.map(TokenHash) })
    })?;
    if let Some(record) = found {
        return Ok(record);
    }
    let why = one(connection, "SELECT why FROM gone WHERE id = ?1", params![id.0], |row| row.get::<_, i64>(0))?;
    Err(match why {
        None => StoreError::NotFound,
        Some(EXPIRED) => StoreError::Gone(Gone::Expired),
        Some(_) => StoreError::Gone(Gone::Deleted),
    })
}

fn remove(connection: &Connection, id: ShareId, why: i64, now: Seconds) -> Result<()> {
    run(connection, "DELETE FROM version WHERE share = ?1", params![id.0])?;
    run(connection, "DELETE FROM share WHERE id = ?1", params![id.0])?;
    run(connection, "INSERT OR REPLACE INTO gone VALUES (?1, ?2, ?3)", params![id.0, why, now])
}

fn insert_version(
    connection: &Connection,
    id: ShareId,
    number: u32,
    now: Seconds,
    sealed_expires: Seconds,
    content: &Bytes,
) -> Result<()> {
    let values = params![id.0, number, now, sealed_expires, content.len(), checksum(content), content.as_ref()];
    run(connection, "INSERT INTO version VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", values)
}

fn info(row: &Row<'_>) -> rusqlite::Result<VersionInfo> {
    Ok(VersionInfo { number: row.get(0)?, created: row.get(1)?, sealed_expires: row.get(2)?, size: row.get(3)? })
}

fn one<T>(
    connection: &Connection,
    statement: &str,
    values: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    let mut prepared = connection.prepare_cached(statement).map_err(refusal)?;
    prepared.query_row(values, read).optional().map_err(refusal)
}

fn run(connection: &Connection, statement: &str, values: impl rusqlite::Params) -> Result<()> {
    let mut prepared = connection.prepare_cached(statement).map_err(refusal)?;
    prepared.execute(values).map_err(refusal)?;
    Ok(())
}
