//! Gatling's `stats.json` and `global_stats.json` of the HTML report.

use crate::measurements::{Endpoint, Figures, LatencyOf, Measurements, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "gatling-stats",
    title: "Gatling: stats.json or global_stats.json of the report",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "3.1 layout",
        used: "in total and per request: counts, failures, rate, mean, extremes, four percentiles",
        traps: "percentiles1 to 4 are 50, 75, 95, 99 unless configured otherwise, which the file does not say; the rate covers ramps too; \
                whole milliseconds",
        evidence: "public sample",
    },
};

/// The same as a script, which every report has.
pub const SCRIPT: Format = Format {
    kind: "gatling-stats-js",
    title: "Gatling: js/stats.js of the report",
    shape: Shape::Text { fits: fits_script, read: |text, context| read(&json::whole(&object(text))?.value, context) },
    docs: Docs {
        versions: "3.x layout by the documentation",
        traps: "as stats.json; figures are texts, `-` where there is none; nothing of the script is run",
        evidence: "documented shape",
        ..FORMAT.docs
    },
};

fn fits_script(head: &Head<'_>) -> Fit {
    Fit::from(head.text().starts_with("var stats = {") && head.text().contains("numberOfRequests"))
}

/// The object a script begins with as JSON: its bare keys between quotes, what comes behind it left out.
fn object(script: &str) -> Vec<u8> {
    let bytes = &script.as_bytes()[script.find('{').unwrap_or(script.len())..];
    let (mut out, mut place, mut depth) = (Vec::with_capacity(bytes.len() + 1024), 0, 0_usize);
    let word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    while let Some(byte) = bytes.get(place) {
        let length = match byte {
            b'"' => text_length(&bytes[place..]),
            byte if byte.is_ascii_alphabetic() => bytes[place..].iter().take_while(word).count(),
            _ => 1,
        };
        let token = &bytes[place..place + length];
        place += length;
        let key = byte.is_ascii_alphabetic() && bytes[place..].trim_ascii_start().first() == Some(&b':');
        if key {
            out.push(b'"');
        }
        out.extend_from_slice(token);
        if key {
            out.push(b'"');
        }
        depth = match byte {
            b'{' => depth + 1,
            b'}' => depth.saturating_sub(1),
            _ => depth,
        };
        if depth == 0 {
            break;
        }
    }
    out
}

/// Bytes of the text between quotes at the start, both quotes included.
fn text_length(bytes: &[u8]) -> usize {
    let mut place = 1;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    bytes.len()
}

fn fits(document: &Value) -> Fit {
    let stats = |value: &Value| json::has(value, &["numberOfRequests", "meanNumberOfRequestsPerSecond"]);
    Fit::from(stats(document) || document.get("stats").is_some_and(stats))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let mut found =
        Measurements { totals: Some(figures(document.get("stats").unwrap_or(document))), ..Measurements::default() };
    collect(document, &mut found.endpoints, 0);
    let text = "percentiles1 to 4 are taken as 50, 75, 95 and 99 %, Gatling's default; if charting.indicators was changed they are \
                something else. The rate covers the whole run, ramps included.";
    found.warnings.push(Warning::new("percentiles-assumed", text));
    found.duration_s =
        found.totals.as_ref().and_then(|totals| Some(totals.requests? as f64 / totals.rps.filter(|rate| *rate > 0.0)?));
    Ok(found)
}

/// Requests of a group and of the groups in it.
fn collect(group: &Value, endpoints: &mut Vec<Endpoint>, depth: usize) {
    if depth > 30 {
        return;
    }
    for (_, entry) in json::members(group, &["contents"]) {
        if json::text(entry, &["type"]) == Some("REQUEST")
            && let Some(stats) = entry.get("stats")
        {
            let name = json::text(entry, &["name"]).unwrap_or("");
            endpoints.push(Endpoint { name: crate::sense::names::endpoint("", name), figures: figures(stats) });
        }
        collect(entry, endpoints, depth + 1);
    }
}

fn figures(stats: &Value) -> Figures {
    let figure = |name: &str| json::number(stats, &[name, "total"]);
    let count = |part: &str| json::count(stats, &["numberOfRequests", part]);
    Figures { rps: figure("meanNumberOfRequestsPerSecond"), latency_of: Some(LatencyOf::All), ..Figures::default() }
        .counted(count("total"), count("ko"))
        .with("mean", figure("meanResponseTime"))
        .with("min", figure("minResponseTime"))
        .with("max", figure("maxResponseTime"))
        .with("p50", figure("percentiles1"))
        .with("p75", figure("percentiles2"))
        .with("p95", figure("percentiles3"))
        .with("p99", figure("percentiles4"))
}
