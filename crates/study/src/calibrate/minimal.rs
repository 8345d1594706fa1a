//! Without a topology: the smallest scenario that explains the load test. One service, one traffic class per endpoint, as many
//! slots as the growth of latency with load speaks for; no limit where it does not speak.

use super::closed;
use super::fewest::{fewest, seen};
use super::levels::{SteadyLevel, total_rate};
use super::report::Note;
use crate::rates::{is_load, lowest_rates};
use engine::fit::selection::{self, Curve};
use ingest::Measurements;
use scenario::v1::{Arrivals, Component, ComponentKind, Growth, Map, Quantity, Service, ServiceTime, Traffic};
use scenario::{Problem, Scenario};
use std::collections::BTreeMap;

/// The id of the one component.
pub const SERVICE: &str = "service";
/// All requests over the named ones from which on the rest is said.
const UNNAMED: f64 = 1.1;
/// Classes at most; further endpoints are joined.
const MOST_CLASSES: usize = 12;

/// The skeleton: classes from the endpoints and one service, not fitted yet.
///
/// # Errors
/// When the data hold no requests to build classes from.
pub fn skeleton(data: &[Measurements], given: Option<&Map>) -> Result<Scenario, Vec<Problem>> {
    let mut all = lowest_rates(data.iter().filter(|file| is_load(file)));
    let whole = all.remove(&None);
    let mut rates: BTreeMap<String, f64> = all.into_iter().filter_map(|(name, rate)| Some((name?, rate))).collect();
    if rates.is_empty() {
        rates.insert("requests".into(), whole.ok_or_else(|| vec![nothing_to_draw(data)])?);
    }
    let joined = (rates.len() == 1).then(|| closed::recognised(data)).flatten();
    let mut scenario = build(rates, given);
    if let Some(found) = joined {
        users_in_a_loop(&mut scenario, &found);
    }
    Ok(scenario)
}

/// Gives each class the mean that its lowest level shows, in place of one number for all: the fit begins there, so that what few
/// requests say is not pulled to a time that nobody stated.
pub fn own_times(scenario: &mut Scenario, levels: &[SteadyLevel]) {
    let mean_ms = |class: &Traffic| {
        let seen =
            levels.iter().filter_map(|l| Some((total_rate(l), *l.classes.get(&class.id)?.latency_ms.get("mean")?)));
        seen.filter(|(_, mean)| *mean > 0.0).min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, mean)| mean)
    };
    let means: Vec<(String, Option<f64>)> =
        scenario.traffic.iter().map(|class| (class.id.clone(), mean_ms(class))).collect();
    let Some(service) = scenario.components.first_mut().and_then(|component| component.service.as_mut()) else {
        return;
    };
    let Service::All(time) = &*service else { return };
    let own = |mean: f64| ServiceTime { mean_ms: Some(Quantity::bare(three_digits(mean))), ..(**time).clone() };
    if let [(_, Some(mean))] = means.as_slice() {
        *service = Service::All(Box::new(own(*mean)));
    } else if means.iter().any(|(_, mean)| mean.is_some()) {
        let mut of_class: BTreeMap<String, ServiceTime> =
            means.into_iter().filter_map(|(id, mean)| Some((id, own(mean?)))).collect();
        if of_class.len() < scenario.traffic.len() {
            of_class.insert("*".into(), (**time).clone());
        }
        *service = Service::By(of_class);
    }
}

/// What of the load test has no name in its files while other requests have one: it is in no class, and that is said.
pub fn unnamed(data: &[Measurements]) -> Option<Note> {
    let mut rates = lowest_rates(data.iter().filter(|file| is_load(file)));
    let whole = rates.remove(&None)?;
    let named: f64 = rates.values().sum();
    (named > 0.0 && whole > UNNAMED * named).then(|| {
        let text = format!(
            "{:.1} of {whole:.1} requests/s have no name of their own in the load test and are in no class: the model carries {named:.1} requests/s only; give the tool's raw results, or name these requests in the test (in k6 a threshold on each tag)",
            whole - named
        );
        Note::new("unnamed-load", "traffic", text)
    })
}

