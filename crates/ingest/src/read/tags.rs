//! XML as a stream of tags: enough for result files whose figures stand in attributes, also when they are cut. Attributes are read
//! by quick-xml.

use super::{Ending, Reader};
use crate::measurements::Measurements;
use crate::refusal::Refusal;
use quick_xml::events::BytesStart;

/// Longest tag held, in bytes.
const TAG_LIMIT: usize = 1024 * 1024;

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `<name …>`
    Open,
    /// `</name>`
    Close,
    /// `<name …/>`
    Empty,
}

/// One tag.
pub struct Tag<'a> {
    /// What it does.
    pub kind: Kind,
    /// Its name.
    pub name: &'a str,
    content: &'a str,
}

impl Tag<'_> {
    /// The attributes that can be read, unescaped.
    pub fn attributes(&self) -> Vec<(String, String)> {
        let start = BytesStart::from_content(self.content, self.name.len());
        let text = |bytes: &quick_xml::events::attributes::Attribute<'_>| {
            let key = bytes.key.as_ref().to_owned();
            Some((
                String::from_utf8(key.into()).ok()?,
                bytes.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned(),
            ))
        };
        start.attributes().with_checks(false).flatten().filter_map(|attribute| text(&attribute)).collect()
    }
}

/// Takes the tags of a file.
pub trait TagSink {
    /// One tag.
    fn tag(&mut self, tag: &Tag<'_>);

    /// The measurements of all tags; `cut` when the file ends inside a tag.
    ///
    /// # Errors
    /// Nothing usable came.
    fn finish(self: Box<Self>, cut: bool) -> Result<Measurements, Refusal>;
}

/// Splits XML into tags.
pub struct Tags {
    sink: Box<dyn TagSink>,
    pending: Vec<u8>,
    /// How far the markup at the start of `pending` was looked through.
    markup: Markup,
}

/// Markup whose end is looked for as its bytes come.
#[derive(Default)]
struct Markup {
    /// Bytes looked through.
    seen: usize,
    kind: Option<MarkupKind>,
}

#[derive(Clone, Copy)]
enum MarkupKind {
    /// A comment and the like, up to this.
    Until(&'static [u8]),
    /// A tag, and the quote that is open in it.
    Tag(Option<u8>),
}

impl Tags {
    /// Tags for that sink.
    pub fn new(sink: Box<dyn TagSink>) -> Self {
        Self { sink, pending: Vec::new(), markup: Markup::default() }
    }

    /// Hands out all complete tags; the number of bytes used.
    fn scan(sink: &mut dyn TagSink, markup: &mut Markup, bytes: &[u8]) -> usize {
        let mut place = 0;
        while let Some(open) = memchr::memchr(b'<', &bytes[place..]) {
            let start = place + open;
            let Some(length) = markup.length(&bytes[start..]) else { return start };
            *markup = Markup::default();
            if let Some(tag) = tag(&bytes[start + 1..start + length - 1]) {
                sink.tag(&tag);
            }
            place = start + length;
        }
        bytes.len()
    }
}

/// Bytes that tell a tag from a comment and the like.
const OPENING: usize = 9;

impl Markup {
    /// Bytes of the markup at the start, its closing bracket included; nothing when it is not complete. Each byte is looked at
    /// once, however the bytes come.
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        let kind = match self.kind {
            Some(kind) => kind,
            None => self.recognise(bytes)?,
        };
        match kind {
            MarkupKind::Until(close) => {
                let from = self.seen.min(bytes.len());
                let found = memchr::memmem::find(&bytes[from..], close).map(|place| from + place + close.len());
                // The end may stand across two pieces.
                self.seen = (bytes.len() + 1).saturating_sub(close.len()).max(from);
                found
            }
            MarkupKind::Tag(mut quote) => {
                for (place, byte) in bytes.iter().enumerate().skip(self.seen) {
                    match (quote, byte) {
                        (None, b'>') => return Some(place + 1),
                        (None, b'"' | b'\'') => quote = Some(*byte),
                        (Some(open), byte) if open == *byte => quote = None,
                        _ => {}
                    }
                }
                self.seen = bytes.len();
                self.kind = Some(MarkupKind::Tag(quote));
                None
            }
        }
    }

    /// What the markup is; nothing while it may still become something else.
    fn recognise(&mut self, bytes: &[u8]) -> Option<MarkupKind> {
        let mut kind = MarkupKind::Tag(None);
        for (open, close) in [(&b"<!--"[..], &b"-->"[..]), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")] {
            if bytes.starts_with(open) {
                kind = MarkupKind::Until(close);
            } else if bytes.len() < OPENING && open.starts_with(bytes) {
                return None;
            }
        }
        self.kind = Some(kind);
        Some(kind)
    }
}

/// The tag between its brackets; nothing for comments and declarations.
fn tag(inside: &[u8]) -> Option<Tag<'_>> {
    let text = super::text::valid_prefix(inside);
    let (kind, content) = match text.strip_prefix('/') {
        Some(name) => (Kind::Close, name),
        None => text.strip_suffix('/').map_or((Kind::Open, text), |content| (Kind::Empty, content)),
    };
    let length = content.find(|letter: char| letter.is_whitespace()).unwrap_or(content.len());
    let name = &content[..length];
    let named = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    named.then_some(Tag { kind, name, content })
}

impl Reader for Tags {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.pending.extend_from_slice(bytes);
        let used = Self::scan(&mut *self.sink, &mut self.markup, &self.pending);
        self.pending.drain(..used);
        if self.pending.len() > TAG_LIMIT {
            return Err(Refusal::new("tags", "a tag or comment that does not end").remedy("export it again"));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        let cut = ending.cut || self.pending.contains(&b'<');
        self.sink.finish(cut)
    }
}
