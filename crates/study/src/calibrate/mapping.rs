//! The map in use: which endpoint is which class, which series is what of which component; given, completed by guesses.

use super::report::Note;
use super::{billed, guess, unspoken};
use ingest::Measurements;
use ingest::measurements::Series;
use scenario::Scenario;
use scenario::v1::{Map, MapSeries, OneOrMany};

/// A map that covers the data as far as names allow.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The map, guesses included.
    pub map: Map,
    /// What was guessed, in words.
    pub guesses: Vec<String>,
    /// Files, series and given entries that matched nothing.
    pub unmatched: Vec<Note>,
    classes: Vec<String>,
}

impl Mapping {
    /// Starts from the given map (else the scenario's own) and guesses the rest.
    #[must_use]
    pub fn new(scenario: &Scenario, data: &[Measurements], given: Option<&Map>) -> Self {
        let map = given.or(scenario.map.as_ref()).cloned().unwrap_or_default();
        let classes = scenario.traffic.iter().map(|t| t.id.clone()).collect();
        let mut mapping = Self { map, classes, ..Self::default() };
        mapping.unmatched = unspoken::notes(data, &mapping.map);
        guess::endpoints(scenario, data, &mut mapping);
        guess::series(scenario, data, &mut mapping);
        billed::guess(scenario, data, &mut mapping);
        mapping
    }

    /// The class of an endpoint.
    #[must_use]
    pub fn class_of(&self, endpoint: &str) -> Option<&str> {
        self.map.endpoints.get(endpoint).map(String::as_str)
    }

    /// The class of figures without an endpoint: only a system of one class has it.
    #[must_use]
    pub fn only_class(&self) -> Option<&str> {
        match self.classes.as_slice() {
            [class] => Some(class),
            _ => None,
        }
    }

    /// Entries that speak of a series of a file.
    pub fn entries<'a>(&'a self, file: &'a str, series: &'a Series) -> impl Iterator<Item = &'a MapSeries> {
        self.map.series.iter().filter(move |entry| speaks_of(entry, file, series))
    }

    /// The components a bill line pays for.
    #[must_use]
    pub fn components_of(&self, service: &str) -> Vec<String> {
        match self.map.costs.get(service) {
            Some(OneOrMany::One(id)) => vec![id.clone()],
            Some(OneOrMany::Many(ids)) => ids.clone(),
            None => Vec::new(),
        }
    }
}

/// What means what, to be shown and corrected before a calibration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    /// The whole map: what was given, completed by guesses. Corrected, it is the `map` of a calibration.
    pub map: Map,
    /// What was guessed, one sentence each.
    pub guesses: Vec<String>,
    /// Files, series and given entries that match nothing.
    pub unmatched: Vec<Note>,
}

/// The map that a calibration of this scenario with these files would use: the given one (else the scenario's own), completed
/// by guesses from names, labels and rates.
#[must_use]
pub fn propose(scenario: &Scenario, data: &[Measurements], given: Option<&Map>) -> Proposal {
    let Mapping { map, guesses, unmatched, .. } = Mapping::new(scenario, data, given);
    Proposal { map, guesses, unmatched }
}

/// Whether an entry means this series: file by its last path segment, name where given, all labels present.
#[must_use]
pub fn speaks_of(entry: &MapSeries, file: &str, series: &Series) -> bool {
    let same_file = entry.file.as_deref().is_none_or(|f| base_name(f) == base_name(file));
    let same_name = entry.name.as_deref().is_none_or(|n| n == series.name);
    same_file && same_name && entry.labels.iter().all(|(key, value)| series.labels.get(key) == Some(value))
}

/// Last segment of a path of either kind.
#[must_use]
pub fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