/// Turns the one class into users who wait for their answers, and the growth into the levels that were measured and one beyond.
fn users_in_a_loop(scenario: &mut Scenario, found: &closed::Loop) {
    if let Some(traffic) = scenario.traffic.first_mut() {
        traffic.arrivals = Arrivals::Closed {
            users: Quantity::bare(found.users.round()),
            think_time_s: Quantity::bare(three_digits(found.think_s)),
        };
    }
    let top = found.most / found.users.round();
    let mut multiples: Vec<f64> = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0].into();
    multiples.retain(|m| *m < 2.0 * top);
    multiples.push(three_digits(2.0 * top));
    scenario.growth = Some(Growth { multiples, per_month: None });
}

fn build(rates: BTreeMap<String, f64>, given: Option<&Map>) -> Scenario {
    let mut by_rate: Vec<(String, f64)> = rates.into_iter().collect();
    by_rate.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut map = given.cloned().unwrap_or_default();
    let mut traffic: Vec<Traffic> = Vec::new();
    for (index, (endpoint, rate)) in by_rate.into_iter().enumerate() {
        let id = map.endpoints.get(&endpoint).cloned().unwrap_or_else(|| {
            if index < MOST_CLASSES - 1 { unused(&slug(&endpoint), &traffic) } else { "other".into() }
        });
        match traffic.iter_mut().find(|t| t.id == id) {
            Some(Traffic { arrivals: Arrivals::Open { rate: sum, .. }, .. }) => sum.value += rate,
            _ => traffic.push(Traffic {
                id: id.clone(),
                label: Some(endpoint.clone()),
                entry: SERVICE.into(),
                arrivals: Arrivals::Open { rate: Quantity::bare(three_digits(rate)), cv: None },
                priority: None,
                growth: None,
                profile: None,
                active_users: None,
            }),
        }
        map.endpoints.insert(endpoint, id);
    }
    let time =
        ServiceTime { mean_ms: Some(Quantity::bare(10.0)), cv: Some(Quantity::bare(1.0)), ..ServiceTime::default() };
    let component: Option<Component> =
        serde_json::from_value(serde_json::json!({"id": SERVICE, "kind": ComponentKind::Service})).ok();
    let component = component.map(|c| Component { service: Some(Service::All(Box::new(time))), ..c });
    Scenario {
        format: "headroom/1".into(),
        name: "Measured service".into(),
        notes: "Made from a load test alone: one service that behaves like what was measured. Draw your components to see which of them limits.".into(),
        currency: None,
        as_of: None,
        traffic,
        components: component.into_iter().collect(),
        slos: Vec::new(),
        growth: Some(Growth { multiples: vec![1.0, 2.0, 3.0, 5.0, 8.0, 10.0], per_month: None }),
        costs: Vec::new(),
        price_book: Vec::new(),
        imports: Vec::new(),
        map: Some(map),
        events: Vec::new(),
        fit: None,
        zones: Vec::new(),
    }
}

