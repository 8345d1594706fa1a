//! `headroom merge`: one simulation from its shards.

use crate::arguments::Merge;
use crate::failure::{Done, Failure};
use crate::{input, output, text};
use scenario::{Problem, Scenario};
use study::result::ResultDoc;

/// Merges.
pub(crate) fn run(arguments: &Merge) -> Result<Done, Failure> {
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    for path in &arguments.results {
        match part(path) {
            Ok(part) => parts.push(part),
            Err(Failure::Input(found)) => problems.extend(found),
            Err(other) => return Err(other),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Input(problems));
    }
    let shard = parts.first().and_then(|part| part.shard.as_ref());
    let scenario: Option<Scenario> = shard.and_then(|shard| serde_json::from_value(shard.scenario.clone()).ok());
    let answer = study::simulate::merge(&parts)?;
    if arguments.json {
        output::json(&answer)?;
    } else {
        output::text(&text::result::simulated(&answer, scenario.as_ref()))?;
    }
    Ok(Done::Fine)
}

fn part(path: &str) -> Result<ResultDoc, Failure> {
    serde_json::from_value(input::other_document(path)?).map_err(|cause| {
        let what = format!("is no result of a simulation: {cause}");
        Failure::Input(vec![Problem::new(input::name(path), what, "give what `simulate --shard I/N --json` wrote")])
    })
}
