//! Files on their way in: one lot after the other, because the worker that reads them has one desk; and what becomes of an
//! answer when another document is open by then.

use super::app::App;
use crate::part::{self, Part};
use crate::platform::browser::{self, File};
use crate::platform::{dropped, folder, worker as bridge};
use crate::text;
use leptos::prelude::Set;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::VecDeque;
use worker::protocol::{Request, Trouble};

/// What the importer is asked for.
#[derive(Debug)]
pub enum Wish {
    /// Files into what is open, or into something new.
    Files(Vec<File>),
    /// A file read again, with the answer to a question about it.
    Answer(File, String),
    /// A fit of what is open, its map corrected.
    Fit,
}

/// A document at one moment: its key and its generation. No key is the start page.
pub type Moment = (String, u64);

/// The lot under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Awaited {
    /// Its number.
    asked: u32,
    /// What was open when it was asked for.
    at: Moment,
    /// Whether it is a fit alone.
    fit: bool,
}

#[derive(Default)]
struct Lots {
    /// Lots asked for so far.
    asked: u32,
    awaited: Option<Awaited>,
    waiting: VecDeque<Wish>,
}

impl Lots {
    /// A lot is asked for; its number.
    fn ask(&mut self, at: Moment, fit: bool) -> u32 {
        self.asked = self.asked.wrapping_add(1);
        self.awaited = Some(Awaited { asked: self.asked, at, fit });
        self.asked
    }

    /// The lot that an answer is about, and whether it is a fit; none for one that was stopped but answered all the same.
    fn answered(&mut self, asked: u32) -> Option<(Moment, bool)> {
        self.awaited.take_if(|awaited| awaited.asked == asked).map(|awaited| (awaited.at, awaited.fit))
    }

    /// Nothing is awaited any more, nor asked for; numbers go on. The number of what was awaited.
    fn stop(&mut self) -> Option<u32> {
        self.waiting.clear();
        self.awaited.take().map(|awaited| awaited.asked)
    }
}

thread_local! {
    static LOTS: RefCell<Lots> = RefCell::default();
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// An edit of what is open.
    Edit,
    /// A document of its own.
    Own,
    /// A document of its own, and why is said: what is open is another one by now, or was edited.
    Copy,
    /// The same: what is open is only shown, and is not changed.
    Shown,
    /// Nothing was fitted; what the files hold is shown beside what is open.
    Listed,
    /// Nothing: it is about what is not open any more.
    Aside,
    /// It is asked for once more: the document was edited meanwhile.
    Anew,
}

/// Names that tell files of one lot apart: they may come from several folders, and all of them count.
fn apart(names: &[String]) -> Vec<String> {
    let mut apart: Vec<String> = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let (stem, end) = name.rfind('.').filter(|dot| *dot > 0).map_or((name.as_str(), ""), |dot| name.split_at(dot));
        // The first keeps its name, and no other file of the lot has to give up its own.
        let is_taken = |known: &String| apart.contains(known) || names[index + 1..].contains(known);
        let own = (!apart.contains(name)).then(|| name.clone());
        let other = || (2..).map(|number| format!("{stem} ({number}){end}")).find(|other| !is_taken(other));
        apart.push(own.or_else(other).unwrap_or_else(|| name.clone()));
    }
    apart
}

/// Where an answer belongs: `asked` is what was open when it was asked for; `fresh` whether it brings a scenario of its own,
/// `made` whether there is a document in it; `shown` whether what is open is only shown.
pub fn landing(asked: &Moment, fit: bool, open: &Moment, (fresh, made, shown): (bool, bool, bool)) -> Landing {
    let same = asked.0 == open.0;
    match (made, fresh || open.0.is_empty()) {
        (true, true) => Landing::Own,
        (true, false) if asked == open && shown => Landing::Shown,
        (true, false) if asked == open => Landing::Edit,
        (true, false) if fit && same => Landing::Anew,
        (true, false) if !fit => Landing::Copy,
        (false, _) if same => Landing::Listed,
        _ => Landing::Aside,
    }
}

impl App {
    /// Imports files into what is open, or into something new.
    pub fn import(self, files: &[File]) {
        if !files.is_empty() {
            let names: Vec<String> = files.iter().map(File::name).collect();
            let files: Vec<File> =
                files.iter().zip(apart(&names)).map(|(file, name)| browser::named(file, &name)).collect();
            dropped::remember(&files);
            self.fetch(Part::Bench);
            part::forget_waiting();
            self.ask_importer(Wish::Files(files));
        }
    }

    /// Imports what folders hold, and says what of them it left.
    pub fn import_folders(self, entries: Vec<folder::Entry>) {
        spawn_local(async move {
            let held = folder::files(entries).await;
            let (count, most) = (held.files.len(), folder::MOST_FILES);
            let left = [
                (count == 0).then(|| (text::FOLDER_EMPTY.into(), text::FOLDER_EMPTY_REMEDY)),
                held.more.then(|| (text::folder_more(count, most), text::FOLDER_MORE_REMEDY)),
                (held.unread > 0).then(|| (text::folder_unread(held.unread), text::FOLDER_UNREAD_REMEDY)),
            ];
            let trouble =
                |(text, remedy): (String, &str)| Trouble { path: text::FOLDER.into(), text, remedy: remedy.into() };
            self.report(left.into_iter().flatten().map(trouble).collect(), false);
            self.import(&held.files);
        });
    }

