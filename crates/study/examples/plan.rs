//! Time of the plan of all gallery scenarios, of one, or of a file, and its text where that is asked for:
//! `cargo run --release -p study --example plan [ID|FILE [text]]`.

use std::time::Instant;

fn main() {
    let only = std::env::args().nth(1);
    let told = std::env::args().nth(2).is_some_and(|word| word == "text");
    let file = only.as_deref().and_then(|path| std::fs::read_to_string(path).ok());
    if let Some(text) = file {
        match scenario::parse(&text) {
            Ok(parsed) => timed("file", &parsed.scenario, told),
            Err(problems) => println!("{problems:?}"),
        }
        return;
    }
    for entry in scenario::gallery::entries() {
        if only.as_deref().is_some_and(|id| id != entry.id) {
            continue;
        }
        match entry.scenario() {
            Ok(scenario) => timed(entry.id, &scenario, told),
            Err(problems) => println!("{}: {problems:?}", entry.id),
        }
    }
}

fn timed(name: &str, scenario: &scenario::Scenario, told: bool) {
    let begun = Instant::now();
    let steps = study::plan::steps(scenario, &[]);
    let stepped = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    match (study::plan(scenario, &[]), steps) {
        (Ok(plan), Ok(steps)) => {
            let proved = steps.iter().filter(|s| s.complete).count();
            let (parts, count) = (scenario.components.len(), steps.len());
            println!("{name}, {parts} components, steps ({proved} of {count} proved): {stepped:.3} s");
            println!("{name}, the whole plan: {:.3} s", begun.elapsed().as_secs_f64());
            if told {
                println!("{}", plan.text(scenario));
            }
        }
        (Err(problems), _) | (_, Err(problems)) => println!("{name}: {}", problems[0]),
    }
}
