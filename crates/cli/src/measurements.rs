//! Files with measurements, read in chunks.

use crate::arguments::Reading;
use crate::failure::{Failure, error_line, warning_line};
use crate::input;
use ingest::{Import, Measurements, Options, Outcome, Question, Refusal};
use scenario::Problem;
use std::io::Read as _;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// What came of several files.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What was read.
    pub(crate) measurements: Vec<Measurements>,
    /// Why the others were not.
    pub(crate) refused: Vec<Problem>,
}

impl Read {
    /// Names the files that were not read on standard error.
    pub(crate) fn name_refused(&self) {
        self.refused.iter().for_each(|problem| error_line(&problem.to_string()));
    }

    /// Says on standard error what a reader of the figures must know.
    pub(crate) fn warn(&self) {
        for measurements in &self.measurements {
            for warning in &measurements.warnings {
                warning_line(&format!("{}: {}", measurements.file, warning.text));
            }
        }
    }
}

/// Reads all files, whatever becomes of the others.
///
/// A system's failure while reading counts like a file that holds nothing.
pub(crate) fn read(files: &[String], reading: &Reading) -> Result<Read, Failure> {
    let options = Options {
        kind: (reading.kind != "auto").then(|| reading.kind.clone()),
        zone_minutes: reading.zone_minutes,
        keep_names: reading.keep_names,
        ..Options::default()
    };
    let mut all = Read::default();
    for file in files {
        match one(file, options.clone()) {
            Ok(Outcome::Measured(measurements)) => all.measurements.push(*measurements),
            Ok(Outcome::Question(question)) => all.refused.push(unanswered(&question)),
            Ok(Outcome::Nothing(refusal)) => all.refused.push(refused(refusal)),
            Err(Failure::Input(problems)) => all.refused.extend(problems),
            Err(other) => return Err(other),
        }
    }
    Ok(all)
}

fn one(path: &str, options: Options) -> Result<Outcome, Failure> {
    let mut file = input::open(path)?;
    let mut import = Import::new(input::name(path), options);
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = file.read(&mut buffer).map_err(|cause| input::unreadable(path, &cause))?;
        // A refusal is repeated by `finish`, which also keeps what was read before it.
        if count == 0 || import.push(&buffer[..count]).is_err() {
            return Ok(import.finish());
        }
    }
}

fn refused(refusal: Refusal) -> Problem {
    let place = match (refusal.line, refusal.column) {
        (Some(line), Some(column)) => format!("{}: line {line}, column {column}", refusal.file),
        (Some(line), None) => format!("{}: line {line}", refusal.file),
        _ => refusal.file,
    };
    Problem::new(place, format!("expected {}, found {}", refusal.expected, refusal.found), refusal.remedy)
}

fn unanswered(question: &Question) -> Problem {
    let kinds: Vec<String> = question
        .candidates
        .iter()
        .filter_map(|candidate| Some(format!("--kind {} ({})", candidate.options.kind.as_ref()?, candidate.label)))
        .collect();
    let remedy =
        if kinds.is_empty() { "answer it in the app".to_owned() } else { format!("give {}", kinds.join(" or ")) };
    Problem::new(question.file.clone(), question.text.clone(), remedy)
}
