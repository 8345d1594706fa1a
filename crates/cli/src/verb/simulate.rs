//! `headroom simulate`: the discrete-event answer.

use crate::arguments::Simulate;
use crate::failure::{Done, Failure};
use crate::{input, output, text};
use study::simulate::{LossTable, Losses, SimulateOptions, simulate};

/// Simulates.
pub(crate) fn run(arguments: &Simulate) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    if arguments.lose_each {
        return lose_each(arguments, &scenario);
    }
    let usual = SimulateOptions::default();
    let events = scenario.events.iter().map(|event| (event.at_s, event.for_s));
    let options = SimulateOptions {
        multiples: arguments.growth.as_ref().map_or_else(|| vec![1.0], |growth| growth.0.clone()),
        seconds: arguments.seconds.unwrap_or_else(|| scenario::run_seconds(usual.seconds, events)),
        warmup: arguments.warmup,
        replications: arguments.replications,
        half_width: arguments.half_width,
        seed: arguments.seed,
        shard: arguments.shard.map(|(index, of)| (index - 1, of)),
        ..usual
    };
    let answer = simulate(&scenario, &options)?;
    if arguments.json {
        output::json(&answer)?
    } else {
        output::text(&text::result::simulated(&answer, Some(&scenario)))?
    }
    Ok(Done::Fine)
}

/// The table of losses.
fn lose_each(arguments: &Simulate, scenario: &scenario::Scenario) -> Result<Done, Failure> {
    let mut options = Losses { seed: arguments.seed, ..Losses::default() };
    if let Some(growth) = &arguments.growth {
        options.multiples.clone_from(&growth.0);
    }
    let mut table = LossTable::new(scenario, &options)?;
    while !table.step(1_000_000) {}
    if arguments.json {
        output::json(&table.cells)?
    } else {
        output::text(&text::losses::table(&table.cells, &options, &scenario.name))?
    }
    Ok(Done::Fine)
}
