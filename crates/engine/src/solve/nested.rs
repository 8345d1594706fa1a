//! Closed classes whose slots and pools queue over queues: a tree of closed networks.
//!
//! Who holds a slot (or a connection) is a customer of the network below it: its own time, the queues it visits, and the slots held
//! further down. That network alone with 1, 2, ... customers up to all the slots has a throughput each (exact, [`one_class`]), and is
//! from then on one center of the network above, at that speed (Norton's theorem for queues). At the top are the users. Numbers come
//! back down: how many are inside follows from the level above, and how many of them wait in front is what the slots leave over.
//! Approximate only in that what is inside the slots counts as settled whenever their number changes: against the chain 2 % in the mean
//! at worst ("3 slots over 2 cores" in `crates/study/tests/exact.rs`), 0.3 % in throughput. Pools of several replicas count as one.
//! Several classes are one whose requests are theirs in the mix that their cycles make, sought in turn with the tree: 4 % in the mean, 1 % in
//! throughput (`cargo run --release -p engine --example closed_classes`). Elsewhere (open classes on the same stations, a pool over a part
//! that other pools keep busier than it can, lines by priority) the layered approximation of [`super::closed`] answers.
//! Source: Chandy, Herzog, Woo, IBM J. Res. Dev. 19 (1975); Lazowska et al., Quantitative System Performance, ch. 8 and §9.3.

use super::{
    Solver,
    closed::{found_wait, most_rate},
    flat::Group,
    nesting::{Holder, Level, Nested, Part, is_shared},
    populations::COUNTABLE,
};
use crate::{
    model::{Arrivals, Discipline, System},
    queueing::{convolution::refill, one_class},
};

/// Slots up to which what is below them is solved for every number inside.
const MOST_PLACES: f64 = 512.0;
/// Steps up to which a network is solved.
const MOST_STEPS: f64 = 1.0e7;

impl Solver {
    /// Whether the closed classes have their stations to themselves, with nothing that refuses, repeats, divides or is by priority.
    pub(super) fn may_nest(&self, system: &System) -> bool {
        let classes = self.structure.classes;
        let reached = |id: usize, by: &dyn Fn(usize) -> bool| {
            (0..classes).any(|class| by(class) && self.structure.reaches[id * classes + class])
        };
        let open = |class: usize| matches!(system.classes[class].arrivals, Arrivals::Open { .. });
        self.legs_are_plain(system)
            && (0..self.structure.stations).filter(|&id| reached(id, &|class| self.users_now[class] > 0.0)).all(|id| {
                let ordered = self.state.stations[id].discipline != Discipline::Fifo;
                !ordered && !reached(id, &open) && self.is_plain(system, id)
            })
    }

    /// One solution; sets the rates and the waits. `None` where the shape does not allow it, else how far a rate moved, relatively.
    pub(super) fn solve_nested(&mut self, system: &System) -> Option<f64> {
        let mut nested = core::mem::take(&mut self.nested);
        self.mix_nested(system, &mut nested.classes);
        let users = self.users_now.iter().sum();
        let shape = self.nest(system, &mut nested);
        if shape.is_some() && nested.is_known(users) {
            self.nested = nested;
            return Some(0.0);
        }
        let rate = shape.and_then(|()| nested.solve(users));
        let moved = rate.map(|rate| {
            let mut moved = 0.0_f64;
            for &(class, share) in &nested.classes {
                let before = core::mem::replace(&mut self.closed_rates[class], rate * share);
                moved = moved.max((before - rate * share).abs() / (rate * share).max(1e-300));
            }
            nested.spread();
            self.place_nested(system, rate, &mut nested);
            moved
        });
        self.nested = nested;
        moved
    }

    /// The closed classes with their shares of the requests, which follow from how long each cycle takes.
    fn mix_nested(&self, system: &System, to: &mut Vec<(usize, f64)>) {
        to.clear();
        let mut all = 0.0;
        for (class, of) in system.classes.iter().enumerate() {
            if let Arrivals::Closed { think_time, .. } = of.arrivals
                && self.users_now[class] > 0.0
            {
                let response = self.state.visits[of.entry * self.structure.classes + class].spent().mean;
                let rate = most_rate(self.users_now[class], think_time + response);
                all += rate;
                to.push((class, rate));
            }
        }
        to.iter_mut().for_each(|(_, share)| *share /= all);
    }
}

