//! What all formats have in common once a file is read: a name stands once, and there is no latency of no answer.

use crate::measurements::{Figures, Measurements, Warning};
use std::collections::{BTreeMap, HashMap};

/// Joins endpoints of the same name (identifiers in them were collapsed) and takes out the zeros that tools print where nothing
/// was measured.
pub fn tidy(found: &mut Measurements) {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut lost = 0;
    for endpoint in std::mem::take(&mut found.endpoints) {
        match places.get(&endpoint.name) {
            Some(place) => {
                let one = &mut found.endpoints[*place].figures;
                lost += usize::from(has_percentiles(one) || has_percentiles(&endpoint.figures));
                *one = sum(one, &endpoint.figures);
            }
            None => {
                places.insert(endpoint.name.clone(), found.endpoints.len());
                found.endpoints.push(endpoint);
            }
        }
    }
    if lost > 0 && !found.warnings.iter().any(|warning| warning.code == "identifiers-collapsed") {
        let text = "names that stand several times are joined: counts and means are kept, percentiles cannot be; export them under names of their own where they differ";
        found.warnings.push(Warning::new("endpoints-joined", text).with("joined", lost as f64));
    }
    let levels = found.levels.iter_mut().map(|level| &mut level.figures);
    let endpoints = found.endpoints.iter_mut().map(|endpoint| &mut endpoint.figures);
    found.totals.iter_mut().chain(endpoints).chain(levels).for_each(measured);
}

fn has_percentiles(figures: &Figures) -> bool {
    !figures.histogram.is_empty() || figures.latency_ms.keys().any(|name| name.starts_with('p'))
}

/// Without a request, or where all failed at once, a latency of zero is none.
fn measured(figures: &mut Figures) {
    let (requests, errors) = (figures.requests, figures.errors.unwrap_or(0));
    let none = requests == Some(0);
    let failed = requests.is_some_and(|requests| errors >= requests);
    if none || (failed && figures.latency_ms.values().all(|value| *value == 0.0)) {
        figures.latency_ms.clear();
        figures.histogram.clear();
    }
}

/// Figures of two sets of requests together: percentiles are lost, for they cannot be averaged.
pub fn sum(left: &Figures, right: &Figures) -> Figures {
    let both = |name: &str| Some((*left.latency_ms.get(name)?, *right.latency_ms.get(name)?));
    let (count_left, count_right) = (left.requests.unwrap_or(0) as f64, right.requests.unwrap_or(0) as f64);
    let mut latency_ms = BTreeMap::new();
    if let Some((one, two)) = both("mean").filter(|_| count_left + count_right > 0.0) {
        latency_ms.insert("mean".to_owned(), (one * count_left + two * count_right) / (count_left + count_right));
    }
    latency_ms.extend(both("min").map(|(one, two)| ("min".to_owned(), one.min(two))));
    latency_ms.extend(both("max").map(|(one, two)| ("max".to_owned(), one.max(two))));
    let add = |one: Option<u64>, two: Option<u64>| one.zip(two).map(|(one, two)| one + two);
    let mut errors_by = left.errors_by.clone();
    right.errors_by.iter().for_each(|(cause, count)| *errors_by.entry(cause.clone()).or_default() += count);
    Figures {
        errors_by,
        requests: add(left.requests, right.requests),
        errors: add(left.errors, right.errors),
        rps: left.rps.zip(right.rps).map(|(one, two)| one + two),
        latency_ms,
        latency_of: left.latency_of.filter(|of| right.latency_of == Some(*of)),
        ..Figures::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurements::Endpoint;

    #[test]
    fn zeros_of_nothing_go() {
        for (requests, errors, mean, left) in [
            (Some(0), Some(10), 0.0, false),
            (Some(0), None, 3.0, false),
            (Some(10), Some(10), 0.0, false),
            (Some(10), Some(10), 0.1, true),
            (Some(10), Some(9), 0.0, true),
            (None, None, 0.0, true),
        ] {
            let figures = Figures::default().counted(requests, errors).with("mean", Some(mean));
            let mut found = Measurements { totals: Some(figures), ..Measurements::default() };
            tidy(&mut found);
            let totals = found.totals.unwrap();
            assert_eq!(totals.latency_ms.contains_key("mean"), left, "{requests:?} {errors:?} {mean}");
        }
    }

    #[test]
    fn a_name_stands_once() {
        let one = |name: &str, requests, mean| Endpoint {
            name: name.to_owned(),
            figures: Figures::default()
                .counted(Some(requests), Some(1))
                .with("mean", Some(mean))
                .with("p95", Some(9.0)),
        };
        let endpoints = vec![one("/a/:id", 10, 5.0), one("/b", 7, 6.0), one("/a/:id", 30, 9.0)];
        let mut found = Measurements { endpoints, ..Measurements::default() };
        tidy(&mut found);
        let names: Vec<&str> = found.endpoints.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["/a/:id", "/b"]);
        let figures = &found.endpoints[0].figures;
        assert_eq!((figures.requests, figures.errors, figures.latency_ms["mean"]), (Some(40), Some(2), 8.0));
        assert!(!figures.latency_ms.contains_key("p95"));
        assert_eq!(found.warnings.len(), 1, "{:?}", found.warnings);
        assert_eq!(
            (found.warnings[0].code.as_str(), found.warnings[0].evidence["joined"].clone()),
            ("endpoints-joined", 1.0.into())
        );
    }
}
