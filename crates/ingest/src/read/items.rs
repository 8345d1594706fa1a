//! One JSON document whose big list is read item by item: the document may be of any size, an item may not.

use super::lines::{LINE_LIMIT, LineSink, LinesEnd};
use super::{Ending, Reader};
use crate::measurements::Measurements;
use crate::refusal::Refusal;

/// Most that is kept of what stands beside the list, in bytes: values take many times their text.
const MOST_BESIDE: usize = 4 * 1024 * 1024;
/// Longest key compared with the path.
const LONGEST_KEY: usize = 100;

/// Splits a document into the items of the list at a path of keys; an empty path means the document is the list. Items come to the
/// sink as lines do, numbered by the line they start on; what stands beside the list is
/// kept for their end.
pub struct Items {
    sink: Box<dyn LineSink>,
    path: Vec<Vec<u8>>,
    /// Open brackets.
    depth: usize,
    /// How many keys of the path lead to the open brackets.
    matched: usize,
    /// The key just read is the next one of the path.
    on_path: bool,
    /// The text just read, where it may be a key of the path.
    key: Vec<u8>,
    text: Text,
    /// Depth inside the wanted list.
    list: Option<usize>,
    item: Vec<u8>,
    too_long: bool,
    beside_too_long: bool,
    /// A line break ends the document, whatever is open.
    by_line: bool,
    line: u64,
    started: u64,
    end: LinesEnd,
}

/// Where in a text between quotes a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// After a backslash.
    Escaped,
}

impl Items {
    /// The items of the list at that path for that sink.
    pub fn new(path: &[&str], sink: Box<dyn LineSink>) -> Self {
        Self {
            sink,
            path: path.iter().map(|key| key.as_bytes().to_vec()).collect(),
            depth: 0,
            matched: 0,
            on_path: false,
            key: Vec::new(),
            text: Text::Outside,
            list: None,
            item: Vec::new(),
            too_long: false,
            beside_too_long: false,
            by_line: false,
            line: 1,
            started: 1,
            end: LinesEnd::default(),
        }
    }

    /// The number of the line that comes first.
    pub fn starts_at_line(&mut self, line: u64) {
        (self.line, self.started) = (line, line);
    }

    /// Each line is a document: one that was cut does not swallow those after it.
    pub fn one_document_a_line(&mut self) {
        self.by_line = true;
    }

    /// Begins anew behind the line break at the end of `rest`; what is left of an item is handed over, to be found cut.
    fn next_document(&mut self, rest: &[u8]) -> Result<(), Refusal> {
        if self.list.is_some() {
            self.keep(rest);
            self.give()?;
        } else {
            self.keep_beside(rest);
        }
        (self.depth, self.matched, self.on_path) = (0, 0, false);
        (self.text, self.list) = (Text::Outside, None);
        self.line += 1;
        self.started = self.line;
        Ok(())
    }

    fn keep_beside(&mut self, part: &[u8]) {
        // Later parts would make something else of it.
        self.beside_too_long |= self.end.beside.len() + part.len() > MOST_BESIDE;
        if self.beside_too_long {
            self.end.beside = Vec::new();
        } else {
            self.end.beside.extend_from_slice(part);
        }
    }

    /// Takes bytes of a text up to its end; the number of bytes used.
    fn text(&mut self, bytes: &[u8]) -> usize {
        if self.text == Text::Escaped && !(self.by_line && bytes.starts_with(b"\n")) {
            self.text = Text::Inside;
            return 1;
        }
        // No text holds a line break as it is.
        let stop = if self.by_line { b'\n' } else { b'"' };
        let end = memchr::memchr3(b'"', b'\\', stop, bytes);
        let inside = &bytes[..end.unwrap_or(bytes.len())];
        if self.list.is_none() && self.key.len() + inside.len() <= LONGEST_KEY {
            self.key.extend_from_slice(inside);
        }
        let Some(end) = end else { return bytes.len() };
        self.text = match bytes[end] {
            b'"' => Text::Outside,
            b'\\' => Text::Escaped,
            // The line break is looked at outside of texts.
            _ => {
                self.text = Text::Outside;
                return end;
            }
        };
        end + 1
    }

