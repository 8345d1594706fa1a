//! Traffic classes: where they enter, and their load over time.

use super::names::Names;
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{Arrivals, Profile, ProfileShape, Quantity, Traffic};

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    let list = root.key("traffic");
    for (i, class) in names.scenario.traffic.iter().enumerate() {
        let path = list.index(i);
        names.want_component(&class.entry, &path.key("entry"), findings);
        if let Some(profile) = &class.profile {
            check_profile(profile, &path.key("profile"), findings);
        }
        endless(class, &path, findings);
    }
}

fn check_profile(profile: &Profile, path: &Path, findings: &mut Findings) {
    match profile {
        Profile::Factors(factors) if !matches!(factors.len(), 24 | 168) => {
            let text = format!("{} factors are no day and no week", factors.len());
            findings.problem(path, text, "give 24 or 168 hourly factors of the peak");
        }
        Profile::Factors(factors) => peak(factors.iter().copied(), path, findings),
        Profile::Shape(ProfileShape::Recorded(points)) => {
            let path = path.key("recorded");
            if points.is_empty() {
                findings.problem(&path, "the series is empty", "give [seconds, factor of the peak], ascending in time");
                return;
            }
            for (i, pair) in points.windows(2).enumerate().filter(|(_, pair)| pair[1].0 <= pair[0].0) {
                let text = format!("{} s does not come after {} s", pair[1].0, pair[0].0);
                findings.problem(&path.index(i + 1), text, "give the points in the order of their times");
            }
            peak(points.iter().map(|point| point.1), &path, findings);
        }
        Profile::Shape(ProfileShape::Spike { .. }) => {}
    }
}

/// The rate of a class is its peak, so the largest factor is 1.
fn peak(factors: impl Iterator<Item = f64>, path: &Path, findings: &mut Findings) {
    let largest = factors.fold(0.0, f64::max);
    if largest == 0.0 {
        findings.problem(path, "every factor is 0: there is no load at all", "give factors of the peak, the largest 1");
    } else if largest != 1.0 {
        let text = format!("the largest factor is {largest}, but the rate is the peak");
        findings.note(path, text, "divide all factors by the largest, and give the peak as the rate");
    }
}

/// Users without think time are possible; users with neither think time nor any own time on their way are not, but that
/// shows only when the system is solved.
fn endless(class: &Traffic, path: &Path, findings: &mut Findings) {
    let zero = |quantity: &Quantity| quantity.value == 0.0;
    let (path, idle) = match &class.arrivals {
        Arrivals::Open { rate, .. } => (path.key("arrivals"), zero(rate)),
        Arrivals::Closed { users, .. } => (path.key("arrivals"), zero(users)),
    };
    if idle {
        findings.note(&path, "this class brings no load", "give a rate or users above 0");
    }
}
