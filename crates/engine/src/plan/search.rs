//! The cheapest vector of levels that holds, by branch and bound over boxes.
//!
//! A box is a range of levels for each lever. It is thrown away when not even its upper corner could hold, or when it cannot be
//! cheaper than the best known; otherwise it is shrunk (a lever cannot stand below what is needed with all others at their
//! highest, nor above what the best known price allows) and, where its lower corner does not hold yet, split in two. Boxes are
//! taken by their lower bound, so the search can stop at any time with the best so far and its largest possible distance from
//! the optimum. What it starts from is the best of a point found from above and of each lever raised alone; what it ends with
//! before it is done is made cheaper one lever at a time. Source of the method: Land & Doig, Econometrica 28 (1960); the shrinking is constraint propagation on bounds.
//!
//! Exact as long as more of anything never turns [`Question::could_hold`] false, and [`Question::bound`] is one. Where a first level
//! costs more than the next ([`Question::dearer_first`]), the box is cut between them before anything else: a lower corner that holds
//! is the cheapest of its box only where more never costs less.

use crate::order;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What is searched.
pub trait Question {
    /// Whether everything holds at these levels.
    fn holds(&mut self, levels: &[u32]) -> bool;
    /// Whether these levels, or some above them within the same box, could hold: never false where [`Question::holds`] is true
    /// at or below.
    fn could_hold(&mut self, levels: &[u32]) -> bool;
    /// What is to be made small.
    fn price(&mut self, levels: &[u32]) -> f64;
    /// A price that no levels between the two corners that hold can be below.
    fn bound(&mut self, low: &[u32], high: &[u32]) -> f64;
    /// A lever whose lowest level between the two corners costs more than the next one there.
    fn dearer_first(&self, _low: &[u32], _high: &[u32]) -> Option<usize> {
        None
    }
}

/// The outcome of a search.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The best levels found; `None` when nothing holds, or nothing was found in time.
    pub levels: Option<Vec<u32>>,
    /// Their price.
    pub price: f64,
    /// No levels that hold are cheaper than this.
    pub bound: f64,
    /// Whether the search ended by itself: the best found is the optimum, or nothing holds.
    pub complete: bool,
    /// Boxes looked at.
    pub boxes: u32,
}

/// A range of levels with the least it can cost.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    bound: f64,
    low: Vec<u32>,
    high: Vec<u32>,
}

impl Eq for Part {}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Part {
    /// The largest is the one to take first: the least bound, then the smallest levels.
    fn cmp(&self, other: &Self) -> Ordering {
        let bound = other.bound.total_cmp(&self.bound);
        bound.then_with(|| other.low.cmp(&self.low)).then_with(|| other.high.cmp(&self.high))
    }
}

/// Relative distance to the bound at which the best known counts as the optimum.
const CLOSE: f64 = 1.0e-9;

/// Searches all levels from 0 to `most`, looking at so many boxes at most.
pub fn cheapest<Q: Question>(question: &mut Q, most: &[u32], boxes: u32) -> Found {
    let mut found = Found { complete: true, ..Found::default() };
    let mut open = BinaryHeap::from([Part { bound: 0.0, low: vec![0; most.len()], high: most.to_vec() }]);
    while let Some(part) = open.pop() {
        if found.levels.is_some() && part.bound >= found.price - CLOSE * found.price.abs() {
            found.bound = found.price;
            return found;
        }
        if found.boxes >= boxes {
            (found.complete, found.bound) = (false, part.bound);
            polish(question, most, &mut found, boxes);
            return found;
        }
        if let Some(lever) = question.dearer_first(&part.low, &part.high) {
            let level = part.low[lever];
            for mut half in cut(part, lever, level) {
                half.bound = question.bound(&half.low, &half.high);
                open.push(half);
            }
            continue;
        }
        found.boxes += 1;
        if let Some(part) = shrunk(question, part, &mut found) {
            let [below, above] = halves(question, part);
            open.extend([below, above]);
        }
    }
    found.bound = found.price;
    found
}

/// Shrinks a box and keeps its lower corner when it holds; `None` when nothing is left to look for in it.
fn shrunk<Q: Question>(question: &mut Q, mut part: Part, found: &mut Found) -> Option<Part> {
    for _ in 0..3 {
        if !question.could_hold(&part.high) {
            return None;
        }
        for lever in 0..part.low.len() {
            let mut at = part.high.clone();
            part.low[lever] = least(part.low[lever], part.high[lever], |level| {
                at[lever] = level;
                question.could_hold(&at)
            });
        }
        if question.holds(&part.low) {
            keep(question, &part.low, found);
            return None;
        }
        if found.levels.is_none() || found.boxes == 1 {
            descend(question, &part, found);
        }
        if found.boxes == 1 {
            let mut looks = u32::MAX;
            for lever in 0..part.low.len() {
                raise(question, part.low.clone(), (lever, part.high[lever]), found, &mut looks);
            }
        }
        part.bound = question.bound(&part.low, &part.high);
        if found.levels.is_none() {
            break;
        }
        if part.bound >= found.price {
            return None;
        }
        if !lowered(question, &mut part, found.price) {
            break;
        }
    }
    (part.low != part.high).then_some(part)
}

