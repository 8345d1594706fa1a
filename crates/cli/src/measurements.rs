//! Files with measurements, read in chunks.

use crate::arguments::{Reading, Unit};
use crate::failure::{Failure, error_line, warning_line};
use crate::input;
use ingest::{Candidate, Import, Measurements, Options, Outcome, Question, Refusal, TimeUnit};
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
    /// Names the files that were not read on standard error, and says that the answer is without them; to be called last, so that
    /// it is not read over.
    pub(crate) fn name_refused(&self) {
        self.refused.iter().for_each(|problem| error_line(&problem.to_string()));
        if !self.refused.is_empty() {
            let (left, all) = (self.refused.len(), self.refused.len() + self.measurements.len());
            warning_line(&format!("{left} of {all} files gave nothing: the answer is without them"));
        }
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
        unit: reading.unit.map(unit),
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

fn unit(unit: Unit) -> TimeUnit {
    match unit {
        Unit::S => TimeUnit::Seconds,
        Unit::Ms => TimeUnit::Milliseconds,
        Unit::Us => TimeUnit::Microseconds,
        Unit::Ns => TimeUnit::Nanoseconds,
    }
}

fn unanswered(question: &Question) -> Problem {
    let answers: Vec<String> = question.candidates.iter().filter_map(answer).collect();
    let remedy = if answers.is_empty() {
        "name the columns in the file's first line (time, duration_ms, status, endpoint; of levels users, rps, mean_ms), or answer it in the app"
            .to_owned()
    } else {
        format!("give {}", answers.join(" or "))
    };
    Problem::new(question.file.clone(), question.text.clone(), remedy)
}

/// How a candidate is chosen on the command line.
fn answer(candidate: &Candidate) -> Option<String> {
    let options = &candidate.options;
    let asked = options.unit.or(options.columns.as_ref().and_then(|columns| columns.unit));
    let typed = match (asked, &options.kind) {
        (Some(TimeUnit::Seconds), _) => "--unit s".to_owned(),
        (Some(TimeUnit::Milliseconds), _) => "--unit ms".to_owned(),
        (Some(TimeUnit::Microseconds), _) => "--unit us".to_owned(),
        (Some(TimeUnit::Nanoseconds), _) => "--unit ns".to_owned(),
        (None, Some(kind)) => format!("--kind {kind}"),
        (None, None) => return None,
    };
    Some(format!("{typed} ({})", candidate.label))
}