    /// Takes a byte outside of texts; true when it ends an item.
    fn mark(&mut self, byte: u8) -> bool {
        match byte {
            b'"' => {
                self.text = Text::Inside;
                self.key.clear();
            }
            b':' if self.list.is_none() => {
                self.on_path =
                    self.depth == self.matched + 1 && self.path.get(self.matched).is_some_and(|key| *key == self.key);
            }
            b'{' | b'[' => self.opened(byte),
            b'}' | b']' => {
                let ends = byte == b']' && self.list == Some(self.depth);
                if ends {
                    self.list = None;
                }
                self.depth = self.depth.saturating_sub(1);
                if self.list.is_none() {
                    self.matched = self.matched.min(self.depth.saturating_sub(1));
                }
                return ends;
            }
            b',' => {
                self.on_path = false;
                return self.list == Some(self.depth);
            }
            b'\n' => self.line += 1,
            _ => {}
        }
        false
    }

    fn opened(&mut self, byte: u8) {
        if self.list.is_none() {
            let keys = self.matched + usize::from(self.on_path);
            let entered = self.on_path || (self.depth == 0 && self.path.is_empty());
            if entered && byte == b'[' && keys == self.path.len() {
                self.list = Some(self.depth + 1);
            } else if self.on_path && byte == b'{' {
                self.matched = keys;
            }
            self.on_path = false;
        }
        self.depth += 1;
    }

    fn keep(&mut self, part: &[u8]) {
        if self.item.len() + part.len() > LINE_LIMIT {
            self.too_long = true;
            self.item = Vec::new();
        } else if !self.too_long {
            self.item.extend_from_slice(part);
        }
    }

    /// Hands the item over.
    fn give(&mut self) -> Result<(), Refusal> {
        if std::mem::take(&mut self.too_long) {
            self.end.lines += 1;
            self.end.too_long += 1;
            return Ok(());
        }
        let mut item = std::mem::take(&mut self.item);
        let content = item.trim_ascii();
        let result = if content.is_empty() {
            Ok(())
        } else {
            self.end.lines += 1;
            self.sink.line(content, self.started)
        };
        item.clear();
        self.item = item;
        result
    }
}

