//! The closed form's answers for the shop, at growth multiples from an idle to an overloaded system.

use engine::solve::{Options, Solver};
use std::fmt::Write;

const SHOP: &str = include_str!("../../../tests/fixtures/shop-stack/scenario.json");

/// One line a class and station at each multiple, or the refusals.
pub fn compute() -> String {
    match answers() {
        Ok(text) => text,
        Err(refused) => refused,
    }
}

fn answers() -> Result<String, String> {
    let parsed = scenario::parse(SHOP).map_err(|problems| format!("{problems:#?}\n"))?;
    let system = scenario::lower(&parsed.scenario).map_err(|problems| format!("{problems:#?}\n"))?;
    let mut solver = Solver::new(&system).map_err(|refusals| format!("{refusals:#?}\n"))?;
    let mut text = String::new();
    for multiple in [0.01, 1.0, 2.0, 3.0, 5.0, 10.0] {
        let answer = solver.solve(&system, multiple, &Options::default());
        let _ = writeln!(text, "multiple {multiple:?} {:?} {:?}", answer.convergence, answer.bottleneck);
        for class in &answer.classes {
            let _ = writeln!(text, "{class:?}");
        }
        for station in &answer.stations {
            let _ = writeln!(text, "{station:?}");
        }
    }
    Ok(text)
}
