//! The `headroom` command: arguments, files and exit codes. Every answer comes from `study`; no logic of its own.
//!
//! Exit codes: 0 fine, 1 an objective is missed, 2 the input is bad, 3 a fault of the program or the system.

mod arguments;
mod carried;
mod config;
mod failure;
mod input;
mod measurements;
mod output;
#[cfg(test)]
mod reference;
mod share;
mod text;
mod verb;

use failure::{Done, Failure};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match config::arguments(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(config::Unread::Usage(error)) => return usage(&error),
        Err(config::Unread::File(failure)) => return failure.report(),
    };
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| verb::run(arguments.verb)));
    match result {
        Ok(Ok(Done::Fine)) => ExitCode::SUCCESS,
        Ok(Ok(Done::Missed)) => ExitCode::from(1),
        Ok(Err(failure)) => failure.report(),
        Err(panic) => Failure::from_panic(panic.as_ref()).report(),
    }
}

/// Help and version are answers (exit 0); anything else is bad input (exit 2). Clap prints either to its right place.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is no reason to fail.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
