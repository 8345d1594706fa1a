//! From data to a scenario: what the series show is read off, what only the load test's latency shows is fitted, everything
//! with its interval, its origin and its joint draws. `levels` are cut first, the map says what means what.

mod against;
mod apply;
pub mod at_level;
mod bill;
mod bill_groups;
mod bill_month;
mod bill_pool;
mod bill_price;
mod bill_record;
mod bill_split;
mod billed;
mod by_class;
mod closed;
mod direct;
mod doubt;
mod draws;
mod edges;
mod fewest;
mod finding;
mod guess;
mod hops;
mod join;
mod levels;
mod mapping;
mod minimal;
mod misfit;
mod observe;
mod report;
mod residual;
mod residuals;
mod structure;
mod units;
mod unspoken;
mod untouched;

pub use draws::Random;
pub use levels::{ClassLevel, SteadyLevel};
pub use mapping::{Proposal, base_name, propose};
pub use report::{BillRow, FitReport, FittedRow, LevelRow, Note, ResidualRow};
pub use structure::visits_per_request;

use finding::Finding;
use ingest::Measurements;
use levels::total_rate;
use mapping::Mapping;
use observe::Observations;
use residual::Joint;
use scenario::v1::{Fit, ImportRecord, Map, MeasuredPoint};
use scenario::{Problem, Scenario};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a calibration works on.
#[derive(Debug, Clone, Copy)]
pub struct CalibrateInput<'a> {
    /// The topology as its owner drew it; without one it is drafted from traces and manifests ([`crate::draft`]), or the smallest
    /// scenario that explains the data is made.
    pub scenario: Option<&'a Scenario>,
    /// The imported files.
    pub data: &'a [Measurements],
    /// What means what; without one the scenario's own map and guesses are used.
    pub map: Option<&'a Map>,
    /// Only levels whose total rate is at most this many requests per second are used (the back-test's training levels).
    pub only_up_to_rps: Option<f64>,
}

/// A calibrated scenario and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The scenario with every fitted figure, its imports, its map and its draws.
    pub scenario: Scenario,
    /// How it came about.
    pub report: FitReport,
    /// All steady levels of the data, used or not.
    pub levels: Vec<SteadyLevel>,
}

