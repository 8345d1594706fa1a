//! Shares in memory: gone when the process ends.

use super::{Follows, GRACE, REMEMBERED, Record, Store, StoreError, Usage};
use crate::share::{Gone, NewShare, Seconds, Share, ShareId, TokenHash, Version, VersionInfo};
use async_trait::async_trait;
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shares in memory: gone when the process ends.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

type Kept = (Record, Vec<(VersionInfo, Bytes)>);

#[derive(Debug, Default)]
struct State {
    shares: BTreeMap<ShareId, Kept>,
    gone: BTreeMap<ShareId, (Gone, Seconds)>,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&mut self, id: ShareId) -> Result<&mut Kept, StoreError> {
        let absent = self.gone.get(&id).map_or(StoreError::NotFound, |(why, _)| StoreError::Gone(*why));
        self.shares.get_mut(&id).ok_or(absent)
    }
}

/// A copy: the bytes that came hold their place among those that are still to be written.
fn kept(content: &Bytes) -> Bytes {
    Bytes::copy_from_slice(content)
}

#[async_trait]
impl Store for Memory {
    async fn create(&self, new: NewShare, now: Seconds) -> Result<Share, StoreError> {
        let mut state = self.state();
        if state.shares.contains_key(&new.id) || state.gone.contains_key(&new.id) {
            return Err(StoreError::Taken);
        }
        let share = Share { id: new.id, created: now, expires: new.expires, latest: 1, parent: new.parent };
        let info = VersionInfo { number: 1, created: now, sealed_expires: new.expires, size: new.content.len() as u64 };
        let record = Record { share: share.clone(), owner: new.owner, editor: new.editor };
        state.shares.insert(new.id, (record, vec![(info, kept(&new.content))]));
        Ok(share)
    }

    async fn append(
        &self,
        id: ShareId,
        token: TokenHash,
        after: Follows,
        content: Bytes,
        now: Seconds,
    ) -> Result<Share, StoreError> {
        let mut state = self.state();
        let (record, versions) = state.find(id)?;
        let number = record.clone().live(now)?.next_version(&token, after)?;
        record.share.latest = number;
        let sealed_expires = record.share.expires;
        versions
            .push((VersionInfo { number, created: now, sealed_expires, size: content.len() as u64 }, kept(&content)));
        Ok(record.share.clone())
    }

    async fn read(&self, id: ShareId, number: Option<u32>, now: Seconds) -> Result<Version, StoreError> {
        let mut state = self.state();
        let (record, versions) = state.find(id)?;
        let share = record.clone().live(now)?.share;
        let number = number.unwrap_or(share.latest);
        let (info, content) = versions.iter().find(|(info, _)| info.number == number).ok_or(StoreError::NoVersion)?;
        Ok(Version { share, info: info.clone(), content: content.clone() })
    }

    async fn history(&self, id: ShareId, now: Seconds) -> Result<(Share, Vec<VersionInfo>), StoreError> {
        let mut state = self.state();
        let (record, versions) = state.find(id)?;
        let share = record.clone().live(now)?.share;
        Ok((share, versions.iter().map(|(info, _)| info.clone()).collect()))
    }

    async fn extend(
        &self,
        id: ShareId,
        owner: TokenHash,
        expires: Seconds,
        _now: Seconds,
    ) -> Result<Share, StoreError> {
        let mut state = self.state();
        let (record, _) = state.find(id)?;
        record.owned_by(&owner)?;
        record.share.expires = expires;
        Ok(record.share.clone())
    }

    async fn delete(&self, id: ShareId, owner: TokenHash, now: Seconds) -> Result<(), StoreError> {
        let mut state = self.state();
        state.find(id)?.0.owned_by(&owner)?;
        state.shares.remove(&id);
        state.gone.insert(id, (Gone::Deleted, now));
        Ok(())
    }

    async fn sweep(&self, now: Seconds, limit: u32) -> Result<u32, StoreError> {
        let mut state = self.state();
        let limit = limit as usize;
        let over = |(id, (record, _)): (&ShareId, &Kept)| (record.share.expires + GRACE <= now).then_some(*id);
        let ended: Vec<ShareId> = state.shares.iter().filter_map(over).take(limit).collect();
        for id in &ended {
            state.shares.remove(id);
            state.gone.insert(*id, (Gone::Expired, now));
        }
        let old = |(id, (_, at)): (&ShareId, &(Gone, Seconds))| (at + REMEMBERED <= now).then_some(*id);
        let forgotten: Vec<ShareId> = state.gone.iter().filter_map(old).take(limit).collect();
        for id in forgotten {
            state.gone.remove(&id);
        }
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }

    async fn usage(&self) -> Result<Usage, StoreError> {
        let state = self.state();
        let bytes = state.shares.values().flat_map(|(_, versions)| versions).map(|(info, _)| info.size).sum();
        Ok(Usage { shares: state.shares.len() as u64, bytes })
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
