//! Shares in PostgreSQL: for several servers behind a balancer.
//!
//! Servers keep no state of their own. Every change is one statement, so it happens whole or not at all, and names the version
//! it expects to find, so that of two servers with two editors exactly one wins.

mod schema;
mod statements;
mod tls;

use super::{Follows, GRACE, REMEMBERED, Record, Store, StoreError, Usage, checksum};
use crate::share::{Gone, NewShare, Seconds, Share, ShareId, TokenHash, Version, VersionInfo};
use async_trait::async_trait;
use axum::body::Bytes;
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use std::path::Path;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

/// Longest wait for a connection or for the answer to a statement.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait where not even the database's own limit is heard of, because the network or its machine is silent.
const SILENCE: Duration = Duration::from_secs(7);
/// Connections of one server.
const CONNECTIONS: usize = 16;

/// Shares in PostgreSQL.
#[derive(Debug, Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects and brings the database to the current schema; servers that start at once wait for each other.
    ///
    /// `sslmode` in the address is `disable`, `prefer` (encrypted where the database offers it) or `require`. An encrypted
    /// connection is always verified: by the authorities of the file, else by those the system trusts.
    ///
    /// # Errors
    /// When the address is not understood, the database does not answer, or was written by a newer program.
    pub async fn connect(url: &str, authority: Option<&Path>) -> Result<Self, StoreError> {
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|cause| StoreError::Unavailable(format!("the database address: {cause}")))?;
        config.connect_timeout(PATIENCE).application_name("headroom");
        // A connection whose other end is gone is found out and closed, asked or idle.
        config.tcp_user_timeout(PATIENCE).keepalives_idle(PATIENCE);
        let (given, milliseconds) = (config.get_options().unwrap_or_default().to_owned(), PATIENCE.as_millis());
        config.options(format!("{given} -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"));
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match config.get_ssl_mode() {
            SslMode::Disable => Manager::from_config(config, NoTls, recycling),
            _ => Manager::from_config(config, tls::connector(authority)?, recycling),
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .build()
            .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        let store = Self { pool };
        schema::prepare(&mut *store.client().await?).await?;
        Ok(store)
    }

    async fn client(&self) -> Result<Client, StoreError> {
        self.pool.get().await.map_err(|cause| StoreError::Unavailable(cause.to_string()))
    }

    /// Runs a statement and gives its rows.
    async fn all(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let client = self.client().await?;
        let asked = async {
            let prepared = client.prepare_cached(statement).await?;
            client.query(&prepared, values).await
        };
        if let Ok(answer) = tokio::time::timeout(SILENCE, asked).await {
            return answer.map_err(refusal);
        }
        // Whoever took this connection next would wait for the same answer first.
        drop(Client::take(client));
        Err(silent())
    }

    /// Runs a statement and gives its first row.
    async fn one(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// The share's row, or why it is not there.
    async fn find(&self, id: ShareId) -> Result<Record, StoreError> {
        match self.one(statements::FIND, &[&id.0.as_slice()]).await? {
            Some(row) => record(id, &row),
            None => Err(self.absent(id).await?),
        }
    }

    async fn absent(&self, id: ShareId) -> Result<StoreError, StoreError> {
        let row = self.one(statements::GONE, &[&id.0.as_slice()]).await?;
        let Some(row) = row else { return Ok(StoreError::NotFound) };
        let why = if row.get::<_, i16>(0) == statements::EXPIRED { Gone::Expired } else { Gone::Deleted };
        Ok(StoreError::Gone(why))
    }
}

