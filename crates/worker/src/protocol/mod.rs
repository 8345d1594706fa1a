//! Messages between the page and its worker.
//!
//! They travel as bytes ([`encode`], [`decode`]), not as JSON: a dense projection of a large system is half a megabyte of
//! figures, and the page must not spend a frame on reading it. A document itself travels as JSON text inside a message,
//! because the page keeps it as a tree that may be half-typed.

mod data;
mod projection;
mod share;
mod simulation;
mod study;

pub use data::*;
pub use projection::*;
pub use share::*;
pub use simulation::*;
pub use study::*;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What the page asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// The document as it stands now: check it, then project it. A newer generation drops the work of older ones.
    Document {
        /// Counts edits; comes back with the answer.
        generation: u64,
        /// The scenario as JSON.
        text: String,
    },
    /// Files follow (their bytes come beside the messages); `document` is what is open, if anything is.
    Import {
        /// Counts imports and fits; comes back with the answer.
        asked: u32,
        /// The open scenario as JSON.
        document: Option<String>,
    },
    /// As [`Request::Import`], the files read with options that answer a question about them.
    Answer {
        /// As that of [`Request::Import`].
        asked: u32,
        /// The open scenario as JSON.
        document: Option<String>,
        /// The options of the answer, as the question gave them.
        options: String,
    },
    /// Open pasted text: a scenario, or a link that holds one.
    OpenText(String),
    /// Open the fragment of a link.
    OpenLink(String),
    /// The list of ready scenarios.
    Gallery,
    /// Open a ready scenario by its id.
    OpenExample(String),
    /// Fit again with a corrected map.
    Calibrate {
        /// As that of [`Request::Import`].
        asked: u32,
        /// The open scenario as JSON, its `map` corrected.
        document: String,
    },
    /// Nobody waits for this import any more: what it measured does not count in later fits.
    Drop {
        /// Its number; an earlier one's measurements stay.
        asked: u32,
    },
    /// Make a link that holds everything.
    Share {
        /// Number of the question: an answer to an earlier one may hold what is left out now.
        asked: u32,
        /// The open scenario as JSON.
        document: String,
        /// What to leave out.
        leave_out: LeaveOut,
        /// What is set on screen: `scenario::link::View` as JSON.
        view: String,
    },
    /// Something a stored share needs; each is answered once, in their order.
    Sharing {
        /// Counts questions; comes back with the answer.
        number: u32,
        /// The step.
        step: Sharing,
    },
    /// Play the open document event by event.
    Simulate {
        /// Counts runs; comes back with what a part found.
        run: u64,
        /// The replications to play: every so-manieth from this one on, (0, 1) for all. The first part tells how it goes and
        /// puts the others' findings together.
        part: (u32, u32),
        /// The open scenario as JSON.
        document: String,
        /// Growth multiple.
        multiple: f64,
        /// Simulated seconds measured.
        seconds: f64,
        /// Independent replications.
        replications: u32,
        /// Seed of every random choice.
        seed: u64,
    },
    /// What the other parts of a simulation found, for the first one.
    SimulationParts {
        /// Which run.
        run: u64,
        /// As they came in [`Response::SimulationPart`].
        found: Vec<Vec<u8>>,
    },
    /// Lose each component once, at several multiples.
    LoseEach {
        /// Counts tables asked for; comes back with the answer.
        asked: u32,
        /// The open scenario as JSON.
        document: String,
        /// Seed of every random choice.
        seed: u64,
    },
    /// Another document is open: forget the measurements of the last one.
    Forget,
    /// Stop something that runs; whoever is not at it goes on.
    Cancel(Work),
    /// The cheapest way through at each multiple.
    Plan {
        /// Counts studies asked for; comes back with the answer.
        asked: u32,
        /// Counts edits; comes back with the answer.
        generation: u64,
        /// The open scenario as JSON.
        document: String,
        /// Growth multiples; none for the scenario's own.
        multiples: Vec<f64>,
    },
    /// Make changes of a plan: the whole document with them comes back as [`Response::Changed`], or [`Response::NotDone`].
    Change {
        /// The open scenario as JSON.
        document: String,
        /// The edit as the plan gave it.
        edit: String,
        /// What it is, in words; comes back with the answer.
        what: String,
    },
    /// What moves the headline most, and what to measure next.
    Sensitivity {
        /// Counts studies asked for; comes back with the answer.
        asked: u32,
        /// Counts edits; comes back with the answer.
        generation: u64,
        /// The open scenario as JSON.
        document: String,
    },
    /// Two to four scenarios side by side.
    Compare {
        /// Counts studies asked for; comes back with the answer.
        asked: u32,
        /// The scenarios.
        items: Vec<Compared>,
    },
}

