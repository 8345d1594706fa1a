//! What can be read off the series without a model: demands by the utilization law, hit ratios, hold times, sizes.

use super::finding::{Finding, Target};
use super::levels::SteadyLevel;
use super::observe::{Observations, Samples, blocks};
use super::report::Note;
use engine::fit::demand::{self, Block};
use engine::fit::{Estimate, distribution};
use engine::model::Distribution;
use scenario::Scenario;
use scenario::v1::{Component, ComponentKind, Quantity};

/// Probability below which levels are said to contradict each other.
const CONTRADICTION: f64 = 0.001;
/// Probability above which samples outside the steady levels are taken as saying the same: leaving out what says the same costs as
/// much as taking in what does not.
const AGREEMENT: f64 = 0.02;

/// Reads off everything that stands in the data; contradictions go to the notes.
pub fn findings(
    scenario: &Scenario,
    observations: &Observations,
    levels: &[SteadyLevel],
    contradictions: &mut Vec<Note>,
) -> Vec<Finding> {
    let mut reader = Reader { scenario, observations, levels, found: Vec::new(), contradictions };
    for component in &scenario.components {
        reader.service(component);
        reader.hits(component);
        reader.pools(component);
        reader.failures(component);
        reader.checks(component);
    }
    reader.found
}

struct Reader<'a> {
    scenario: &'a Scenario,
    observations: &'a Observations,
    levels: &'a [SteadyLevel],
    found: Vec<Finding>,
    contradictions: &'a mut Vec<Note>,
}