/// What the database answers within [`SILENCE`].
async fn heard<T>(asked: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, StoreError> {
    tokio::time::timeout(SILENCE, asked).await.map_err(|_| silent())?.map_err(refusal)
}

fn silent() -> StoreError {
    StoreError::Unavailable("the database does not answer".to_owned())
}

#[async_trait]
impl Store for Postgres {
    async fn create(&self, new: NewShare, now: Seconds) -> Result<Share, StoreError> {
        let editor = new.editor.map(|token| token.0.to_vec());
        let parent = new.parent.map(|(id, _)| id.0.to_vec());
        let parent_version = new.parent.map(|(_, number)| i64::from(number));
        let (size, sum) = (size(&new.content), i64::from(checksum(&new.content)));
        let values: [&(dyn ToSql + Sync); 10] = [
            &new.id.0.as_slice(),
            &new.owner.0.as_slice(),
            &editor,
            &now,
            &new.expires,
            &parent,
            &parent_version,
            &size,
            &sum,
            &new.content.as_ref(),
        ];
        self.one(statements::CREATE, &values).await?.ok_or(StoreError::Taken)?;
        Ok(Share { id: new.id, created: now, expires: new.expires, latest: 1, parent: new.parent })
    }

    async fn append(
        &self,
        id: ShareId,
        token: TokenHash,
        after: Follows,
        content: Bytes,
        now: Seconds,
    ) -> Result<Share, StoreError> {
        let record = self.find(id).await?.live(now)?;
        let number = record.next_version(&token, after)?;
        let (size, sum) = (size(&content), i64::from(checksum(&content)));
        let values: [&(dyn ToSql + Sync); 7] =
            [&id.0.as_slice(), &i64::from(after.version), &now, &size, &sum, &content.as_ref(), &after.expires];
        if let Some(row) = self.one(statements::APPEND, &values).await? {
            return Ok(Share { latest: number, expires: row.get(0), ..record.share });
        }
        // Someone was faster between the two statements; look again to say what happened.
        self.find(id).await?.live(now)?.next_version(&token, after)?;
        Err(StoreError::Unavailable("the share changed and changed back".to_owned()))
    }

    async fn read(&self, id: ShareId, number: Option<u32>, now: Seconds) -> Result<Version, StoreError> {
        let wanted = number.map(i64::from);
        let row = self.one(statements::READ, &[&id.0.as_slice(), &wanted]).await?;
        let Some(row) = row else { return Err(self.absent(id).await?) };
        let share = record(id, &row)?.live(now)?.share;
        let absent = if number.is_none_or(|number| number == share.latest) {
            StoreError::Corrupted
        } else {
            StoreError::NoVersion
        };
        let content: Option<&[u8]> = row.get("content");
        let content = Bytes::copy_from_slice(content.ok_or(absent)?);
        if row.get::<_, i64>("checksum") != i64::from(checksum(&content)) {
            return Err(StoreError::Corrupted);
        }
        Ok(Version { share, info: info(&row)?, content })
    }

    async fn history(&self, id: ShareId, now: Seconds) -> Result<(Share, Vec<VersionInfo>), StoreError> {
        let share = self.find(id).await?.live(now)?.share;
        let rows = self.all(statements::HISTORY, &[&id.0.as_slice(), &i64::from(share.latest)]).await?;
        Ok((share, rows.iter().map(info).collect::<Result<_, _>>()?))
    }

    async fn extend(
        &self,
        id: ShareId,
        owner: TokenHash,
        expires: Seconds,
        _now: Seconds,
    ) -> Result<Share, StoreError> {
        let record = self.find(id).await?;
        record.owned_by(&owner)?;
        match self.one(statements::EXTEND, &[&id.0.as_slice(), &expires]).await? {
            Some(row) => Ok(Share { expires, latest: unsigned(row.get(0))?, ..record.share }),
            None => Err(self.absent(id).await?),
        }
    }

    async fn delete(&self, id: ShareId, owner: TokenHash, now: Seconds) -> Result<(), StoreError> {
        self.find(id).await?.owned_by(&owner)?;
        match self.one(statements::DELETE, &[&id.0.as_slice(), &statements::DELETED, &now]).await? {
            Some(_) => Ok(()),
            None => Err(self.absent(id).await?),
        }
    }

    async fn sweep(&self, now: Seconds, limit: u32) -> Result<u32, StoreError> {
        let limit = i64::from(limit);
        let deleted = self.all(statements::SWEEP, &[&(now - GRACE), &limit, &statements::EXPIRED, &now]).await?;
        self.all(statements::FORGET, &[&(now - REMEMBERED), &limit]).await?;
        Ok(u32::try_from(deleted.len()).unwrap_or(u32::MAX))
    }

    async fn usage(&self) -> Result<Usage, StoreError> {
        let row = self.one(statements::USAGE, &[]).await?.ok_or(StoreError::Corrupted)?;
        let number = |column| u64::try_from(row.get::<_, i64>(column)).unwrap_or(0);
        Ok(Usage { shares: number(0), bytes: number(1) })
    }

    async fn ready(&self) -> Result<(), StoreError> {
        // False on a standby, which takes no writes.
        let row = self.one("SELECT NOT pg_is_in_recovery()", &[]).await?;
        if row.is_some_and(|row| row.get(0)) {
            return Ok(());
        }
        Err(StoreError::Unavailable("the database takes no writes".to_owned()))
    }
}

fn record(id: ShareId, row: &Row) -> Result<Record, StoreError> {
    let parent: Option<&[u8]> = row.get("parent");
    let parent = parent.map(|id| bytes(id).map(ShareId)).transpose()?;
    let parent_version = row.get::<_, Option<i64>>("parent_version").map(unsigned).transpose()?;
    let editor: Option<&[u8]> = row.get("editor");
    let share = Share {
        id,
        created: row.get("share_created"),
        expires: row.get("expires"),
        latest: unsigned(row.get("latest"))?,
        parent: parent.zip(parent_version),
    };
    let owner = TokenHash(bytes(row.get("owner"))?);
    Ok(Record { share, owner, editor: editor.map(|hash| bytes(hash).map(TokenHash)).transpose()? })
}

fn info(row: &Row) -> Result<VersionInfo, StoreError> {
    Ok(VersionInfo {
        number: unsigned(row.get("number"))?,
        created: row.get("created"),
        sealed_expires: row.get("sealed_expires"),
        size: u64::try_from(row.get::<_, i64>("size")).map_err(|_| StoreError::Corrupted)?,
    })
}

fn bytes<const N: usize>(column: &[u8]) -> Result<[u8; N], StoreError> {
    column.try_into().map_err(|_| StoreError::Corrupted)
}

fn unsigned(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupted)
}

fn size(content: &Bytes) -> i64 {
    i64::try_from(content.len()).unwrap_or(i64::MAX)
}

/// What a failure of PostgreSQL means to a caller.
fn refusal(error: tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::Full,
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => StoreError::Corrupted,
        _ => StoreError::Unavailable(error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)),
    }
}
