//! A result document by columns, with bands of a coarse grid carried over to a dense one.

use crate::protocol::{
    BoundColumns, ClassColumns, Column, ComponentColumns, CostColumns, HeadroomView, MeasuredView, NextView,
    ObjectiveColumns, Projection, SilentView, UNBOUNDED, WarningView,
};
use scenario::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use study::order;
use study::result::{Band, BoundsPoint, ClassPoint, ComponentPoint, Point, ResultDoc};
use study::silent::Silent;

// The page, built without study, has the share from the protocol.
const _: () = assert!(UNBOUNDED.to_bits() == study::project::UNBOUNDED.to_bits());

/// Everything the page shows of a projection.
pub(super) fn projection(scenario: &Scenario, dense: &ResultDoc, bands: Option<&ResultDoc>) -> Projection {
    let coarse = bands.unwrap_or(dense);
    let headroom = coarse.headroom.as_ref().map(|headroom| HeadroomView {
        multiple: headroom.multiple,
        at_least: headroom.at_least,
        at_most: headroom.at_most,
        no_limit: headroom.no_limit,
        no_load: headroom.no_load,
        band: headroom.band.map(ends),
        breaks_in: headroom.breaks_in,
        component: headroom.component.clone(),
        resource: headroom.resource.clone(),
        objective: headroom.objective,
        why: headroom.why.clone(),
        date: headroom.date.clone(),
        silent: headroom.multiple.map_or_else(|| silent(dense, scenario), |_| None),
        collapses: collapses(dense) || collapses(coarse),
        unsettled: unsettled(dense),
        fails_below: fails_below(dense),
    });
    let next = dense.next.iter().map(|next| NextView {
        after_fixing: next.after_fixing.clone(),
        multiple: next.multiple,
        component: next.component.clone(),
        resource: next.resource.clone(),
        objective: next.objective,
    });
    let mut seen = BTreeSet::new();
    // What is said at many multiples is said at the first of them, but of each class.
    let said = |text: &str| text.split('×').next().unwrap_or_default().to_owned();
    let warnings = coarse
        .warnings
        .iter()
        .filter(|warning| seen.insert((warning.code.clone(), warning.path.clone(), said(&warning.text))));
    let warnings = warnings.map(|warning| WarningView {
        code: warning.code.clone(),
        path: warning.path.clone(),
        text: warning.text.clone(),
    });
    Projection {
        multiples: dense.points.iter().map(|point| point.multiple).collect(),
        feasible: dense.points.iter().map(|point| point.feasible).collect(),
        classes: scenario.traffic.iter().map(|class| class_columns(&class.id, dense, bands)).collect(),
        components: scenario.components.iter().map(|component| component_columns(&component.id, dense)).collect(),
        cost: cost_columns(dense, bands),
        objectives: (0..scenario.slos.len()).map(|index| objective_columns(index, dense, bands)).collect(),
        bottleneck: dense.points.iter().map(bottleneck).collect(),
        headroom,
        next: next.collect(),
        measured: measured(scenario),
        warnings: warnings.collect(),
        banded: false,
    }
}

/// Whether retries can hold it in collapse after a disturbance.
pub(super) fn collapses(doc: &ResultDoc) -> bool {
    doc.warnings.iter().any(|warning| warning.code == "metastable")
}

/// Multiples below today's load at which something breaks although today's holds.
pub(super) fn fails_below(doc: &ResultDoc) -> Vec<f64> {
    let today_fails =
        doc.headroom.as_ref().and_then(|headroom| headroom.multiple).is_some_and(|multiple| multiple < 1.0);
    if today_fails { Vec::new() } else { study::headline::fails_below(doc) }
}

/// Multiples at which the solver did not settle.
pub(super) fn unsettled(doc: &ResultDoc) -> Vec<f64> {
    doc.points.iter().filter(|point| point.unsettled).map(|point| point.multiple).collect()
}

/// What is at its end although nothing breaks.
pub(super) fn silent(doc: &ResultDoc, scenario: &Scenario) -> Option<SilentView> {
    study::silent::silent(doc, scenario).map(|silent| match silent {
        Silent::Full { component, resource, multiple, refuses } => {
            SilentView::Full { component, resource, multiple, refuses }
        }
        Silent::Failing { class, share, multiple } => SilentView::Failing { class, share, multiple },
    })
}