/// What can be stopped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Reading files and fitting.
    Import,
    /// Playing events.
    Simulation,
    /// A study of this kind.
    Study(Study),
    /// All that is asked of a document beside its figures: simulation and studies. Another one is open, or none.
    Analysis,
    /// All of it.
    Everything,
}

impl Work {
    /// Whether stopping this stops `other` too.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::Everything => true,
            Self::Analysis => other != Self::Import,
            _ => self == other,
        }
    }
}

/// Which of the page's workers a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opens, checks and projects documents.
    Solver,
    /// Reads files and fits.
    Importer,
    /// Plans, compares, plays events and makes links.
    Analyst,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Solver, Role::Importer, Role::Analyst];

    /// Name of its script and its wasm file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Solver => "worker",
            Role::Importer => "importer",
            Role::Analyst => "analyst",
        }
    }
}

impl Request {
    /// Who answers it; none when whoever is at work is meant.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Request::Import { .. }
            | Request::Answer { .. }
            | Request::Calibrate { .. }
            | Request::Drop { .. }
            | Request::Forget => Some(Role::Importer),
            Request::Simulate { .. }
            | Request::SimulationParts { .. }
            | Request::LoseEach { .. }
            | Request::Plan { .. }
            | Request::Change { .. }
            | Request::Sensitivity { .. }
            | Request::Compare { .. } => Some(Role::Analyst),
            Request::Sharing { step: Sharing::Unpack(_), .. } => Some(Role::Solver),
            Request::Share { .. } | Request::Sharing { .. } => Some(Role::Analyst),
            Request::Cancel(_) => None,
            _ => Some(Role::Solver),
        }
    }

    /// Its kind in a word, for a message about it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Request::Document { .. } => "a document",
            Request::Import { .. } => "an import",
            Request::Answer { .. } => "an answer about a file",
            Request::OpenText(_) => "opening a text",
            Request::OpenLink(_) => "opening a link",
            Request::Gallery => "the gallery",
            Request::OpenExample(_) => "opening an example",
            Request::Calibrate { .. } => "a calibration",
            Request::Share { .. } | Request::Sharing { .. } => "sharing",
            Request::Simulate { .. } | Request::SimulationParts { .. } | Request::LoseEach { .. } => "a simulation",
            Request::Forget | Request::Drop { .. } => "forgetting",
            Request::Cancel(_) => "stopping",
            Request::Plan { .. } => "a plan",
            Request::Change { .. } => "a change",
            Request::Sensitivity { .. } => "a sensitivity",
            Request::Compare { .. } => "a comparison",
        }
    }
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The worker stands; said once, first.
    Ready,
    /// A document to open as one of its own.
    Opened {
        /// The scenario as JSON.
        text: String,
        /// Where it came from.
        origin: Origin,
        /// What was lost on the way, in sentences.
        losses: Vec<String>,
        /// What was set on screen where it came from: `scenario::link::View` as JSON; empty where nothing was.
        view: String,
    },
    /// The document of a generation cannot be solved.
    Refused {
        /// Generation of the document.
        generation: u64,
        /// All problems.
        problems: Vec<Trouble>,
    },
    /// The answer for a generation; may come several times, each more complete.
    Projection {
        /// Generation of the document.
        generation: u64,
        /// The figures.
        projection: Box<Projection>,
    },
    /// Reading files: how far.
    Progress {
        /// Name of the file, or of the step.
        what: String,
        /// Share done, 0 to 1.
        share: f64,
    },
    /// All files of a drop are read.
    Imported(Box<Imported>),
    /// A link's fragment.
    Link {
        /// Number of the question.
        asked: u32,
        /// The fragment without `#`.
        fragment: String,
        /// What did not fit, in sentences.
        losses: Vec<String>,
        /// What a reader of it learns, in words.
        left: Vec<String>,
    },
    /// What was asked with [`Request::Sharing`], or all that is wrong.
    Shared {
        /// Number of the question.
        number: u32,
        /// The answer.
        answer: Result<Shared, Vec<Trouble>>,
    },
    /// A running or finished simulation.
    Simulation(Box<Simulation>),
    /// Ready scenarios.
    Gallery(Vec<Example>),
    /// A message was not understood: what was asked with it will not be answered. Nothing that is open is touched.
    Failed {
        /// All problems.
        problems: Vec<Trouble>,
    },
    /// A running or finished plan.
    Planned(Box<PlanView>),
    /// The document with the changes of a plan.
    Changed {
        /// The scenario as JSON.
        document: String,
        /// What was changed, in words.
        what: String,
    },
    /// What moves the headline.
    Sensitivity(Box<SensitivityView>),
    /// Scenarios side by side; may come several times, each more complete.
    Compared(Box<ComparisonView>),
    /// A plan, a sensitivity, a comparison or a table of losses that cannot be made.
    NoStudy {
        /// Which.
        what: Study,
        /// Its number, as it was asked for.
        asked: u32,
        /// Why.
        problems: Vec<Trouble>,
    },
    /// What a part of a simulation found, at its end.
    SimulationPart {
        /// Which run.
        run: u64,
        /// For [`Request::SimulationParts`].
        found: Vec<u8>,
    },
    /// What losing components does, as far as it was played.
    Losses(LossesView),
    /// A document could not be opened, changed or shared; nothing that is open or under way is touched.
    NotDone {
        /// All problems.
        problems: Vec<Trouble>,
    },
    /// A calibration could not begin.
    NotCalibrated {
        /// Its number, as it was asked for.
        asked: u32,
        /// All problems.
        problems: Vec<Trouble>,
    },
    /// A simulation could not begin, or its parts do not make a whole.
    NotSimulated {
        /// Which run.
        run: u64,
        /// All problems.
        problems: Vec<Trouble>,
    },
}

