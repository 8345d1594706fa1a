//! Questions to the workers, each answered by its number: a late answer to a question given up is nobody's.

use super::Refused;
use crate::platform::worker as bridge;
use crate::text;
use crate::view_model::share::trouble;
use futures_channel::oneshot::{Sender, channel};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use worker::protocol::{Difference, LeaveOut, Merged, Request, Shared, Sharing, Unpacked};

type Answer = Result<Shared, Refused>;

thread_local! {
    static WAITING: RefCell<BTreeMap<u32, Sender<Answer>>> = const { RefCell::new(BTreeMap::new()) };
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

async fn ask(step: Sharing) -> Answer {
    let (send, receive) = channel();
    let number = ASKED.get() + 1;
    ASKED.set(number);
    WAITING.with_borrow_mut(|waiting| waiting.insert(number, send));
    bridge::send(&Request::Sharing { number, step }, &[]);
    receive.await.unwrap_or_else(|_| Err(vec![trouble(text::WORKER_BROKE, text::WORKER_BROKE_REMEDY)]))
}

/// An answer came.
pub fn answered(number: u32, answer: Answer) {
    if let Some(waiting) = WAITING.with_borrow_mut(|waiting| waiting.remove(&number)) {
        // Whoever asked may have gone.
        let _ = waiting.send(answer);
    }
}

/// A worker that answers broke: nobody will.
pub fn forget() {
    WAITING.with_borrow_mut(BTreeMap::clear);
}

fn odd() -> Refused {
    vec![trouble(text::WORKER_BROKE, text::WORKER_BROKE_REMEDY)]
}

/// The bytes to be encrypted.
pub(super) async fn pack(
    document: String,
    leave_out: LeaveOut,
    view: String,
    cover: &Value,
) -> Result<Vec<u8>, Refused> {
    match ask(Sharing::Pack { document, leave_out, view, cover: cover.to_string() }).await? {
        Shared::Packed(bytes) => Ok(bytes),
        _ => Err(odd()),
    }
}

/// What decrypted bytes hold.
pub(super) async fn unpack(bytes: Vec<u8>) -> Result<Unpacked, Refused> {
    match ask(Sharing::Unpack(bytes)).await? {
        Shared::Unpacked(unpacked) => Ok(*unpacked),
        _ => Err(odd()),
    }
}

/// What changed between two documents.
pub(super) async fn compare(before: String, after: String) -> Result<Difference, Refused> {
    match ask(Sharing::Compare { before, after }).await? {
        Shared::Compared(difference) => Ok(difference),
        _ => Err(odd()),
    }
}

/// Two changed documents in one.
pub(super) async fn merge(base: &str, mine: &str, theirs: &str, prefer_mine: bool) -> Result<Merged, Refused> {
    let (base, mine, theirs) = (base.to_owned(), mine.to_owned(), theirs.to_owned());
    match ask(Sharing::Merge { base, mine, theirs, prefer_mine }).await? {
        Shared::Merged(merged) => Ok(*merged),
        _ => Err(odd()),
    }
}
