//! Reads files and fits the scenario to what they measured.

use super::calibrate::Calibrating;
use super::file::{self, Incoming};
use super::{Desk, Session, troubles};
use crate::protocol::{FileReport, FileRole, Imported, REPLACES, Request, Response, Work};
use ingest::Measurements;
use scenario::Scenario;
use scenario::v1::ImportRecord;
use std::collections::BTreeSet;
use study::calibrate::base_name;

/// How often the page is told of one file's progress at most.
const TOLD: f64 = 500.0;

/// Most measurements kept for an undone import that is done again.
const MOST_UNDONE: usize = 50;

/// Reads files and fits; keeps the measurements of the open document.
#[derive(Default)]
pub struct Importer {
    desk: Desk,
    /// Imports and cancels so far.
    imports: u64,
    /// Measurements of the open document, one per file.
    data: Vec<Measurements>,
    /// Those whose import was undone: they count again once it is done again.
    undone: Vec<Measurements>,
    /// Files that a document was fitted to, which names them from then on.
    fitted: BTreeSet<String>,
    /// What the last import changed in them, while that can be taken back.
    taken: Option<Taken>,
    import: Option<Import>,
    calibrating: Option<Calibrating>,
}

/// What an import put into the measurements.
struct Taken {
    /// Its number for the page.
    asked: u32,
    /// The files whose measurements it brought.
    files: Vec<String>,
    /// The measurements that went for them.
    instead_of: Vec<Measurements>,
    /// Files that had been fitted to by then.
    fitted: BTreeSet<String>,
}

/// A drop of files on its way in.
#[derive(Default)]
struct Import {
    /// Its number for the page.
    asked: u32,
    /// What is open, as JSON.
    document: Option<String>,
    /// The answer to a question about its files.
    options: ingest::Options,
    file: Option<Incoming>,
    found: file::Found,
    bytes: f64,
}

impl Session for Importer {
    fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::Import { asked, document } => {
                self.imports += 1;
                self.taken = None;
                self.import = Some(Import { asked, document, ..Import::default() });
            }
            Request::Answer { asked, document, options } => match serde_json::from_str(&options) {
                Ok(options) => {
                    self.imports += 1;
                    self.taken = None;
                    self.import = Some(Import { asked, document, options, ..Import::default() });
                }
                Err(error) => self.misunderstood(&error.to_string()),
            },
            Request::Calibrate { asked, document } => self.calibrate_again(asked, &document),
            Request::Forget => {
                self.forget();
                self.taken = None;
            }
            Request::Drop { asked } => self.take_back(asked),
            Request::Cancel(what) if !what.covers(Work::Import) => {}
            Request::Cancel(_) => {
                self.imports += 1;
                self.import = None;
                if let Some(stopped) = self.calibrating.take() {
                    self.take_back(stopped.asked());
                }
            }
            other => self.misunderstood(&format!("{} is not the importer's", other.name())),
        }
    }

    fn step(&mut self) -> bool {
        if let Some(calibrating) = self.calibrating.take() {
            let answer = calibrating.run(&self.data);
            if matches!(&answer, Response::Imported(imported) if imported.fit.is_some()) {
                self.fitted.extend(self.data.iter().map(|known| known.file.clone()));
            }
            self.desk.say(answer);
        }
        false
    }

    fn import(&self) -> u64 {
        self.imports
    }

    fn file_begin(&mut self, import: u64, name: &str, size: f64) {
        if let Some(import) = self.running(import) {
            import.file = Some(Incoming::new(name, size, import.options.clone()));
            import.bytes = 0.0;
        }
    }

    fn file_chunk(&mut self, import: u64, bytes: &[u8]) {
        let Some(import) = self.import.as_mut().filter(|_| import == self.imports) else { return };
        let Some(file) = &mut import.file else { return };
        file.push(bytes);
        let share = |bytes: f64| if file.size > 0.0 { (bytes / file.size).min(1.0) } else { 1.0 };
        let before = share(import.bytes);
        import.bytes += bytes.len() as f64;
        let share = share(import.bytes);
        // Thousands of chunks of a large file are not news each.
        if before == 0.0 || share >= 1.0 || (before * TOLD).floor() < (share * TOLD).floor() {
            self.desk.say(Response::Progress { what: file.name.clone(), share });
        }
    }

    fn wants_more(&self, import: u64) -> bool {
        import == self.imports
            && self.import.as_ref().and_then(|import| import.file.as_ref()).is_some_and(Incoming::wants_more)
    }

    fn file_unreadable(&mut self, import: u64) {
        if let Some(file) = self.running(import).and_then(|import| import.file.as_mut()) {
            file.unreadable = true;
        }
    }

    fn file_end(&mut self, import: u64) {
        if let Some(import) = self.running(import)
            && let Some(file) = import.file.take()
        {
            import.found.add(file.finish());
        }
    }

    fn import_end(&mut self, import: u64) {
        let Some(import) = self.import.take_if(|_| import == self.imports) else { return };
        let file::Found { mut reports, measurements, scenario, map, mut problems, nothing } = import.found;
        let fresh = scenario.is_some();
        // A note in a folder of measurements is no problem; a drop of nothing but notes is.
        if reports.iter().all(|file| matches!(file.role, FileRole::Nothing | FileRole::Broken)) {
            problems.extend(nothing);
        }
        let open = import.document.as_deref().and_then(|text| scenario::parse(text).ok()).map(|parsed| parsed.scenario);
        let open_is_refused = !fresh && import.document.is_some() && open.is_none();
        let fitted = self.fitted.clone();
        // What was measured of the open scenario says nothing of another one.
        let mut instead_of = match open.as_ref().filter(|_| !fresh) {
            Some(open) => {
                self.sort_out(open);
                Vec::new()
            }
            None => self.forget(),
        };
        let files: Vec<String> = measurements.iter().map(|new| new.file.clone()).collect();
        for new in measurements {
            self.fitted.remove(&new.file);
            let (old, others) = std::mem::take(&mut self.data).into_iter().partition(|old| old.file == new.file);
            self.data = others;
            let old: Vec<Measurements> = old;
            if !old.is_empty() {
                replaces(&mut reports, &new.file);
            }
            // An undo of this import lets them count again.
            self.undone.extend(old.iter().cloned());
            instead_of.extend(old);
            self.data.push(new);
        }
        self.taken = Some(Taken { asked: import.asked, files, instead_of, fitted });
        let base = scenario.or(open);
        let found =
            Imported { asked: import.asked, files: reports, problems, fresh, open_is_refused, ..Imported::default() };
        let news = found.files.iter().any(|file| file.role != FileRole::Nothing);
        if self.data.is_empty() || !news {
            let document = base.filter(|_| fresh).map(|base| base.to_json());
            self.desk.say(Response::Imported(Box::new(Imported { document, ..found })));
        } else {
            self.desk.say(Response::Progress { what: "Calibrating".into(), share: 1.0 });
            self.calibrating = Some(Calibrating::new(base, map, fresh, found));
        }
    }
}

