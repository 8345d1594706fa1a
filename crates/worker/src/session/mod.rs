//! The state machines behind the page's workers: each takes requests, works in slices, and collects answers.
//!
//! There are three, so that the first answer waits for no file reader and a long study holds up no slider: [`Solver`] opens,
//! checks and projects documents, [`Importer`] reads files and fits, [`Analyst`] plans, compares, plays events and makes links. Which of them a request is for
//! says [`Request::role`](crate::protocol::Request::role). They know no browser and no clock, so that their tests run natively. Whoever drives one calls
//! [`Session::step`] until nothing is left, and may call [`Session::handle`] between any two steps.

mod analyst;
mod calibrate;
mod columns;
mod compare;
mod file;
mod importer;
mod lose;
mod open;
mod plan;
mod project;
mod report;
mod sensitivity;
mod share;
mod simulate;
mod solver;

pub use analyst::Analyst;
pub use importer::Importer;
pub use solver::Solver;

use crate::protocol::{Request, Response, Study, Trouble};
use scenario::Problem;

/// One worker's side of the conversation.
pub trait Session: Default {
    /// Where its answers lie.
    fn desk(&mut self) -> &mut Desk;

    /// Takes a request; what it needs to compute is done by [`Session::step`]. A request for another role is answered with a failure.
    fn handle(&mut self, request: Request);

    /// A slice of work; false when nothing is left.
    fn step(&mut self) -> bool;

    /// What time it is, in milliseconds from anywhere: what runs long tells of itself by it.
    fn now(&mut self, _milliseconds: f64) {}

    /// Slices of work for about so many milliseconds of a clock; false when nothing is left.
    fn work(&mut self, clock: impl Fn() -> f64, milliseconds: f64) -> bool {
        let begun = clock();
        self.now(begun);
        let mut more = true;
        while more && clock() < begun + milliseconds {
            more = self.step();
        }
        more
    }

    /// The number of the import that was asked for last. What is said of another one, cancelled or replaced while its files were
    /// read, is not heard.
    fn import(&self) -> u64 {
        0
    }

    /// A file of an import begins; its size in bytes is for the progress only.
    fn file_begin(&mut self, _import: u64, _name: &str, _size: f64) {}

    /// Its next bytes.
    fn file_chunk(&mut self, _import: u64, _bytes: &[u8]) {}

    /// Whether more of the file can change what becomes of it: one that was refused need not be read to its end, nor that of an
    /// import that is over. A session that reads no files wants none.
    fn wants_more(&self, _import: u64) -> bool {
        false
    }

    /// It could not be read to its end.
    fn file_unreadable(&mut self, _import: u64) {}

    /// It ends.
    fn file_end(&mut self, _import: u64) {}

    /// The last file of the import has ended.
    fn import_end(&mut self, _import: u64) {}

    /// Bytes that are no request of this version, or one for another worker.
    fn misunderstood(&mut self, error: &str) {
        self.desk().failed(&format!("the page and its worker do not fit: {error}"), "reload the page");
    }
}

/// Answers on their way out, and who is at work.
#[derive(Default)]
pub struct Desk {
    answers: Vec<Response>,
    working: bool,
}

impl Desk {
    /// Adds an answer.
    fn say(&mut self, answer: Response) {
        self.answers.push(answer);
    }

    fn failed(&mut self, text: &str, remedy: &str) {
        let problem = Trouble { path: String::new(), text: text.into(), remedy: remedy.into() };
        self.say(Response::Failed { problems: vec![problem] });
    }

    /// Answers so far, oldest first.
    pub fn take_answers(&mut self) -> Vec<Response> {
        std::mem::take(&mut self.answers)
    }

    /// Whether the caller is the one to call [`Session::step`] until it says that nothing is left.
    pub fn claim(&mut self) -> bool {
        !std::mem::replace(&mut self.working, true)
    }

    /// The caller of [`Desk::claim`] stops.
    pub fn release(&mut self) {
        self.working = false;
    }
}

/// Why a study cannot be made.
fn no_study(what: Study, asked: u32, problems: &[Problem]) -> Response {
    Response::NoStudy { what, asked, problems: troubles("", problems) }
}

/// What was asked for cannot be done, and nothing else is meant by it.
fn not_done(problems: &[Problem]) -> Response {
    Response::NotDone { problems: troubles("", problems) }
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
