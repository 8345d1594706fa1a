//! End-to-end distributions: the transform of a class's response time, hop by hop, and its quantiles.
//!
//! Hops are taken as independent given the rates (exact in product-form networks without overtaking, an approximation
//! elsewhere): the own time's own law, the wait's mass at zero and its tail by two moments, fixed network times as shifts, hits
//! and misses as a mixture. Method and accuracy: [`crate::stats::transform`]; measured error: `docs/model.md`.

use super::{
    Solver, flow,
    waves::{attempts_wave, repeated, shared, waits_onto, with_shift},
};
use crate::{
    model::{Goal, Mode, StationId, System, When},
    queueing::mgc::Wait,
    stats::{
        Law, TailSearch,
        transform::{Nodes, Wave},
    },
};

/// Memory of the percentile search.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    /// Per class: the stations its requests wait for, callees first.
    paths: Vec<Vec<StationId>>,
    /// Per station: transform of its hold and the shift beside it. Boxed, so that one is put aside without a copy.
    #[allow(clippy::vec_box, reason = "exchanged with the spare one, pointer for pointer")]
    waves: Vec<Box<(Wave, f64)>>,
    /// Written next, then exchanged for a station's.
    spare: Option<Box<(Wave, f64)>>,
    /// Per station: laws of own time and of the wait of those who wait.
    laws: Vec<Laws>,
    /// Per pool: law of the wait of those who wait.
    pools: Vec<Law>,
    search: TailSearch,
}

#[derive(Debug, Clone, Copy, Default)]
struct Laws {
    own: Law,
    exact: bool,
    wait: Law,
}

impl Workspace {
    pub fn new(system: &System, structure: &super::structure::Structure) -> Self {
        let pools = system.stations.iter().map(|s| s.pools.len()).sum();
        let paths = (0..structure.classes).map(|class| path(system, structure, class)).collect();
        Self {
            paths,
            waves: vec![Box::new((Wave::ONE, 0.0)); structure.stations],
            spare: None,
            laws: vec![Laws::default(); structure.stations],
            pools: vec![Law::ZERO; pools],
            search: TailSearch::new(),
        }
    }
}

/// Stations that a request of the class waits for, callees first.
fn path(system: &System, structure: &super::structure::Structure, class: usize) -> Vec<StationId> {
    let mut seen = vec![false; structure.stations];
    seen[system.classes[class].entry] = true;
    let mut path = Vec::new();
    for &id in &structure.order {
        if !seen[id] {
            continue;
        }
        path.push(id);
        if matches!(system.stations[id].kind, crate::model::Kind::Queue { .. }) {
            continue;
        }
        for leg in structure.legs_of[id].clone() {
            if structure.applies(leg, class) && structure.legs[leg].mode != Mode::Async {
                seen[structure.legs[leg].callee] = true;
            }
        }
    }
    path.reverse();
    path
}

/// Law of the wait of those who wait.
fn waiting(wait: &Wait) -> Law {
    let mean = wait.conditional_mean();
    Law::fit(&crate::stats::Moments { mean, variance: wait.scv * mean * mean, third: 0.0 })
}

impl Solver {
    /// Fills the class's percentiles and, with latency objectives, the share within them.
    pub(super) fn percentiles(&mut self, system: &System, class: usize) {
        let mut space = self.percentiles.take().unwrap_or_else(|| Box::new(Workspace::new(system, &self.structure)));
        let mut found = core::mem::take(&mut self.answer.classes[class].percentiles);
        found.clear();
        found.extend_from_slice(&self.asked[class]);
        self.laws(system, class, &mut space);
        let entry = system.classes[class].entry;
        let hold = self.state.visits[entry * self.structure.classes + class].hold;
        let deviation = hold.variance.sqrt();
        let mut search = core::mem::take(&mut space.search);
        search.reset();
        let near = deviation > 1.0e-9 * hold.mean && self.near.get(class).is_some_and(|at| !at.1.is_empty());
        let shift = if near {
            self.look(system, class, &mut space, &mut search)
        } else {
            self.class_wave(system, class, &mut space, &Nodes::at(1.0)).1
        };
        let mean = hold.mean - shift;
        let varies = deviation > 1.0e-9 * hold.mean && mean > 0.0;
        for (percentile, seconds) in &mut found {
            let share = 1.0 - *percentile / 100.0;
            *seconds = shift;
            if varies {
                let tail = |time: f64| {
                    let nodes = Nodes::at(time);
                    self.class_wave(system, class, &mut space, &nodes).0.tail_and_density(&nodes)
                };
                *seconds += if near {
                    search.quantile_among(share, mean, tail)
                } else {
                    search.quantile(share, median(mean, deviation), mean, tail)
                };
            }
        }
        // A handful: inserted, since the standard library's sort is two kilobytes of code for each type.
        for next in 1..found.len() {
            let mut place = next;
            while place > 0 && found[place - 1].0 > found[place].0 {
                found.swap(place - 1, place);
                place -= 1;
            }
        }
        // The inversion's last digits must not turn the order around.
        for position in 1..found.len() {
            found[position].1 = found[position].1.max(found[position - 1].1);
        }
        let within = self.within(system, class, shift, deviation, hold.mean, &mut space);
        let answer = &mut self.answer.classes[class];
        answer.goodput *= within;
        answer.percentiles = found;
        space.search = search;
        self.percentiles = Some(space);
    }