/// Gives the service the slots that latency over load speaks for; says so, or that it cannot.
pub fn slots(scenario: &mut Scenario, levels: &[SteadyLevel], notes: &mut Vec<Note>, missing: &mut Vec<Note>) {
    if matches!(scenario.traffic.first().map(|t| &t.arrivals), Some(Arrivals::Closed { .. })) {
        closed::law(scenario, levels, notes, missing);
        return;
    }
    let points: Vec<(f64, f64)> = levels.iter().filter_map(|l| Some((total_rate(l), mean_seconds(l)?))).collect();
    let place = format!("components.{SERVICE}.concurrency");
    match selection::latency(&points) {
        Ok(chosen) => {
            let best = chosen.ranked.first().map(|c| c.curve);
            // Telling the law is not enough: slots are known only where latency really grew.
            let grew = points.iter().map(|p| p.1).fold(0.0, f64::max)
                > 1.2 * points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
            if let (Some(Curve::Open { servers: Some(servers), .. }), true) = (best, grew)
                && let Some(component) = scenario.components.first_mut()
            {
                component.concurrency =
                    Some(Quantity { source: Some(scenario::v1::Source::Fitted), ..Quantity::bare(f64::from(servers)) });
                let text = format!("latency over load: {}", chosen.verdict);
                // Laws that agree on the slots leave nothing open that matters here.
                let other = chosen.ranked.get(1).map(|c| c.curve);
                match other {
                    Some(Curve::Open { servers: other, .. }) if !chosen.told && other != Some(servers) => {
                        let others = other.map_or_else(|| "no limit at all".into(), |other| format!("{other}"));
                        let text =
                            format!("{text}. {servers} slots are taken, it may be {others}: measure higher levels");
                        missing.push(Note::new("too-little-data", place, text));
                    }
                    _ => notes.push(Note::new("law", place, text)),
                }
            } else {
                let text = format!(
                    "latency does not grow with load up to {:.1} requests/s: where it ends is not in the data; measure higher levels until it does ({}){}",
                    points.iter().map(|p| p.0).fold(0.0, f64::max),
                    chosen.verdict,
                    at_least(levels)
                );
                missing.push(Note::new("no-limit-seen", place, text));
            }
        }
        Err(why) => {
            let text = format!("the number of slots cannot be told: {why}{}", at_least(levels));
            missing.push(Note::new("no-limit-seen", place, text));
        }
    }
}

/// What the levels do say of a limit: where it may lie at the earliest.
fn at_least(levels: &[SteadyLevel]) -> String {
    let Some(found) = fewest(&seen(levels, mean_seconds)) else { return String::new() };
    let slots = if found.slots == 1 { "1 slot".to_owned() } else { format!("{} slots", found.slots) };
    format!(". As few as {slots} would look the same at these levels and be full at {:.0}/s", found.full_at)
}

fn mean_seconds(level: &SteadyLevel) -> Option<f64> {
    let requests: f64 = level.classes.values().map(|c| c.requests).sum();
    let total: Option<f64> = level.classes.values().map(|c| Some(c.latency_ms.get("mean")? * c.requests)).sum();
    Some(total? / requests / 1000.0).filter(|m| m.is_finite() && *m > 0.0)
}

/// An id from an endpoint's name: `GET /items/:id` is `get-items-id`.
fn slug(name: &str) -> String {
    let mut id = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            id.push(character.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "requests".into() } else { id.chars().take(40).collect() }
}

fn unused(id: &str, traffic: &[Traffic]) -> String {
    let mut free = id.to_owned();
    let mut number = 2;
    while traffic.iter().any(|t| t.id == free) {
        free = format!("{id}-{number}");
        number += 1;
    }
    free
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// What is missing before anything can be projected. A bill says what is paid and not what grows with traffic.
fn nothing_to_draw(data: &[Measurements]) -> Problem {
    let only_bills = data.iter().all(|file| !file.costs.is_empty());
    if only_bills && !data.is_empty() {
        let remedy = "add an access log, a load test's results, traces or manifests beside it; or open a ready scenario near to your system \
                      and give it the bill: its lines become the prices";
        return Problem::new("data", "a bill alone does not say what carries how much traffic", remedy);
    }
    if !data.is_empty() && data.iter().all(|file| !is_load(file)) {
        let remedy = "add a load test's results, an access log or traces of the system that uses the server";
        let text = "a server's benchmark tells the most that it gave to each command alone, one after another: no load of a system";
        return Problem::new("data", text, remedy);
    }
    let remedy = "give a load test's results, an access log, traces, or a scenario to calibrate with the metrics";
    Problem::new("data", "no file holds requests with their rate", remedy)
}
