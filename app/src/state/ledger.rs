//! What this tab knows of the store that all tabs share, and what becomes of a document that is to be kept in it.

use super::saved::Kept;
use serde::{Deserialize, Serialize};

/// Milliseconds by which two moments are the same.
const SAME: f64 = 0.5;

/// What becomes of a document that is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeping {
    /// Nothing: it is kept as it is. To write it again would be a change to other tabs.
    #[default]
    Held,
    /// It takes the place of what is held.
    Here,
    /// Another tab kept the same document since this one read it: it goes on as a document of its own.
    Copy,
}

/// When the document under one key was kept, as one tab knows it: milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Seen {
    /// As it last read or wrote it.
    pub at: f64,
    /// As it last left it behind: whoever picked that up kept nothing of their own.
    pub left: f64,
}

impl Seen {
    /// What becomes of a text, where another one may be held that was kept at some moment.
    pub fn keeping(self, text: &str, held: Option<&str>, held_at: f64) -> Keeping {
        if held == Some(text) {
            Keeping::Held
        } else if held_at <= self.at + SAME || (held_at - self.left).abs() < SAME {
            Keeping::Here
        } else {
            Keeping::Copy
        }
    }
}

/// What a tab that goes leaves behind of a document that it may have no time to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// Its key.
    pub key: String,
    /// When it had been kept before, as that tab knew it.
    pub since: f64,
    /// When it was left.
    pub at: f64,
    /// Its line in the list of recent ones.
    pub line: String,
    /// Its text.
    pub text: String,
}

/// What this tab read and wrote.
#[derive(Debug, Default)]
pub struct Ledger {
    seen: Vec<(String, f64)>,
    moved: Vec<(String, String)>,
    /// The last generation that the store has.
    kept: u64,
    /// The generation left behind last, and when.
    left: Option<u64>,
    left_at: f64,
    /// Whether the store refused what it was given last.
    pub refused: bool,
    /// What the store refused and has not taken since: it is in this tab only.
    unkept: Vec<Kept>,
    /// The ready scenario opened last.
    ready: Option<String>,
}

impl Ledger {
    /// Whether the store has what is open at this generation: nothing was changed since it was read or kept.
    pub fn has(&self, generation: u64) -> bool {
        generation <= self.kept
    }

    /// What this tab knows of a key.
    pub fn seen(&self, key: &str) -> Seen {
        let at = self.seen.iter().find(|(known, _)| known == key).map_or(0.0, |(_, at)| *at);
        Seen { at, left: self.left_at }
    }

    /// The key under which a document goes on.
    pub fn called(&self, key: &str) -> String {
        self.moved.iter().find(|(old, _)| old == key).map_or(key, |(_, new)| new).to_owned()
    }

    /// A document was read: it is held as it was at some moment.
    pub fn reads(&mut self, key: &str, at: f64, generation: u64) {
        self.moved.retain(|(old, _)| old != key);
        self.saw(key, at);
        self.kept = self.kept.max(generation);
    }

    /// A document of a generation is held, from some moment on; whether what was left behind is of no use any more.
    pub fn holds(&mut self, key: &str, at: f64, generation: u64) -> bool {
        self.saw(key, at);
        self.forgets(key);
        self.refused = false;
        self.kept = self.kept.max(generation);
        self.left.take_if(|left| *left <= self.kept).is_some()
    }

    /// A document goes on under another key.
    pub fn moves(&mut self, old: &str, new: &str) {
        self.forgets(old);
        self.moved.push((old.to_owned(), new.to_owned()));
    }

    /// The store refused a document: it stays in this tab until the store takes it, whatever is opened meanwhile.
    pub fn refuses(&mut self, kept: Kept) {
        self.forgets(&kept.recent.key);
        self.refused = true;
        self.unkept.push(kept);
    }

    /// What is in this tab only, as the store refused it.
    pub fn unkept(&self) -> &[Kept] {
        &self.unkept
    }

    /// A document is not in this tab only any more, or not wanted any more.
    pub fn forgets(&mut self, key: &str) {
        self.unkept.retain(|known| known.recent.key != key);
    }

