//! Versions and comments of a share.

use super::{Known, Past, Refused, api, ask, make, with};
use crate::platform::{browser, focus};
use crate::state::App;
use crate::text::share as text;
use crate::view_model::share::{comments, trouble};
use leptos::prelude::*;
use scenario::link::Short;
use serde_json::{Value, json};
use worker::protocol::LeaveOut;

/// Versions whose names are looked up: each has to be fetched for it.
const NAMED: usize = 12;

impl App {
    /// Reads the versions and comments of the open document's share.
    pub fn load_past(self) {
        let Some(known) = self.bound_now() else { return };
        self.step(async move { load(self, &known).await.map(|()| "") });
    }

    /// Opens a version as a document of its own.
    pub fn open_version(self, number: u32) {
        let Some(known) = self.bound_now() else { return };
        focus::close_dialog();
        self.open_share(Short { version: Some(number), ..known.link(true, false) });
    }

    /// Says what a version changed against the one before it.
    pub fn load_changes(self, number: u32) {
        let Some(known) = self.bound_now() else { return };
        self.step(async move {
            let before = api::read(&known.id, &known.key, Some(number.saturating_sub(1))).await?;
            let after = api::read(&known.id, &known.key, Some(number)).await?;
            let difference = ask::compare(before.unpacked.text, after.unpacked.text).await?;
            self.shares.past.update(|past| {
                if let Some(past) = past {
                    past.changes = Some((number, difference));
                }
            });
            Ok("")
        });
    }

    /// Adds a comment: a new version that changes nothing else; `accepted` is called once it is one.
    pub fn comment(self, author: String, words: String, accepted: impl FnOnce() + 'static) {
        let Some(known) = self.bound_now() else { return };
        self.step(async move {
            comment(self, known, &author, &words, accepted).await?;
            Ok(text::COMMENTED)
        });
    }
}

async fn load(app: App, known: &Known) -> Result<(), Refused> {
    let (list, _) = api::history(&known.id).await?;
    let mut past = Past { id: known.id.clone(), ..Past::default() };
    for (index, entry) in list.into_iter().enumerate() {
        let cover = match index {
            0..NAMED => api::read(&known.id, &known.key, Some(entry.number)).await?.cover(),
            _ => Value::Null,
        };
        if index == 0 {
            past.comments = comments(&cover);
        }
        let name = cover.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        past.entries.push((entry, name));
    }
    app.shares.past.set(Some(past));
    Ok(())
}

async fn comment(app: App, known: Known, author: &str, words: &str, accepted: impl FnOnce()) -> Result<(), Refused> {
    if known.token().is_none() {
        return Err(vec![trouble(text::WRONG_TOKEN, text::WRONG_TOKEN_REMEDY)]);
    }
    let newest = api::read(&known.id, &known.key, None).await?;
    let cover = newest.cover();
    let mut list = cover.get("comments").and_then(Value::as_array).cloned().unwrap_or_default();
    let at = browser::written_time(browser::now());
    list.push(json!({"author": author, "at": at, "version": newest.version, "text": words}));
    let cover = with(&cover, "comments", Value::Array(list));
    // What the newest version holds has had left out what was to be.
    let packed = ask::pack(newest.unpacked.text, LeaveOut::default(), newest.unpacked.view, &cover).await?;
    let follows = known.version == newest.version;
    let next = Known { version: newest.version, expires: newest.expires, ..known.clone() };
    let done = make::append(next, &packed).await?;
    accepted();
    if follows {
        app.shares.put(Known { version: done.version + 1, ..known });
    }
    load(app, &done).await
}
