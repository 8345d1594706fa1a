//! Ordering few things in little code.
//!
//! Collecting into a `BTreeMap` or a `BTreeSet` sorts first, and the standard library's sorts are made anew for every type: five
//! kilobytes each, a tenth of the wasm file that every visitor waits for. These insert one by one, and sort positions with one
//! function for all types. What is sorted in an inner loop, or has many thousand entries, keeps the standard library's.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A map of these pairs; of those with the same key the last one stays, as when collecting.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// A set of these keys.
pub fn set<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeSet<K> {
    let mut set = BTreeSet::new();
    set.extend(keys);
    set
}

/// Sorts; what compares equal keeps its order.
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let places = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut old: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(places.into_iter().filter_map(|place| old[place].take()));
}

/// The positions of this many things in their order.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places = Vec::with_capacity(count);
    for next in 0..count {
        let at = places.partition_point(|&place| compare(place, next).is_le());
        places.insert(at, next);
    }
    places
}

/// Sorts numbers from the least to the largest.
pub fn numbers(numbers: &mut [f64]) {
    numbers.sort_unstable_by(f64::total_cmp);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_the_standard_library() {
        // Digits of pi, by their last bit: most of them compare equal.
        let digits =
            [3_u32, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5];
        let numbered: Vec<(u32, usize)> = digits.iter().enumerate().map(|(place, &digit)| (digit, place)).collect();
        for divisor in [1, 2, 3] {
            let key = |pair: &(u32, usize)| pair.0 % divisor;
            let mut sorted = numbered.clone();
            sorted.sort_by_key(key);
            let mut found = numbered.clone();
            sort_by(&mut found, |a, b| key(a).cmp(&key(b)));
            assert_eq!(found, sorted, "by remainders of {divisor}");
        }
        assert_eq!(map(numbered.iter().copied()), numbered.iter().copied().collect());
        assert_eq!(set(digits), digits.into_iter().collect());
    }
}
