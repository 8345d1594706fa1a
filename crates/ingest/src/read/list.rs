//! JSON documents around one list that may be long: read item by item from [`FROM`] on, so that a document may be of any size.

use super::items::Items;
use super::lines::{LineSink, LinesEnd};
use super::{Reader, json};
use crate::measurements::Measurements;
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, FORMATS, Fit, Format, Shape};
use crate::sense::warn;
use serde_json::Value;

/// Documents from this size on are read item by item where that is possible, in bytes.
pub const FROM: usize = 1024 * 1024;
/// How much of a document tells what it is, in bytes.
const HEAD: usize = 256 * 1024;
/// Most memory that the values of a head may take, in bytes: the document itself is held beside them.
const HEAD_WEIGHT: usize = 8 * 1024 * 1024;

/// Takes the items of a document's list, one by one, whether the document is held whole or not.
pub trait Gather {
    /// One item of the list.
    fn item(&mut self, item: &Value);

    /// One item as text. Formats whose items may be large read it without a [`Value`], which takes many times its text.
    fn text(&mut self, text: &[u8]) -> Taken {
        match json::document(text) {
            Ok(document) => {
                self.item(&document.value);
                if document.cut_at.is_some() { Taken::Cut } else { Taken::Whole }
            }
            Err(_) => Taken::Unread,
        }
    }

    /// The measurements of all items; `beside` is the document, whose list may be empty here.
    ///
    /// # Errors
    /// Nothing usable came.
    fn finish(self: Box<Self>, beside: &Value) -> Result<Measurements, Refusal>;
}

/// How an item could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// All of it.
    Whole,
    /// It ends in the middle; what came before was taken.
    Cut,
    /// Not at all.
    Unread,
}

/// Keys that lead to a list, in each of the forms its document has; an empty path means that the document is the list.
pub type Paths = &'static [&'static [&'static str]];

fn path_of(document: &Value, paths: Paths) -> Option<&'static [&'static str]> {
    paths.iter().copied().find(|path| json::at(document, path).is_some_and(Value::is_array))
}

/// Reads a document that is held whole. Where no path leads to a list, what one leads to or the document itself is the item.
///
/// # Errors
/// Nothing usable is in it.
pub fn whole(document: &Value, paths: Paths, mut gather: Box<dyn Gather>) -> Result<Measurements, Refusal> {
    match path_of(document, paths) {
        Some(path) => json::list(document, path).iter().for_each(|item| gather.item(item)),
        None => {
            let inner = paths.iter().find_map(|path| json::at(document, path).filter(|inner| inner.is_object()));
            gather.item(inner.unwrap_or(document));
        }
    }
    gather.finish(document)
}

