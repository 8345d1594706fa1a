//! What the page asks the worker for when it stores, opens and compares shares. The worker packs and unpacks; the page has the
//! browser encrypt and send.

use serde::{Deserialize, Serialize};

/// What to leave out of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LeaveOut {
    /// Prices, costs and bills.
    pub money: bool,
    /// Names of the system, and notes.
    pub names: bool,
    /// Notes.
    pub notes: bool,
    /// Imports with their measured points, and where figures came from.
    pub imports: bool,
}

/// A step of sharing. Documents are scenarios as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Sharing {
    /// Make the bytes that are to be encrypted.
    Pack {
        /// The open scenario.
        document: String,
        /// What to leave out.
        leave_out: LeaveOut,
        /// What is set on screen: `scenario::link::View` as JSON.
        view: String,
        /// Name of the version, ancestry, comments: `scenario::seal::Cover` as JSON.
        cover: String,
    },
    /// Read decrypted bytes.
    Unpack(Vec<u8>),
    /// Say what changed from one document to another.
    Compare {
        /// The older one.
        before: String,
        /// The newer one.
        after: String,
    },
    /// Bring together what two people changed.
    Merge {
        /// What both started from.
        base: String,
        /// One's.
        mine: String,
        /// The other's.
        theirs: String,
        /// Whether mine is taken where both changed the same.
        prefer_mine: bool,
    },
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Shared {
    /// The bytes to be encrypted.
    Packed(Vec<u8>),
    /// What decrypted bytes hold.
    Unpacked(Box<Unpacked>),
    /// What changed, in words and figures.
    Compared(Difference),
    /// The merged document.
    Merged(Box<Merged>),
}

/// What a share holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Unpacked {
    /// The scenario as JSON.
    pub text: String,
    /// What was lost on the way, in sentences.
    pub losses: Vec<String>,
    /// What was set on screen: `scenario::link::View` as JSON.
    pub view: String,
    /// Name of the version, ancestry, comments: `scenario::seal::Cover` as JSON.
    pub cover: String,
}

/// What changed from one document to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Difference {
    /// What was changed, in words.
    pub changes: Vec<String>,
    /// What that does to the answer: what it is, before, after.
    pub figures: Vec<(String, String, String)>,
}

/// Two changed documents in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Merged {
    /// The scenario as JSON.
    pub text: String,
    /// What I changed since the base, in words.
    pub mine: Vec<String>,
    /// What they changed since the base, in words.
    pub theirs: Vec<String>,
    /// What both changed, in words.
    pub conflicts: Vec<String>,
}
