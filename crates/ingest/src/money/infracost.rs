//! Infracost: `infracost breakdown --format json`, what planned infrastructure would cost.

use crate::measurements::{CostLine, Measurements, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "infracost",
    title: "Infracost: infracost breakdown --format json",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "0.2 of the format (golden file of the project)",
        used: "monthly cost per resource, its parts and sub-resources included, with type and project as tags",
        traps: "an estimate, no bill; numbers are text or null; usage-based parts have no cost without a usage file: named; a month \
                has 730 hours",
        evidence: "public sample",
    },
};

/// Deepest nesting of sub-resources followed.
const DEPTH: usize = 16;
/// Names listed as evidence.
const MOST_NAMES: usize = 20;

fn fits(document: &Value) -> Fit {
    let projects = json::list(document, &["projects"]);
    Fit::from(projects.iter().any(|project| project.get("breakdown").is_some()) && document.get("version").is_some())
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let currency = json::text(document, &["currency"]).map(str::to_owned);
    let (mut found, mut unpriced) = (Measurements::default(), Vec::new());
    for project in json::list(document, &["projects"]) {
        let name = json::text(project, &["name"]).unwrap_or("");
        for resource in json::list(project, &["breakdown", "resources"]) {
            let service = json::text(resource, &["name"]).unwrap_or("(no name)");
            unpriced.extend(parts_without_price(resource, service, 0));
            // The parts are the truth; the sum beside them is the tool's.
            let Some(monthly) = parts(resource, 0).or_else(|| json::number(resource, &["monthlyCost"])) else {
                continue;
            };
            let mut tags = BTreeMap::new();
            for (key, value) in [("type", json::text(resource, &["resourceType"])), ("project", Some(name))] {
                tags.extend(value.filter(|value| !value.is_empty()).map(|value| (key.to_owned(), value.to_owned())));
            }
            let currency = currency.clone();
            let line = CostLine {
                service: service.to_owned(),
                amount: monthly,
                currency,
                monthly: Some(monthly),
                ..CostLine::default()
            };
            found.costs.push(CostLine { category: Some("Estimate".to_owned()), tags, ..line });
        }
    }
    if found.costs.is_empty() {
        return Err(Refusal::new("resources with a monthly cost", "none")
            .remedy("infracost breakdown --path . --format json --usage-file usage.yml"));
    }
    let text = "These are estimates of planned infrastructure, not what was billed.";
    let total = json::number(document, &["totalMonthlyCost"]);
    let warning = Warning::new("estimate", text);
    found.warnings.push(total.map_or(warning.clone(), |total| warning.with("total_monthly", total)));
    if !unpriced.is_empty() {
        let text = "These parts are billed by use and have no cost without a usage file: the sums leave them out.";
        let named: Vec<String> = unpriced.iter().take(MOST_NAMES).cloned().collect();
        found.warnings.push(Warning::new("unpriced", text).with("parts", named).with("count", unpriced.len()));
    }
    Ok(found)
}

/// Sum of the parts of a resource and of its sub-resources; nothing where none has a price.
fn parts(resource: &Value, depth: usize) -> Option<f64> {
    let own = json::list(resource, &["costComponents"]).iter().map(|part| json::number(part, &["monthlyCost"]));
    let below =
        json::list(resource, &["subresources"]).iter().filter(|_| depth < DEPTH).map(|sub| parts(sub, depth + 1));
    own.chain(below).flatten().reduce(|sum, cost| sum + cost)
}

fn parts_without_price(resource: &Value, name: &str, depth: usize) -> Vec<String> {
    let unpriced = |part: &&Value| json::number(part, &["monthlyCost"]).is_none();
    let own = json::list(resource, &["costComponents"]).iter().filter(unpriced);
    let mut names: Vec<String> =
        own.map(|part| format!("{name}: {}", json::text(part, &["name"]).unwrap_or("(no name)"))).collect();
    for sub in json::list(resource, &["subresources"]).iter().filter(|_| depth < DEPTH) {
        let inner = format!("{name}.{}", json::text(sub, &["name"]).unwrap_or("(no name)"));
        names.extend(parts_without_price(sub, &inner, depth + 1));
    }
    names
}
