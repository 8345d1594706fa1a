//! Visits: one request at one station, held in a slab of 48-byte records with a free list.

/// No visit, no call, no group.
pub(crate) const NONE: u32 = u32::MAX;
/// Marks a parent that is a [`super::call::CallState`] and not a visit.
pub(crate) const CALL: u32 = 1 << 31;

/// The visit, or something it waited for, failed.
pub(crate) const FAILED: u16 = 1;
/// Its own look-up missed (caches, CDNs).
pub(crate) const MISSED: u16 = 1 << 1;
/// The last child reported a miss (cache-aside).
pub(crate) const CHILD_MISSED: u16 = 1 << 2;
/// A request as it entered the system: its end is the class's response.
pub(crate) const ROOT: u16 = 1 << 3;
/// A message in a queue: its end frees a consumer.
pub(crate) const MESSAGE: u16 = 1 << 4;
/// A side branch of another visit: it owns no slot.
pub(crate) const BRANCH: u16 = 1 << 5;
/// A query that writes.
pub(crate) const WRITES: u16 = 1 << 6;
/// A fetch that others may wait for (coalescing).
pub(crate) const LEADS: u16 = 1 << 7;
/// The user of a closed class waits for it.
pub(crate) const CLOSED: u16 = 1 << 8;

/// One visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// When it began: arrival of a request, queueing of a message.
    pub start: f64,
    /// Who waits for it: a visit, a call (with [`CALL`]), or [`NONE`].
    pub parent: u32,
    /// The parent call's token when this was sent; an answer to an older token is dropped.
    pub parent_token: u32,
    /// Next in a waiting line or in the free list.
    pub next: u32,
    /// Server group where it waits or is served.
    pub group: u32,
    /// Key of a look-up.
    pub key: u32,
    /// What it does here: position in the program's plans.
    pub plan: u32,
    /// Next operation.
    pub operation: u32,
    /// Children that have not answered.
    pub pending: u16,
    /// Flags, see the constants of this module.
    pub flags: u16,
    /// Deliveries of a message so far.
    pub attempts: u16,
    /// Station whose miss it fetches, with [`LEADS`].
    pub fetch: u16,
    /// Plan at the leaf station where it stands in line as a guest; [`NONE`] in its own line.
    pub guest: u32,
}

/// A slab of visits.
#[derive(Debug)]
pub(crate) struct Visits {
    slab: Vec<Visit>,
    free: u32,
}

impl Visits {
    /// Room for this many visits without allocation.
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self { slab: Vec::with_capacity(n), free: NONE }
    }

    /// Most visits alive at once: the slab grows only when every place is taken.
    #[inline(always)]
    pub(crate) fn peak(&self) -> usize {
        self.slab.len()
    }

    /// Stores a visit.
    #[inline(always)]
    pub(crate) fn insert(&mut self, visit: Visit) -> u32 {
        let id = self.free;
        if let Some(slot) = self.slab.get_mut(id as usize) {
            self.free = slot.next;
            *slot = visit;
            return id;
        }
        self.slab.push(visit);
        self.slab.len() as u32 - 1
    }

    /// Places that hold no visit.
    pub(crate) fn free(&self) -> impl Iterator<Item = u32> + '_ {
        core::iter::successors(Some(self.free), |&id| self.slab.get(id as usize).map(|v| v.next))
            .take_while(|&id| id != NONE)
    }

    /// Gives a visit's place back.
    #[inline(always)]
    pub(crate) fn remove(&mut self, id: u32) {
        self.slab[id as usize].next = self.free;
        self.free = id;
    }
}

impl core::ops::Index<u32> for Visits {
    type Output = Visit;
    #[inline(always)]
    fn index(&self, id: u32) -> &Visit {
        &self.slab[id as usize]
    }
}

impl core::ops::IndexMut<u32> for Visits {
    #[inline(always)]
    fn index_mut(&mut self, id: u32) -> &mut Visit {
        &mut self.slab[id as usize]
    }
}
