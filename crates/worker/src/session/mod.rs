//! The state machine behind the worker: it takes requests and files, works in slices, and collects answers.
//!
//! It knows no browser and no clock, so that its tests run natively. Whoever drives it calls [`Session::step`] until nothing is
//! left, and may call [`Session::handle`] between any two steps: a newer document drops the work on an older one.

mod calibrate;
mod columns;
mod compare;
mod file;
mod open;
mod plan;
mod project;
mod report;
mod sensitivity;
mod share;
mod simulate;

use crate::protocol::{FileRole, Imported, Request, Response, Study, Trouble};
use calibrate::Calibrating;
use compare::Comparing;
use file::Incoming;
use ingest::Measurements;
use plan::Planning;
use project::Projecting;
use scenario::Problem;
use simulate::Simulating;

/// A session: one page's documents and measurements.
#[derive(Default)]
pub struct Session {
    answers: Vec<Response>,
    working: bool,
    cancelled: bool,
    /// Measurements of the open document, one per file.
    data: Vec<Measurements>,
    import: Option<Import>,
    calibrating: Option<Calibrating>,
    projecting: Option<Projecting>,
    simulating: Option<Simulating>,
    planning: Option<Planning>,
    sensing: Option<(u64, String)>,
    comparing: Option<Comparing>,
}

/// A drop of files on its way in.
#[derive(Default)]
struct Import {
    /// What is open, as JSON.
    document: Option<String>,
    file: Option<Incoming>,
    found: file::Found,
    bytes: f64,
}

impl Session {
    /// Takes a request; what it needs to compute is done by [`Session::step`].
    pub fn handle(&mut self, request: Request) {
        match request {
            Request::Document { generation, text } => {
                self.projecting = None;
                match Projecting::new(generation, &text) {
                    Ok(projecting) => self.projecting = Some(projecting),
                    Err(problems) => {
                        self.answers.push(Response::Refused { generation, problems: troubles("", &problems) })
                    }
                }
            }
            Request::Import { document } => {
                self.cancelled = false;
                self.import = Some(Import { document, ..Import::default() });
            }
            Request::OpenText(text) => self.answers.push(open::text(&text)),
            Request::OpenLink(fragment) => self.answers.push(open::link(&fragment)),
            Request::Gallery => self.answers.push(Response::Gallery(open::examples())),
            Request::OpenExample(id) => self.answers.push(open::example(&id)),
            Request::Calibrate { document } => self.calibrate_again(&document),
            Request::Share { document, leave_out } => self.answers.push(share::link(&document, leave_out)),
            Request::Simulate { document, multiple, seconds, replications, seed } => {
                match Simulating::new(&document, multiple, seconds, replications, seed) {
                    Ok(simulating) => self.simulating = Some(simulating),
                    Err(problems) => self.answers.push(simulate::refused(&problems)),
                }
            }
            Request::Forget => self.data.clear(),
            Request::Cancel => self.cancel(),
            Request::Plan { generation, document, multiples } => {
                let made = Planning::new(generation, &document, &multiples);
                self.planning = self.begun(Study::Plan, made);
            }
            Request::Sensitivity { generation, document } => self.sensing = Some((generation, document)),
            Request::Compare(items) => {
                let made = Comparing::new(&items);
                self.comparing = self.begun(Study::Compare, made);
            }
        }
    }

    fn begun<T>(&mut self, what: Study, made: Result<T, Vec<Problem>>) -> Option<T> {
        made.map_err(|problems| self.answers.push(no_study(what, &problems))).ok()
    }

    fn calibrate_again(&mut self, document: &str) {
        match scenario::parse(document) {
            Ok(parsed) => {
                self.calibrating = Some(Calibrating::new(Some(parsed.scenario), None, false, Imported::default()));
            }
            Err(problems) => self.answers.push(Response::Failed { problems: troubles("", &problems) }),
        }
    }

    fn cancel(&mut self) {
        self.cancelled = true;
        self.import = None;
        self.calibrating = None;
        self.simulating = None;
        self.planning = None;
        self.sensing = None;
        self.comparing = None;
    }

    fn failed(&mut self, text: &str, remedy: &str) {
        let problem = Trouble { path: String::new(), text: text.into(), remedy: remedy.into() };
        self.answers.push(Response::Failed { problems: vec![problem] });
    }

    /// Bytes that are no request of this version.
    pub fn misunderstood(&mut self, error: &str) {
        self.failed(&format!("the page and its worker do not fit: {error}"), "reload the page");
    }

    /// Answers so far, oldest first.
    pub fn take_answers(&mut self) -> Vec<Response> {
        std::mem::take(&mut self.answers)
    }

    /// Whether the caller is the one to call [`Session::step`] until it says that nothing is left.
    pub fn claim(&mut self) -> bool {
        !std::mem::replace(&mut self.working, true)
    }

