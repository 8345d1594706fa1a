//! Work for later, each piece in a task of its own, in the order in which it was asked for: between two of them the browser
//! draws, and answers whatever a person does.

use leptos::prelude::set_timeout;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

type Piece = Box<dyn FnOnce()>;

thread_local! {
    static WAITING: RefCell<VecDeque<Piece>> = const { RefCell::new(VecDeque::new()) };
    /// Whether a task is on its way.
    static GOING: Cell<bool> = const { Cell::new(false) };
}

/// Does it in a task of its own.
pub fn later(piece: impl FnOnce() + 'static) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(Box::new(piece)));
    if !GOING.replace(true) {
        next();
    }
}

fn next() {
    set_timeout(
        || {
            // Out of its place before it runs: it may ask for more.
            let piece = WAITING.with_borrow_mut(VecDeque::pop_front);
            if let Some(piece) = piece {
                piece();
            }
            if WAITING.with_borrow(VecDeque::is_empty) {
                GOING.set(false);
            } else {
                next();
            }
        },
        Duration::ZERO,
    );
}
