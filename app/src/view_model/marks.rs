//! What stands on the slider's track: where objectives break, where the first part is full, and how calm each stretch is.

use super::format::times;
use super::level::{Level, fullest};
use super::system::{objective, resource};
use crate::chart::spec::nearest;
use crate::text;
use serde_json::Value;
use worker::protocol::Projection;

/// Closest two marks may stand, as a share of the track.
const APART: f64 = 0.12;

/// A mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Place on the track, 0 to 1.
    pub share: f64,
    pub label: String,
    pub hint: String,
    pub objective: bool,
}

/// The slider's ends and the step between what it reaches: every figure it can show is computed.
pub fn reach(multiples: &[f64]) -> Option<(f64, f64, f64)> {
    let (low, high) = (*multiples.first()?, *multiples.last()?);
    let steps = multiples.len().saturating_sub(1).max(1);
    Some((low, high, (high - low) / steps as f64))
}

/// The computed multiple next to a growth that was asked for; that itself while nothing is computed.
pub fn reached(multiples: &[f64], growth: f64) -> f64 {
    nearest(multiples, growth).and_then(|index| multiples.get(index)).copied().unwrap_or(growth)
}

/// The marks, the most important first; those that would cover an earlier one are left out.
pub fn marks(root: &Value, projection: &Projection) -> Vec<Mark> {
    let (Some(&low), Some(&high)) = (projection.multiples.first(), projection.multiples.last()) else {
        return Vec::new();
    };
    let share = |multiple: f64| (multiple - low) / (high - low);
    let mut found = Vec::new();
    if let Some(headroom) = &projection.headroom
        && let Some(multiple) = headroom.multiple
    {
        let hint = match headroom.objective {
            Some(index) => objective(root, index),
            None => resource(
                root,
                headroom.component.as_deref().unwrap_or_default(),
                headroom.resource.as_deref().unwrap_or_default(),
            ),
        };
        let word = if headroom.objective.is_some() { text::MARK_OBJECTIVE } else { text::MARK_FULL };
        found.push(Mark {
            share: share(multiple),
            label: format!("{word} {}", times(multiple)),
            hint,
            objective: true,
        });
    }
    for (index, columns) in projection.objectives.iter().enumerate() {
        if let Some(multiple) = columns.breaks_at {
            let label = format!("{} {}", text::MARK_OBJECTIVE, times(multiple));
            found.push(Mark { share: share(multiple), label, hint: objective(root, index), objective: true });
        }
    }
    for next in &projection.next {
        let part = resource(root, &next.component, &next.resource);
        let what = next.objective.map_or(part.clone(), |index| format!("{}: {part}", objective(root, index)));
        found.push(Mark {
            share: share(next.multiple),
            label: format!("{} {}", text::MARK_NEXT, times(next.multiple)),
            hint: what,
            objective: false,
        });
    }
    let mut kept: Vec<Mark> = Vec::new();
    for mark in found {
        if (0.0..=1.0).contains(&mark.share) && kept.iter().all(|other| (other.share - mark.share).abs() >= APART) {
            kept.push(mark);
        }
    }
    kept
}

/// Stretches of the track by how full the fullest part is; missed objectives count as hot.
pub fn rail(projection: &Projection) -> Vec<(f64, f64, &'static str)> {
    let count = projection.multiples.len();
    let mut pieces: Vec<(f64, f64, &'static str)> = Vec::new();
    let last = count.saturating_sub(1).max(1) as f64;
    for index in 0..count {
        let full = projection.components.iter().filter_map(|component| fullest(component, index)).reduce(f64::max);
        let feasible = projection.feasible.get(index).copied().unwrap_or(true);
        let level = match Level::of(full) {
            _ if !feasible => "hot",
            Level::Hot | Level::Warn => "warn",
            Level::Ok | Level::None => "ok",
        };
        let (from, to) = ((index as f64 - 0.5).max(0.0) / last, (index as f64 + 0.5).min(last) / last);
        match pieces.last_mut() {
            Some(piece) if piece.2 == level => piece.1 = to,
            _ => pieces.push((from, to, level)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{HeadroomView, ObjectiveColumns};

    #[test]
    fn marks_do_not_cover_each_other() {
        let headroom = HeadroomView { multiple: Some(5.5), objective: Some(0), ..HeadroomView::default() };
        let objectives = [Some(5.5), Some(5.9), Some(9.0), Some(40.0), None];
        let objectives =
            objectives.map(|breaks_at| ObjectiveColumns { breaks_at, ..ObjectiveColumns::default() }).into();
        let projection =
            Projection { multiples: vec![1.0, 10.0], headroom: Some(headroom), objectives, ..Projection::default() };
        let labels: Vec<String> = marks(&json!({}), &projection).into_iter().map(|mark| mark.label).collect();
        assert_eq!(labels, ["objective ×5.5", "objective ×9"]);
    }

    #[test]
    fn the_slider_reaches_what_is_computed() {
        let wide: Vec<f64> = (0..91).map(|index| 1.0 + f64::from(index) * 49.0 / 90.0).collect();
        assert_eq!(reach(&wide), Some((1.0, 50.0, 49.0 / 90.0)));
        assert_eq!((reach(&[]), reach(&[2.0])), (None, Some((2.0, 2.0, 0.0))));
        let rows = [(1.3, wide[1]), (20.0, wide[35]), (0.1, 1.0), (60.0, 50.0), (wide[7], wide[7])];
        for (growth, wanted) in rows {
            assert_eq!(reached(&wide, growth), wanted);
        }
        assert_eq!(reached(&[], 20.0), 20.0, "kept until there are figures");
    }

    #[test]
    fn the_rail_covers_the_track() {
        let projection =
            Projection { multiples: vec![1.0, 2.0, 3.0], feasible: vec![true, true, false], ..Projection::default() };
        assert_eq!(rail(&projection), vec![(0.0, 0.75, "ok"), (0.75, 1.0, "hot")]);
        assert!(rail(&Projection::default()).is_empty());
    }
}
