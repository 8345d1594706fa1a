//! Well-known metrics of exporters as figures of what they are about: queues, workers, replicas. The series stay as they are.
//!
//! Sources of the names: kafka_exporter and kafka-lag-exporter (README), RabbitMQ "Prometheus" (per-object metrics), celery-exporter
//! (README), BullMQ ("Prometheus"), kube-state-metrics (metrics of Deployment, StatefulSet and HorizontalPodAutoscaler), pgbouncer_exporter.

use crate::measurements::{Measurements, Resource, Series};
use std::collections::BTreeMap;

/// A metric that is known by name.
struct Known {
    /// Its name.
    metric: &'static str,
    /// Labels that name the thing, the first one that is there.
    named_by: &'static [&'static str],
    /// The component kind of the thing.
    kind: &'static str,
    /// The figure; a label's value where it begins with `@`.
    figure: &'static str,
    /// What one of it is in the figure's unit.
    scale: f64,
}

const fn row(
    metric: &'static str,
    named_by: &'static [&'static str],
    kind: &'static str,
    figure: &'static str,
) -> Known {
    Known { metric, named_by, kind, figure, scale: 1.0 }
}

const QUEUE: &[&str] = &["queue", "queue_name"];
const TOPIC: &[&str] = &["topic"];
const JOB: &[&str] = &["name", "task", "job_name", "queue", "queue_name"];

/// Gauges: the last value counts, and those of one thing (partitions, hosts) add.
const GAUGES: &[Known] = &[
    row("kafka_consumergroup_lag", TOPIC, "queue", "consumer_lag"),
    row("kafka_consumergroup_group_lag", TOPIC, "queue", "consumer_lag"),
    row("kafka_topic_partitions", TOPIC, "queue", "partitions"),
    row("kafka_consumergroup_members", &["consumergroup"], "queue", "consumers"),
    row("rabbitmq_queue_messages", QUEUE, "queue", "queue_length"),
    row("rabbitmq_queue_messages_ready", QUEUE, "queue", "messages_ready"),
    row("rabbitmq_queue_messages_unacked", QUEUE, "queue", "messages_unacknowledged"),
    row("rabbitmq_queue_consumers", QUEUE, "queue", "consumers"),
    row("rabbitmq_detailed_queue_messages_ready", QUEUE, "queue", "messages_ready"),
    row("rabbitmq_detailed_queue_messages_unacked", QUEUE, "queue", "messages_unacknowledged"),
    row("rabbitmq_detailed_queue_consumers", QUEUE, "queue", "consumers"),
    row("celery_queue_length", QUEUE, "queue", "queue_length"),
    row("celery_active_consumer_count", QUEUE, "queue", "consumers"),
    row("celery_active_worker_count", QUEUE, "queue", "workers"),
    row("bullmq_job_count", QUEUE, "queue", "@state"),
    row("kube_deployment_spec_replicas", &["deployment"], "service", "replicas"),
    row("kube_statefulset_replicas", &["statefulset"], "service", "replicas"),
    row("kube_horizontalpodautoscaler_spec_min_replicas", &["horizontalpodautoscaler"], "autoscaler", "autoscale_min"),
    row("kube_horizontalpodautoscaler_spec_max_replicas", &["horizontalpodautoscaler"], "autoscaler", "autoscale_max"),
    row("pgbouncer_databases_pool_size", &["database", "name"], "database", "pool_size"),
    row("pgbouncer_pools_client_waiting_connections", &["database"], "database", "pool_waiting"),
];

/// Times: the metric is the stem of `_sum` and `_count`.
const TIMES: &[Known] = &[
    Known { metric: "celery_task_runtime", named_by: JOB, kind: "job", figure: "own_ms", scale: 1e3 },
    Known { metric: "celery_task_runtime_seconds", named_by: JOB, kind: "job", figure: "own_ms", scale: 1e3 },
    Known { metric: "flower_task_runtime_seconds", named_by: JOB, kind: "job", figure: "own_ms", scale: 1e3 },
    Known { metric: "bullmq_job_duration_seconds", named_by: JOB, kind: "job", figure: "own_ms", scale: 1e3 },
    Known { metric: "bullmq_job_duration_milliseconds", named_by: JOB, kind: "job", figure: "own_ms", scale: 1.0 },
    Known { metric: "bullmq_job_duration", named_by: JOB, kind: "job", figure: "own_ms", scale: 1.0 },
    Known { metric: "bullmq_completed_duration", named_by: JOB, kind: "job", figure: "own_ms", scale: 1.0 },
];

/// Adds the figures of known metrics.
pub fn add(found: &mut Measurements) {
    let mut resources: BTreeMap<(String, &'static str), Resource> = BTreeMap::new();
    let mut times: BTreeMap<(String, &'static str), (f64, f64, &Known)> = BTreeMap::new();
    for series in &found.series {
        if let Some(known) = GAUGES.iter().find(|known| known.metric == series.name) {
            gauge(series, known, &mut resources);
        }
        let stem = series.name.strip_suffix("_sum").map(|stem| (stem, true));
        let stem = stem.or_else(|| series.name.strip_suffix("_count").map(|stem| (stem, false)));
        let Some((stem, is_sum)) = stem else { continue };
        let Some(known) = TIMES.iter().find(|known| known.metric == stem) else { continue };
        let Some(name) = name(series, known) else { continue };
        let (sum, count, _) = times.entry((name, known.metric)).or_insert((0.0, 0.0, known));
        *(if is_sum { sum } else { count }) += growth(&series.points);
    }
    for ((name, _), (sum, count, known)) in times {
        if count > 0.0 {
            let resource =
                resources.entry((name.clone(), known.kind)).or_insert_with(|| Resource::new(&name, known.kind));
            resource.set(known.figure, Some(known.scale * sum / count));
            resource.set("visits", Some(count));
        }
    }
    found.resources.extend(resources.into_values().filter(|resource| !resource.figures.is_empty()));
}

fn name(series: &Series, known: &Known) -> Option<String> {
    known.named_by.iter().find_map(|label| series.labels.get(*label)).filter(|name| !name.is_empty()).cloned()
}

fn gauge(series: &Series, known: &Known, resources: &mut BTreeMap<(String, &'static str), Resource>) {
    let Some((_, value)) = series.points.last() else { return };
    let Some(name) = name(series, known) else { return };
    let figure = match known.figure.strip_prefix('@') {
        Some(label) => series.labels.get(label).cloned(),
        None => Some(known.figure.to_owned()),
    };
    let Some(figure) = figure else { return };
    let resource = resources.entry((name.clone(), known.kind)).or_insert_with(|| Resource::new(&name, known.kind));
    *resource.figures.entry(figure).or_default() += value * known.scale;
}

/// Growth of a counter, resets counted as starts from zero; one point is a total.
fn growth(points: &[(f64, f64)]) -> f64 {
    match points {
        [(_, total)] => *total,
        _ => points.windows(2).map(|pair| if pair[1].1 >= pair[0].1 { pair[1].1 - pair[0].1 } else { pair[1].1 }).sum(),
    }
}
