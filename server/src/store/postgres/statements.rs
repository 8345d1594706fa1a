//! The statements: each is a change of its own.

/// Why a share is gone, as stored.
pub(super) const EXPIRED: i16 = 1;
/// Why a share is gone, as stored.
pub(super) const DELETED: i16 = 2;

pub(super) const FIND: &str = "SELECT * FROM share WHERE id = $1";

pub(super) const GONE: &str = "SELECT why FROM gone WHERE id = $1";

/// No row when the identifier is or was in use.
pub(super) const CREATE: &str = "
    WITH new AS (
        INSERT INTO share SELECT $1, $2, $3, $4, $5, 1, $6, $7
        WHERE NOT EXISTS (SELECT FROM gone WHERE id = $1) ON CONFLICT DO NOTHING RETURNING id
    )
    INSERT INTO version SELECT id, 1, $4, $5, $8, $9, $10 FROM new RETURNING number";

/// No row when the newest version, or the end, is not the expected one any more.
pub(super) const APPEND: &str = "
    WITH moved AS (
        UPDATE share SET latest = latest + 1
        WHERE id = $1 AND latest = $2 AND expires > $3 AND expires = coalesce($7, expires) RETURNING id, latest, expires
    )
    INSERT INTO version SELECT id, latest, $3, expires, $4, $5, $6 FROM moved RETURNING sealed_expires";

pub(super) const READ: &str = "
    SELECT share.*, number, created, sealed_expires, size, checksum, content
    FROM share LEFT JOIN version ON version.share = share.id AND version.number = coalesce($2, share.latest)
    WHERE share.id = $1";

pub(super) const HISTORY: &str = "
    SELECT number, created, sealed_expires, size FROM version WHERE share = $1 AND number <= $2 ORDER BY number";

pub(super) const EXTEND: &str = "UPDATE share SET expires = $2 WHERE id = $1 RETURNING latest";

pub(super) const DELETE: &str = "
    WITH deleted AS (DELETE FROM share WHERE id = $1 RETURNING id)
    INSERT INTO gone SELECT id, $2, $3 FROM deleted
    ON CONFLICT (id) DO UPDATE SET why = excluded.why, at = excluded.at RETURNING id";

/// Servers that sweep at once take different shares. A row for each that was deleted.
pub(super) const SWEEP: &str = "
    WITH ended AS (
        DELETE FROM share WHERE id IN (
            SELECT id FROM share WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING id
    )
    INSERT INTO gone SELECT id, $3, $4 FROM ended
    ON CONFLICT (id) DO UPDATE SET why = excluded.why, at = excluded.at RETURNING id";

pub(super) const FORGET: &str = "DELETE FROM gone WHERE id IN (SELECT id FROM gone WHERE at <= $1 LIMIT $2)";

pub(super) const USAGE: &str =
    "SELECT (SELECT count(*) FROM share), coalesce((SELECT sum(size) FROM version), 0)::bigint";
