//! The shape of a system, compiled once: its calls as a flat list of legs, and an order in which callers come before callees.
//!
//! Numbers stay in the [`System`]; a leg only knows where its call stands, so one structure serves every Monte Carlo draw.

use crate::model::{Call, Discipline, Kind, Mode, Place, Refusal, StationId, System};
use crate::order;

/// One call of a station, or one that its caller makes when a call to a cache misses.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    /// Positions through `calls`, then through `on_miss`.
    pub path: Vec<usize>,
    /// The calling station.
    pub caller: StationId,
    /// The called station.
    pub callee: StationId,
    /// The leg whose miss causes this one.
    pub parent: Option<usize>,
    /// One past the last leg below this one: legs stand in preorder.
    pub end: usize,
    /// How the caller waits.
    pub mode: Mode,
}

/// A compiled system.
#[derive(Debug, Clone)]
pub(crate) struct Structure {
    /// Number of classes.
    pub classes: usize,
    /// Number of stations.
    pub stations: usize,
    /// All legs, grouped by caller, in preorder.
    pub legs: Vec<Leg>,
    /// Range of each station's legs.
    pub legs_of: Vec<core::ops::Range<usize>>,
    /// Positions of the legs that call each station.
    pub callers_of: Vec<Vec<usize>>,
    /// Stations, callers before callees; only asynchronous calls and messages may point back.
    pub order: Vec<StationId>,
    /// Leg x class: whether the class makes the call.
    pub applies: Vec<bool>,
    /// Station x class: whether the class can get there.
    pub reaches: Vec<bool>,
    /// Leg x class: whether a request of the class waits for the answer.
    pub waited: Vec<bool>,
}

impl Structure {
    /// Compiles a system.
    ///
    /// # Errors
    /// Places that make it unsolvable: indices out of range, loops of synchronous calls.
    pub fn new(system: &System) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let (legs, legs_of) = legs(system, &mut refusals);
        for (class, c) in system.classes.iter().enumerate() {
            if c.entry >= system.stations.len() {
                refusals.push(refusal(Place::Class(class), "entry", "the entry does not exist; name a component"));
            }
        }
        for (id, station) in system.stations.iter().enumerate() {
            if station.service.len() != system.classes.len() {
                refusals.push(refusal(Place::Station(id), "service", "it needs one own time per class"));
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        for station in blocking_loops(system, &legs, &legs_of) {
            let why =
                "synchronous calls come back to this component; make one of them async, or raise visit counts instead";
            refusals.push(refusal(Place::Station(station), "calls", why));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let classes = system.classes.len();
        let mut callers_of = vec![Vec::new(); system.stations.len()];
        for (index, leg) in legs.iter().enumerate() {
            callers_of[leg.callee].push(index);
        }
        let mut applies = Vec::with_capacity(legs.len() * classes);
        for leg in &legs {
            let call = call_at(system, leg.caller, &leg.path);
            applies.extend((0..classes).map(|class| call.applies_to(class)));
        }
        let order = callers_first(system.stations.len(), &legs, &legs_of);
        let mut structure = Self {
            classes,
            stations: system.stations.len(),
            legs,
            legs_of,
            callers_of,
            order,
            applies,
            reaches: Vec::new(),
            waited: Vec::new(),
        };
        structure.reaches = structure.reachable(system);
        structure.waited = structure.waited_for(system);
        Ok(structure)
    }

    /// The call of a leg.
    #[inline]
    pub fn call<'a>(&self, system: &'a System, leg: usize) -> &'a Call {
        let leg = &self.legs[leg];
        call_at(system, leg.caller, &leg.path)
    }

    /// Whether a class makes the call of a leg.
    pub fn applies(&self, leg: usize, class: usize) -> bool {
        self.applies[leg * self.classes + class]
    }

    fn reachable(&self, system: &System) -> Vec<bool> {
        let mut reaches = vec![false; self.stations * self.classes];
        for class in 0..self.classes {
            for (station, reached) in system.reached(class).into_iter().enumerate() {
                reaches[station * self.classes + class] = reached;
            }
        }
        reaches
    }

    fn waited_for(&self, system: &System) -> Vec<bool> {
        let mut waited = vec![false; self.legs.len() * self.classes];
        let mut seen = vec![false; self.stations * self.classes];
        for (class, c) in system.classes.iter().enumerate() {
            let mut stack = vec![c.entry];
            while let Some(station) = stack.pop() {
                let known = core::mem::replace(&mut seen[station * self.classes + class], true);
                // Nobody waits for what consumers do.
                if known || matches!(system.stations[station].kind, Kind::Queue { .. }) {
                    continue;
                }
                let legs = self.legs_of[station].clone();
                let mut leg = legs.start;
                while leg < legs.end {
                    if self.legs[leg].mode == Mode::Async || !self.applies(leg, class) {
                        leg = self.legs[leg].end;
                        continue;
                    }
                    waited[leg * self.classes + class] = true;
                    stack.push(self.legs[leg].callee);
                    leg += 1;
                }
            }
        }
        waited
    }