    /// Asks the importer, as soon as it has answered what it was asked before.
    pub fn ask_importer(self, wish: Wish) {
        let now = LOTS.with_borrow_mut(|lots| {
            if lots.awaited.is_none() {
                return Some(wish);
            }
            lots.waiting.push_back(wish);
            None
        });
        if let Some(wish) = now {
            self.send_to_importer(wish);
        }
    }

    fn send_to_importer(self, wish: Wish) {
        let (what, share) = if matches!(wish, Wish::Fit) { (text::CALIBRATE, 1.0) } else { (text::READING, 0.0) };
        self.progress.set(Some((what.into(), share)));
        let (at, fit) = (self.open_now(), matches!(wish, Wish::Fit));
        let asked = LOTS.with_borrow_mut(|lots| lots.ask(at, fit));
        let document = self.document_text();
        match wish {
            Wish::Files(files) => bridge::send(&Request::Import { asked, document }, &files),
            Wish::Answer(file, options) => bridge::send(&Request::Answer { asked, document, options }, &[file]),
            Wish::Fit => bridge::send(&Request::Calibrate { asked, document: document.unwrap_or_default() }, &[]),
        }
    }
}

/// Whether an answer is awaited.
pub(super) fn is_under_way() -> bool {
    LOTS.with_borrow(|lots| lots.awaited.is_some())
}

/// What the importer was asked for, when the answer of that number is here; none when nobody waits for it any more.
pub(super) fn answered(asked: u32) -> Option<(Moment, bool)> {
    LOTS.with_borrow_mut(|lots| lots.answered(asked))
}

/// Asks for what waits.
pub(super) fn next(app: App) {
    let next = LOTS.with_borrow_mut(|lots| if lots.awaited.is_none() { lots.waiting.pop_front() } else { None });
    if let Some(wish) = next {
        app.send_to_importer(wish);
    }
}

/// What waits is for a document that is not open any more.
pub(super) fn forget_waiting() {
    LOTS.with_borrow_mut(|lots| lots.waiting.clear());
}

/// Nothing is awaited any more: it was stopped, or who was at it is gone. The number of what was awaited.
pub(super) fn stopped() -> Option<u32> {
    LOTS.with_borrow_mut(Lots::stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_that_of_its_question() {
        let mut lots = Lots::default();
        let at = |key: &str| (key.to_owned(), 1);
        let stopped = lots.ask(at("a"), false);
        assert_eq!((lots.stop(), lots.stop()), (Some(stopped), None));
        let asked = lots.ask(at("b"), true);
        assert_eq!(lots.answered(stopped), None, "it was stopped, and answered while it was");
        assert_eq!(lots.answered(asked), Some((at("b"), true)));
        assert_eq!(lots.answered(asked), None);
    }

    #[test]
    fn files_of_one_name_are_told_apart() {
        let rows: [(&[&str], &[&str]); 5] = [
            (&["a.json", "b.json"], &["a.json", "b.json"]),
            (&["k6.json", "k6.json", "k6.json"], &["k6.json", "k6 (2).json", "k6 (3).json"]),
            (&["k6.json", "k6.json", "k6 (2).json"], &["k6.json", "k6 (3).json", "k6 (2).json"]),
            (&["results.tar.gz", "results.tar.gz"], &["results.tar.gz", "results.tar (2).gz"]),
            (&[".env", ".env", "bill", "bill"], &[".env", ".env (2)", "bill", "bill (2)"]),
        ];
        for (names, expected) in rows {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(apart(&names), expected);
        }
    }

    #[test]
    fn files_are_for_the_document_they_were_dropped_on() {
        let at = |key: &str, generation| (key.to_owned(), generation);
        // Asked for with, a fit alone, open by now; brings a scenario, has a document, and what is open is only shown.
        let rows = [
            (at("a", 3), false, at("a", 3), (false, true, false), Landing::Edit),
            (at("a", 3), true, at("a", 3), (false, true, false), Landing::Edit),
            (at("", 0), false, at("", 0), (true, true, false), Landing::Own),
            (at("", 0), false, at("", 0), (false, true, false), Landing::Own),
            (at("a", 3), false, at("a", 3), (true, true, false), Landing::Own),
            // Edited meanwhile.
            (at("a", 3), false, at("a", 4), (false, true, false), Landing::Copy),
            (at("a", 3), true, at("a", 4), (false, true, false), Landing::Anew),
            // Only shown.
            (at("a", 3), false, at("a", 3), (false, true, true), Landing::Shown),
            (at("a", 3), false, at("a", 3), (true, true, true), Landing::Own),
            (at("a", 3), false, at("a", 3), (false, false, true), Landing::Listed),
            // Another document, or none.
            (at("a", 3), false, at("b", 4), (false, true, false), Landing::Copy),
            (at("a", 3), false, at("b", 4), (true, true, false), Landing::Own),
            (at("a", 3), false, at("", 4), (false, true, false), Landing::Own),
            (at("a", 3), true, at("b", 4), (false, true, false), Landing::Aside),
            // Nothing was fitted.
            (at("a", 3), false, at("a", 9), (false, false, false), Landing::Listed),
            (at("a", 3), false, at("b", 4), (false, false, false), Landing::Aside),
            (at("a", 3), false, at("", 4), (false, false, false), Landing::Aside),
            (at("", 0), false, at("b", 1), (false, false, false), Landing::Aside),
        ];
        for (asked, fit, open, what, expected) in rows {
            let found = landing(&asked, fit, &open, what);
            assert_eq!(found, expected, "{asked:?} {fit} {open:?} {what:?}");
        }
    }
}
