//! What a scenario keeps of imported files: the map, the imports, the fit. What affects no figure is only noted.

use super::names::{Names, missing};
use super::problems::Findings;
use crate::catalogue::Range;
use crate::path::Path;
use crate::v1::{Fit, Map, OneOrMany};
use engine::order;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    if let Some(map) = &names.scenario.map {
        check_map(names, map, &root.key("map"), findings);
    }
    if let Some(fit) = &names.scenario.fit {
        check_fit(names, fit, &root.key("fit"), findings);
    }
    imports(names, &root.key("imports"), findings);
    intervals(names, findings);
}

/// Intervals that nothing is drawn from, unless a fit draws the quantity together with others: the stated value is taken for certain.
fn intervals(names: &Names, findings: &mut Findings) {
    let fit = names.scenario.fit.as_ref().filter(|fit| !fit.draws.is_empty());
    let drawn = order::set(fit.iter().flat_map(|fit| &fit.paths).map(String::as_str));
    crate::quantities::visit(&mut names.scenario.clone(), &mut |path, by_id, quantity| {
        let (lone, other) = match (quantity.low, quantity.high) {
            (None, None) => return,
            (Some(_), None) => ("low", "high"),
            (None, Some(_)) => ("high", "low"),
            (Some(low), Some(high)) if low < high => ("", ""),
            _ => return,
        };
        let place = path.to_string();
        if drawn.contains(place.as_str()) || drawn.contains(by_id.to_string().as_str()) {
            return;
        }
        if !lone.is_empty() {
            let text = format!("{lone} stands without {other}: {} is taken as certain", quantity.value);
            findings.note(path, text, format!("give {other} too, or leave {lone} out"));
        } else if crate::quantities::is_counted(names.scenario, &place) {
            let text = format!("what is counted has no interval: {} is taken as certain", quantity.value);
            findings.note(path, text, "leave low and high out, or compare scenarios with other counts");
        }
    });
}

fn check_map(names: &Names, map: &Map, path: &Path, findings: &mut Findings) {
    let (endpoints, series, costs) = (path.key("endpoints"), path.key("series"), path.key("costs"));
    for (endpoint, class) in &map.endpoints {
        names.want_class(class, &endpoints.key(endpoint), findings);
    }
    for (i, entry) in map.series.iter().enumerate() {
        let path = series.index(i);
        if let Some(class) = &entry.class {
            names.want_class(class, &path.key("class"), findings);
        }
        let Some(id) = &entry.component else { continue };
        names.want_component(id, &path.key("component"), findings);
        let pools = names.component(id).map(|component| &component.pools);
        if let (Some(pool), Some(pools)) = (&entry.pool, pools)
            && !pools.contains_key(pool)
        {
            missing("pool", pool, pools.keys().map(String::as_str), &path.key("pool"), findings);
        }
    }
    for (service, to) in &map.costs {
        let path = costs.key(service);
        match to {
            OneOrMany::One(id) => names.want_component(id, &path, findings),
            OneOrMany::Many(ids) => {
                ids.iter().enumerate().for_each(|(i, id)| names.want_component(id, &path.index(i), findings));
            }
        }
    }
}

fn check_fit(names: &Names, fit: &Fit, path: &Path, findings: &mut Findings) {
    let all = crate::quantities::list(names.scenario).into_iter().enumerate();
    let known: BTreeMap<String, usize> = all.flat_map(|(i, q)| [(q.path, i), (q.path_by_id, i)]).collect();
    let paths = path.key("paths");
    let mut drawn = BTreeSet::new();
    for (i, name) in fit.paths.iter().enumerate() {
        let wrong = match known.get(name) {
            None => format!("{name:?} is no quantity of this scenario"),
            Some(quantity) if !drawn.insert(*quantity) => format!("{name:?} is drawn twice"),
            Some(_) => continue,
        };
        findings.problem(&paths.index(i), wrong, "remove it with its column of draws, or calibrate again");
    }
    let draws = path.key("draws");
    let ranges: Vec<Option<Range>> =
        fit.paths.iter().map(|path| crate::quantities::range(names.scenario, path)).collect();
    for (i, draw) in fit.draws.iter().enumerate() {
        let draws = draws.index(i);
        if draw.len() != fit.paths.len() {
            let text = format!("{} values for {} paths", draw.len(), fit.paths.len());
            findings.problem(&draws, text, "give one value per path");
        }
        check_draw(draw, &ranges, &fit.paths, &draws, findings);
    }
}

/// A drawn value takes the place of the stated one: it must be one that could be stated there.
fn check_draw(draw: &[f64], ranges: &[Option<Range>], paths: &[String], path: &Path, findings: &mut Findings) {
    for (k, (&value, range)) in draw.iter().zip(ranges).enumerate() {
        if let Some(range) = range.filter(|range| !range.contains(value)) {
            let text = format!("{value} is out of range for {}", paths[k]);
            findings.problem(&path.index(k), text, format!("give {range}, or calibrate again"));
        }
    }
}

/// Provenance that leads nowhere changes no figure.
fn imports(names: &Names, path: &Path, findings: &mut Findings) {
    let known = order::set(names.scenario.imports.iter().map(|import| import.id.as_str()));
    for (i, import) in names.scenario.imports.iter().enumerate() {
        let points = path.index(i);
        let points = points.key("points");
        for (k, point) in import.points.iter().enumerate() {
            if !names.classes.contains_key(point.traffic.as_str()) {
                let text = format!("these points belong to {:?}, which is no class", point.traffic);
                findings.note(&points.index(k).key("traffic"), text, "they are not drawn");
            }
        }
    }
    if names.scenario.imports.is_empty() && !crate::quantities::any_from(names.scenario) {
        return;
    }
    for quantity in crate::quantities::list(names.scenario) {
        if let Some(from) = quantity.quantity.from.filter(|from| !known.contains(from.as_str())) {
            let root = Path::ROOT;
            let text = format!("{} comes from {from:?}, which is not among the imports", quantity.path);
            findings.note(&root.key("imports"), text, "its file is not known any more");
        }
    }
}
