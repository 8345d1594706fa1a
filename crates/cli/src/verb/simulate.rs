//! `headroom simulate`: the discrete-event answer.

use crate::arguments::Simulate;
use crate::failure::{Done, Failure};
use crate::{input, output, text};
use study::simulate::{SimulateOptions, simulate};

/// Simulates.
pub(crate) fn run(arguments: &Simulate) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let options = SimulateOptions {
        multiples: arguments.growth.0.clone(),
        seconds: arguments.seconds,
        warmup: arguments.warmup,
        replications: arguments.replications,
        half_width: arguments.half_width,
        seed: arguments.seed,
        shard: arguments.shard.map(|(index, of)| (index - 1, of)),
        ..SimulateOptions::default()
    };
    let answer = simulate(&scenario, &options)?;
    if arguments.json {
        output::json(&answer)?
    } else {
        output::text(&text::result::simulated(&answer, &scenario.name))?
    }
    Ok(Done::Fine)
}
