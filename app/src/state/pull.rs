//! Measurements straight from a metrics server that the operator lists; the server asks it, the page never learns how.

use super::App;
use crate::platform::{browser, net};
use crate::text::pull as text;
use crate::text::share as words;
use crate::view_model::pull::{Window, address, file_name, own_words, targets};
use crate::view_model::share::{refusal, trouble};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;

thread_local! {
    /// Number of the pull that is awaited; none while none is.
    static AWAITED: Cell<Option<u32>> = const { Cell::new(None) };
    static PULLS: Cell<u32> = const { Cell::new(0) };
}

/// A pull begins; its number.
fn begin() -> u32 {
    let number = PULLS.get().wrapping_add(1);
    PULLS.set(number);
    AWAITED.set(Some(number));
    number
}

/// Whether a pull is the one that is awaited; it is over with that.
fn ends(number: u32) -> bool {
    let awaited = AWAITED.get() == Some(number);
    if awaited {
        AWAITED.set(None);
    }
    awaited
}

/// No pull is awaited any more; whether one was.
pub(super) fn stopped() -> bool {
    AWAITED.take().is_some()
}

impl App {
    /// Asks the server which metrics servers there are.
    pub fn find_targets(self) {
        spawn_local(async move {
            let reply = net::send("GET", "/api/v1", &[], None).await;
            let found = reply.filter(net::Reply::is_fine).map(|reply| targets(&reply.body)).unwrap_or_default();
            let _ = self.targets.try_set(found);
        });
    }

    /// Pulls a window of an expression and imports it as a file.
    pub fn pull(self, target: String, query: String, hours: f64) {
        self.progress.set(Some((text::PULLING.into(), 0.0)));
        let number = begin();
        spawn_local(async move {
            let window = Window::before(browser::now() / 1000.0, hours);
            let reply = net::send("GET", &address(&target, &query, window), &[], None).await;
            // What comes after Cancel, or for a document that is not open any more, is for nobody.
            if !ends(number) {
                return;
            }
            // Files may have been dropped meanwhile, and are read: the bar is theirs.
            self.clear_bar(text::PULLING);
            match reply {
                None => self.report(vec![trouble(words::UNREACHABLE, words::UNREACHABLE_REMEDY)], false),
                Some(reply) if reply.is_fine() => {
                    if let Some(file) = browser::file(&file_name(&target, &query), &reply.body) {
                        self.import(&[file]);
                    }
                }
                Some(reply) => {
                    let said = own_words(&reply.body).map(|said| trouble(&said, text::CHECK_QUERY));
                    self.report(vec![said.unwrap_or_else(|| refusal(reply.status, &reply.body).trouble())], false);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_that_was_stopped_brings_nothing() {
        let first = begin();
        assert!(stopped() && !stopped());
        assert!(!ends(first));
        let second = begin();
        assert!(!ends(first) && ends(second) && !ends(second));
    }
}