/// Calibrates a scenario to data.
///
/// # Errors
/// All problems of the scenario, or why the data hold nothing to calibrate with.
pub fn calibrate(input: &CalibrateInput) -> Result<Calibration, Vec<Problem>> {
    let made;
    let mut drafting = None;
    let mut undrawn = Vec::new();
    let data = &*joined(input.data);
    let drawn = match input.scenario {
        Some(drawn) => drawn,
        None => {
            made = match crate::draft::draft(data, input.map)? {
                Some(draft) => {
                    drafting = Some(draft.notes);
                    draft.scenario
                }
                None => {
                    undrawn = crate::draft::not_drawn(data, &import_ids(data));
                    minimal::skeleton(data, input.map)?
                }
            };
            &made
        }
    };
    scenario::lower(drawn)?;
    let ids = import_ids(data);
    let mapping = Mapping::new(drawn, data, input.map.filter(|_| input.scenario.is_some()));
    let mut report = FitReport { map: mapping.map.clone(), guesses: mapping.guesses.clone(), ..FitReport::default() };
    let drafted = drafting.is_some();
    report.notes = drafting.unwrap_or(undrawn);
    report.unmatched = mapping.unmatched.clone();
    report.notes.extend(joined_notes(data));
    // A whole run's connections are users of the loop that was made from them; a loop that somebody drew may pause otherwise.
    let looped = input.scenario.is_none() && !drafted;
    let (mut all_levels, shapes) = levels::collect(data, &ids, &mapping, looped, &mut report.notes);
    levels::without_failed(&mut all_levels, &mut report.missing);
    let used: Vec<SteadyLevel> =
        all_levels.iter().filter(|l| input.only_up_to_rps.is_none_or(|most| total_rate(l) <= most)).cloned().collect();
    let observations = Observations::new(data, &ids, &mapping, &mut report);
    let mut scenario = drawn.clone();
    if input.scenario.is_none() && !drafted {
        minimal::own_times(&mut scenario, &used);
        minimal::slots(&mut scenario, &used, &mut report.notes, &mut report.missing);
        report.missing.extend(minimal::unnamed(data));
    }
    edges::make_room(&mut scenario, data);
    let mut direct = direct::findings(&scenario, &observations, &used, &mut report.contradictions);
    by_class::split(&scenario, &observations, &used, &mut direct, &mut report.notes);
    hops::add(&scenario, data, &ids, &mapping, &mut direct);
    edges::findings(&scenario, data, &ids, &mut direct, &mut report.contradictions);
    written(&mut scenario, &direct, &mut report);
    let system = scenario::lower(&scenario)?;
    // A held-out level is part of the whole run: its percentiles would look ahead.
    let whole_runs = if input.only_up_to_rps.is_none() { shapes.as_slice() } else { &[] };
    let shown: Vec<SteadyLevel> = used.iter().chain(whole_runs).cloned().collect();
    let joint = residual::fit(&scenario, &system, &shown, &direct).unwrap_or_default();
    written(&mut scenario, &joint.findings, &mut report);
    let findings: Vec<&Finding> = direct.iter().chain(&joint.findings).collect();
    let addresses = final_addresses(&scenario, &findings);
    // What was made to begin with was nobody's word.
    let stated = (input.scenario.is_some() || drafted).then_some(drawn);
    report.fitted.extend(fitted_rows(stated, &findings, &addresses));
    keep_draws(&mut scenario, &direct, &joint, &addresses);
    scenario.map = Some(mapping.map.clone());
    report.levels = level_rows(drawn, &used);
    keep_imports(&mut scenario, data, &ids, &used);
    bill::compare(&mut scenario, data, &ids, &mapping, &mut report);
    report.residuals = residuals::rows(&scenario, &all_levels, |l| !used.contains(l))?;
    misfit::notes(&scenario, &system, &used, &mut report);
    against::notes(drawn, data, &mapping, &used, &mut report);
    untouched::notes(drawn, &observations, &all_levels, &used, &mut report);
    Ok(Calibration { scenario, report, levels: all_levels })
}

/// The files with those of one run put together (several generators, the same file twice), so that nothing counts twice.
fn joined(data: &[Measurements]) -> Cow<'_, [Measurements]> {
    let loads = data.iter().filter(|file| file.totals.is_some() || !file.costs.is_empty()).count();
    if loads > 1 { Cow::Owned(ingest::merge_runs(data.to_vec())) } else { Cow::Borrowed(data) }
}

/// What was put together, in words.
fn joined_notes(data: &[Measurements]) -> Vec<Note> {
    let about = |code: &str| matches!(code, "runs-merged" | "duplicate-file");
    let of_file = |file: &Measurements| {
        let warnings: Vec<Note> = file
            .warnings
            .iter()
            .filter(|warning| about(&warning.code))
            .map(|warning| Note::new(&warning.code, &file.file, warning.text.as_str()))
            .collect();
        warnings
    };
    data.iter().flat_map(of_file).collect()
}

/// Writes findings into the scenario; those without a place are named.
fn written(scenario: &mut Scenario, findings: &[Finding], report: &mut FitReport) {
    for finding in findings {
        if apply::write(scenario, finding).is_empty() {
            let text = "the scenario has no place for it";
            report.notes.push(Note::new("no-place", format!("{:?}", finding.target), text));
        }
    }
}

/// Where each finding stands in the finished scenario: writing one class's own time splits it from what stood for all, so the
/// addresses are only known at the end. What is of one class is not also claimed by what is of all.
fn final_addresses(scenario: &Scenario, findings: &[&Finding]) -> Vec<Vec<String>> {
    let mut addresses = vec![Vec::new(); findings.len()];
    let mut taken: Vec<String> = Vec::new();
    for of_one_class in [true, false] {
        for (finding, slot) in findings.iter().zip(&mut addresses) {
            if finding.target.class().is_some() == of_one_class {
                let mut all = apply::write(&mut scenario.clone(), finding);
                all.retain(|a| !taken.contains(a));
                taken.extend(all.iter().cloned());
                *slot = all;
            }
        }
    }
    addresses
}

