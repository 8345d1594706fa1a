//! The result documents of the shop, and of one with priorities: solved, projected with bands, and simulated, as the app and the command give them.

use scenario::{Problem, Scenario};
use serde_json::Value;
use std::fmt::Write;
use study::ResultDoc;
use study::project::{ProjectOptions, project};
use study::simulate::{SimulateOptions, Warmup, simulate};

const SHOP: &str = include_str!("../../../tests/fixtures/shop-stack/scenario.json");

const PRIORITIES: &str = include_str!("../../scenario/tests/fixtures/valid/priorities.json");

/// From an idle to an overloaded system.
const MULTIPLES: [f64; 6] = [0.01, 1.0, 2.0, 3.0, 5.0, 10.0];

/// The closed form.
pub fn solved() -> String {
    lines(SHOP, |shop| study::solve(shop, &MULTIPLES))
}

/// The closed form over draws of what is uncertain.
pub fn projected() -> String {
    lines(SHOP, |shop| project(shop, &ProjectOptions { multiples: vec![1.0, 3.0], samples: 40, ..Default::default() }))
}

/// Two replications of a few simulated seconds.
pub fn simulated() -> String {
    lines(SHOP, |shop| simulate(shop, &played(3.0)))
}

/// Lines by priority, solved and played, from idle to where only the highest classes pass.
pub fn by_priority() -> String {
    let solved = lines(PRIORITIES, |scenario| study::solve(scenario, &[0.5, 1.0, 1.5, 3.0]));
    solved + &lines(PRIORITIES, |scenario| simulate(scenario, &played(1.0)))
}

fn played(multiple: f64) -> SimulateOptions {
    SimulateOptions {
        multiples: vec![multiple],
        seconds: 20.0,
        warmup: Warmup::Seconds(2.0),
        replications: 2,
        seed: 7,
        timeline_points: 3,
        ..Default::default()
    }
}

/// A document of a scenario, one line a figure or record; or the problems that keep it from being answered.
fn lines(scenario: &str, answer: impl Fn(&Scenario) -> Result<ResultDoc, Vec<Problem>>) -> String {
    let document = scenario::parse(scenario).and_then(|parsed| answer(&parsed.scenario));
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