fn ends(band: Band) -> (f64, f64) {
    (band[0], band[1])
}

fn bottleneck(point: &Point) -> Option<(String, String, f64)> {
    point.bottleneck.as_ref().map(|part| (part.component.clone(), part.resource.clone(), part.utilization))
}

fn class_columns(id: &str, dense: &ResultDoc, bands: Option<&ResultDoc>) -> ClassColumns {
    let points: Vec<Option<&ClassPoint>> = dense.points.iter().map(|point| point.classes.get(id)).collect();
    let column = |read: &dyn Fn(&ClassPoint) -> f64| points.iter().map(|point| point.map(read)).collect();
    let latencies = points.iter().flatten().filter_map(|point| point.latency_ms.as_ref());
    let names = order::set(latencies.flat_map(BTreeMap::keys));
    let mut columns = ClassColumns {
        id: id.to_owned(),
        offered_rps: column(&|point| point.offered_rps),
        throughput_rps: column(&|point| point.throughput_rps),
        goodput_rps: column(&|point| point.goodput_rps),
        error_ratio: column(&|point| point.error_ratio),
        bounds: bound_columns(&points),
        waterfall: points.iter().map(|point| point.map(hops).unwrap_or_default()).collect(),
        ..ClassColumns::default()
    };
    let overloaded = overloaded_draws(id, dense, bands);
    for name in names {
        let line: Vec<Option<f64>> =
            points.iter().map(|point| point.and_then(|point| point.latency_ms.as_ref()?.get(name).copied())).collect();
        let band = |point: &Point| {
            let class = point.classes.get(id)?;
            let value = *class.latency_ms.as_ref()?.get(name).filter(|value| **value > 0.0)?;
            let (low, high) = match class.bands.get(name) {
                Some([low, high]) => (*low, Some(*high)),
                None => (*class.open_bands.get(name)?, None),
            };
            Some(Drawn { multiple: point.multiple, value, low, high })
        };
        let known: Vec<Drawn> = bands.iter().flat_map(|doc| &doc.points).filter_map(band).collect();
        if !known.is_empty() {
            let carried = dense.points.iter().zip(&line).enumerate().map(|(index, (point, value))| {
                let share = overloaded.get(index).copied().flatten().unwrap_or(0.0);
                reaching(&known, point.multiple, (*value)?, share)
            });
            columns.bands.insert(name.clone(), carried.collect());
        }
        columns.latency_ms.insert(name.clone(), line);
    }
    if overloaded.iter().flatten().any(|share| *share > 0.0) {
        columns.overloaded_draws = overloaded;
    }
    columns
}

/// Share of the draws that overload a class at each multiple, linear between those drawn.
fn overloaded_draws(id: &str, dense: &ResultDoc, bands: Option<&ResultDoc>) -> Column {
    let share = |point: &Point| {
        let share = point.classes.get(id)?.overloaded_draws.unwrap_or(0.0);
        Some((point.multiple, share, share))
    };
    let known: Vec<(f64, f64, f64)> = bands.iter().flat_map(|doc| &doc.points).filter_map(share).collect();
    dense.points.iter().map(|point| between(&known, point.multiple).map(|(share, _)| share)).collect()
}

/// A latency where draws were made: its line, and the ends of its band.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    multiple: f64,
    value: f64,
    low: f64,
    high: Option<f64>,
}

