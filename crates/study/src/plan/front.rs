//! Money against latency: the cheapest plan at stricter and looser latency objectives.

use super::FrontPoint;
use super::change::changes;
use super::job::Field;
use engine::model::{Goal, Objective};
use engine::plan::{Effort, size};

/// Factors on the latency objectives.
const FACTORS: [f64; 8] = [0.5, 0.6, 0.7, 0.85, 1.0, 1.25, 1.6, 2.0];

/// The front at a multiple, the fastest first. Without a latency objective the 95th percentile of the first class stands for one.
pub(super) fn front(field: &mut Field, multiple: f64) -> Vec<FrontPoint> {
    let stated = field.system.objectives.iter().find_map(|objective| match objective.goal {
        Goal::Latency { class, percentile, at_most } => Some((class, percentile, at_most)),
        _ => None,
    });
    let base = size(&mut field.solver, &field.system, &field.levers, multiple, Effort::default());
    // A half-drawn system may have no class yet.
    let reached = |answer: &engine::solve::Answer, class: usize, percentile| {
        answer.classes.get(class).and_then(|class| class.percentile(percentile))
    };
    let Some((class, percentile, limit)) = stated.or_else(|| Some((0, 95.0, reached(&base.answer, 0, 95.0)?))) else {
        return Vec::new();
    };
    let mut found: Vec<FrontPoint> = Vec::new();
    for factor in FACTORS {
        let mut system = field.system.clone();
        for objective in &mut system.objectives {
            if let Goal::Latency { at_most, .. } = &mut objective.goal {
                *at_most *= factor;
            }
        }
        if stated.is_none() {
            let goal = Goal::Latency { class, percentile, at_most: limit * factor };
            system.objectives.push(Objective { index: usize::MAX, goal });
        }
        let sized = size(&mut field.solver, &system, &field.levers, multiple, Effort { boxes: 100 });
        let latency = reached(&sized.answer, class, percentile);
        if let (Some(_), Some(latency)) = (&sized.found.levels, latency) {
            found.push(FrontPoint {
                multiple,
                traffic: system.classes[class].id.clone(),
                percentile,
                latency_ms: 1000.0 * latency,
                monthly: sized.monthly,
                changes: changes(&system, &field.levers, &sized.levels, multiple),
            });
        }
    }
    undominated(found)
}

/// Points that no other is both as fast and as cheap as, the fastest first.
fn undominated(mut points: Vec<FrontPoint>) -> Vec<FrontPoint> {
    points.sort_by(|a, b| a.latency_ms.total_cmp(&b.latency_ms).then(a.monthly.total_cmp(&b.monthly)));
    let mut kept: Vec<FrontPoint> = Vec::new();
    for point in points {
        if kept.last().is_none_or(|last| point.monthly < last.monthly * (1.0 - 1e-9)) {
            kept.push(point);
        }
    }
    kept
}
