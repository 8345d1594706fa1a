//! One file on its way in: it may be a scenario, a map, measurements, or nothing of the kind.

use super::{report, troubles};
use crate::protocol::{FileReport, FileRole, QuestionView, Trouble};
use ingest::{Import, Measurements, Options, Outcome};
use scenario::Scenario;
use scenario::v1::Map;
use serde_json::Value;

/// A scenario or a map is at most this large; beyond it a file can only hold measurements.
const LARGEST_DOCUMENT: usize = 8 * 1024 * 1024;
/// Keys of a map.
const MAP_KEYS: [&str; 3] = ["endpoints", "series", "costs"];

/// A file being read.
pub(super) struct Incoming {
    pub name: String,
    pub size: f64,
    pub unreadable: bool,
    /// Nothing after what was read can make measurements of it.
    refused: bool,
    import: Import,
    /// The whole text while it may still be a scenario or a map.
    text: Option<Vec<u8>>,
}

/// What a file turned out to be.
pub(super) enum Content {
    Measured(Box<Measurements>),
    Scenario(Box<Scenario>),
    Map(Map),
    Other,
}

/// A file that was read.
pub(super) struct Read {
    report: FileReport,
    content: Content,
    problems: Vec<Trouble>,
}

/// Everything that a drop held.
#[derive(Default)]
pub(super) struct Found {
    pub reports: Vec<FileReport>,
    pub measurements: Vec<Measurements>,
    pub scenario: Option<Scenario>,
    pub map: Option<Map>,
    pub problems: Vec<Trouble>,
    /// Problems of files that hold nothing of use.
    pub nothing: Vec<Trouble>,
}

impl Found {
    /// Adds a file; of several scenarios or maps the last one counts, and says so.
    pub fn add(&mut self, mut read: Read) {
        let problems = std::mem::take(&mut read.problems);
        if read.is_nothing() {
            self.nothing.extend(problems);
        } else {
            self.problems.extend(problems);
        }
        let Read { mut report, content, .. } = read;
        let earlier = match content {
            Content::Scenario(_) => self.scenario.is_some(),
            Content::Map(_) => self.map.is_some(),
            _ => false,
        };
        if earlier {
            let text = "of several dropped at once this one counts".to_owned();
            report.warnings.push(("several".to_owned(), text));
        }
        self.reports.push(report);
        match content {
            Content::Measured(measurements) => self.measurements.push(*measurements),
            Content::Scenario(scenario) => self.scenario = Some(*scenario),
            Content::Map(map) => self.map = Some(map),
            Content::Other => {}
        }
    }
}

impl Incoming {
    pub fn new(name: &str, size: f64, options: Options) -> Self {
        let import = Import::new(name, options);
        Self { name: name.to_owned(), size, unreadable: false, refused: false, import, text: Some(Vec::new()) }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        if let Some(text) = &mut self.text {
            text.extend_from_slice(bytes);
            let opens = text.iter().find(|byte| !byte.is_ascii_whitespace());
            let object = opens.is_none_or(|byte| matches!(byte, b'{' | 0xEF));
            if !object || text.len() > LARGEST_DOCUMENT {
                self.text = None;
            }
        }
        // A refusal is repeated by `finish`.
        self.refused = self.import.push(bytes).is_err();
    }

    /// Whether more of it can change what it is taken for.
    pub fn wants_more(&self) -> bool {
        !self.refused || self.text.is_some()
    }

    pub fn finish(self) -> Read {
        if self.unreadable {
            let problem = Trouble {
                path: self.name.clone(),
                text: "the browser could not read this file to its end".into(),
                remedy: "check that it still exists, and drop it again".into(),
            };
            return Read::broken(&self.name, vec![problem]);
        }
        let text = self.text.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let value = text.and_then(|text| serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).ok());
        if let Some(value) = value {
            if value.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("headroom/")) {
                return scenario_file(&self.name, value);
            }
            if is_map(&value) {
                return map_file(&self.name, value);
            }
        }
        match self.import.finish() {
            Outcome::Measured(measurements) => {
                let report = report::file(&self.name, &measurements);
                Read { report, content: Content::Measured(measurements), problems: Vec::new() }
            }
            Outcome::Question(question) => {
                let choices: Vec<&str> = question.candidates.iter().map(|candidate| candidate.label.as_str()).collect();
                let text = question.text.clone();
                let remedy = format!("it could be: {}; choose on the data page", choices.join("; "));
                let mut read = Read::broken(&self.name, vec![Trouble { path: self.name.clone(), text, remedy }]);
                read.report.question = Some(asked(&question));
                read
            }
            Outcome::Nothing(refusal) => Read::nothing(&self.name, &refusal),
        }
    }
}

