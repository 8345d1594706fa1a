//! A job whose replications are played in several places at once: what each part found, and the answer of all together.

use super::{SimulationJob, document};
use crate::result::{LossDoc, ResultDoc};
use engine::sim::ReplicationReport;
use serde::{Deserialize, Serialize};

/// What a part of a job has found, to be carried to where the parts are put together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Found {
    /// By point: complete replications.
    reports: Vec<Vec<ReplicationReport>>,
    /// By point: complete losses.
    losses: Vec<Vec<LossDoc>>,
}

impl SimulationJob {
    /// What this part of the job has found.
    #[must_use]
    pub fn found(&self) -> Found {
        Found { reports: self.reports.clone(), losses: self.losses.clone() }
    }

    /// The answer of this part alone: its complete replications, and the running one where there is no complete one yet.
    #[must_use]
    pub fn so_far(&self) -> ResultDoc {
        let mut reports = self.reports.clone();
        if let (Some(running), Some(last)) = (&self.running, reports.last_mut())
            && last.is_empty()
            && self.losing.is_none()
        {
            last.push(running.report());
        }
        document::answer(&self.system, &self.options, &reports, &self.losses)
    }

    /// The answer of this part and the others: the same bytes as if one had played all.
    #[must_use]
    pub fn complete(&self, others: Vec<Found>) -> ResultDoc {
        let Found { mut reports, mut losses } = self.found();
        for other in others {
            // A part may be ahead of this one.
            let points = reports.len().max(other.reports.len());
            reports.resize(points, Vec::new());
            losses.resize(points.max(other.losses.len()), Vec::new());
            reports.iter_mut().zip(other.reports).for_each(|(own, more)| own.extend(more));
            losses.iter_mut().zip(other.losses).for_each(|(own, more)| own.extend(more));
        }
        reports.iter_mut().for_each(|point| point.sort_by_key(|report| report.replication));
        losses.iter_mut().for_each(|point| point.sort_by_key(|loss| loss.index));
        document::answer(&self.system, &self.options, &reports, &losses)
    }
}
