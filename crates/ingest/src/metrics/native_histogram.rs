//! Prometheus' native histograms, given as classic ones: the figures of the bucket series that the rest of Headroom reads.
//!
//! Buckets are `[rule, low, high, count]`, not cumulative and other ones at every moment; the last histogram of a series stands
//! for its distribution, count and sum are kept over time.

use super::prometheus::unit;
use crate::measurements::Series;
use crate::read::json;
use serde_json::Value;
use std::collections::BTreeMap;

/// The histograms of one series so far.
#[derive(Default)]
pub struct Native {
    counts: Vec<(f64, f64)>,
    sums: Vec<(f64, f64)>,
    last: Option<(f64, f64, Value)>,
    /// Points that are none.
    pub dropped: u64,
}

impl Native {
    /// Adds a histogram: `[time, {count, sum, buckets}]`.
    pub fn add(&mut self, point: &Value) {
        let figure = |key: &str| point.get(1).and_then(|histogram| histogram.get(key)).and_then(json::as_number);
        let (Some(at), Some(count)) = (point.get(0).and_then(json::as_number), figure("count")) else {
            self.dropped += 1;
            return;
        };
        self.counts.push((at, count));
        self.sums.extend(figure("sum").map(|sum| (at, sum)));
        self.last = Some((at, count, point.clone()));
    }

    /// Series `NAME_count`, `NAME_sum` and `NAME_bucket`; none without a histogram.
    pub fn series(self, labels: &BTreeMap<String, String>) -> Vec<Series> {
        let Some((at, count, point)) = self.last else { return Vec::new() };
        let mut labels = labels.clone();
        let base = labels.remove("__name__").unwrap_or_default();
        let one = |suffix: &str, le: Option<String>, points: Vec<(f64, f64)>| {
            let name = format!("{base}{suffix}");
            let mut labels = labels.clone();
            labels.extend(le.map(|le| ("le".to_owned(), le)));
            Series { unit: unit(&name).map(str::to_owned), name, labels, points }
        };
        let mut all = vec![one("_count", None, self.counts)];
        if !self.sums.is_empty() {
            all.push(one("_sum", None, self.sums));
        }
        let mut below = 0.0;
        for (high, count) in buckets(&point) {
            below += count;
            all.push(one("_bucket", Some(high.to_string()), vec![(at, below)]));
        }
        all.push(one("_bucket", Some("+Inf".to_owned()), vec![(at, count.max(below))]));
        all
    }
}

/// (upper bound, count) of the buckets of a point, ascending.
fn buckets(point: &Value) -> Vec<(f64, f64)> {
    let listed = point.get(1).map_or(&[][..], |histogram| json::list(histogram, &["buckets"]));
    let number = |bucket: &Value, place: usize| bucket.get(place).and_then(json::as_number);
    let mut buckets: Vec<(f64, f64)> =
        listed.iter().filter_map(|bucket| Some((number(bucket, 2)?, number(bucket, 3)?))).collect();
    buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
    buckets
}
