//! What is at its end although no objective breaks and nothing is overloaded: what refuses, and what users in a loop fill, never is.

use crate::result::{Point, ResultDoc};
use scenario::Scenario;
use scenario::v1::Arrivals;

/// Load from which on a part is called full that users in a loop fill: they never overload it.
const FULL: f64 = 0.99;
/// The same of a part that refuses what comes beyond it: before, it only is near its end.
const REFUSING: f64 = 1.0 - 1e-9;
/// Share of a class's requests that fail, from which on it is said where no objective asks.
const MANY: f64 = 0.05;

/// What is at its end in silence.
#[derive(Debug, Clone, PartialEq)]
pub enum Silent {
    /// A part that is full.
    Full {
        /// Component.
        component: String,
        /// Its resource.
        resource: String,
        /// The first multiple at which it is.
        multiple: f64,
        /// Whether what comes beyond it is refused; else users in a loop wait for each other.
        refuses: bool,
    },
    /// A class of which many requests fail, on whose errors there is no objective.
    Failing {
        /// Class.
        class: String,
        /// Share of its requests that fail, 0 to 1.
        share: f64,
        /// The first multiple at which they do.
        multiple: f64,
    },
}

/// The first of it along the multiples of a result; a full part before a failing class, as its cause.
#[must_use]
pub fn silent(doc: &ResultDoc, scenario: &Scenario) -> Option<Silent> {
    doc.points.iter().find_map(|point| full(point, scenario)).or_else(|| failing(doc, scenario))
}

/// The part that is full at a point: open traffic can only fill what refuses, and so can a quota.
fn full(point: &Point, scenario: &Scenario) -> Option<Silent> {
    let loops = scenario.traffic.iter().any(|class| matches!(class.arrivals, Arrivals::Closed { .. }));
    let part = point.bottleneck.as_ref()?;
    let turned_away =
        point.components.get(&part.component).and_then(|at| at.refused_rps).is_some_and(|rate| rate > 0.0);
    let refuses = !loops || turned_away || matches!(part.resource.as_str(), "quota" | "units");
    let end = if refuses { REFUSING } else { FULL };
    (part.utilization >= end).then(|| Silent::Full {
        component: part.component.clone(),
        resource: part.resource.clone(),
        multiple: point.multiple,
        refuses,
    })
}

fn failing(doc: &ResultDoc, scenario: &Scenario) -> Option<Silent> {
    let asked =
        |id: &str| scenario.slos.iter().any(|slo| slo.max_error_ratio.is_some() && slo.traffic.as_deref() == Some(id));
    doc.points.iter().find_map(|point| {
        let mut classes = point.classes.iter();
        let (id, class) = classes.find(|(id, class)| class.error_ratio >= MANY && !asked(id))?;
        Some(Silent::Failing { class: id.clone(), share: class.error_ratio, multiple: point.multiple })
    })
}