/// Lowers the upper ends to what the best known price allows; whether anything moved.
fn lowered<Q: Question>(question: &mut Q, part: &mut Part, price: f64) -> bool {
    let before = part.high.clone();
    for lever in 0..part.low.len() {
        let mut at = part.low.clone();
        let beyond = least(part.low[lever], before[lever].saturating_add(1), |level| {
            at[lever] = level.min(before[lever]);
            level > before[lever] || question.bound(&at, &before) >= price
        });
        part.high[lever] = beyond.saturating_sub(1).max(part.low[lever]);
    }
    part.high != before
}

/// A locally cheapest point: from a corner that holds, each lever in turn as far down as it can go, the dearest first.
fn descend<Q: Question>(question: &mut Q, part: &Part, found: &mut Found) {
    let floor = question.bound(&part.low, &part.high);
    let mut spans: Vec<(f64, usize)> = (0..part.low.len())
        .map(|lever| {
            let mut at = part.low.clone();
            at[lever] = part.high[lever];
            (question.bound(&at, &part.high) - floor, lever)
        })
        .collect();
    order::sort_by(&mut spans, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    // Where the upper corner itself breaks a limit, the cheap half of the levers may stand low.
    let mut start = part.high.clone();
    if !question.holds(&start) {
        for &(_, lever) in spans.iter().rev() {
            start[lever] = part.low[lever];
            if question.holds(&start) {
                break;
            }
        }
        if !question.holds(&start) {
            return;
        }
    }
    for _ in 0..2 {
        for &(_, lever) in &spans {
            let mut at = start.clone();
            start[lever] = least(part.low[lever], start[lever], |level| {
                at[lever] = level;
                question.holds(&at)
            });
        }
    }
    keep(question, &start, found);
}

/// Raises one lever alone as little as is enough, and keeps that where it is cheaper than the best known; looks at so many levels
/// at most.
fn raise<Q: Question>(
    question: &mut Q,
    mut at: Vec<u32>,
    (lever, most): (usize, u32),
    found: &mut Found,
    looks: &mut u32,
) {
    let (mut fails, mut step) = (at[lever], 1_u32);
    while fails < most && *looks > 0 {
        *looks -= 1;
        at[lever] = fails.saturating_add(step).min(most);
        if found.levels.is_some() && question.price(&at) >= found.price {
            return;
        }
        if question.holds(&at) {
            let (low, high) = (fails, at[lever]);
            at[lever] = least(low, high, |level| {
                at[lever] = level;
                question.holds(&at)
            });
            keep(question, &at, found);
            return;
        }
        (fails, step) = (at[lever], step.saturating_mul(2));
    }
}

/// Makes the best known cheaper one lever at a time for as long as that goes: a lever lower, or lower with another a little
/// higher for it; looks at so many levels at most.
fn polish<Q: Question>(question: &mut Q, most: &[u32], found: &mut Found, mut looks: u32) {
    while let Some(best) = found.levels.clone() {
        let price = found.price;
        for lever in (0..best.len()).filter(|&lever| best[lever] > 0) {
            let mut at = best.clone();
            at[lever] = least(0, best[lever], |level| {
                looks = looks.saturating_sub(1);
                at[lever] = level;
                question.holds(&at)
            });
            keep(question, &at, found);
            for lower in [0, best[lever] - 1] {
                at.clone_from(&best);
                at[lever] = lower;
                for other in (0..best.len()).filter(|&other| other != lever) {
                    raise(question, at.clone(), (other, most[other]), found, &mut looks);
                }
            }
        }
        if looks == 0 || found.price >= price {
            return;
        }
    }
}

fn keep<Q: Question>(question: &mut Q, levels: &[u32], found: &mut Found) {
    let price = question.price(levels);
    if found.levels.is_none() || price < found.price {
        (found.levels, found.price) = (Some(levels.to_vec()), price);
    }
}

/// The box cut in the middle of the lever that moves the price most.
fn halves<Q: Question>(question: &mut Q, part: Part) -> [Part; 2] {
    let mut widest = (f64::NEG_INFINITY, 0, 0);
    for lever in 0..part.low.len() {
        let width = part.high[lever] - part.low[lever];
        if width == 0 {
            continue;
        }
        let mut at = part.low.clone();
        at[lever] = part.high[lever];
        let span = question.bound(&at, &part.high) - part.bound;
        if (span, width) > (widest.0, widest.1) {
            widest = (span, width, lever);
        }
    }
    let lever = widest.2;
    let middle = part.low[lever] + (part.high[lever] - part.low[lever]) / 2;
    let [below, mut above] = cut(part, lever, middle);
    above.bound = question.bound(&above.low, &above.high).max(above.bound);
    [below, above]
}

/// The box cut above a level of one lever.
fn cut(part: Part, lever: usize, level: u32) -> [Part; 2] {
    let (mut below, mut above) = (part.clone(), part);
    below.high[lever] = level;
    above.low[lever] = level + 1;
    [below, above]
}

/// The least level from `low` at which a monotone condition is true, `high` being known to be.
fn least(mut low: u32, mut high: u32, mut holds: impl FnMut(u32) -> bool) -> u32 {
    // Most levers need nothing: look at the lowest level first.
    if low < high && holds(low) {
        return low;
    }
    let mut step = 1;
    // Then not far above it: doubling steps, so that a wide range costs no more than the way to the answer.
    let mut tried = low;
    while tried.saturating_add(step) < high {
        let next = tried + step;
        if holds(next) {
            high = next;
            break;
        }
        (tried, step) = (next, step.saturating_mul(2));
    }
    low = tried;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_level() {
        for answer in 0..=37_u32 {
            let mut asked = 0;
            let found = least(0, 37, |level| {
                asked += 1;
                level >= answer
            });
            assert_eq!(found, answer);
            assert!(asked <= 12, "{answer}: {asked}");
        }
        assert_eq!(least(5, 5, |_| false), 5);
    }

    /// At least 7 of work by machines of 3 and 2 at prices 5 and 3, one of the first at least: 1 x 3 + 2 x 2 for 11.
    struct Knapsack;

    impl Question for Knapsack {
        fn holds(&mut self, at: &[u32]) -> bool {
            3 * at[0] + 2 * at[1] >= 7 && at[0] >= 1
        }
        fn could_hold(&mut self, at: &[u32]) -> bool {
            self.holds(at)
        }
        fn price(&mut self, at: &[u32]) -> f64 {
            f64::from(5 * at[0] + 3 * at[1])
        }
        fn bound(&mut self, low: &[u32], _: &[u32]) -> f64 {
            self.price(low)
        }
    }

    /// Either two of the first alone, or one or two of the second without the first; in the harder case beside one of a third. More of
    /// everything is no way to it.
    struct Patches {
        third: bool,
    }

    impl Question for Patches {
        fn holds(&mut self, at: &[u32]) -> bool {
            let third = !self.third || at[2] >= 1;
            third && ((at[1] == 0 && at[0] >= 2) || (at[0] == 0 && (1..=2).contains(&at[1])))
        }
        fn could_hold(&mut self, _: &[u32]) -> bool {
            true
        }
        fn price(&mut self, at: &[u32]) -> f64 {
            at.iter().zip([10.0, 5.0, 7.0]).map(|(&level, price)| f64::from(level) * price).sum()
        }
        fn bound(&mut self, low: &[u32], _: &[u32]) -> f64 {
            self.price(low)
        }
    }

    /// From above only the first is found, for 20.
    #[test]
    fn one_lever_alone_is_tried_first() {
        let alone = cheapest(&mut Patches { third: false }, &[10, 10], 1);
        assert_eq!((alone.levels, alone.price, alone.complete), (Some(vec![0, 1]), 5.0, true));
    }

    /// From above and with one alone only the first is found, for 27 with the third.
    #[test]
    fn what_was_found_in_time_is_made_cheaper() {
        let exchanged = cheapest(&mut Patches { third: true }, &[10, 10, 10], 3);
        assert_eq!((exchanged.levels, exchanged.price, exchanged.complete), (Some(vec![0, 1, 1]), 12.0, false));
    }

    /// Holds wherever the second stands at 1 or more; the first level above nothing of the first costs less than none.
    struct Saving;

    impl Question for Saving {
        fn holds(&mut self, at: &[u32]) -> bool {
            at[1] >= 1
        }
        fn could_hold(&mut self, at: &[u32]) -> bool {
            self.holds(at)
        }
        fn price(&mut self, at: &[u32]) -> f64 {
            [9.0, 7.0, 12.0][at[0] as usize] + 3.0 * f64::from(at[1])
        }
        fn bound(&mut self, low: &[u32], high: &[u32]) -> f64 {
            let saves = self.dearer_first(low, high).is_some();
            self.price(&[low[0] + u32::from(saves), low[1]])
        }
        fn dearer_first(&self, low: &[u32], high: &[u32]) -> Option<usize> {
            (low[0] == 0 && high[0] > 0).then_some(0)
        }
    }

    #[test]
    fn a_level_that_costs_less_than_none_is_found() {
        let found = cheapest(&mut Saving, &[2, 4], 1000);
        assert_eq!((found.levels, found.price, found.complete), (Some(vec![1, 1]), 10.0, true));
    }

    #[test]
    fn a_small_knapsack() {
        let found = cheapest(&mut Knapsack, &[100, 100], 1000);
        assert_eq!((found.levels, found.price, found.complete), (Some(vec![1, 2]), 11.0, true));
        let none = cheapest(&mut Knapsack, &[1, 1], 1000);
        assert_eq!((none.levels, none.complete), (None, true));
        let early = cheapest(&mut Knapsack, &[100, 100], 0);
        assert!(!early.complete && early.levels.is_none() && early.bound <= 11.0, "{early:?}");
    }
}
