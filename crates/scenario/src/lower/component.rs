//! What all kinds of component have in common.

use super::Lowering;
use crate::path::Path;
use crate::v1::{Autoscale, AutoscaleMetric, Component, ComponentKind, Discipline};
use engine::model;

impl Lowering<'_> {
    pub(super) fn station(&mut self, component: &Component, path: &Path) -> model::Station {
        let pools = component
            .pools
            .iter()
            .map(|(id, size)| model::Pool { id: id.clone(), size: Some(self.count(size, &path.key("pools").key(id))) })
            .collect();
        let calls_path = path.key("calls");
        model::Station {
            id: component.id.clone(),
            kind: self.kind(component, path),
            replicas: self.replicas(component, path),
            service: self.service(component.service.as_ref(), &path.key("service")),
            calls: self.calls(component, &component.calls, &calls_path),
            pools,
            discipline: match component.discipline {
                None | Some(Discipline::Fifo) => model::Discipline::Fifo,
                Some(Discipline::Priority) => model::Discipline::Priority,
                Some(Discipline::Preemptive) => model::Discipline::Preemptive,
            },
            autoscale: component.autoscale.as_ref().map(|a| self.autoscale(a, &path.key("autoscale"))),
            failure_ratio: self.number_or(component.failure_ratio.as_ref(), 0.0, &path.key("failure_ratio")),
            zone: component.zone.as_ref().and_then(|z| self.zone_id(z, &path.key("zone"))),
            price: self.price(component.price.as_ref(), &path.key("price")),
        }
    }

    /// Replicas of the deployment. Databases and caches count their nodes in their kind; an autoscaled component without
    /// stated replicas starts at the autoscaler's least.
    fn replicas(&mut self, component: &Component, path: &Path) -> u32 {
        if matches!(component.kind, ComponentKind::Database | ComponentKind::Cache) {
            return 1;
        }
        let replicas = match (&component.replicas, &component.autoscale) {
            (None, Some(autoscale)) => self.count(&autoscale.min, &path.key("autoscale").key("min")),
            (replicas, _) => self.count_or(replicas.as_ref(), 1, &path.key("replicas")),
        };
        if replicas == 0 {
            self.problem(&path.key("replicas"), "0 replicas serve nobody".into(), "give 1 or more");
        }
        replicas
    }

    fn autoscale(&mut self, autoscale: &Autoscale, path: &Path) -> model::Autoscale {
        let a = autoscale;
        model::Autoscale {
            min: self.count(&a.min, &path.key("min")),
            max: self.count(&a.max, &path.key("max")),
            metric: match a.metric {
                None | Some(AutoscaleMetric::Cpu) => model::AutoscaleMetric::Cpu,
                Some(AutoscaleMetric::Slots) => model::AutoscaleMetric::Slots,
                Some(AutoscaleMetric::QueueLengthPerReplica) => model::AutoscaleMetric::QueueLengthPerReplica,
            },
            target: self.number_or(a.target.as_ref(), 0.7, &path.key("target")),
            tolerance: self.number_or(a.tolerance.as_ref(), 0.1, &path.key("tolerance")),
            interval: self.number_or(a.interval_s.as_ref(), 15.0, &path.key("interval_s")),
            metric_delay: self.number_or(a.metric_delay_s.as_ref(), 30.0, &path.key("metric_delay_s")),
            startup: self.number_or(a.startup_s.as_ref(), 40.0, &path.key("startup_s")),
            stabilization_down: self.number_or(
                a.stabilization_down_s.as_ref(),
                300.0,
                &path.key("stabilization_down_s"),
            ),
        }
    }
}