/// Says of a file that it counts in the place of an earlier one of its name.
fn replaces(reports: &mut [FileReport], name: &str) {
    let text = "a file of this name was imported before: this one counts in its place".to_owned();
    if let Some(report) = reports.iter_mut().rfind(|report| report.file == name) {
        report.warnings.push((REPLACES.to_owned(), text));
    }
}

/// Whether a document's record is of these measurements. It names files without their folders, and those of one run together
/// (`a.jtl + b.jtl`); alone it also says what is in them.
fn is_of(record: &ImportRecord, known: &Measurements) -> bool {
    let base = base_name(&known.file);
    let named = record.file.as_deref().unwrap_or_default();
    let requests = known.totals.as_ref().and_then(|totals| totals.requests);
    let same = record.kind == known.kind && record.requests == requests && record.at == known.started;
    named == base && same || named != base && named.split(" + ").any(|file| file == base)
}

impl Importer {
    /// The import of this number, while it runs.
    fn running(&mut self, import: u64) -> Option<&mut Import> {
        self.import.as_mut().filter(|_| import == self.imports)
    }

    /// Lets all measurements go; gives those that counted.
    fn forget(&mut self) -> Vec<Measurements> {
        self.undone.clear();
        self.fitted.clear();
        std::mem::take(&mut self.data)
    }

    /// Puts aside what a document was fitted to and this one is not, because that was undone; takes back what it is fitted to again.
    fn sort_out(&mut self, open: &Scenario) {
        let all = std::mem::take(&mut self.data).into_iter().chain(std::mem::take(&mut self.undone));
        for known in all {
            let counts = !self.fitted.contains(&known.file) || open.imports.iter().any(|record| is_of(record, &known));
            // Of one name what came last counts.
            if counts && self.data.iter().all(|other| other.file != known.file) {
                self.data.push(known);
            } else {
                self.undone.push(known);
            }
        }
        self.undone.truncate(MOST_UNDONE);
    }

    /// What an import measured does not count any more; that of an earlier one was fitted and shown, and stays.
    fn take_back(&mut self, asked: u32) {
        if let Some(taken) = self.taken.take_if(|taken| taken.asked == asked) {
            self.data.retain(|known| !taken.files.contains(&known.file));
            self.data.extend(taken.instead_of);
            self.fitted = taken.fitted;
        }
    }

    fn calibrate_again(&mut self, asked: u32, document: &str) {
        match scenario::parse(document) {
            Ok(parsed) => {
                self.sort_out(&parsed.scenario);
                let found = Imported { asked, ..Imported::default() };
                self.calibrating = Some(Calibrating::new(Some(parsed.scenario), None, false, found));
            }
            Err(problems) => self.desk.say(Response::NotCalibrated { asked, problems: troubles("", &problems) }),
        }
    }
}