/// A format and a reader for one file of it.
pub type Found = (&'static Format, Box<dyn Reader>);

/// A reader for a document that starts so; nothing where it has to be held whole.
pub fn reader(start: &[u8], kind: Option<&Format>, context: &Context) -> Option<Found> {
    let begin = json::first_bracket(start)?;
    let head = json::document(json::light(&start[begin..start.len().min(begin + HEAD)], HEAD_WEIGHT)).ok()?.value;
    let wanted = |format: &&&'static Format| kind.is_none_or(|kind| kind.kind == format.kind);
    let fit = |wanted_fit: Fit| {
        FORMATS.iter().filter(wanted).find(|format| format.fits_document(&head) == Some(wanted_fit)).copied()
    };
    let format = fit(Fit::Yes).or_else(|| fit(Fit::Maybe))?;
    let Shape::List { paths, gather, .. } = format.shape else { return None };
    let path = path_of(&head, paths)?;
    let mut items = items(path, gather(context));
    items.starts_at_line(1 + memchr::memchr_iter(b'\n', &start[..begin]).count() as u64);
    items.push(&start[begin..]).ok()?;
    Some((format, items))
}

/// A reader of the items of the lists at that path, of one document or several.
pub fn items(path: &[&str], gather: Box<dyn Gather>) -> Box<Items> {
    Box::new(Items::new(path, Box::new(Sink { gather, unread: 0, first_unread: None })))
}

/// Hands items to their format.
struct Sink {
    gather: Box<dyn Gather>,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

impl LineSink for Sink {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        if self.gather.text(line) != Taken::Whole {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        let beside = json::document(&end.beside).map_or(Value::Null, |document| document.value);
        let mut found = self.gather.finish(&beside).map_err(|refusal| explained(refusal, &end))?;
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

/// Says why a long document gave nothing, where its length or its end is the reason.
fn explained(refusal: Refusal, end: &LinesEnd) -> Refusal {
    if end.beside.is_empty() {
        let found = format!("{} (more than 4 MB stands beside the list)", refusal.found);
        Refusal { found, remedy: "export fewer endpoints or series".to_owned(), ..refusal }
    } else if end.too_long > 0 {
        let found = format!("{} (of {} items longer than 8 MB each)", refusal.found, end.too_long);
        Refusal { found, remedy: "export it in smaller parts, JSON lines are best".to_owned(), ..refusal }
    } else if end.ending.cut {
        let found = format!("{} (the file ends in the middle of a value)", refusal.found);
        Refusal { found, remedy: "export it again, it was cut".to_owned(), ..refusal }
    } else {
        refusal
    }
}

/// A list of what a format reads as JSON lines: each item is a line.
pub struct Lined(Box<dyn Reader>);

impl Lined {
    /// A reader of such a list for a reader of lines.
    pub fn reader(lines: Box<dyn Reader>) -> Box<dyn Reader> {
        Box::new(Items::new(&[], Box::new(Self(lines))))
    }
}

impl LineSink for Lined {
    fn line(&mut self, line: &[u8], _number: u64) -> Result<(), Refusal> {
        // A line break in an item can only be white space.
        if memchr::memchr(b'\n', line).is_some() {
            let joined: Vec<u8> = line.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
            self.0.push(&joined)?;
        } else {
            self.0.push(line)?;
        }
        self.0.push(b"\n")
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        // The reader of lines never saw the items that are too long.
        let mut found = self.0.finish(end.ending.clone()).map_err(|refusal| explained(refusal, &end))?;
        warn::too_long(&mut found, end.too_long);
        Ok(found)
    }
}

/// The items of a list's start, a line each.
pub fn as_lines(start: &[u8]) -> Vec<u8> {
    let found = json::document(start).map_or(Value::Null, |document| document.value);
    let lines: Vec<String> = json::list(&found, &[]).iter().take(20).map(Value::to_string).collect();
    lines.join("\n").into_bytes()
}

/// What to export instead of a document that is too long to be held whole, by what stands at its start.
pub fn shorter(start: &[u8]) -> &'static str {
    const REMEDIES: [(&str, &str); 7] = [
        ("\"resultType\"", "ask for fewer series: sum by (the labels that matter), a shorter range or a longer step"),
        ("\"resourceSpans\"", "export JSON lines (the collector's file exporter): lines are read one by one"),
        ("\"traceID\"", "search for fewer traces, a few hundred are enough: /api/traces?limit=500"),
        ("\"totalCost\"", "aggregate the allocations: aggregate=controller and accumulate=true"),
        ("\"ResultsByTime\"", "ask with --granularity MONTHLY and one group: --group-by Type=DIMENSION,Key=SERVICE"),
        ("\"messages_ready\"", "ask for pages of queues: /api/queues?page=1&page_size=500"),
        ("\"frames\"", "export a shorter time range or fewer series from the panel"),
    ];
    let head = super::text::valid_prefix(&start[..start.len().min(64 * 1024)]);
    let known = REMEDIES.iter().find(|(key, _)| head.contains(key));
    known.map_or("export JSON lines or CSV, a shorter time range or fewer series", |(_, remedy)| remedy)
}