impl Nested {
    /// Nothing is solved yet.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether these networks are those that were solved before; takes them for the next time.
    fn is_known(&mut self, users: f64) -> bool {
        core::mem::swap(&mut self.asked, &mut self.known);
        self.known.clear();
        self.known.push(users);
        for level in &self.levels[..self.used] {
            self.known.extend([level.above as f64, level.places, level.visits, level.delay]);
            for (part, center) in level.parts.iter().zip(&level.centers) {
                let (id, slow) = part.node().map_or((-1.0, 0.0), |(id, group)| (id as f64, group.slow));
                self.known.extend([id, slow].into_iter().chain(center.key()));
            }
        }
        self.asked == self.known
    }

    /// Solves every level, the deepest first; returns the throughput of `users`.
    fn solve(&mut self, users: f64) -> Option<f64> {
        for at in (0..self.used).rev() {
            if self.levels[at].joined.is_some() {
                continue;
            }
            let whole = self.whole(self.levels[at].above.min(at));
            let (before, rest) = self.levels.split_at_mut(at);
            let level = &mut rest[0];
            let delay = level.delay.max(0.0);
            level.center(Part::Delay, f64::INFINITY, delay);
            let too_large = level.places > if at > 0 { MOST_PLACES } else { COUNTABLE };
            let Level { centers, parts, space, .. } = level;
            let centers = &centers[..parts.len()];
            if too_large || one_class::steps(level.places, centers) > MOST_STEPS {
                return None;
            }
            if !space.prepare(level.places as u32, centers) {
                return None;
            }
            if at > 0 {
                let first = space.throughput(1);
                let above = before[whole].center(Part::Level(at), 1.0, 1.0 / first);
                above.table.extend((1..=level.places as usize).map(|n| space.throughput(n) / first));
                if !(first.is_finite() && above.table.iter().all(|speed| speed.is_finite() && *speed > 0.0)) {
                    return None;
                }
            }
        }
        // Between two whole numbers of users.
        let top = &mut self.levels[0];
        let (floor, part, first) = (users.floor() as usize, users.fract(), top.space.first());
        refill(&mut top.present, top.places as usize + 1 - first, 0.0);
        top.present[floor - first] += 1.0 - part;
        let mut rate = (1.0 - part) * top.space.throughput(floor);
        if part > 0.0 {
            top.present[floor + 1 - first] += part;
            rate += part * top.space.throughput(floor + 1);
        }
        Some(rate)
    }

    /// How many are at each level, from the level above.
    fn spread(&mut self) {
        for at in 0..self.used {
            if self.levels[at].joined.is_some() {
                continue;
            }
            self.levels[at].inside(&mut self.mix);
            for center in 0..self.levels[at].parts.len() {
                if let Part::Level(below) = self.levels[at].parts[center] {
                    let mut present = core::mem::take(&mut self.levels[below].present);
                    let Level { centers, parts, space, .. } = &mut self.levels[at];
                    space.distribution(center, &centers[..parts.len()], &self.mix, &mut present);
                    self.levels[below].present = present;
                }
            }
        }
    }
}

impl Level {
    /// Places of those that are walked through.
    fn walked(&self) -> usize {
        self.places as usize - self.space.first()
    }

    /// Probability of each number that holds a place.
    fn inside(&self, to: &mut Vec<f64>) {
        let places = self.walked();
        refill(to, places + 1, 0.0);
        for (n, p) in self.present.iter().enumerate() {
            to[n.min(places)] += p;
        }
    }