fn fitted_rows(stated: Option<&Scenario>, findings: &[&Finding], addresses: &[Vec<String>]) -> Vec<FittedRow> {
    let mut rows = Vec::new();
    for (finding, addresses) in findings.iter().zip(addresses) {
        let (before, quantity) =
            (stated.and_then(|drawn| apply::before(drawn, &finding.target)), apply::quantity(finding));
        rows.extend(addresses.iter().map(|path| FittedRow {
            path: path.clone(),
            before,
            value: quantity.value,
            low: quantity.low.unwrap_or(quantity.value),
            high: quantity.high.unwrap_or(quantity.value),
            source: if finding.measured { "measured" } else { "fitted" }.into(),
            from: finding.from.join(", "),
            how: finding.how.clone(),
        }));
    }
    rows
}

/// One column of draws per written address.
fn keep_draws(scenario: &mut Scenario, direct: &[Finding], joint: &Joint, addresses: &[Vec<String>]) {
    let columns = draws::columns(direct, joint, 1);
    let mut fit = Fit { paths: Vec::new(), draws: vec![Vec::new(); draws::DRAWS] };
    let findings = direct.iter().chain(&joint.findings);
    for ((finding, column), addresses) in findings.zip(&columns).zip(addresses) {
        if finding.estimate.standard_error <= 0.0 {
            continue;
        }
        for path in addresses {
            fit.paths.push(path.clone());
            let range = scenario::quantities::range(scenario, path);
            for (draw, value) in fit.draws.iter_mut().zip(column) {
                let value = four_digits(*value);
                // The tail of a wide error may reach beyond what could be stated there.
                draw.push(range.map_or(value, |range| range.nearest(value)));
            }
        }
    }
    scenario.fit = (!fit.paths.is_empty()).then_some(fit);
}

/// Four significant digits: more would only lengthen links.
fn four_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A short unique name per file, for `from`.
pub(crate) fn import_ids(data: &[Measurements]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for measurements in data {
        let file = base_name(&measurements.file);
        let stem = file.rsplit_once('.').map_or(file, |f| f.0);
        let mut id: String =
            stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        if id.is_empty() {
            id.clone_from(&measurements.kind);
        }
        let base = id.clone();
        let mut number = 2;
        while ids.contains(&id) {
            id = format!("{base}-{number}");
            number += 1;
        }
        ids.push(id);
    }
    ids
}

fn level_rows(scenario: &Scenario, levels: &[SteadyLevel]) -> Vec<LevelRow> {
    let row = |level: &SteadyLevel, class: &String, c: &ClassLevel| LevelRow {
        import: level.import.clone(),
        traffic: class.clone(),
        multiple: at_level::multiple(scenario, class, c).unwrap_or(1.0),
        rps: c.rate,
        requests: c.requests,
        seconds: c.seconds,
    };
    levels.iter().flat_map(|l| l.classes.iter().map(move |(class, c)| row(l, class, c))).collect()
}

/// Records the files, with the measured points for the projection chart.
fn keep_imports(scenario: &mut Scenario, data: &[Measurements], ids: &[String], levels: &[SteadyLevel]) {
    for (measurements, id) in data.iter().zip(ids) {
        let points = levels
            .iter()
            .filter(|l| l.import == *id)
            .flat_map(|l| l.classes.iter().map(|(class, c)| (l.users, class, c)))
            .map(|(users, class, c)| MeasuredPoint {
                traffic: class.clone(),
                multiple: at_level::multiple(scenario, class, c).unwrap_or(1.0),
                rps: c.rate,
                requests: Some(c.requests.round() as u64),
                seconds: Some(c.seconds),
                users,
                latency_ms: c.latency_ms.clone(),
            })
            .collect();
        let record = ImportRecord {
            id: id.clone(),
            kind: measurements.kind.clone(),
            sha256: None,
            file: Some(base_name(&measurements.file).to_owned()),
            requests: measurements.totals.as_ref().and_then(|t| t.requests),
            at: measurements.started.clone(),
            points,
            monthly_costs: BTreeMap::new(),
            unexplained_costs: BTreeMap::new(),
            billed_from: None,
            billed_until: None,
        };
        match scenario.imports.iter_mut().find(|i| i.id == *id) {
            Some(old) => *old = record,
            None => scenario.imports.push(record),
        }
    }
}
