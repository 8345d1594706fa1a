//! The database's schema.

use super::heard;
use crate::store::StoreError;
use tokio_postgres::Client;

/// Any number, the same in all versions: whoever holds this lock changes the schema.
const LOCK: i64 = 0x6865_6164_726f_6f6d;

/// Each step brings the database from the version of its position to the next one. Never change a step that was released;
/// add one.
const STEPS: [&str; 1] = ["
    CREATE TABLE share (
        id bytea PRIMARY KEY, owner bytea NOT NULL, editor bytea, share_created bigint NOT NULL, expires bigint NOT NULL,
        latest bigint NOT NULL, parent bytea, parent_version bigint
    );
    CREATE INDEX share_by_end ON share (expires);
    CREATE TABLE version (
        share bytea NOT NULL REFERENCES share ON DELETE CASCADE, number bigint NOT NULL, created bigint NOT NULL,
        sealed_expires bigint NOT NULL, size bigint NOT NULL, checksum bigint NOT NULL, content bytea NOT NULL,
        PRIMARY KEY (share, number)
    );
    ALTER TABLE version ALTER COLUMN content SET STORAGE EXTERNAL;
    CREATE TABLE gone (id bytea PRIMARY KEY, why smallint NOT NULL, at bigint NOT NULL);
    CREATE INDEX gone_by_time ON gone (at);
"];

/// Brings the database to the current schema.
pub(super) async fn prepare(client: &mut Client) -> Result<(), StoreError> {
    let transaction = heard(client.transaction()).await?;
    heard(transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])).await?;
    heard(transaction.batch_execute("CREATE TABLE IF NOT EXISTS headroom_schema (version bigint NOT NULL)")).await?;
    let row = heard(transaction.query_one("SELECT coalesce(max(version), 0) FROM headroom_schema", &[])).await?;
    let version = usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX);
    if version > STEPS.len() {
        return Err(StoreError::Unavailable("the database was written by a newer version of Headroom".to_owned()));
    }
    for (done, step) in (1_i64..).zip(STEPS).skip(version) {
        heard(transaction.batch_execute(step)).await?;
        heard(transaction.execute("INSERT INTO headroom_schema VALUES ($1)", &[&done])).await?;
    }
    heard(transaction.commit()).await
}