    /// A ready scenario was opened under this key.
    pub fn opens_ready(&mut self, key: &str) {
        self.ready = Some(key.to_owned());
    }

    /// Whether the document under a key was opened as a ready scenario in this tab.
    pub fn is_ready(&self, key: &str) -> bool {
        self.ready.as_deref() == Some(key)
    }

    /// A document of a generation was left behind.
    pub fn leaves(&mut self, generation: u64, at: f64) {
        self.left = Some(generation);
        self.left_at = at;
    }

    fn saw(&mut self, key: &str, at: f64) {
        self.seen.retain(|(known, _)| known != key);
        self.seen.push((key.to_owned(), at));
    }
}

#[cfg(test)]
mod tests {
    use super::super::saved::Recent;
    use super::*;

    #[test]
    fn neither_tab_overwrites_the_other() {
        // What this tab saw and left, what is held and since when; what becomes of "mine".
        let rows = [
            (0.0, 0.0, None, 0.0, Keeping::Here),
            (5.0, 0.0, Some("old"), 5.0, Keeping::Here),
            (5.0, 0.0, Some("theirs"), 7.0, Keeping::Copy),
            (5.0, 0.0, Some("mine"), 7.0, Keeping::Held),
            // Another tab picked up what this one had left at 7.
            (5.0, 7.0, Some("mine a moment ago"), 7.0, Keeping::Here),
            (5.0, 7.0, Some("theirs"), 8.0, Keeping::Copy),
        ];
        for (at, left, held, held_at, expected) in rows {
            assert_eq!(Seen { at, left }.keeping("mine", held, held_at), expected, "{at} {left} {held:?} {held_at}");
        }
    }

    #[test]
    fn what_was_not_changed_is_not_kept_again() {
        let mut ledger = Ledger::default();
        assert!(!ledger.has(1), "a new document");
        assert!(!ledger.holds("a", 10.0, 1));
        assert!(ledger.has(1) && !ledger.has(2));
        // The one that was edited while the first was being kept.
        ledger.leaves(3, 11.0);
        assert!(!ledger.holds("a", 12.0, 2), "what was left is newer");
        assert!(!ledger.has(3));
        assert!(ledger.holds("a", 13.0, 3) && ledger.has(3));
        assert_eq!(ledger.seen("a"), Seen { at: 13.0, left: 11.0 });
        // Another one is opened, and not edited.
        ledger.reads("b", 4.0, 4);
        assert!(ledger.has(4) && ledger.seen("b").at == 4.0);
    }

    #[test]
    fn what_the_store_refused_stays_until_it_has_it() {
        let kept = |key: &str, text: &str, generation| Kept {
            recent: Recent { key: key.into(), ..Recent::default() },
            document: text.into(),
            generation,
        };
        let texts = |ledger: &Ledger| -> Vec<String> {
            ledger.unkept().iter().map(|known| format!("{}: {}", known.recent.key, known.document)).collect()
        };
        let mut ledger = Ledger::default();
        ledger.refuses(kept("a", "old", 1));
        ledger.refuses(kept("a", "new", 2));
        assert_eq!(texts(&ledger), ["a: new"], "of one document the last text");
        // Another one is opened and kept: that says nothing of the first.
        ledger.holds("b", 3.0, 3);
        assert_eq!((texts(&ledger), ledger.refused), (vec!["a: new".to_owned()], false));
        ledger.refuses(kept("c", "its own", 4));
        ledger.refuses(kept("d", "theirs", 5));
        // There is room again; one was forgotten, one goes on as a copy.
        ledger.holds("a", 6.0, 2);
        ledger.forgets("c");
        ledger.moves("d", "copy");
        assert_eq!(texts(&ledger), Vec::<String>::new());
    }

    #[test]
    fn a_copy_goes_on_under_its_own_key_until_the_other_is_read_again() {
        let mut ledger = Ledger::default();
        ledger.moves("a", "copy");
        assert_eq!((ledger.called("a"), ledger.called("b")), ("copy".to_owned(), "b".to_owned()));
        ledger.reads("a", 9.0, 1);
        assert_eq!(ledger.called("a"), "a");
    }
}
