//! What stands about each kind of component.

use super::component::KINDS;
use crate::v1::ComponentKind;

/// A kind of component: its word in the document, its meaning, and what people call it elsewhere.
#[derive(Debug)]
pub struct KindEntry {
    /// The kind.
    pub kind: ComponentKind,
    /// Its word in the document.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Words by which series and endpoints name such a part, small and without a plural's s.
    pub called: &'static [&'static str],
    /// Words by which bills name it.
    pub billed: &'static [&'static str],
}

/// The words of [`KINDS`] as a choice.
pub(super) static KIND_WORDS: [(&str, &str); 10] = {
    let mut words = [("", ""); 10];
    let mut i = 0;
    while i < words.len() {
        words[i] = (KINDS[i].name, KINDS[i].about);
        i += 1;
    }
    words
};

/// What stands about a kind.
#[must_use]
pub fn kind_entry(kind: ComponentKind) -> Option<&'static KindEntry> {
    KINDS.iter().find(|entry| entry.kind == kind)
}