/// Ends of a latency's band at a multiple where the line has this value: between two multiples that were drawn those of both,
/// relative to the line. Where so many draws are overloaded that it has no upper end, it has none here either.
///
/// Where the next multiple has no figure at all, nothing says how the band goes on along the line, which rises without end there.
/// That a draw which has gone through the last one gets no faster under more load does say something: the lower end stays where
/// it was last known, or goes below it with the line, and there is no upper one.
fn reaching(known: &[Drawn], multiple: f64, value: f64, overloaded: f64) -> Option<(f64, Option<f64>)> {
    let after = known.partition_point(|drawn| drawn.multiple < multiple - 1e-9);
    if let Some(exact) = known.get(after).filter(|next| (next.multiple - multiple).abs() < 1e-9) {
        return Some((exact.low, exact.high));
    }
    let last = known.get(after.checked_sub(1)?)?;
    let relative = |drawn: &Drawn, end: f64| end / drawn.value;
    let Some(next) = known.get(after) else {
        // Beyond the last multiple that was drawn nothing is known; before it, draws that are overloaded say why it ends.
        return (overloaded > 0.0).then(|| (last.low.min(value * relative(last, last.low)), None));
    };
    let share = (multiple - last.multiple) / (next.multiple - last.multiple);
    let mixed = |a: f64, b: f64| a + share * (b - a);
    let open = overloaded > UNBOUNDED;
    let high = match (last.high.map(|high| relative(last, high)), next.high.map(|high| relative(next, high))) {
        (Some(high), Some(next)) => Some(mixed(high, next)),
        (high, next) => high.or(next).filter(|_| !open),
    };
    let low = mixed(relative(last, last.low), relative(next, next.low));
    Some((value * low, high.map(|high| value * high)))
}

/// Bounds by columns; nothing where no multiple has one.
fn bound_columns(points: &[Option<&ClassPoint>]) -> BoundColumns {
    let column = |read: &dyn Fn(&BoundsPoint) -> Option<f64>| {
        let found: Column = points.iter().map(|point| point.and_then(|point| read(point.bounds.as_ref()?))).collect();
        if found.iter().all(Option::is_none) { Column::new() } else { found }
    };
    BoundColumns {
        throughput_low_rps: column(&|bounds| bounds.throughput_low_rps),
        throughput_high_rps: column(&|bounds| bounds.throughput_high_rps),
        latency_low_ms: column(&|bounds| Some(bounds.latency_low_ms)),
        latency_high_ms: column(&|bounds| bounds.latency_high_ms),
    }
}

/// Relative ends at a multiple, linear between the known ones; none outside of them.
fn between(known: &[(f64, f64, f64)], multiple: f64) -> Option<(f64, f64)> {
    let after = known.partition_point(|(at, _, _)| *at < multiple - 1e-9);
    let right = known.get(after)?;
    if (right.0 - multiple).abs() < 1e-9 {
        return Some((right.1, right.2));
    }
    let left = known.get(after.checked_sub(1)?)?;
    let share = (multiple - left.0) / (right.0 - left.0);
    Some((left.1 + share * (right.1 - left.1), left.2 + share * (right.2 - left.2)))
}

fn hops(point: &ClassPoint) -> Vec<(String, String, f64)> {
    point.waterfall.iter().map(|hop| (hop.component.clone(), hop.what.clone(), hop.ms)).collect()
}

fn component_columns(id: &str, dense: &ResultDoc) -> ComponentColumns {
    let points: Vec<Option<&ComponentPoint>> = dense.points.iter().map(|point| point.components.get(id)).collect();
    let column =
        |read: &dyn Fn(&ComponentPoint) -> Option<f64>| points.iter().map(|point| point.and_then(read)).collect();
    let pools = order::set(points.iter().flatten().flat_map(|point| point.pools.keys()));
    let pool = |name: &String| {
        let utilization = column(&|point| point.pools.get(name)?.utilization);
        (name.clone(), (utilization, column(&|point| point.pools.get(name)?.wait_ms)))
    };
    ComponentColumns {
        id: id.to_owned(),
        visits_rps: column(&|point| Some(point.visits_rps)),
        utilization: column(&|point| point.utilization),
        slot_utilization: column(&|point| point.slot_utilization),
        replicas: column(&|point| Some(f64::from(point.replicas))),
        wait_ms: column(&|point| point.wait_ms),
        residence_ms: column(&|point| point.residence_ms),
        hold_ms: column(&|point| point.hold_ms),
        hit_ratio: column(&|point| point.hit_ratio),
        backlog: column(&|point| point.backlog),
        growth_per_s: column(&|point| point.growth_per_s),
        monthly_cost: column(&|point| point.monthly_cost),
        pools: order::map(pools.into_iter().map(pool)),
    }
}

