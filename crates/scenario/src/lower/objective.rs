//! Objectives.

use super::Lowering;
use crate::path::Path;
use crate::v1::Slo;
use engine::model::{Goal, Objective};

impl Lowering<'_> {
    pub(super) fn objective(&mut self, index: usize, slo: &Slo, path: &Path) -> Option<Objective> {
        let goal = self.goal(slo, path);
        if goal.is_none() {
            let remedy = "give one of: traffic with percentile and latency_ms; traffic with max_error_ratio; component with \
                          max_utilization or max_backlog_age_s; survive; max_monthly_cost";
            self.problem(path, "the objective does not say what must hold".into(), remedy);
        }
        Some(Objective { index, goal: goal? })
    }

    /// `None` where no shape fits; a name that does not exist is a problem of its own and reads as the first.
    fn goal(&mut self, slo: &Slo, path: &Path) -> Option<Goal> {
        if let Some(id) = &slo.traffic {
            let class = self.class_id(id, &path.key("traffic")).unwrap_or_default();
            return match (slo.percentile, slo.latency_ms, slo.max_error_ratio) {
                (Some(percentile), Some(ms), None) => Some(Goal::Latency { class, percentile, at_most: ms / 1000.0 }),
                (None, None, Some(at_most)) => Some(Goal::ErrorRatio { class, at_most }),
                _ => None,
            };
        }
        if let Some(id) = &slo.component {
            let station = self.station_id(id, &path.key("component")).unwrap_or_default();
            return match (slo.max_utilization, slo.max_backlog_age_s) {
                (Some(at_most), None) => Some(Goal::Utilization { station, at_most }),
                (None, Some(at_most)) => Some(Goal::BacklogAge { station, at_most }),
                _ => None,
            };
        }
        match (slo.survive.as_deref(), slo.max_monthly_cost) {
            (Some("replica"), None) => Some(Goal::SurviveReplica),
            (Some("zone"), None) => Some(Goal::SurviveZone),
            (None, Some(at_most)) => Some(Goal::MonthlyCost { at_most }),
            _ => None,
        }
    }
}
