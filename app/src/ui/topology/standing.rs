//! What stands on the board and stays while others come and go: one comparison finds what an edit or the slider changes of
//! hundreds, each of which would else look for itself.

use crate::view_model::topology::{Drawing, Fill, Line};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// A box by its name, and which of those with that name it is.
pub type BoxKey = (String, usize);
/// A line by its caller, its callee, whether nobody waits, and which of those it is.
pub type LineKey = (String, String, bool, usize);

/// What changes of a box that stays.
#[derive(Clone, Copy)]
pub struct Spot {
    pub number: RwSignal<usize>,
    pub place: RwSignal<(f64, f64)>,
    pub figure: RwSignal<Option<Fill>>,
}

/// What changes of a line that stays.
#[derive(Clone, Copy)]
pub struct Course {
    pub number: RwSignal<usize>,
    pub path: RwSignal<String>,
    pub middle: RwSignal<(f64, f64)>,
    pub width: RwSignal<f64>,
}

/// Those of one sort, by name and in the order of the drawing.
struct Known<K, T> {
    of: BTreeMap<K, T>,
    keys: Vec<K>,
    in_order: Vec<Option<T>>,
}

impl<K: Ord + Clone, T: Copy> Known<K, T> {
    const fn new() -> Self {
        Self { of: BTreeMap::new(), keys: Vec::new(), in_order: Vec::new() }
    }

    fn stand(&mut self, key: K, number: usize, one: T) {
        if let Some(place) = self.in_order.get_mut(number) {
            *place = Some(one);
        }
        self.of.insert(key, one);
    }

    /// Another order, of others: what is not in it is not there any more.
    fn order(&mut self, keys: Vec<K>) {
        self.in_order = keys.iter().map(|key| self.of.get(key).copied()).collect();
        self.of = keys.iter().filter_map(|key| self.of.remove_entry(key)).collect();
        self.keys = keys;
    }
}

/// Boxes and lines of the board.
#[derive(Clone, Copy)]
pub struct Standing {
    boxes: StoredValue<Known<BoxKey, Spot>>,
    lines: StoredValue<Known<LineKey, Course>>,
}

impl Standing {
    /// Nothing stands there yet.
    pub fn new() -> Self {
        Self { boxes: StoredValue::new(Known::new()), lines: StoredValue::new(Known::new()) }
    }

    /// A box comes to stand there.
    pub fn add_box(self, key: BoxKey, number: usize, spot: Spot) {
        self.boxes.update_value(|known| known.stand(key, number, spot));
    }

    /// A line comes to stand there.
    pub fn add_line(self, key: LineKey, number: usize, course: Course) {
        self.lines.update_value(|known| known.stand(key, number, course));
    }

    /// Does this to each box with what it is to be, in the order of the drawing.
    pub fn each_box<N>(self, drawing: &Drawing, new: impl IntoIterator<Item = N>, change: impl Fn(Spot, N)) {
        let ids = || drawing.boxes.iter().map(|(view, _)| view.id.as_str());
        let is_same = |known: &Known<BoxKey, Spot>| known.keys.iter().map(|key| key.0.as_str()).eq(ids());
        each(self.boxes, is_same, || box_keys(drawing), new, |spot| spot.number, change);
    }

    /// Does this to each line with what it is to be, in the order of the drawing.
    pub fn each_line<N>(self, drawing: &Drawing, new: impl IntoIterator<Item = N>, change: impl Fn(Course, N)) {
        let ends = || drawing.lines.iter().map(ends);
        let is_same = |known: &Known<LineKey, Course>| {
            known.keys.iter().map(|(from, to, other, _)| (from, to, *other)).eq(ends())
        };
        each(self.lines, is_same, || line_keys(drawing), new, |course| course.number, change);
    }
}

/// Brings what stands there into the order of the drawing where that is another one, then changes each.
fn each<K: Ord + Clone + Send + Sync + 'static, T: Copy + Send + Sync + 'static, N>(
    all: StoredValue<Known<K, T>>,
    is_same: impl Fn(&Known<K, T>) -> bool,
    keys: impl Fn() -> Vec<K>,
    new: impl IntoIterator<Item = N>,
    number: impl Fn(&T) -> RwSignal<usize>,
    change: impl Fn(T, N),
) {
    if !all.with_value(is_same) {
        all.update_value(|known| known.order(keys()));
    }
    let standing = all.with_value(|known| known.in_order.clone());
    for (place, (one, new)) in standing.into_iter().zip(new).enumerate() {
        if let Some(one) = one {
            renew(number(&one), &place);
            change(one, new);
        }
    }
}

/// Sets what differs; what does not is not told anybody.
pub fn renew<T: Clone + PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, new: &T) {
    if signal.try_with_untracked(|old| old != new) == Some(true) {
        signal.try_set(new.clone());
    }
}

fn ends(line: &Line) -> (&String, &String, bool) {
    (&line.edge.from, &line.edge.to, line.edge.asynchronous)
}

/// How many came before with the same name.
fn twin<N: Ord>(seen: &mut BTreeMap<N, usize>, name: N) -> usize {
    let count = seen.entry(name).or_default();
    *count += 1;
    *count - 1
}

/// The keys of all boxes in their order: no two are the same, whatever a half-typed document says.
pub fn box_keys(drawing: &Drawing) -> Vec<BoxKey> {
    let mut seen = BTreeMap::new();
    drawing.boxes.iter().map(|(view, _)| (view.id.clone(), twin(&mut seen, view.id.as_str()))).collect()
}

/// Those of all lines.
pub fn line_keys(drawing: &Drawing) -> Vec<LineKey> {
    let mut seen = BTreeMap::new();
    let key = |line| {
        let (from, to, asynchronous) = ends(line);
        (from.clone(), to.clone(), asynchronous, twin(&mut seen, (from, to, asynchronous)))
    };
    drawing.lines.iter().map(key).collect()
}