    /// Share of successful requests within every latency objective of the class.
    fn within(
        &mut self,
        system: &System,
        class: usize,
        shift: f64,
        deviation: f64,
        mean: f64,
        space: &mut Workspace,
    ) -> f64 {
        let limit = latency_limit(system, class);
        if limit.is_infinite() {
            return 1.0;
        }
        if limit <= shift || deviation <= 1.0e-9 * mean {
            return if limit >= mean { 1.0 } else { 0.0 };
        }
        let nodes = Nodes::at(limit - shift);
        1.0 - self.class_wave(system, class, space, &nodes).0.tail(&nodes)
    }

    /// Laws that do not change from one time to the next.
    fn laws(&self, system: &System, class: usize, space: &mut Workspace) {
        for position in 0..space.paths[class].len() {
            let id = space.paths[class][position];
            let state = &self.state.stations[id];
            let visit = &self.state.visits[id * self.structure.classes + class];
            let distribution = &system.stations[id].service[class];
            let exact = state.own_is_plain;
            let own = if exact { Law::of(distribution, 1.0) } else { Law::fit(&visit.own_stay) };
            space.laws[id] = Laws { own, exact, wait: waiting(&self.visit_wait(id, class)) };
            for pool in 0..system.stations[id].pools.len() {
                let at = self.state.pools_of[id] + pool;
                space.pools[at] = waiting(&self.state.pools[at].wait);
            }
        }
    }

