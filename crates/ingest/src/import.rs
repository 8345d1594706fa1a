//! The door of the crate: bytes of one file in, in chunks of any size; measurements, a question or a refusal out.

use crate::measurements::{FORMAT, Measurements, Warning};
use crate::read::list::{self, Lined};
use crate::read::table::ColumnMapping;
use crate::read::text::TimeUnit;
use crate::read::{Ending, Reader, Whole, json};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, FORMATS, Fit, Format, Head, Shape, format};
use crate::sense::ends::{self, Report};
use crate::source::Decoder;
use serde::{Deserialize, Serialize};

/// How much of a file is looked at before a format is chosen.
const HEAD: usize = 64 * 1024;

/// What the caller knows about a file. Everything may stay absent: then the content decides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Kind in kebab case (see [`crate::registry::FORMATS`]); absent: recognised by content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which columns of a table mean what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<ColumnMapping>,
    /// Unit of times where the file does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// Minutes east of UTC of local times without a zone; absent: UTC, with a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_minutes: Option<i32>,
    /// Keep endpoint names as they are instead of collapsing identifiers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_names: bool,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It holds measurements.
    Measured(Box<Measurements>),
    /// It could be read in more than one way; import it again with [`Options`] that decide.
    Question(Question),
    /// It holds none.
    Nothing(Refusal),
}

/// A decision only the owner of the file can make.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Question {
    /// The file's name as given.
    pub file: String,
    /// The question, in one sentence.
    pub text: String,
    /// The possible answers, likeliest first: each is the options to import again with.
    pub candidates: Vec<Candidate>,
    /// For a table of unknown meaning: its column names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// For a table of unknown meaning: its first rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preview: Vec<Vec<String>>,
}

/// One possible answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Candidate {
    /// What it means, for people.
    pub label: String,
    /// Import again with these.
    pub options: Options,
}

/// One file being imported.
pub struct Import {
    context: Context,
    decoder: Decoder,
    bytes: u64,
    stage: Stage,
    fault: Option<Refusal>,
}

enum Stage {
    /// The head is still being collected.
    Sniffing(Vec<u8>),
    /// A format is reading.
    Reading(&'static Format, Box<dyn Reader>),
    /// A JSON document is being held until it can be recognised.
    Document(Whole),
    /// Nothing more is needed.
    Asked(Question),
    /// It failed.
    Refused(Refusal),
}

impl Import {
    /// A new import; `file_name` is used in messages only.
    pub fn new(file_name: &str, options: Options) -> Self {
        let context = Context { file: file_name.to_owned(), options };
        Self { context, decoder: Decoder::default(), bytes: 0, stage: Stage::Sniffing(Vec::new()), fault: None }
    }

    /// Takes the next bytes of the file, in chunks of any size.
    ///
    /// # Errors
    /// The file cannot be read further; [`Import::finish`] then gives the same refusal, or what was read up to there.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        self.bytes += chunk.len() as u64;
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let Self { context, decoder, stage, .. } = self;
        let result = decoder.push(chunk, &mut |decoded| advance(stage, context, decoded));
        result.map_err(|refusal| {
            let refusal = Refusal { file: context.file.clone(), ..refusal };
            self.fault = Some(refusal.clone());
            if !matches!(self.stage, Stage::Reading(..)) {
                self.stage = Stage::Refused(refusal.clone());
            }
            refusal
        })
    }

