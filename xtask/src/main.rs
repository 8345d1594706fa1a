//! `cargo xtask VERB`: brings up the tools, builds, runs, tests and checks the project.
//!
//! One table ([`VERBS`]) feeds the dispatch and the help. Exit codes: 0 done, 1 something failed, 2 wrong usage,
//! 3 all that could run passed, but a part needs something this machine lacks (it is named, with the command that installs it).

mod bench;
mod command;
mod dist;
mod e2e;
mod golden;
mod packages;
mod performance;
mod project;
mod release;
mod serve;
mod setup;
mod steps;
mod test;
mod tidy;
mod validate;

use std::process::ExitCode;

use project::Project;
use steps::Steps;

/// One thing `cargo xtask` can do.
struct Verb {
    name: &'static str,
    help: &'static str,
    run: fn(&Project, &[String], &mut Steps),
}

const VERBS: &[Verb] = &[
    Verb { name: "run", help: "set up, build and serve the app, open it [--no-open] [--port N]", run: serve::run },
    Verb { name: "test", help: "set up and run every check and test, as CI does", run: test::run },
    Verb { name: "dev", help: "watch and rebuild the app, with the server behind it [--no-open]", run: serve::develop },
    Verb {
        name: "setup",
        help: "install what is missing: wasm32, Trunk, wasm-bindgen, wasm-split, Chromium",
        run: setup::run,
    },
    Verb { name: "dist", help: "build the app and its worker into dist/ [--force]", run: dist::run },
    Verb { name: "size", help: "print the compressed sizes in dist/ against their budgets", run: dist::size::run },
    Verb { name: "e2e", help: "run the user journeys in Chromium [test name filter]", run: e2e::run },
    Verb { name: "tidy", help: "check who may know whom, sizes, docs, paths and secrets", run: tidy::run },
    Verb {
        name: "golden",
        help: "write the golden results anew [--check: natively, in wasm and in Chromium]",
        run: golden::run,
    },
    Verb {
        name: "validate",
        help: "run the long proofs and write docs/validation.md [section ...]",
        run: validate::run,
    },
    Verb { name: "release", help: "build the archives of a release into target/archives/", run: release::run },
    Verb {
        name: "bench",
        help: "run the benchmarks [package or filter; --wasm: in V8, --browser: in Chromium; --record or --compare: docs/performance.md]",
        run: bench::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprint!("xtask: there is no `{name}`\n\n{}", help());
        return ExitCode::from(2);
    };
    let arguments: Vec<String> = arguments.collect();
    let mut steps = Steps::new(verb.name);
    match Project::find() {
        Ok(project) => (verb.run)(&project, &arguments, &mut steps),
        Err(trouble) => steps.note(trouble),
    }
    steps.finish()
}

fn help() -> String {
    let mut text = String::from("cargo xtask VERB\n\n");
    for verb in VERBS {
        text.push_str(&format!("  {:<8} {}\n", verb.name, verb.help));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_stands_once_in_the_help() {
        for verb in VERBS {
            assert_eq!(VERBS.iter().filter(|other| other.name == verb.name).count(), 1, "{}", verb.name);
            assert!(help().contains(verb.help));
        }
    }
}
