//! Running other programs: shown, captured, or with their test results counted.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::{Result, Tally, Trouble};

/// The `cargo` that started this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// How a command reads on a shell's line, for messages.
pub fn shown(command: &Command) -> String {
    let mut words = vec![short_name(command.get_program().as_ref())];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

fn short_name(program: &Path) -> String {
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// Runs a command with its output shown; fails unless it exits with 0.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(Trouble::Failed(format!("`{}` ended with {status}", shown(command)))) }
}

/// Runs a command and gives what it wrote to its standard output; its other output is shown only in the error.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Trouble::Failed(format!("`{}` ended with {}: {}", shown(command), output.status, complaint.trim())))
}

/// Runs a test command with its output shown, adding the tests it reports to `tally`.
pub fn run_tests(command: &mut Command, tally: &mut Tally) -> Result<()> {
    println!("$ {}", shown(command));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    if let Some(output) = child.stdout.take() {
        let mut shown_output = std::io::stdout();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            // Whoever closed our output still wants the exit code.
            let _ = shown_output.write_all(&line).and_then(|()| shown_output.write_all(b"\n"));
            if let Some(counted) = test_result(&String::from_utf8_lossy(&line)) {
                tally.passed += counted.passed;
                tally.failed += counted.failed;
            }
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(Trouble::Failed(format!("`{}` ended with {status}", shown(command)))) }
}

/// Reads the closing line of a Rust test binary: `test result: ok. 3 passed; 0 failed; …`.
fn test_result(line: &str) -> Option<Tally> {
    let (_, counts) = line.split_once("test result: ")?;
    let count_before = |word: &str| -> Option<u64> {
        let (before, _) = counts.split_once(word)?;
        before.rsplit(' ').next()?.parse().ok()
    };
    Some(Tally { passed: count_before(" passed;")?, failed: count_before(" failed;")? })
}

fn not_started(command: &Command, error: &std::io::Error) -> Trouble {
    Trouble::Failed(format!("could not start `{}`: {error}", shown(command)))
}

/// Where a program stands on the PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

/// The PATH with `folders` in front.
pub fn path_with(folders: &[&Path]) -> std::ffi::OsString {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&present));
    // Joining fails only for a folder with the separator in its name, which no shell could use either.
    std::env::join_paths(all).unwrap_or(present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_test_runners() {
        for (line, expected) in [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured", Some((12, 0))),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored", Some((3, 2))),
            ("\u{1b}[32mtest result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out", Some((4, 0))),
            ("test units::tests::rate ... ok", None),
            ("running 3 tests", None),
        ] {
            let counted = test_result(line).map(|tally| (tally.passed, tally.failed));
            assert_eq!(counted, expected, "{line}");
        }
    }
}