    /// Bytes taken so far, as they are in the file (before inflating).
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The kind that was recognised, as soon as it is.
    pub fn kind(&self) -> Option<&'static str> {
        if let Stage::Reading(format, _) = &self.stage { Some(format.kind) } else { None }
    }

    /// What the file holds.
    pub fn finish(mut self) -> Outcome {
        let mut ending = Ending { fault: self.fault.take(), ..Ending::default() };
        let Self { context, decoder, stage, .. } = &mut self;
        match decoder.finish(&mut |decoded| advance(stage, context, decoded)) {
            Ok(cut) => ending.cut = cut,
            Err(refusal) if ending.fault.is_none() => {
                ending.fault = Some(Refusal { file: context.file.clone(), ..refusal });
            }
            Err(_) => {}
        }
        if let Stage::Sniffing(head) = &mut self.stage {
            let head = std::mem::take(head);
            if let Err(refusal) = choose(&mut self.stage, &self.context, head, true) {
                return self.nothing(refusal);
            }
        }
        let context = self.context;
        let outcome = match self.stage {
            Stage::Reading(format, reader) => reader.finish(ending.clone()).map(|found| (format, found)),
            Stage::Document(whole) => document(&whole, &context, &mut ending),
            Stage::Asked(question) => return Outcome::Question(question),
            Stage::Refused(refusal) => Err(refusal),
            Stage::Sniffing(_) => Err(Refusal::new("a file with content", "nothing")),
        };
        match outcome {
            Ok((format, found)) => Outcome::Measured(Box::new(label(found, format, &context, &ending))),
            // What stopped the reading says more than that nothing came before it.
            Err(refusal) => Outcome::Nothing(Refusal { file: context.file, ..ending.fault.unwrap_or(refusal) }),
        }
    }

    fn nothing(self, refusal: Refusal) -> Outcome {
        Outcome::Nothing(Refusal { file: self.context.file, ..refusal })
    }
}

/// Imports a file held in memory, its kind found by content.
pub fn import_bytes(name: &str, bytes: &[u8]) -> Outcome {
    import_bytes_with(name, bytes, Options::default())
}

/// Imports a file held in memory.
pub fn import_bytes_with(name: &str, bytes: &[u8], options: Options) -> Outcome {
    let mut import = Import::new(name, options);
    // A refusal is repeated by `finish`, which also keeps what was read before it.
    for chunk in bytes.chunks(256 * 1024) {
        if import.push(chunk).is_err() {
            break;
        }
    }
    import.finish()
}

/// Hands decoded bytes to whatever stage the import is in.
fn advance(stage: &mut Stage, context: &Context, decoded: &[u8]) -> Result<(), Refusal> {
    match stage {
        Stage::Sniffing(head) => {
            head.extend_from_slice(decoded);
            if head.len() < HEAD {
                return Ok(());
            }
            let head = std::mem::take(head);
            choose(stage, context, head, false)
        }
        Stage::Reading(_, reader) => reader.push(decoded),
        Stage::Document(whole) => {
            if let Some((format, reader)) = long(whole, decoded, None, context)? {
                *stage = Stage::Reading(format, reader);
            }
            Ok(())
        }
        Stage::Asked(_) => Ok(()),
        Stage::Refused(refusal) => Err(refusal.clone()),
    }
}

/// Adds to a document; from a length on a reader for its items takes it over where there is one.
fn long(
    whole: &mut Whole,
    bytes: &[u8],
    kind: Option<&Format>,
    context: &Context,
) -> Result<Option<list::Found>, Refusal> {
    let short = whole.bytes.len() < list::FROM;
    whole.push(bytes)?;
    let grown = short && whole.bytes.len() >= list::FROM;
    Ok(if grown { list::reader(&whole.bytes, kind, context) } else { None })
}

/// Chooses the format by the head and hands the head to its reader.
fn choose(stage: &mut Stage, context: &Context, head: Vec<u8>, whole: bool) -> Result<(), Refusal> {
    let view = Head { bytes: &head[..head.len().min(HEAD)], whole };
    *stage = match decide(&view, context) {
        Decision::Read(format) => Stage::Reading(format, open(format, context)),
        Decision::ReadList(format) => Stage::Reading(format, Lined::reader(open(format, context))),
        Decision::Document => Stage::Document(Whole::default()),
        Decision::Ask(question) => Stage::Asked(question),
        Decision::Refuse(refusal) => {
            *stage = Stage::Refused(refusal.clone());
            return Err(refusal);
        }
    };
    advance(stage, context, &head)
}

