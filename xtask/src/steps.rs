//! The ledger of a run: each step with its outcome and time, the tests counted, and the exit code that follows.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Why a step did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It ran and failed.
    Failed(String),
    /// This machine lacks something; `remedy` is the command that brings it.
    Missing {
        /// What is missing.
        what: String,
        /// The command or action that installs it.
        remedy: String,
    },
}

impl Trouble {
    /// Something is not on this machine and could not be installed.
    pub fn missing(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Trouble::Missing { what: what.into(), remedy: remedy.into() }
    }
}

impl From<String> for Trouble {
    fn from(message: String) -> Self {
        Trouble::Failed(message)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Trouble::Failed(error.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Failed(message) => write!(formatter, "{message}"),
            Trouble::Missing { what, remedy } => write!(formatter, "{what} is missing; to install it: {remedy}"),
        }
    }
}

/// The result of anything `xtask` does.
pub type Result<T> = std::result::Result<T, Trouble>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Missing(String),
    /// Not run, because a step it needs did not pass.
    Held(String),
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// What has been done so far.
pub struct Steps {
    verb: &'static str,
    steps: Vec<Step>,
    started: Instant,
    tests: Option<Tally>,
}

/// Tests counted from the closing lines of test runners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Steps {
    /// An empty ledger for one verb.
    pub fn new(verb: &'static str) -> Self {
        Steps { verb, steps: Vec::new(), started: Instant::now(), tests: None }
    }

    /// Runs one step, prints its name before and its time after, and hands back what it gave, if it passed.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce(&mut Tally) -> Result<T>) -> Option<T> {
        println!("\n── {name}");
        flush();
        let started = Instant::now();
        let mut tally = Tally::default();
        let (outcome, value) = match work(&mut tally) {
            Ok(value) => (Outcome::Passed, Some(value)),
            Err(trouble) => (outcome_of(trouble), None),
        };
        if tally != Tally::default() {
            let total = self.tests.get_or_insert_default();
            total.passed += tally.passed;
            total.failed += tally.failed;
        }
        self.push(name, outcome, started.elapsed());
        value
    }

    /// Records that a step could not start because `needs` did not pass.
    pub fn hold(&mut self, name: &str, needs: &str) {
        println!("\n── {name}");
        self.push(name, Outcome::Held(format!("needs {needs}")), Duration::ZERO);
    }

    /// Records a trouble outside any step.
    pub fn note(&mut self, trouble: Trouble) {
        let verb = self.verb;
        self.push(verb, outcome_of(trouble), Duration::ZERO);
    }

    fn push(&mut self, name: &str, outcome: Outcome, took: Duration) {
        let step = Step { name: name.to_owned(), outcome, took };
        println!("{}", line(&step));
        flush();
        self.steps.push(step);
    }

    /// Prints the summary of several steps and gives the exit code.
    pub fn finish(self) -> ExitCode {
        if self.steps.len() > 1 {
            println!("\n══ {} took {}", self.verb, seconds(self.started.elapsed()));
            for step in &self.steps {
                println!("{}", line(step));
            }
        }
        if let Some(tests) = self.tests {
            println!("\n{} passed, {} failed", tests.passed, tests.failed);
        }
        flush();
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        let any = |wanted: fn(&Outcome) -> bool| self.steps.iter().any(|step| wanted(&step.outcome));
        if any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            1
        } else if any(|outcome| matches!(outcome, Outcome::Missing(_) | Outcome::Held(_))) {
            3
        } else {
            0
        }
    }
}

fn outcome_of(trouble: Trouble) -> Outcome {
    match trouble {
        Trouble::Failed(message) => Outcome::Failed(message),
        missing @ Trouble::Missing { .. } => Outcome::Missing(missing.to_string()),
    }
}

fn line(step: &Step) -> String {
    let (mark, detail) = match &step.outcome {
        Outcome::Passed => ("ok     ", None),
        Outcome::Failed(message) => ("FAILED ", Some(message)),
        Outcome::Missing(message) => ("missing", Some(message)),
        Outcome::Held(message) => ("not run", Some(message)),
    };
    let head = format!("{mark} {:>8}  {}", seconds(step.took), step.name);
    match detail {
        Some(detail) => format!("{head}: {detail}"),
        None => head,
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn flush() {
    // A closed pipe is the reader's wish to stop listening, not an error of the run.
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_after(outcomes: &[fn() -> Result<()>]) -> u8 {
        let mut steps = Steps::new("test");
        for work in outcomes {
            steps.step("a step", |_| work());
        }
        steps.code()
    }

    #[test]
    fn exit_codes() {
        let passes: fn() -> Result<()> = || Ok(());
        let fails: fn() -> Result<()> = || Err("broken".to_owned().into());
        let lacks: fn() -> Result<()> = || Err(Trouble::missing("chromium", "apt-get install chromium"));
        for (row, outcomes, code) in [
            ("nothing to do", &[][..], 0),
            ("all passed", &[passes, passes], 0),
            ("a failure", &[passes, fails, passes], 1),
            ("something missing", &[passes, lacks], 3),
            ("a failure outweighs something missing", &[lacks, fails], 1),
        ] {
            assert_eq!(code_after(outcomes), code, "{row}");
        }
    }

    #[test]
    fn a_held_step_is_not_a_pass() {
        let mut steps = Steps::new("test");
        steps.hold("journeys", "dist");
        assert_eq!(steps.code(), 3);
    }

    #[test]
    fn tests_are_added_up_over_steps() {
        let mut steps = Steps::new("test");
        for (passed, failed) in [(3, 0), (4, 1)] {
            steps.step("tests", |tally| {
                *tally = Tally { passed, failed };
                Ok(())
            });
        }
        assert_eq!(steps.tests, Some(Tally { passed: 7, failed: 1 }));
    }
}