/// A message as bytes.
///
/// # Errors
/// Says why when a message cannot be written, which only happens when memory is out.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(message).map_err(|error| error.to_string())
}

/// A message from bytes.
///
/// # Errors
/// Says why when the bytes are not a message of this version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    postcard::from_bytes(bytes).map_err(|error| error.to_string())
}

/// Place of [`Response::Gallery`] among the answers.
const GALLERY: u32 = 9;

/// The ready scenarios, when the bytes are that answer: all that the start page asks for, and the only answer it has the code
/// to read.
#[must_use]
pub fn decode_gallery(bytes: &[u8]) -> Option<Vec<Example>> {
    let (kind, rest) = postcard::take_from_bytes::<u32>(bytes).ok()?;
    if kind == GALLERY { postcard::from_bytes(rest).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gallery_is_told_from_other_answers() {
        let examples = vec![Example { id: "shop".into(), components: 4, ..Example::default() }];
        let rows = [
            (Response::Gallery(examples.clone()), Some(examples)),
            (Response::Ready, None),
            (Response::Simulation(Box::default()), None),
            (Response::Failed { problems: Vec::new() }, None),
            (Response::NotDone { problems: Vec::new() }, None),
        ];
        for (answer, expected) in rows {
            assert_eq!(decode_gallery(&encode(&answer).unwrap()), expected, "{answer:?}");
        }
        assert_eq!(decode_gallery(&[]), None);
    }

    #[test]
    fn messages_survive_the_way() {
        let rows = [
            Response::Ready,
            Response::Refused {
                generation: 7,
                problems: vec![Trouble {
                    path: "components[0].id".into(),
                    text: "empty".into(),
                    remedy: "name it".into(),
                }],
            },
            Response::Projection { generation: 8, projection: Box::default() },
            Response::Imported(Box::default()),
        ];
        for row in rows {
            let bytes = encode(&row).unwrap();
            assert_eq!(decode::<Response>(&bytes).unwrap(), row);
        }
    }

    #[test]
    fn garbage_is_refused() {
        assert!(decode::<Response>(&[250, 1, 2]).is_err());
        assert!(decode::<Request>(&[]).is_err());
    }
}