impl Read {
    fn broken(name: &str, problems: Vec<Trouble>) -> Self {
        let report = FileReport { file: name.to_owned(), role: FileRole::Broken, ..FileReport::default() };
        Self { report, content: Content::Other, problems }
    }

    fn nothing(name: &str, refusal: &ingest::Refusal) -> Self {
        let place = match (refusal.line, refusal.column) {
            (Some(line), Some(column)) => format!("{name}: line {line}, column {column}"),
            (Some(line), None) => format!("{name}: line {line}"),
            _ => name.to_owned(),
        };
        let text = format!("expected {}, found {}", refusal.expected, refusal.found);
        let problem = Trouble { path: place, text, remedy: refusal.remedy.clone() };
        let report = FileReport {
            file: name.to_owned(),
            role: FileRole::Nothing,
            found: vec![format!("{}; {}", problem.text, problem.remedy)],
            ..FileReport::default()
        };
        Self { report, content: Content::Other, problems: vec![problem] }
    }

    /// Whether it holds nothing of use, which matters only when nothing beside it does.
    fn is_nothing(&self) -> bool {
        self.report.role == FileRole::Nothing
    }
}

/// A question in the page's words.
fn asked(question: &ingest::Question) -> QuestionView {
    /// Rows and columns shown.
    const SHOWN: usize = 6;
    let choice = |candidate: &ingest::Candidate| {
        Some((candidate.label.clone(), serde_json::to_string(&candidate.options).ok()?))
    };
    QuestionView {
        text: question.text.clone(),
        choices: question.candidates.iter().filter_map(choice).collect(),
        columns: question.columns.iter().take(SHOWN).cloned().collect(),
        preview: question.preview.iter().take(3).map(|row| row.iter().take(SHOWN).cloned().collect()).collect(),
    }
}

fn is_map(value: &Value) -> bool {
    let keys = value.as_object().map(|object| object.keys().collect::<Vec<_>>()).unwrap_or_default();
    !keys.is_empty() && keys.iter().all(|key| MAP_KEYS.contains(&key.as_str()))
}

fn scenario_file(name: &str, value: Value) -> Read {
    match scenario::parse_value(value) {
        Ok(parsed) => {
            let warnings = parsed.notes.iter().map(|note| (note.path.clone(), note.text.clone())).collect();
            let found = vec![parsed.scenario.name.clone(), format!("{} components", parsed.scenario.components.len())];
            let report = FileReport {
                file: name.to_owned(),
                role: FileRole::Scenario,
                found,
                warnings,
                ..FileReport::default()
            };
            Read { report, content: Content::Scenario(Box::new(parsed.scenario)), problems: Vec::new() }
        }
        Err(problems) => Read::broken(name, troubles(name, &problems)),
    }
}

fn map_file(name: &str, value: Value) -> Read {
    match serde_json::from_value::<Map>(value) {
        Ok(map) => {
            let found = vec![format!(
                "{} endpoints, {} series, {} bill lines",
                map.endpoints.len(),
                map.series.len(),
                map.costs.len()
            )];
            let report = FileReport { file: name.to_owned(), role: FileRole::Map, found, ..FileReport::default() };
            Read { report, content: Content::Map(map), problems: Vec::new() }
        }
        Err(error) => {
            let text = format!("this map cannot be read: {error}");
            let remedy = "compare it with the form of a map in the documentation".into();
            Read::broken(name, vec![Trouble { path: name.to_owned(), text, remedy }])
        }
    }
}