    /// The caller of [`Session::claim`] stops.
    pub fn release(&mut self) {
        self.working = false;
    }

    /// A slice of work; false when nothing is left.
    pub fn step(&mut self) -> bool {
        if let Some(calibrating) = self.calibrating.take() {
            let answer = calibrating.run(&self.data);
            self.answers.push(answer);
            return self.has_work();
        }
        if let Some(projecting) = &mut self.projecting {
            self.answers.extend(projecting.step());
            if projecting.is_done() {
                self.projecting = None;
            }
        } else if let Some(simulating) = &mut self.simulating {
            self.answers.extend(simulating.step());
            if simulating.is_done() {
                self.simulating = None;
            }
        } else {
            self.study();
        }
        self.has_work()
    }

    /// A slice of what a person asked for beside the figures.
    fn study(&mut self) {
        if let Some((generation, document)) = self.sensing.take() {
            self.answers.push(sensitivity::answer(generation, &document));
        } else if let Some(planning) = &mut self.planning {
            self.answers.push(planning.step());
            if planning.is_done() {
                self.planning = None;
            }
        } else if let Some(comparing) = &mut self.comparing {
            self.answers.push(comparing.step());
            if comparing.is_done() {
                self.comparing = None;
            }
        }
    }

    fn has_work(&self) -> bool {
        let asked = self.planning.is_some() || self.sensing.is_some() || self.comparing.is_some();
        asked || self.calibrating.is_some() || self.projecting.is_some() || self.simulating.is_some()
    }

    /// Whether the running import was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// A file of an import begins; its size in bytes is for the progress only.
    pub fn file_begin(&mut self, name: &str, size: f64) {
        if let Some(import) = &mut self.import {
            import.file = Some(Incoming::new(name, size));
            import.bytes = 0.0;
        }
    }

    /// Its next bytes.
    pub fn file_chunk(&mut self, bytes: &[u8]) {
        let Some(import) = &mut self.import else { return };
        let Some(file) = &mut import.file else { return };
        file.push(bytes);
        import.bytes += bytes.len() as f64;
        let share = if file.size > 0.0 { (import.bytes / file.size).min(1.0) } else { 1.0 };
        self.answers.push(Response::Progress { what: file.name.clone(), share });
    }

    /// It could not be read to its end.
    pub fn file_unreadable(&mut self) {
        if let Some(file) = self.import.as_mut().and_then(|import| import.file.as_mut()) {
            file.unreadable = true;
        }
    }

    /// It ends.
    pub fn file_end(&mut self) {
        if let Some(import) = &mut self.import
            && let Some(file) = import.file.take()
        {
            import.found.add(file.finish());
        }
    }

    /// The last file of the import has ended.
    pub fn import_end(&mut self) {
        let Some(import) = self.import.take() else { return };
        let file::Found { reports, measurements, scenario, map, mut problems, nothing } = import.found;
        let fresh = scenario.is_some();
        // A note in a folder of measurements is no problem; a drop of nothing but notes is.
        if reports.iter().all(|file| matches!(file.role, FileRole::Nothing | FileRole::Broken)) {
            problems.extend(nothing);
        }
        if fresh || import.document.is_none() {
            self.data.clear();
        }
        for new in measurements {
            self.data.retain(|old| old.file != new.file);
            self.data.push(new);
        }
        let open = import.document.as_deref().and_then(|text| scenario::parse(text).ok()).map(|parsed| parsed.scenario);
        let base = scenario.or(open);
        let found = Imported { files: reports, problems, fresh, ..Imported::default() };
        let news = found.files.iter().any(|file| file.role != FileRole::Nothing);
        if self.data.is_empty() || !news {
            let document = if fresh { base.as_ref().and_then(|base| serde_json::to_string(base).ok()) } else { None };
            self.answers.push(Response::Imported(Box::new(Imported { document, ..found })));
        } else {
            self.answers.push(Response::Progress { what: "Calibrating".into(), share: 1.0 });
            self.calibrating = Some(Calibrating::new(base, map, fresh, found));
        }
    }
}

/// Why a study cannot be made.
fn no_study(what: Study, problems: &[Problem]) -> Response {
    Response::NoStudy { what, problems: troubles("", problems) }
}

/// Problems of the crates below as the page shows them; `place` is put before their paths.
fn troubles(place: &str, problems: &[Problem]) -> Vec<Trouble> {
    let path = |problem: &Problem| match (place, problem.path.as_str()) {
        ("", path) => path.to_owned(),
        (place, "") => place.to_owned(),
        (place, path) => format!("{place}: {path}"),
    };
    problems
        .iter()
        .map(|problem| Trouble { path: path(problem), text: problem.text.clone(), remedy: problem.remedy.clone() })
        .collect()
}

#[cfg(test)]
mod tests;
