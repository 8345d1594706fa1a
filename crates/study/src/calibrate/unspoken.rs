//! Given entries of the map that nothing in the data answers to: a slip of the pen would let a guess take their place unseen.

use super::mapping::{base_name, speaks_of};
use super::report::Note;
use ingest::Measurements;
use ingest::measurements::Series;
use scenario::v1::{Map, MapSeries};

/// Names that are told one by one; of more only the number.
const TOLD: usize = 5;

/// Every given entry without a match, with the nearest name that no entry speaks of. Entries of files that are not here and
/// resemble nothing are one note: a map may speak of more files than one calibration takes.
pub fn notes(data: &[Measurements], map: &Map) -> Vec<Note> {
    let mut finder = Finder { data, map, notes: Vec::new(), absent: Vec::new() };
    finder.endpoints();
    for (place, entry) in map.series.iter().enumerate() {
        finder.series(&format!("map.series[{place}]"), entry);
    }
    finder.costs();
    finder.rest()
}

struct Finder<'a> {
    data: &'a [Measurements],
    map: &'a Map,
    notes: Vec<Note>,
    absent: Vec<String>,
}

impl Finder<'_> {
    fn endpoints(&mut self) {
        let levels = self.data.iter().flat_map(|m| m.levels.iter().filter_map(|l| l.endpoint.as_deref()));
        let mut known: Vec<&str> =
            levels.chain(self.data.iter().flat_map(|m| m.endpoints.iter().map(|e| e.name.as_str()))).collect();
        known.sort_unstable();
        known.dedup();
        let free = |name: &&str| !self.map.endpoints.contains_key(*name);
        let open: Vec<&str> = known.iter().copied().filter(free).collect();
        for name in self.map.endpoints.keys().filter(|name| !known.contains(&name.as_str())) {
            match scenario::nearest(name, open.iter().copied()) {
                Some(near) => self.notes.push(slip("map.endpoints", "endpoint", name, near)),
                None => self.absent.push(name.clone()),
            }
        }
    }

    fn costs(&mut self) {
        let mut known: Vec<&str> = self.data.iter().flat_map(|m| &m.costs).map(|line| line.service.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let open: Vec<&str> = known.iter().copied().filter(|name| !self.map.costs.contains_key(*name)).collect();
        for name in self.map.costs.keys().filter(|name| !known.contains(&name.as_str())) {
            match scenario::nearest(name, open.iter().copied()) {
                Some(near) => self.notes.push(slip("map.costs", "bill line", name, near)),
                None => self.absent.push(name.clone()),
            }
        }
    }

    fn series(&mut self, place: &str, entry: &MapSeries) {
        let files = || self.data.iter().map(|m| (base_name(&m.file), m));
        if files().any(|(file, m)| m.series.iter().any(|series| speaks_of(entry, file, series))) {
            return;
        }
        let named = entry.file.as_deref().map(base_name);
        let here: Vec<&Measurements> =
            files().filter(|(file, _)| named.is_none_or(|named| named == *file)).map(|(_, m)| m).collect();
        if let (Some(named), true) = (named, here.is_empty()) {
            let open = files().map(|(file, _)| file).filter(|file| {
                !self.map.series.iter().any(|e| e.file.as_deref().is_some_and(|given| base_name(given) == *file))
            });
            match scenario::nearest(named, open) {
                Some(near) => self.notes.push(slip(place, "file", named, near)),
                None => self.absent.push(named.to_owned()),
            }
            return;
        }
        let all: Vec<&Series> = here.iter().flat_map(|m| &m.series).collect();
        if let Some(name) = entry.name.as_deref().filter(|name| all.iter().all(|series| series.name != **name)) {
            match scenario::nearest(name, all.iter().map(|series| series.name.as_str())) {
                Some(near) => self.notes.push(slip(place, "metric", name, near)),
                None if named.is_none() => self.absent.push(name.to_owned()),
                None => self.notes.push(Note::new("map", place, format!("no metric is called {name:?} in its file"))),
            }
            return;
        }
        if let Some(note) = labels(place, entry, &all) {
            self.notes.push(note);
        }
    }

    fn rest(mut self) -> Vec<Note> {
        self.absent.sort();
        self.absent.dedup();
        let more = self.absent.len().saturating_sub(TOLD);
        if !self.absent.is_empty() {
            let told: Vec<String> = self.absent.iter().take(TOLD).map(|name| format!("{name:?}")).collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = format!("it speaks of what is not in the files here: {}{more}", told.join(", "));
            self.notes.push(Note::new("map", "map", text));
        }
        self.notes
    }
}

/// The label that no series of the right name carries, with what they carry instead.
fn labels(place: &str, entry: &MapSeries, all: &[&Series]) -> Option<Note> {
    let right_name = |series: &&&Series| entry.name.as_deref().is_none_or(|name| name == series.name);
    let named: Vec<&Series> = all.iter().filter(right_name).copied().collect();
    for (key, value) in &entry.labels {
        let mut values: Vec<&str> = named.iter().filter_map(|s| s.labels.get(key)).map(String::as_str).collect();
        if values.contains(&value.as_str()) {
            continue;
        }
        values.sort_unstable();
        values.dedup();
        let text = if values.is_empty() {
            let near = scenario::nearest(key, named.iter().flat_map(|s| s.labels.keys()).map(String::as_str));
            format!("no series there has a label {key:?}{}", meant(near))
        } else {
            let near = scenario::nearest(value, values.iter().copied());
            let there = values.iter().take(TOLD).map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", ");
            let meant = near.map_or_else(|| format!("; there is {there}"), |near| meant(Some(near)));
            format!("no series there has {key} {value:?}{meant}")
        };
        return Some(Note::new("map", place, text));
    }
    let text = "no series there has all its labels at once";
    (!entry.labels.is_empty() && !named.is_empty()).then(|| Note::new("map", place, text))
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default()
}

fn slip(place: &str, what: &str, name: &str, near: &str) -> Note {
    Note::new("map", place, format!("no {what} here is called {name:?}{}", meant(Some(near))))
}
