//! The state machine behind the worker.

use crate::protocol::{Request, Response, Trouble};

/// A session: one page's documents and measurements.
#[derive(Default)]
pub struct Session {
    generation: u64,
    answers: Vec<Response>,
    working: bool,
    cancelled: bool,
}

impl Session {
    /// Takes a request; what it needs to compute is done by [`Session::step`].
    pub fn handle(&mut self, request: Request) {
        if let Request::Document { generation, .. } = request {
            self.generation = generation;
        }
    }

    /// Bytes that are no request of this version.
    pub fn misunderstood(&mut self, error: &str) {
        let problem = Trouble { path: String::new(), text: error.into(), remedy: "reload the page".into() };
        self.answers.push(Response::Failed { problems: vec![problem] });
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
        false
    }

    /// Whether the running import was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// A file of an import begins.
    pub fn file_begin(&mut self, _name: &str, _size: f64) {}
    /// Its next bytes.
    pub fn file_chunk(&mut self, _bytes: &[u8]) {}
    /// It could not be read to its end.
    pub fn file_unreadable(&mut self) {}
    /// It ends.
    pub fn file_end(&mut self) {}
    /// The last file of the import has ended.
    pub fn import_end(&mut self) {}
}
