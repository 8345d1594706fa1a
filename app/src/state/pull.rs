//! Measurements straight from a metrics server that the operator lists; the server asks it, the page never learns how.

use super::App;
use super::awaited::Awaited;
use crate::platform::{browser, net};
use crate::text::pull as text;
use crate::text::share as words;
use crate::view_model::pull::{Window, address, file_name, own_words, targets};
use crate::view_model::share::{refusal, trouble};
use leptos::prelude::*;
use leptos::task::spawn_local;

thread_local! {
    static PULL: Awaited = const { Awaited::new() };
}

/// No pull is awaited any more; whether one was.
pub(super) fn stopped() -> bool {
    PULL.with(Awaited::stop)
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
        let number = PULL.with(Awaited::begin);
        spawn_local(async move {
            let window = Window::before(browser::now() / 1000.0, hours);
            let reply = net::send("GET", &address(&target, &query, window), &[], None).await;
            // What comes after Cancel, or for a document that is not open any more, is for nobody.
            if !PULL.with(|pull| pull.ends(number)) {
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
