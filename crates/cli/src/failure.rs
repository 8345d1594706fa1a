//! How a run ends, and how that is said.

use scenario::Problem;
use std::any::Any;
use std::io::{self, Write};
use std::process::ExitCode;

/// A run that worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Everything is as wished.
    Fine,
    /// The answer is that an objective is missed.
    Missed,
}

/// A run that did not work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is bad: all its problems.
    Input(Vec<Problem>),
    /// The fault is here or in the system.
    Fault(Problem),
}

impl Failure {
    /// One problem with the input.
    pub(crate) fn input(path: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Input(vec![Problem::new(path, text, remedy)])
    }

    /// One fault that is not the input's.
    pub(crate) fn fault(path: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Fault(Problem::new(path, text, remedy))
    }

    /// A panic: always a defect of the program.
    pub(crate) fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let text = format!("internal fault: {}", said.unwrap_or("no reason given"));
        Self::fault("headroom", text, "this is a defect; please report it with the input that caused it")
    }

    /// Says it on standard error, one problem a line, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Input(problems) => {
                problems.iter().for_each(|problem| error_line(&problem.to_string()));
                ExitCode::from(2)
            }
            Self::Fault(problem) => {
                error_line(&problem.to_string());
                ExitCode::from(3)
            }
        }
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Input(problems)
    }
}

/// `error: …` on standard error.
pub(crate) fn error_line(text: &str) {
    line("error", text);
}

/// `warning: …` on standard error.
pub(crate) fn warning_line(text: &str) {
    line("warning", text);
}

/// `note: …` on standard error.
pub(crate) fn note_line(text: &str) {
    line("note", text);
}

fn line(label: &str, text: &str) {
    // Nothing can be done about a closed standard error.
    let _ = writeln!(io::stderr(), "{label}: {}", one_line(text));
}

/// Names and values come from files: without this a file could break the lines or control the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_harmless_line() {
        assert_eq!(one_line("a\nb\u{1b}[31mred\r"), "a b [31mred ");
    }
}
