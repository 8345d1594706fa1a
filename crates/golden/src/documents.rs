//! The result documents of the shop: solved, projected with bands, and simulated, as the app and the command give them.

use scenario::{Problem, Scenario};
use serde_json::Value;
use std::fmt::Write;
use study::ResultDoc;
use study::project::{ProjectOptions, project};
use study::simulate::{SimulateOptions, Warmup, simulate};

const SHOP: &str = include_str!("../../../tests/fixtures/shop-stack/scenario.json");

/// From an idle to an overloaded system.
const MULTIPLES: [f64; 6] = [0.01, 1.0, 2.0, 3.0, 5.0, 10.0];

/// The closed form.
pub fn solved() -> String {
    lines(|shop| study::solve(shop, &MULTIPLES))
}

/// The closed form over draws of what is uncertain.
pub fn projected() -> String {
    lines(|shop| project(shop, &ProjectOptions { multiples: vec![1.0, 3.0], samples: 40, ..Default::default() }))
}

/// Two replications of a few simulated seconds.
pub fn simulated() -> String {
    let options = SimulateOptions {
        multiples: vec![3.0],
        seconds: 20.0,
        warmup: Warmup::Seconds(2.0),
        replications: 2,
        seed: 7,
        timeline_points: 3,
        ..Default::default()
    };
    lines(|shop| simulate(shop, &options))
}

/// A document of the shop, one line a figure or record; or the problems that keep it from being answered.
fn lines(answer: impl Fn(&Scenario) -> Result<ResultDoc, Vec<Problem>>) -> String {
    let document = scenario::parse(SHOP).and_then(|parsed| answer(&parsed.scenario));
    let value = match document {
        Ok(document) => serde_json::to_value(document).unwrap_or(Value::Null),
        Err(problems) => return format!("{problems:#?}\n"),
    };
    let mut text = String::new();
    write(&mut text, "", &value, 3);
    text
}

/// Breaks the outer levels into lines, and leaves what is deeper in one piece.
fn write(text: &mut String, path: &str, value: &Value, levels: u32) {
    match value {
        Value::Object(fields) if levels > 0 => {
            fields.iter().for_each(|(key, field)| write(text, &format!("{path}.{key}"), field, levels - 1));
        }
        Value::Array(items) if levels > 0 => {
            items.iter().enumerate().for_each(|(i, item)| write(text, &format!("{path}[{i}]"), item, levels - 1));
        }
        // Writing to a String cannot fail.
        leaf => drop(writeln!(text, "{path} {leaf}")),
    }
}
