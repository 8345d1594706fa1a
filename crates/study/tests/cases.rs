//! Published and exact results, each through a whole scenario file and the result document. Every row of `data/cases.json` names its source.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "common/published.rs"]
mod published;

#[test]
fn published_cases_come_out_of_scenario_files() {
    let cases = published::cases();
    assert!(cases.len() > 30);
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(published::rows)
        .chain(published::fits())
        .filter(|row| !row.right())
        .map(|row| {
            format!("{} ×{}: {} is {}, not {}; {}", row.case, row.multiple, row.at, row.got, row.expected, row.source)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