fn cost_columns(dense: &ResultDoc, bands: Option<&ResultDoc>) -> CostColumns {
    let costs = || dense.points.iter().map(|point| &point.cost);
    let known: Vec<(f64, f64, f64)> = bands
        .iter()
        .flat_map(|doc| &doc.points)
        .filter(|point| point.cost.monthly > 0.0)
        .filter_map(|point| {
            point.cost.band.map(|[low, high]| (point.multiple, low / point.cost.monthly, high / point.cost.monthly))
        })
        .collect();
    let band = |point: &Point| {
        between(&known, point.multiple).map(|(low, high)| (low * point.cost.monthly, high * point.cost.monthly))
    };
    let plans: Vec<(f64, f64, f64)> = bands
        .iter()
        .flat_map(|doc| &doc.points)
        .filter_map(|point| point.cost.planned_monthly.map(|monthly| (point.multiple, monthly, monthly)))
        .collect();
    // What holds as it stands needs no plan.
    let planned = |point: &Point| match point.cost.planned_monthly {
        Some(monthly) => Some(monthly),
        None => between(&plans, point.multiple).map(|(monthly, _)| monthly.max(point.cost.monthly)),
    };
    CostColumns {
        monthly: costs().map(|cost| Some(cost.monthly)).collect(),
        fixed: costs().map(|cost| Some(cost.fixed)).collect(),
        stepped: costs().map(|cost| Some(cost.stepped)).collect(),
        usage: costs().map(|cost| Some(cost.usage)).collect(),
        per_million_requests: costs().map(|cost| cost.per_million_requests).collect(),
        band: dense.points.iter().map(band).collect(),
        planned_monthly: dense.points.iter().map(planned).collect(),
    }
}

fn objective_columns(index: usize, dense: &ResultDoc, bands: Option<&ResultDoc>) -> ObjectiveColumns {
    let of = |point: &Point| point.slos.iter().find(|slo| slo.index == index).cloned();
    let met: Vec<bool> = dense.points.iter().map(|point| of(point).is_none_or(|slo| slo.met)).collect();
    let known: Vec<(f64, f64, f64)> = bands
        .iter()
        .flat_map(|doc| &doc.points)
        .filter_map(|point| of(point)?.probability.map(|share| (point.multiple, share, share)))
        .collect();
    let first = met.iter().position(|met| !met);
    // The headroom is found by bisection, far finer than the grid.
    let exact = dense
        .headroom
        .as_ref()
        .filter(|headroom| headroom.objective == Some(index))
        .and_then(|headroom| headroom.multiple);
    let margins: Vec<(f64, Option<f64>)> =
        dense.points.iter().map(|point| (point.multiple, of(point).and_then(|slo| slo.margin))).collect();
    let grid = first.and_then(|first| crossing(&margins, first));
    ObjectiveColumns {
        margin: margins.into_iter().map(|(_, margin)| margin).collect(),
        probability: dense.points.iter().map(|point| between(&known, point.multiple).map(|(share, _)| share)).collect(),
        breaks_at: exact.or(grid),
        met,
    }
}

/// Where a margin reaches zero on the way to the first point that misses; that point itself where a margin is unbounded.
fn crossing(margins: &[(f64, Option<f64>)], first: usize) -> Option<f64> {
    let &(missed_at, missed) = margins.get(first)?;
    let between = || {
        let (held_at, held) = margins.get(first.checked_sub(1)?).copied()?;
        let (held, missed) = (held?, missed?);
        (held >= 0.0 && missed < 0.0).then(|| held_at + (missed_at - held_at) * held / (held - missed))
    };
    Some(between().unwrap_or(missed_at))
}

fn measured(scenario: &Scenario) -> Vec<MeasuredView> {
    let of_import = |import: &scenario::v1::ImportRecord| {
        let from = import.file.clone().unwrap_or_else(|| import.id.clone());
        import
            .points
            .iter()
            .map(move |point| MeasuredView {
                class: point.traffic.clone(),
                multiple: point.multiple,
                rps: point.rps,
                latency_ms: point.latency_ms.clone(),
                from: from.clone(),
            })
            .collect::<Vec<_>>()
    };
    scenario.imports.iter().flat_map(of_import).collect()
}