    /// The line in front: mean number, probability that all places are held, and the squared coefficient of variation of the wait of
    /// those who find them so, who wait for one more departure than wait before them.
    fn line(&self) -> (f64, f64, f64) {
        let places = self.walked();
        let (mut full, mut first, mut second) = (0.0, 0.0, 0.0);
        for (n, p) in self.present.iter().enumerate().skip(places) {
            let line = (n - places) as f64;
            full += p;
            first += p * line;
            second += p * line * line;
        }
        if full <= 0.0 {
            return (0.0, 0.0, 1.0);
        }
        let mean = first / full;
        let variance = (second / full - mean * mean).max(0.0);
        (first, full.min(1.0), (mean + 1.0 + variance) / ((mean + 1.0) * (mean + 1.0)))
    }
}

impl Solver {
    /// Turns numbers into waits per visit.
    fn place_nested(&mut self, system: &System, rate: f64, nested: &mut Nested) {
        let classes = self.structure.classes;
        for at in 0..nested.used {
            let whole = nested.whole(at);
            nested.levels[whole].inside(&mut nested.mix);
            let (waiting, full, scv) = nested.levels[whole].line();
            let per_call = rate * nested.levels[whole].visits;
            let wait = if per_call > 0.0 { waiting / per_call } else { 0.0 };
            match nested.levels[at].holder {
                Holder::Users => {}
                Holder::Pool(pool) => self.state.pools[pool].found = Some(found_wait(wait, full, scv)),
                Holder::Slots(id) => {
                    let station = &mut self.state.stations[id];
                    (station.found, station.found_scv) = (Some(full), scv);
                    for &(class, _) in &nested.classes {
                        self.state.visits[id * classes + class].found = Some(wait);
                    }
                }
            }
            if whole != at {
                continue;
            }
            let mut level = core::mem::take(&mut nested.levels[at]);
            self.place_centers(system, rate, &mut level, nested, full);
            nested.levels[at] = level;
        }
    }

    /// The queues of one level: all that is there is its residence, of which the own time is no wait.
    fn place_centers(&mut self, system: &System, rate: f64, level: &mut Level, nested: &Nested, full: f64) {
        let classes = self.structure.classes;
        let mut first = 0;
        while first < level.parts.len() {
            let Some((id, Group { slow, .. })) = level.parts[first].node() else {
                first += 1;
                continue;
            };
            let (mut number, mut waiting, mut busiest, mut swing, mut end) = (0.0, 0.0, 0.0_f64, 0.0, first);
            while let Some((_, group)) = level.parts.get(end).and_then(Part::node).filter(|(other, _)| *other == id) {
                let Level { centers, parts, space, .. } = &mut *level;
                let centers = &centers[..parts.len()];
                let (here, square) = space.moments(end, centers, &nested.mix);
                let busy = rate * centers[end].demands[0] / group.capacity();
                number += group.count * here;
                waiting += group.count * (here - busy * group.capacity()).max(0.0);
                busiest = busiest.max(busy);
                swing = if here > 0.0 { (square / (here * here) - 1.0).max(0.0) } else { 0.0 };
                end += 1;
            }
            first = end;
            let visits = nested.over(self, id, |_| 1.0);
            let own = if visits > 0.0 { nested.over(self, id, |visit| visit.own.mean) * slow / visits } else { 0.0 };
            let here = rate * visits;
            let residence = if here > 0.0 { (number / here).max(own) } else { own };
            if level.holder == Holder::Slots(id) {
                // Own time on shared cores, inside the slot. While all slots are held as many are inside as ever, and who finds more of
                // them on the cores finds fewer elsewhere.
                let stretch = if own > 0.0 { slow * residence / own } else { slow };
                self.state.stations[id].found_stretch = Some((stretch, 2.0 * swing * (1.0 - full)));
                continue;
            }
            for &(class, _) in &nested.classes {
                let visit = &mut self.state.visits[id * classes + class];
                let part =
                    if is_shared(&system.stations[id].kind) && own > 0.0 { visit.own.mean * slow / own } else { 1.0 };
                visit.found = Some((residence - own) * part);
            }
            let busy = busiest.clamp(0.0, 1.0);
            let scv = self.line_variation(id, waiting / busy.max(1.0e-9), (level.places - number).max(0.0));
            (self.state.stations[id].found, self.state.stations[id].found_scv) = (Some(busy), scv);
        }
    }
}