impl Reader for Items {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        // Where the part of the item, or of what is beside the list, starts in these bytes.
        let mut start = 0;
        let mut place = 0;
        while place < bytes.len() {
            if self.text != Text::Outside {
                place += self.text(&bytes[place..]);
                continue;
            }
            if self.by_line && bytes[place] == b'\n' {
                self.next_document(&bytes[start..place])?;
                place += 1;
                start = place;
                continue;
            }
            let inside = self.list.is_some();
            let ends = self.mark(bytes[place]);
            if ends {
                self.keep(&bytes[start..place]);
                self.give()?;
            }
            place += 1;
            if !inside && self.list.is_some() {
                self.keep_beside(&bytes[start..place]);
            }
            if ends || (!inside && self.list.is_some()) {
                // The bracket that ends the list is beside it.
                let closed = usize::from(self.list.is_none());
                (start, self.started) = (place - closed, self.line);
            }
        }
        if self.list.is_some() {
            self.keep(&bytes[start..]);
        } else {
            self.keep_beside(&bytes[start..]);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        self.end.ending = ending;
        if self.depth > 0 {
            self.end.ending.cut = true;
            self.end.open = true;
            // The number the sink sees is that of the last item, so that it knows which one was cut.
            self.end.lines = self.started.saturating_sub(1);
            self.give()?;
            self.end.lines = self.started;
        }
        self.sink.finish(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, rc::Rc};

    #[derive(Clone, Default)]
    struct Copy(Rc<RefCell<Vec<(String, u64)>>>, Rc<RefCell<LinesEnd>>);

    impl LineSink for Copy {
        fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
            self.0.borrow_mut().push((String::from_utf8_lossy(line).into_owned(), number));
            Ok(())
        }
        fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
            *self.1.borrow_mut() = end;
            Ok(Measurements::default())
        }
    }

    fn items(path: &[&str], text: &str, chunk: usize) -> (Vec<(String, u64)>, LinesEnd) {
        items_of(path, text, chunk, false)
    }

    fn items_of(path: &[&str], text: &str, chunk: usize, by_line: bool) -> (Vec<(String, u64)>, LinesEnd) {
        let copy = Copy::default();
        let mut items = Box::new(Items::new(path, Box::new(copy.clone())));
        items.by_line = by_line;
        text.as_bytes().chunks(chunk).for_each(|part| items.push(part).unwrap());
        items.finish(Ending::default()).unwrap();
        let end = copy.1.borrow().clone();
        (copy.0.take(), end)
    }

    #[test]
    fn the_list_at_a_path_at_any_chunk_size() {
        let nested = r#"{"status": "result", "data": {"a": [1, [2]], "b": {"result": [9]}, "result": [{"x": "],\"}"}, [3, 4] , 5]}, "result": [7]}"#;
        for (path, text, expected) in [
            (&[][..], "[1, {\"a\": [2,3]},\n\"x,]\"]", "1|{\"a\": [2,3]}|\"x,]\""),
            (&["data", "result"], nested, "{\"x\": \"],\\\"}\"}|[3, 4]|5"),
            (&["result"], nested, "7"),
            (&["data"], nested, ""),
            (&[], "{\"a\": [1]}", ""),
            (&[], "[]", ""),
            (&["data"], "{\"data\": [1]} {\"data\": [2]}", "1|2"),
            (&[], "[[1], [2]]", "[1]|[2]"),
        ] {
            for chunk in [1, 2, 7, 1000] {
                let (found, end) = items(path, text, chunk);
                let found: Vec<&str> = found.iter().map(|(item, _)| item.as_str()).collect();
                assert_eq!(found.join("|"), expected, "{text} at {path:?} in chunks of {chunk}");
                assert!(!end.ending.cut, "{text}");
            }
        }
        for chunk in [1, 7, 1000] {
            let beside = String::from_utf8(items(&["data", "result"], nested, chunk).1.beside).unwrap();
            let expected =
                r#"{"status": "result", "data": {"a": [1, [2]], "b": {"result": [9]}, "result": []}, "result": [7]}"#;
            assert_eq!(beside, expected, "chunks of {chunk}");
        }
        assert_eq!(items(&[], "[\n 1,\n 2]", 3).0, [("1".to_owned(), 1), ("2".to_owned(), 2)]);
    }

    /// A line cut in a text, behind a backslash, between items, before the list, and behind a line break that is written `\n`.
    #[test]
    fn a_cut_line_ends_with_itself() {
        for (cut, taken) in [
            (r#"{"a": [1, {"x": "y"#, r#"1|{"x": "y"#),
            (r#"{"a": [1, {"x": "y\"#, r#"1|{"x": "y\"#),
            (r#"{"a": [1, {"x": "y\n"}, "#, r#"1|{"x": "y\n"}"#),
            (r#"{"a": [1, ["#, "1|["),
            (r#"{"a"#, ""),
            ("", ""),
            ("no JSON [{", ""),
        ] {
            let cut = cut.replace(r"\\", r"\");
            let expected =
                if taken.is_empty() { "2|3".to_owned() } else { format!("{}|2|3", taken.replace(r"\\", r"\")) };
            let text = format!("{cut}\n{{\"a\": [2]}}\r\n\n{{\"b\": 1, \"a\": [3]}}");
            for chunk in [1, 2, 7, 1000] {
                let (found, end) = items_of(&["a"], &text, chunk, true);
                let lines: Vec<u64> = found.iter().rev().take(2).map(|(_, line)| *line).collect();
                let found: Vec<&str> = found.iter().map(|(item, _)| item.as_str()).collect();
                assert_eq!((found.join("|"), lines), (expected.clone(), vec![4, 2]), "{cut} in chunks of {chunk}");
                assert!(!end.ending.cut);
            }
        }
    }

    #[test]
    fn a_cut_list_says_so() {
        let (found, end) = items(&[], "[{\"a\": 1},\n{\"b\": ", 4);
        assert_eq!(found.len(), 2);
        assert!(end.open && end.ending.cut && end.lines == found[1].1);
    }

    #[test]
    fn an_item_without_end_is_passed_over() {
        let text = format!("[1, \"{}\", 2]", "x".repeat(LINE_LIMIT + 10));
        let (found, end) = items(&[], &text, 65_536);
        assert_eq!((found.len(), end.too_long), (2, 1));
    }

    #[test]
    fn beside_is_all_or_nothing() {
        for (long, expected) in [(10, r#"{"x": "xxxxxxxxxx", "data": [], "y": 3}"#), (MOST_BESIDE, "")] {
            let text = format!("{{\"x\": \"{}\", \"data\": [1, 2], \"y\": 3}}", "x".repeat(long));
            for chunk in [1000, 65_536, 4 * MOST_BESIDE] {
                let (found, end) = items(&["data"], &text, chunk);
                assert_eq!((found.len(), String::from_utf8(end.beside).unwrap().as_str()), (2, expected), "{long}");
            }
        }
    }
}