    /// Transform of a class's response time without its shift, and the shift.
    pub(super) fn class_wave<'s>(
        &self,
        system: &System,
        class: usize,
        space: &'s mut Workspace,
        nodes: &Nodes,
    ) -> (&'s Wave, f64) {
        let mut last = 0;
        for position in 0..space.paths[class].len() {
            last = space.paths[class][position];
            let mut own = space.spare.take().unwrap_or_else(|| Box::new((Wave::ONE, 0.0)));
            own.0 = Wave::ONE;
            own.1 = self.station_wave(system, class, last, space, nodes, &mut own.0);
            space.spare = Some(core::mem::replace(&mut space.waves[last], own));
        }
        (&space.waves[last].0, space.waves[last].1)
    }

    /// Adds a visit of a station to a transform that holds nothing yet; returns the shift.
    fn station_wave(
        &self,
        system: &System,
        class: usize,
        id: usize,
        space: &Workspace,
        nodes: &Nodes,
        wave: &mut Wave,
    ) -> f64 {
        let work = &system.stations[id];
        let laws = &space.laws[id];
        laws.own.onto(wave, nodes, 1.0, laws.exact.then(|| &work.service[class]));
        let mut shift = laws.own.shift;
        let visit = &self.state.visits[id * self.structure.classes + class];
        let (probability, delay) = visit.extra;
        if probability >= 1.0 {
            shift += delay;
        } else if probability > 0.0 && delay > 0.0 {
            let mut extra = Wave::jump(nodes, delay);
            extra.with_probability(probability);
            wave.multiply(&extra);
        }
        if matches!(work.kind, crate::model::Kind::Queue { .. }) {
            return shift;
        }
        shift += waits_onto(&self.visit_wait(id, class), &laws.wait, nodes, wave);
        // Calls on a hit and on a miss exclude each other, weighted ones too; everything else follows one another.
        let mut branches: Option<[(Wave, f64); 2]> = None;
        let mut chosen: Option<(Wave, f64)> = None;
        let legs = self.structure.legs_of[id].clone();
        let mut leg = legs.start;
        while leg < legs.end {
            let end = self.structure.legs[leg].end;
            if !self.structure.applies(leg, class) || self.structure.legs[leg].mode == Mode::Async {
                leg = end;
                continue;
            }
            let call = self.structure.call(system, leg);
            let parallel = self.structure.legs[leg].mode == Mode::Parallel;
            let add = |to: &mut Wave| {
                if parallel {
                    let joined = &self.state.calls[leg * self.structure.classes + class].joined;
                    let (tail, law) = Law::with_tail(joined).unwrap_or_else(|| (0.0, Law::fit(joined)));
                    to.multiply_exponential(nodes, tail, 1.0);
                    law.onto(to, nodes, 1.0, None);
                    law.shift
                } else {
                    self.leg_wave(system, class, leg, space, nodes, to)
                }
            };
            if super::legs::is_chosen(&work.kind, call) {
                let share = flow::call_share(&work.kind, &work.calls, call);
                let mut one = Wave::ONE;
                let delay = add(&mut one);
                let one = with_shift(one, delay, nodes);
                let (all, before) = chosen.get_or_insert((Wave::ONE, 0.0));
                let total = *before + share;
                if total > 0.0 {
                    all.mix(1.0 - share / total, share / total, &one);
                }
                *before = total;
            } else if matches!(call.when, When::Hit | When::Miss) {
                let [hit, miss] = branches.get_or_insert([(Wave::ONE, 0.0); 2]);
                let to = if call.when == When::Hit { hit } else { miss };
                to.1 += add(&mut to.0);
            } else {
                shift += add(wave);
            }
            leg = if parallel { self.parallel_end(system, leg, legs.end) } else { end };
        }
        if let Some((chosen, share)) = chosen
            && share > 0.0
        {
            wave.multiply(&chosen);
        }
        if let Some([hit, miss]) = branches {
            let leads = self.state.stations[id].leads;
            // Who waits for another's fetch waits for no fixed part of it.
            let common = if leads < 1.0 { 0.0 } else { hit.1.min(miss.1) };
            let mut either = with_shift(hit.0, hit.1 - common, nodes);
            let mut missed = with_shift(miss.0, miss.1 - common, nodes);
            if leads < 1.0 {
                missed = shared(&missed, leads, visit.fetch, nodes);
            }
            either.mix(visit.hits, 1.0 - visit.hits, &missed);
            wave.multiply(&either);
            shift += common;
        }
        shift
    }

    /// One past the parallel group that a leg leads.
    fn parallel_end(&self, system: &System, first: usize, end: usize) -> usize {
        let when = self.structure.call(system, first).when;
        let mut leg = first;
        while leg < end
            && self.structure.legs[leg].mode == Mode::Parallel
            && self.structure.call(system, leg).when == when
        {
            leg = self.structure.legs[leg].end;
        }
        leg
    }

    /// Adds all calls of a leg on one visit to a transform; returns the shift.
    fn leg_wave(
        &self,
        system: &System,
        class: usize,
        leg: usize,
        space: &Workspace,
        nodes: &Nodes,
        to: &mut Wave,
    ) -> f64 {
        let at = &self.structure.legs[leg];
        let call = self.structure.call(system, leg);
        let &(ref callee, mut shift) = &*space.waves[at.callee];
        shift += call.network_time();
        let state = &self.state.calls[leg * self.structure.classes + class];
        let tries = state.late > 0.0 || (state.failure > 0.0 && call.retry.is_some());
        let hits = self.state.visits[at.callee * self.structure.classes + class].hits;
        let fetches = leg + 1 < at.end && hits < 1.0;
        let pool = call.pool.map(|pool| self.state.pools_of[at.caller] + pool);
        if !tries && !fetches && call.per_request == 1.0 {
            to.multiply(callee);
            if let Some(pool) = pool {
                shift += waits_onto(&self.state.pools[pool].wait, &space.pools[pool], nodes, to);
            }
            return shift;
        }
        let mut wave = *callee;
        if let Some(pool) = pool {
            shift += waits_onto(&self.state.pools[pool].wait, &space.pools[pool], nodes, &mut wave);
        }
        if tries {
            (wave, shift) = attempts_wave(call, state, wave, shift, nodes);
        }
        if fetches {
            let (mut branch, mut delay, mut child) = (Wave::ONE, 0.0, leg + 1);
            while child < at.end {
                if self.structure.applies(child, class) && self.structure.legs[child].mode != Mode::Async {
                    delay += self.leg_wave(system, class, child, space, nodes, &mut branch);
                }
                child = self.structure.legs[child].end;
            }
            let mut branch = with_shift(branch, delay, nodes);
            let leads = self.state.stations[at.callee].leads;
            if leads < 1.0 {
                branch = shared(&branch, leads, state.fetch, nodes);
            }
            branch.with_probability(1.0 - hits);
            wave.multiply(&branch);
        }
        repeated(&mut wave, &mut shift, call.per_request, nodes);
        to.multiply(&wave);
        shift
    }
}

/// The shortest of a class's latency objectives in seconds; infinite without one.
pub(super) fn latency_limit(system: &System, class: usize) -> f64 {
    let of = |goal: Goal| match goal {
        Goal::Latency { class: of, at_most, .. } if of == class => Some(at_most),
        _ => None,
    };
    system.objectives.iter().filter_map(|objective| of(objective.goal)).fold(f64::INFINITY, f64::min)
}

/// Where the search starts: the median of a gamma time (Wilson & Hilferty, PNAS 17, 1931).
fn median(mean: f64, deviation: f64) -> f64 {
    let root = 1.0 - (deviation / mean) * (deviation / mean) / 9.0;
    mean * (root * root * root).max(0.05)
}
