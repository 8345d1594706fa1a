//! What the slowest requests of a simulation spent their time on.

use super::Table;
use super::number::{milliseconds, percent, significant};
use study::result::{ClassPoint, Point, SpanPoint};

/// The slow requests of every class at one multiple.
pub(super) fn slow(point: &Point, growth: &str, out: &mut String) {
    for (class, figures) in &point.classes {
        of_class(class, figures, growth, out);
    }
}

fn of_class(class: &str, figures: &ClassPoint, growth: &str, out: &mut String) {
    let Some(slow) = &figures.slow else { return };
    let total: f64 = slow.waterfall.iter().map(|hop| hop.ms).sum();
    if total <= 0.0 {
        return;
    }
    out.push_str(&format!(
        "\n{class} {growth}, what {} followed requests from {} on spent their time on\n",
        slow.requests,
        milliseconds(slow.from_ms)
    ));
    let mut table = Table::new(["component", "what", "mean", "share"]);
    for hop in slow.waterfall.iter().filter(|hop| hop.ms >= 0.005 * total) {
        table.row([hop.component.clone(), hop.what.clone(), milliseconds(hop.ms), percent(hop.ms / total)]);
    }
    table.write("  ", out);
    let Some(slowest) = slow.samples.get(1).or(slow.samples.first()) else { return };
    out.push_str(&format!("  the slowest, {}, at {} s\n", milliseconds(slowest.latency_ms), significant(slowest.at_s)));
    let mut table = Table::new(["hop", "asked at", "pool", "network", "queue", "own", "over at"]);
    for span in &slowest.spans {
        let depth = depth(&slowest.spans, span);
        let name = format!("{}{}{}", "  ".repeat(depth), span.component, if span.failed { " (failed)" } else { "" });
        let part = |value: f64| if value > 0.0 { milliseconds(value) } else { String::new() };
        let end = span.end_ms.map_or_else(|| "later".to_owned(), milliseconds);
        let (pool, network) = (part(span.pool_wait_ms), part(span.network_ms));
        table.row([name, milliseconds(span.start_ms), pool, network, part(span.wait_ms), part(span.own_ms), end]);
    }
    table.write("  ", out);
}

/// Callers above a hop.
fn depth(spans: &[SpanPoint], span: &SpanPoint) -> usize {
    std::iter::successors(Some(span), |s| spans.get(s.parent? as usize)).skip(1).take(spans.len()).count()
}
