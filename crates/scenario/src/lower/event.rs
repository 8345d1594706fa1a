//! Timed disturbances.

use super::Lowering;
use crate::path::Path;
use crate::v1::{Event, EventKind};
use engine::model;

impl Lowering<'_> {
    /// An event without `for_s` lasts to the end of the run ([`f64::MAX`] seconds); without `amount` it is 1 replica, or a
    /// factor of 1.
    pub(super) fn event(&mut self, event: &Event, path: &Path) -> model::Event {
        let place = path.key("component");
        let is_zone = event.kind == EventKind::LoseZone;
        model::Event {
            at: self.finite(event.at_s, &path.key("at_s")),
            duration: event.for_s.map_or(f64::MAX, |seconds| self.finite(seconds, &path.key("for_s"))),
            kind: match event.kind {
                EventKind::LoseReplicas => model::EventKind::LoseReplicas,
                EventKind::LoseZone => model::EventKind::LoseZone,
                EventKind::SlowDown => model::EventKind::SlowDown,
                EventKind::FlushCache => model::EventKind::FlushCache,
                EventKind::Partition => model::EventKind::Partition,
                EventKind::TrafficSpike => model::EventKind::TrafficSpike,
                EventKind::Deploy => model::EventKind::Deploy,
                EventKind::ExclusiveLock => model::EventKind::ExclusiveLock,
            },
            station: event.component.as_ref().filter(|_| !is_zone).and_then(|id| self.station_id(id, &place)),
            zone: event.component.as_ref().filter(|_| is_zone).and_then(|id| self.zone_id(id, &place)),
            amount: self.finite(event.amount.unwrap_or(1.0), &path.key("amount")),
        }
    }
}
