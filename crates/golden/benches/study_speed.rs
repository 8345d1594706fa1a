//! A projection and a plan in V8, built as the page's solver is: `cargo xtask bench --wasm`. Natively: the examples `speed` and `plan` of
//! `study`.
#![cfg(target_arch = "wasm32")]

mod clock;

use clock::processor_time;
use scenario::Scenario;
use std::hint::black_box;
use study::{ProjectJob, ProjectOptions};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const TEN: &str = include_str!("../../study/tests/data/ten.json");
const TWELVE: &str = include_str!("../../study/tests/data/twelve.json");

fn parsed(text: &str) -> Scenario {
    scenario::parse(text).expect("a scenario without problems").scenario
}

/// The first round, before the optimizing compiler, and the least of five, in seconds.
fn report(name: &str, mut run: impl FnMut()) {
    let mut rounds = (0..5).map(|_| {
        let start = processor_time();
        run();
        processor_time() - start
    });
    let first = rounds.next().unwrap_or(f64::NAN);
    console_log!("{name}: {first:.3} s at first, {:.3} s at best", rounds.fold(first, f64::min));
}

#[wasm_bindgen_test]
fn a_projection_and_a_plan() {
    let (ten, twelve) = (parsed(TEN), parsed(TWELVE));
    report("1,000 samples x 10 multiples of 10 components (goal 1 s)", || {
        let mut job = ProjectJob::new(&ten, &ProjectOptions::default()).expect("the closed form models it");
        while job.step(50).expect("every draw is sound") {
            black_box(job.result());
        }
    });
    report("the plan's steps of 12 components (goal 4 s)", || {
        black_box(study::plan::steps(&twelve, &[])).expect("the closed form models it");
    });
    report("the whole plan of 12 components (goal 4 s)", || {
        black_box(study::plan(&twelve, &[])).expect("the closed form models it");
    });
}