enum Decision {
    Read(&'static Format),
    /// A list of what the format reads as lines.
    ReadList(&'static Format),
    Document,
    Ask(Question),
    Refuse(Refusal),
}

fn decide(head: &Head<'_>, context: &Context) -> Decision {
    if let Some(kind) = &context.options.kind {
        return match format(kind) {
            Some(format) => Decision::Read(format),
            None => Decision::Refuse(unknown_kind(kind)),
        };
    }
    if head.bytes.iter().all(u8::is_ascii_whitespace) {
        return Decision::Refuse(Refusal::new("a file with content", "an empty file").remedy("export it again"));
    }
    if context.options.columns.is_some() {
        return Decision::Read(&crate::load::table::FORMAT);
    }
    let fits: Vec<(Fit, &'static Format)> = FORMATS
        .iter()
        .filter_map(|format| match format.shape {
            Shape::Stream { fits, .. } | Shape::Text { fits, .. } => Some((fits(head), *format)),
            Shape::Json { .. } | Shape::List { .. } => None,
        })
        .collect();
    let with = |wanted: Fit| -> Vec<&'static Format> {
        fits.iter().filter(|(fit, _)| *fit == wanted).map(|(_, format)| *format).collect()
    };
    let read = |format: &'static Format| match crate::unknown::doubt(format, head, context) {
        Some(question) => Decision::Ask(Question { file: context.file.clone(), ..question }),
        None => Decision::Read(format),
    };
    let explain = || match crate::unknown::explain(head) {
        Ok(_) if context.options.unit.is_some() && crate::unknown::lacks_unit_only(head) => {
            Decision::Read(&crate::load::table::FORMAT)
        }
        Ok(question) => Decision::Ask(Question { file: context.file.clone(), ..question }),
        Err(refusal) => Decision::Refuse(refusal),
    };
    match (with(Fit::Yes).as_slice(), with(Fit::Maybe).as_slice()) {
        ([format], _) => read(format),
        ([], [format]) if !head.is_json() || head.is_json_lines() => read(format),
        ([], []) if head.is_json_lines() => Decision::Refuse(crate::unknown::lines(head)),
        // A log in brackets opens no list.
        ([], []) if head.text().starts_with("[") && json::first_bracket(head.bytes).is_none() => explain(),
        ([], _) if head.is_json() => lined(head).map_or(Decision::Document, Decision::ReadList),
        ([], [format]) => read(format),
        ([], []) if json::first_bracket(head.bytes).is_some() => Decision::Document,
        ([], []) => explain(),
        ([], several) | (several, _) => Decision::Ask(ask_kind(several, &context.file)),
    }
}

/// Kinds of JSON lines that people also make one list of (`jq -s`).
const LINED: [&str; 4] = ["k6-ndjson", "vegeta-ndjson", "goose-ndjson", "otlp-ndjson"];

/// The format of whose lines this is a list.
fn lined(head: &Head<'_>) -> Option<&'static Format> {
    if !head.text().starts_with('[') {
        return None;
    }
    let lines = list::as_lines(head.bytes);
    let view = Head { bytes: &lines, whole: head.whole };
    LINED.iter().filter_map(|kind| format(kind)).find(|format| match format.shape {
        Shape::Stream { fits, .. } => fits(&view) == Fit::Yes,
        _ => false,
    })
}

fn ask_kind(formats: &[&'static Format], file: &str) -> Question {
    let candidate = |format: &&'static Format| Candidate {
        label: format.title.to_owned(),
        options: Options { kind: Some(format.kind.to_owned()), ..Options::default() },
    };
    Question {
        file: file.to_owned(),
        text: "The content fits more than one format; which one is it?".to_owned(),
        candidates: formats.iter().map(candidate).collect(),
        ..Question::default()
    }
}

fn unknown_kind(kind: &str) -> Refusal {
    let known: Vec<&str> = FORMATS.iter().map(|format| format.kind).collect();
    Refusal::new("a known kind of file", format!("`{kind}`")).remedy(format!("use one of {}", known.join(", ")))
}

/// A reader for that format; documents and reports are held whole first.
fn open(format: &'static Format, context: &Context) -> Box<dyn Reader> {
    match format.shape {
        Shape::Stream { open, .. } => open(context),
        Shape::Json { .. } | Shape::List { .. } | Shape::Text { .. } => {
            Box::new(Held { whole: Whole::default(), context: context.clone(), format, items: None })
        }
    }
}

/// A file of known format that is read when it is complete, or by its items when it is long.
struct Held {
    whole: Whole,
    context: Context,
    format: &'static Format,
    items: Option<Box<dyn Reader>>,
}

impl Reader for Held {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(items) = &mut self.items {
            return items.push(bytes);
        }
        if let Some((_, items)) = long(&mut self.whole, bytes, Some(self.format), &self.context)? {
            self.items = Some(items);
            self.whole = Whole::default();
        }
        Ok(())
    }

    fn finish(self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        if let Some(items) = self.items {
            return items.finish(ending);
        }
        if let Shape::Text { read, .. } = self.format.shape {
            let text = String::from_utf8_lossy(&self.whole.bytes);
            ends::one_report(self.format.kind, &text)?;
            let report = Report::new(self.format.kind, &text);
            let mut found = read(report.text, &self.context)?;
            report.say(&mut found);
            return Ok(found);
        }
        let document = json::whole(&self.whole.bytes)?;
        let found = self.format.read_document(&document.value, &self.context);
        let mut found = found.map_err(|refusal| cut_note(refusal, &document))?;
        found.warnings.extend(document.cut_at.map(truncated));
        Ok(found)
    }
}

/// Recognises and reads a JSON document of unknown kind.
fn document(whole: &Whole, context: &Context, ending: &mut Ending) -> Result<(&'static Format, Measurements), Refusal> {
    let document = json::whole(&whole.bytes)?;
    let fit =
        |wanted: Fit| FORMATS.iter().copied().find(|format| format.fits_document(&document.value) == Some(wanted));
    let Some(format) = fit(Fit::Yes).or_else(|| fit(Fit::Maybe)) else {
        return Err(cut_note(crate::unknown::document(&document.value), &document));
    };
    let found = format.read_document(&document.value, context).map_err(|refusal| cut_note(refusal, &document))?;
    ending.cut_at = document.cut_at;
    Ok((format, found))
}

/// Says that a document was cut, where that may be why it could not be read.
fn cut_note(refusal: Refusal, document: &json::Document) -> Refusal {
    let Some((line, column)) = document.cut_at else { return refusal };
    let found = format!("{} (the file ends in the middle of a value)", refusal.found);
    Refusal { found, remedy: "export it again, it was cut".to_owned(), ..refusal }.at_line(line).at_column(column)
}

/// Writes the name, the kind and the end of the file into what was read.
fn label(mut found: Measurements, format: &Format, context: &Context, ending: &Ending) -> Measurements {
    found.format = FORMAT.to_owned();
    found.kind = format.kind.to_owned();
    found.file = context.file.clone();
    if let Some(place) = ending.cut_at {
        found.warnings.push(truncated(place));
    } else if ending.cut && !found.warnings.iter().any(|warning| warning.code == "truncated") {
        found
            .warnings
            .push(Warning::new("truncated", "The compressed file ends early; the figures cover what could be read."));
    }
    if let Some(fault) = &ending.fault {
        let text = format!("Reading stopped early ({fault}); the figures cover what came before.");
        found.warnings.push(Warning::new("truncated", &text));
    }
    found.keep_finite();
    crate::sense::negative::leave_out(&mut found);
    crate::sense::tidy::tidy(&mut found);
    crate::sense::warn::examine(&mut found);
    found.keep_finite();
    found
}

fn truncated((line, column): (u64, u64)) -> Warning {
    Warning::new("truncated", "The file ends in the middle of a value; the figures cover what could be read.")
        .with("line", line)
        .with("column", column)
}

/// A refusal for a file whose head fits nothing.
pub(crate) fn unrecognised(head: &Head<'_>) -> Refusal {
    Refusal::new("a load test, metrics, a topology or a bill in a known format", excerpt(head.bytes)).at_line(1).remedy(
        "see docs/formats.md for what can be read; a table with named columns (time, duration, status, endpoint) always can",
    )
}