impl Reader<'_> {
    /// Mean and shape of a component's own time.
    fn service(&mut self, component: &Component) {
        let id = component.id.as_str();
        // What a component with synchronous calls shows as its time holds the calls too.
        let leaf = component.calls.is_empty() && !matches!(component.kind, ComponentKind::Queue);
        let mut classes: Vec<Option<&str>> = Vec::new();
        for is in ["busy_servers", "utilization", "cpu_cores", "mean_ms", "p95_ms", "p50_ms"] {
            classes.extend(self.observations.classes_of(id, is));
        }
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            let shape = if leaf { self.shape(id, class) } else { None };
            let scv = shape.as_ref().map(|s| s.0.scv());
            let mean = self
                .by_busy_time(component, class, scv)
                .or_else(|| if leaf { self.by_mean(id, class, scv) } else { None })
                .or_else(|| if leaf { self.by_histogram(id, class, &shape) } else { None });
            let Some(mut mean) = mean else { continue };
            let owner = (id.to_owned(), class.map(str::to_owned));
            if let Some((distribution, family, count, import)) = shape {
                let cv = distribution.scv().sqrt();
                // Delta method with the kurtosis of a gamma of this scv: wide enough for the other families' tails.
                let standard_error = cv * ((0.5 + cv * cv) / count).sqrt();
                self.found.push(Finding {
                    target: Target::ServiceVariation(owner.0.clone(), owner.1.clone()),
                    estimate: Estimate { value: cv, standard_error, degrees_of_freedom: count },
                    shape: Some(distribution.clone()),
                    counted: 0.0,
                    measured: false,
                    from: vec![import],
                    how: format!("shape of {count:.0} times: {family}"),
                });
                mean.shape = Some(distribution);
            }
            self.found.push(Finding { target: Target::ServiceMean(owner.0, owner.1), ..mean });
        }
    }

    /// Utilization law: busy time over visits.
    fn by_busy_time(&mut self, component: &Component, class: Option<&str>, scv: Option<f64>) -> Option<Finding> {
        let id = component.id.as_str();
        let visits = self.observations.samples(id, class, None, "visits_rps")?;
        let busy = self.observations.samples(id, class, None, "busy_servers");
        let utilization = self.observations.samples(id, class, None, "utilization");
        let cpu = component.cpu_cores.as_ref().and_then(|_| self.observations.samples(id, class, None, "cpu_cores"));
        let servers = servers(component);
        let (amount, factor, how) = match (busy, utilization, cpu) {
            (Some(busy), _, _) => (busy, 1.0, "busy time over visits"),
            (None, Some(utilization), _) => (utilization, servers?, "utilization times servers over visits"),
            (None, None, Some(cpu)) => (cpu, 1.0, "CPU time over visits"),
            _ => return None,
        };
        let (inside, outside) = blocks(amount, visits, self.levels, |b, v| (1000.0 * factor * b, v));
        let place = class.map_or_else(|| id.to_owned(), |c| format!("{id} ({c})"));
        let (estimate, note, counted) = steady_and_rest(&inside, &outside, scv, true)?;
        self.law(&place, &inside, scv);
        let mut from = amount.imports.clone();
        from.extend(visits.imports.iter().cloned());
        from.dedup();
        Some(finding(estimate, counted, from, format!("{how}{note}")))
    }

    /// Levels whose demands differ by more than chance contradict the utilization law.
    fn law(&mut self, place: &str, levels: &[Vec<Block>], scv: Option<f64>) {
        let estimates: Vec<Estimate> = levels.iter().filter_map(|b| demand::ratio(b, scv.or(Some(1.0))).ok()).collect();
        if demand::homogeneity(&estimates).is_some_and(|p| p < CONTRADICTION) {
            let values: Vec<String> = estimates.iter().map(|e| format!("{:.2} ms", e.value)).collect();
            let text = format!(
                "its time per visit differs between levels by more than chance ({}): the work per visit changes with load, or rate and busy time are not of the same thing",
                values.join(", ")
            );
            self.contradictions.push(Note::new("utilization-law", place, text));
        }
    }

    /// A mean that the metrics state, weighed by visits where they are known.
    fn by_mean(&mut self, id: &str, class: Option<&str>, scv: Option<f64>) -> Option<Finding> {
        let mean = self.observations.samples(id, class, None, "mean_ms")?;
        let visits = self.observations.samples(id, class, None, "visits_rps");
        let (inside, outside) = match visits {
            Some(visits) => blocks(mean, visits, self.levels, |m, v| (m * v, v)),
            None => {
                let rates = self.visit_rates(id, class, mean);
                blocks(mean, &rates, self.levels, |m, v| (m * v, v))
            }
        };
        let (estimate, note, counted) = steady_and_rest(&inside, &outside, scv, visits.is_some())?;
        Some(finding(estimate, counted, mean.imports.clone(), format!("mean of the metrics{note}")))
    }

    /// Visit rates of a component without its own series: those of the classes that reach it, at each level.
    fn visit_rates(&self, id: &str, class: Option<&str>, like: &Samples) -> Samples {
        let classes = super::structure::visits_per_request(self.scenario, id);
        let rate_at = |t: f64| {
            let level = self.levels.iter().find(|l| t >= l.from && t <= l.to);
            level.map_or(0.0, |level| {
                let of = |(c, per): &(String, f64)| level.classes.get(c).map_or(0.0, |f| f.rate * per);
                classes.iter().filter(|(c, _)| class.is_none_or(|only| only == c)).map(of).sum()
            })
        };
        let points = like.points.iter().map(|&(t, _)| (t, rate_at(t)));
        Samples { points: points.collect(), ..Samples::default() }
    }

    fn by_histogram(
        &mut self,
        id: &str,
        class: Option<&str>,
        shape: &Option<(Distribution, &'static str, f64, String)>,
    ) -> Option<Finding> {
        let (distribution, _, count, import) = shape.as_ref()?;
        let value = 1000.0 * distribution.mean();
        let standard_error = value * (distribution.scv() / count).sqrt();
        let _ = (id, class);
        Some(finding(
            Estimate { value, standard_error, degrees_of_freedom: *count },
            *count,
            vec![import.clone()],
            "histogram of the whole run".into(),
        ))
    }

    /// Shape of a leaf's times: from its histogram, else from percentile series. With the count behind it.
    fn shape(&self, id: &str, class: Option<&str>) -> Option<(Distribution, &'static str, f64, String)> {
        if let Some(histogram) = self.observations.histogram(id, class, None, "mean_ms") {
            let count = histogram.cumulative.last()?.1;
            let shape = distribution::from_histogram(&histogram.cumulative, histogram.mean()).ok()?;
            return Some((shape.distribution, shape.family, count, histogram.import.clone()));
        }
        let mut percentiles = Vec::new();
        let mut import = String::new();
        for (is, p) in [("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)] {
            if let Some(samples) = self.observations.samples(id, class, None, is)
                && let Some(value) = samples.mean(self.levels)
            {
                percentiles.push((p, value / 1000.0));
                import = samples.imports.first().cloned().unwrap_or_default();
            }
        }
        let mean = self.observations.samples(id, class, None, "mean_ms").and_then(|m| m.mean(self.levels));
        let shape = distribution::from_percentiles(&percentiles, mean.map(|m| m / 1000.0)).ok()?;
        Some((shape.distribution, shape.family, 400.0, import))
    }

    /// Hit ratio of a cache or CDN.
    fn hits(&mut self, component: &Component) {
        if !matches!(component.kind, ComponentKind::Cache | ComponentKind::Cdn) {
            return;
        }
        let id = component.id.as_str();
        let mut classes: Vec<Option<&str>> = self.observations.classes_of(id, "hit_rps").collect();
        classes.extend(self.observations.classes_of(id, "hit_ratio"));
        classes.dedup();
        for class in classes {
            let get = |is| self.observations.samples(id, class, None, is);
            let found = if let Some(hits) = get("hit_rps") {
                let (inside, how) = match (get("miss_rps"), get("visits_rps")) {
                    (Some(misses), _) => {
                        (blocks(hits, misses, self.levels, |h, m| (h, h + m)).0, "hits over hits and misses")
                    }
                    (None, Some(visits)) => (blocks(hits, visits, self.levels, |h, v| (h, v)).0, "hits over visits"),
                    (None, None) => continue,
                };
                // Outside the steady levels a cache may still be filling: never used.
                let all: Vec<Block> = inside.into_iter().flatten().collect();
                demand::share(&all).ok().map(|e| finding(e, counted(&all), hits.imports.clone(), how.into()))
            } else {
                get("hit_ratio").and_then(|ratio| {
                    let rates = self.visit_rates(id, class, ratio);
                    let (inside, _) = blocks(ratio, &rates, self.levels, |r, v| (r * v, v));
                    let all: Vec<Block> = inside.into_iter().flatten().collect();
                    let how = "mean hit ratio".to_owned();
                    demand::share(&all).ok().map(|e| finding(e, counted(&all), ratio.imports.clone(), how))
                })
            };
            if let Some(found) = found {
                let target = Target::HitRatio(id.to_owned(), class.map(str::to_owned));
                self.found.push(Finding { target, ..found });
            }
        }
    }

    /// Pools: size, and what a connection is held beyond the callee's time (network, release).
    fn pools(&mut self, component: &Component) {
        for (pool, size) in &component.pools {
            let get = |is| self.observations.samples(&component.id, None, Some(pool), is);
            if let Some(measured) = get("pool_size")
                && let Some(value) = measured.mean(self.levels)
            {
                let value = value.round();
                if (value - size.value).abs() > 0.5 && size.value > 0.0 {
                    let text = format!(
                        "the scenario says {} connections, the metrics {value}; the metrics are used",
                        size.value
                    );
                    self.contradictions.push(Note::new(
                        "pool-size",
                        format!("components.{}.pools.{pool}", component.id),
                        text,
                    ));
                }
                self.found.push(Finding {
                    target: Target::PoolSize(component.id.clone(), pool.clone()),
                    ..finding(
                        Estimate { value, standard_error: 0.0, degrees_of_freedom: 1e6 },
                        0.0,
                        measured.imports.clone(),
                        "read off".into(),
                    )
                });
            }
            if let Some(held) = get("pool_busy") {
                self.pool_network(component, pool, held);
            }
        }
    }

    /// (held - busy below) / visits: the time a connection is held around the callee's own time.
    fn pool_network(&mut self, component: &Component, pool: &str, held: &Samples) {
        let callees = super::structure::pool_callees(component, pool);
        let mut busy = Samples::default();
        let mut visits = Samples::default();
        for callee in &callees {
            for class in self.observations.classes_of(callee, "busy_servers") {
                let pair = (
                    self.observations.samples(callee, class, None, "busy_servers"),
                    self.observations.samples(callee, class, None, "visits_rps"),
                );
                if let (Some(b), Some(v)) = pair {
                    busy = busy.plus(b);
                    visits = visits.plus(v);
                }
            }
        }
        if visits.points.is_empty() {
            return;
        }
        let rest = Samples {
            points: held.points.iter().filter_map(|&(t, h)| Some((t, h - busy.at(t)?))).collect(),
            ..Samples::default()
        };
        let (inside, _) = blocks(&rest, &visits, self.levels, |r, v| (1000.0 * r, v));
        let all: Vec<Block> = inside.into_iter().flatten().collect();
        let total: f64 = all.iter().map(|b| b.amount).sum();
        if total < 0.0 {
            let text = "connections are held for less time than the calls over them take: the series are not of the same thing";
            self.contradictions.push(Note::new("pool-hold", format!("{}/{pool}", component.id), text));
            return;
        }
        let positive: Vec<Block> = all.iter().map(|b| Block { amount: b.amount.max(0.0), count: b.count }).collect();
        if let Ok(estimate) = demand::ratio(&positive, None) {
            self.found.push(Finding {
                target: Target::PoolNetwork(component.id.clone(), pool.to_owned()),
                ..finding(
                    estimate,
                    counted(&all),
                    held.imports.clone(),
                    "connection held beyond the callee's time (network and release)".into(),
                )
            });
        }
    }

    fn failures(&mut self, component: &Component) {
        let id = component.id.as_str();
        let get = |is| self.observations.samples(id, None, None, is);
        if let (Some(errors), Some(visits)) = (get("errors_rps"), get("visits_rps")) {
            let all: Vec<Block> = blocks(errors, visits, self.levels, |e, v| (e, v)).0.into_iter().flatten().collect();
            if let Ok(estimate) = demand::share(&all)
                && estimate.value < 1.0
            {
                let target = Target::FailureRatio(id.to_owned());
                self.found.push(Finding {
                    target,
                    ..finding(estimate, counted(&all), errors.imports.clone(), "errors over visits".into())
                });
            }
        }
    }

    /// What contradicts the scenario as drawn.
    fn checks(&mut self, component: &Component) {
        let id = component.id.as_str();
        if let Some(replicas) = self.observations.samples(id, None, None, "replicas")
            && let Some(measured) = replicas.mean(self.levels)
        {
            let drawn = component.replicas.as_ref().map_or(1.0, |r| r.value);
            if (measured - drawn).abs() > 0.5 && component.autoscale.is_none() {
                let text =
                    format!("the scenario says {drawn} replicas, the metrics {measured:.1}; correct the scenario");
                self.contradictions.push(Note::new("replicas", format!("components.{id}.replicas"), text));
            }
        }
        if let (Some(busy), Some(servers)) =
            (self.observations.samples(id, None, None, "busy_servers"), servers(component))
        {
            let top = busy.level_means(self.levels).into_iter().flatten().fold(0.0, f64::max);
            if top > 1.02 * servers {
                let text = format!(
                    "{top:.2} servers were busy, but the scenario has only {servers}; correct its replicas or slots"
                );
                self.contradictions.push(Note::new("utilization-law", id, text));
            }
        }
    }
}

impl Samples {
    /// Sum of two series at the times of this one (or the other's, when this is empty).
    fn plus(&self, other: &Self) -> Self {
        if self.points.is_empty() {
            return other.clone();
        }
        let points = self.points.iter().map(|&(t, v)| (t, v + other.at(t).unwrap_or(0.0))).collect();
        Self { points, imports: self.imports.clone(), series: self.series }
    }
}

/// Visits in all blocks.
fn counted(blocks: &[Block]) -> f64 {
    blocks.iter().map(|block| block.count).sum()
}

fn finding(estimate: Estimate, counted: f64, mut from: Vec<String>, how: String) -> Finding {
    from.sort();
    from.dedup();
    Finding { target: Target::Address(String::new()), estimate, shape: None, counted, measured: true, from, how }
}

/// The steady levels' ratio; with what lies outside them when it says the same, for a demand does not depend on load.
fn steady_and_rest(
    inside: &[Vec<Block>],
    outside: &[Block],
    scv: Option<f64>,
    use_rest: bool,
) -> Option<(Estimate, &'static str, f64)> {
    let steady: Vec<Block> = inside.iter().flatten().copied().collect();
    let estimate = demand::ratio(&steady, scv).ok()?;
    if use_rest && let Ok(rest) = demand::ratio(outside, scv) {
        let same = demand::homogeneity(&[estimate, rest]).is_some_and(|p| p > AGREEMENT);
        let all: Vec<Block> = steady.iter().chain(outside).copied().collect();
        if same && let Ok(both) = demand::ratio(&all, scv) {
            return Some((both, ", whole run", counted(&all)));
        }
    }
    Some((estimate, ", steady levels", counted(&steady)))
}

/// Servers of a component as far as its kind has a number of them.
fn servers(component: &Component) -> Option<f64> {
    let value = |q: &Option<Quantity>| q.as_ref().map(|q| q.value);
    let replicas = value(&component.replicas).unwrap_or(1.0);
    match component.kind {
        ComponentKind::Service => {
            Some(replicas * value(&component.cpu_cores).or_else(|| value(&component.concurrency))?)
        }
        ComponentKind::Function => value(&component.concurrency_limit),
        ComponentKind::Database => {
            let nodes =
                value(&component.shards).unwrap_or(1.0) * (1.0 + value(&component.read_replicas).unwrap_or(0.0));
            Some(nodes * value(&component.cores)?)
        }
        ComponentKind::Cache => Some(value(&component.nodes).unwrap_or(1.0) * value(&component.concurrency)?),
        _ => None,
    }
}
