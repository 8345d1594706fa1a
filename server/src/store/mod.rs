//! Where shares are kept.
//!
//! One trait, three places: [`Memory`] (tests, trying out), [`Sqlite`] (one server, one file) and [`Postgres`] (several servers
//! behind a balancer). All pass the same suite (`tests/store.rs`). The current time is an argument everywhere.

mod memory;
mod postgres;
pub mod sqlite;

pub use memory::Memory;
pub use postgres::Postgres;
pub use sqlite::Sqlite;

use crate::share::{Gone, NewShare, Seconds, Share, ShareId, TokenHash, Version, VersionInfo};
use async_trait::async_trait;
use axum::body::Bytes;
use std::fmt;

/// Most versions a share can have.
pub const MOST_VERSIONS: u32 = 1000;

/// How long an expired share is kept before it is deleted: until then its owner can extend it, and a clock that was wrong for
/// a while has done no harm.
pub const GRACE: Seconds = 7 * 24 * 3600;

/// How long it is remembered that a share was there.
pub const REMEMBERED: Seconds = 400 * 24 * 3600;

/// Keeps shares. A method that returned `Ok` has made its change durable.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Stores a new share with its first version.
    async fn create(&self, share: NewShare, now: Seconds) -> Result<Share, StoreError>;

    /// Adds a version after the one that `after` names, which must be the newest.
    async fn append(
        &self,
        id: ShareId,
        token: TokenHash,
        after: Follows,
        content: Bytes,
        now: Seconds,
    ) -> Result<Share, StoreError>;

    /// A version, the newest one for `None`.
    async fn read(&self, id: ShareId, number: Option<u32>, now: Seconds) -> Result<Version, StoreError>;

    /// The share and all its versions, oldest first.
    async fn history(&self, id: ShareId, now: Seconds) -> Result<(Share, Vec<VersionInfo>), StoreError>;

    /// Moves the end of a share; also brings an expired one back within [`GRACE`]. Owner only.
    async fn extend(&self, id: ShareId, owner: TokenHash, expires: Seconds, now: Seconds) -> Result<Share, StoreError>;

    /// Deletes a share with all its versions. Owner only.
    async fn delete(&self, id: ShareId, owner: TokenHash, now: Seconds) -> Result<(), StoreError>;

    /// Deletes shares that ended more than [`GRACE`] ago and forgets what was deleted more than [`REMEMBERED`] ago, at most
    /// `limit` each; returns how many shares were deleted.
    async fn sweep(&self, now: Seconds, limit: u32) -> Result<u32, StoreError>;

    /// What is stored.
    async fn usage(&self) -> Result<Usage, StoreError>;

    /// Whether it can be read and written right now.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// What the writer of a version expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follows {
    /// Number of the newest version.
    pub version: u32,
    /// When the share ends: the browser seals that into the version, so it must still be so. `None`: whatever it is.
    pub expires: Option<Seconds>,
}

impl From<u32> for Follows {
    fn from(version: u32) -> Self {
        Self { version, expires: None }
    }
}

/// What is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Shares, expired ones included.
    pub shares: u64,
    /// Bytes of ciphertext.
    pub bytes: u64,
}

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// There is no such share.
    NotFound,
    /// The share has no version of this number.
    NoVersion,
    /// There was such a share.
    Gone(Gone),
    /// The identifier is taken.
    Taken,
    /// The token does not allow it.
    Forbidden,
    /// Another version was added first.
    Conflict {
        /// Number of the newest version.
        latest: u32,
    },
    /// The end of the share was moved since the version was sealed.
    Moved {
        /// When it ends now.
        expires: Seconds,
    },
    /// The share has [`MOST_VERSIONS`].
    TooManyVersions,
    /// What is stored is not what was once stored.
    Corrupted,
    /// There is no room left.
    Full,
    /// The store does not answer as it should; the reason is for the log only.
    Unavailable(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such share"),
            Self::NoVersion => f.write_str("no such version"),
            Self::Gone(Gone::Expired) => f.write_str("the share has expired"),
            Self::Gone(Gone::Deleted) => f.write_str("the share was deleted"),
            Self::Taken => f.write_str("the identifier is taken"),
            Self::Forbidden => f.write_str("the token does not allow it"),
            Self::Conflict { latest } => write!(f, "version {latest} was added first"),
            Self::Moved { expires } => write!(f, "the share ends at {expires} now"),
            Self::TooManyVersions => f.write_str("the share has too many versions"),
            Self::Corrupted => f.write_str("the stored content is damaged"),
            Self::Full => f.write_str("no room left"),
            Self::Unavailable(cause) => write!(f, "store unavailable: {cause}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What a store needs of a share's row to decide what may be done; the same rules for every store.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) share: Share,
    pub(crate) owner: TokenHash,
    pub(crate) editor: Option<TokenHash>,
}

impl Record {
    /// The share, unless its time is over.
    pub(crate) fn live(self, now: Seconds) -> Result<Self, StoreError> {
        if self.share.expires <= now { Err(StoreError::Gone(Gone::Expired)) } else { Ok(self) }
    }

    /// Nothing, if this is the owner's token.
    pub(crate) fn owned_by(&self, token: &TokenHash) -> Result<(), StoreError> {
        if self.owner.matches(token) { Ok(()) } else { Err(StoreError::Forbidden) }
    }

    /// Number of the version that comes next, if this token may add it there.
    pub(crate) fn next_version(&self, token: &TokenHash, after: Follows) -> Result<u32, StoreError> {
        let edits = self.editor.is_some_and(|editor| editor.matches(token));
        if !edits {
            self.owned_by(token)?;
        }
        let latest = self.share.latest;
        if latest != after.version {
            return Err(StoreError::Conflict { latest });
        }
        let expires = self.share.expires;
        if after.expires.is_some_and(|expected| expected != expires) {
            return Err(StoreError::Moved { expires });
        }
        if latest >= MOST_VERSIONS { Err(StoreError::TooManyVersions) } else { Ok(latest + 1) }
    }
}

/// Checksum kept beside each content, to notice a damaged row.
pub(crate) fn checksum(content: &[u8]) -> u32 {
    crc32fast::hash(content)
}