#[cfg(test)]
mod tests {
    use super::{Drawn, between, bound_columns, crossing, reaching};
    use study::result::{BoundsPoint, ClassPoint};

    #[test]
    fn bounds_are_columns_where_there_are_any() {
        let bounds = BoundsPoint { throughput_high_rps: Some(24.0), latency_low_ms: 9.0, ..BoundsPoint::default() };
        let known = ClassPoint { bounds: Some(bounds), ..ClassPoint::default() };
        let unknown = ClassPoint::default();
        let found = bound_columns(&[Some(&known), Some(&unknown), None]);
        assert_eq!(found.throughput_high_rps, [Some(24.0), None, None]);
        assert_eq!(found.latency_low_ms, [Some(9.0), None, None]);
        assert!(found.throughput_low_rps.is_empty() && found.latency_high_ms.is_empty());
    }

    #[test]
    fn bands_are_carried_between_known_points_only() {
        let known = [(1.0, 0.9, 1.1), (2.0, 0.8, 1.4)];
        for (multiple, wanted) in
            [(1.0, Some((0.9, 1.1))), (1.5, Some((0.85, 1.25))), (2.0, Some((0.8, 1.4))), (2.5, None), (0.5, None)]
        {
            let got = between(&known, multiple);
            let close = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 1e-9 && (b - d).abs() < 1e-9;
            assert!(
                got.zip(wanted).is_none_or(|(got, wanted)| close(got, wanted)) && got.is_some() == wanted.is_some()
            );
        }
    }

    #[test]
    fn a_band_that_has_no_upper_end_goes_on_without_it() {
        // Line and ends at ×1, ×2 and ×3; at ×3 too many draws are overloaded, and from ×4 on there is no figure.
        let drawn = |multiple, value, low, high| Drawn { multiple, value, low, high };
        let known =
            [drawn(1.0, 10.0, 9.0, Some(11.0)), drawn(2.0, 20.0, 16.0, Some(30.0)), drawn(3.0, 100.0, 60.0, None)];
        // Multiple, the line there, share of overloaded draws, ends.
        let rows = [
            (1.5, 14.0, 0.0, Some((11.9, Some(18.2)))),
            (2.0, 20.0, 0.01, Some((16.0, Some(30.0)))),
            (2.5, 40.0, 0.04, Some((28.0, Some(60.0)))),
            (2.5, 40.0, 0.2, Some((28.0, None))),
            (3.0, 100.0, 0.4, Some((60.0, None))),
            // The line rises: the lower end is not known to. It has fallen: the end may have too.
            (3.5, 900.0, 0.7, Some((60.0, None))),
            (3.5, 900.0, 0.01, Some((60.0, None))),
            (3.5, 50.0, 0.7, Some((30.0, None))),
            (3.5, 900.0, 0.0, None),
            (0.5, 10.0, 0.0, None),
        ];
        for (multiple, value, overloaded, wanted) in rows {
            let got = reaching(&known, multiple, value, overloaded);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            let same = match (got, wanted) {
                (Some((low, high)), Some((l, h))) => {
                    near(low, l) && high.is_some() == h.is_some() && high.zip(h).is_none_or(|(a, b)| near(a, b))
                }
                (None, None) => true,
                _ => false,
            };
            assert!(same, "{multiple} {overloaded}: {got:?}");
        }
    }

    #[test]
    fn an_objective_breaks_where_its_margin_is_used_up() {
        type Row = (&'static [(f64, Option<f64>)], usize, Option<f64>);
        let rows: [Row; 5] = [
            (&[(9.1, Some(0.04)), (9.2, Some(-0.06))], 1, Some(9.14)),
            (&[(9.1, Some(0.04)), (9.2, None)], 1, Some(9.2)),
            (&[(1.0, Some(-0.5))], 0, Some(1.0)),
            (&[(1.0, Some(0.0)), (2.0, Some(-1.0))], 1, Some(1.0)),
            (&[], 0, None),
        ];
        for (margins, first, wanted) in rows {
            let got = crossing(margins, first);
            assert!(got.zip(wanted).is_none_or(|(got, wanted)| (got - wanted).abs() < 1e-9), "{margins:?}: {got:?}");
            assert_eq!(got.is_some(), wanted.is_some());
        }
    }
}