    /// The order of a station's line.
    pub fn discipline(&self, system: &System, station: StationId) -> Discipline {
        let reaches = &self.reaches[station * self.classes..(station + 1) * self.classes];
        let there = system.classes.iter().zip(reaches).filter(|(_, reaches)| **reaches);
        system.stations[station].discipline.among(there.map(|(class, _)| class.priority))
    }
}

pub(crate) fn refusal(place: Place, key: &'static str, why: &'static str) -> Refusal {
    Refusal { place, key, why }
}

/// The call at a path below a station.
#[inline]
pub(crate) fn call_at<'a>(system: &'a System, station: StationId, path: &[usize]) -> &'a Call {
    let mut call = &system.stations[station].calls[path[0]];
    for &position in &path[1..] {
        call = &call.on_miss[position];
    }
    call
}

fn legs(system: &System, refusals: &mut Vec<Refusal>) -> (Vec<Leg>, Vec<core::ops::Range<usize>>) {
    let mut legs: Vec<Leg> = Vec::new();
    let mut ranges = Vec::with_capacity(system.stations.len());
    for (caller, station) in system.stations.iter().enumerate() {
        let first = legs.len();
        // Preorder without recursion: a stack of (calls still to visit, path so far, parent).
        let mut stack: Vec<(&[Call], Vec<usize>, Option<usize>)> = vec![(&station.calls, Vec::new(), None)];
        let mut next: Vec<usize> = vec![0];
        while let Some((calls, path, parent)) = stack.last().cloned() {
            let position = *next.last().unwrap_or(&0);
            if position >= calls.len() {
                if let Some(parent) = parent {
                    legs[parent].end = legs.len();
                }
                stack.pop();
                next.pop();
                continue;
            }
            if let Some(last) = next.last_mut() {
                *last += 1;
            }
            let call = &calls[position];
            let mut own_path = path;
            own_path.push(position);
            let place = || Place::Call(caller, own_path.clone());
            if call.to >= system.stations.len() {
                refusals.push(refusal(place(), "to", "the called component does not exist"));
                continue;
            }
            if call.pool.is_some_and(|pool| pool >= station.pools.len()) {
                refusals.push(refusal(place(), "pool", "the caller has no such pool"));
                continue;
            }
            let index = legs.len();
            legs.push(Leg { path: own_path.clone(), caller, callee: call.to, parent, end: index + 1, mode: call.mode });
            if !call.on_miss.is_empty() {
                stack.push((&call.on_miss, own_path, Some(index)));
                next.push(0);
            }
        }
        ranges.push(first..legs.len());
    }
    (legs, ranges)
}

/// Depth-first search without recursion; calls `back` for every leg that points at a station still open, returns the stations
/// in reverse order of finishing (callers before callees, up to the legs reported).
fn search(
    stations: usize,
    legs: &[Leg],
    legs_of: &[core::ops::Range<usize>],
    follow: impl Fn(&Leg) -> bool,
    mut back: impl FnMut(&Leg),
) -> Vec<StationId> {
    let mut state = vec![0_u8; stations];
    let mut finished = Vec::with_capacity(stations);
    for root in 0..stations {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut stack = vec![(root, legs_of[root].start)];
        while let Some(top) = stack.last_mut() {
            let (station, leg) = *top;
            if leg == legs_of[station].end {
                state[station] = 2;
                finished.push(station);
                stack.pop();
                continue;
            }
            top.1 += 1;
            let leg = &legs[leg];
            if !follow(leg) {
                continue;
            }
            match state[leg.callee] {
                0 => {
                    state[leg.callee] = 1;
                    stack.push((leg.callee, legs_of[leg.callee].start));
                }
                1 => back(leg),
                _ => {}
            }
        }
    }
    finished.reverse();
    finished
}

fn callers_first(stations: usize, legs: &[Leg], legs_of: &[core::ops::Range<usize>]) -> Vec<StationId> {
    search(stations, legs, legs_of, |_| true, |_| {})
}

/// Stations at which a loop of calls that wait for each other closes. A queue ends the wait: its consumers are not waited for.
fn blocking_loops(system: &System, legs: &[Leg], legs_of: &[core::ops::Range<usize>]) -> Vec<StationId> {
    let mut loops = Vec::new();
    let waits = |leg: &Leg| leg.mode != Mode::Async && !matches!(system.stations[leg.callee].kind, Kind::Queue { .. });
    search(legs_of.len(), legs, legs_of, waits, |leg| {
        if !loops.contains(&leg.callee) {
            loops.push(leg.callee);
        }
    });
    order::sort_by(&mut loops, usize::cmp);
    loops
}
