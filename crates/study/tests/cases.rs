//! Published and exact results, each through a whole scenario file and the result document. Every row of `data/cases.json` names its source.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;

fn check(case: &Value) -> Vec<String> {
    let name = case["name"].as_str().unwrap();
    let text = case["scenario"].to_string();
    let scenario = scenario::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems:?}")).scenario;
    let doc = study::solve::solve(&scenario, &[]).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    let doc = serde_json::to_value(&doc).unwrap();
    let mut wrong = Vec::new();
    for row in case["expect"].as_array().unwrap() {
        let points = doc["points"].as_array().unwrap();
        let point = points.iter().find(|point| point["multiple"] == row["multiple"].as_f64().unwrap()).unwrap();
        let got = point.pointer(row["at"].as_str().unwrap()).unwrap_or(&Value::Null);
        let right = match (got.as_f64(), row["value"].as_f64()) {
            (Some(got), Some(value)) => (got - value).abs() <= row["tolerance"].as_f64().unwrap(),
            _ => *got == row["value"],
        };
        if !right {
            wrong.push(format!("{name}: {} is {got}, not {}; {}", row["at"], row["value"], case["source"]));
        }
    }
    wrong
}

#[test]
fn published_cases_come_out_of_scenario_files() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/cases.json")).unwrap();
    assert!(cases.len() > 30);
    let wrong: Vec<String> = cases.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
