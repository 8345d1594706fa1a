//! How many connections may be open: in all, and from one address.

use crate::quota::of_one_customer;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for connections.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    each: Option<NonZeroU32>,
    held: Mutex<HashMap<IpAddr, u32>>,
}

impl Places {
    /// So many in all, so many for one address.
    pub(crate) fn new(all: usize, each: Option<NonZeroU32>) -> Self {
        Self { all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))), each, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more connection may be accepted, from whomever it comes.
    pub(crate) async fn any(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Makes it the place of an address, unless that one holds as many as it may.
    pub(crate) fn give(self: &Arc<Self>, any: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        let customer = of_one_customer(address);
        let mut held = self.held();
        let count = held.get(&customer).map_or(0, |count| *count);
        if self.each.is_some_and(|each| count >= each.get()) {
            return None;
        }
        held.insert(customer, count.saturating_add(1));
        drop(held);
        Some(Place { places: Arc::clone(self), customer, _any: any })
    }
}

/// The place of one connection, free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    customer: IpAddr,
    _any: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held();
        match held.get_mut(&self.customer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.customer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_leaves_places_for_others() {
        let places = Arc::new(Places::new(100, NonZeroU32::new(2)));
        let mut open = Vec::new();
        // address, gets a place
        let rows = [
            ("1.2.3.4", true),
            ("::ffff:1.2.3.4", true),
            ("1.2.3.4", false),
            ("1.2.3.5", true),
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
        ];
        for (address, given) in rows {
            let place = places.give(places.any().await.expect("a place"), address.parse().expect("an address"));
            assert_eq!(place.is_some(), given, "{address}");
            open.extend(place);
        }
        assert_eq!(places.all.available_permits(), 95, "a refused one holds nothing");
        open.clear();
        assert!(places.held().is_empty() && places.all.available_permits() == 100, "{places:?}");
    }
}
