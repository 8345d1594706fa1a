//! Making a share, adding versions to it, prolonging and deleting it.

use super::api::{self, Failed};
use super::settle::Mine;
use super::{Refused, ask, with};
use crate::platform::{browser, crypto};
use crate::state::App;
use crate::text::share as text;
use crate::view_model::share::{Known, trouble};
use leptos::prelude::*;
use serde_json::{Value, json};
use worker::protocol::LeaveOut;

/// What a person wishes of a new share.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// What to leave out.
    pub leave_out: LeaveOut,
    /// Days it lives.
    pub days: u32,
    /// Name of its first version.
    pub name: String,
}

impl App {
    /// Stores what is open as a new share; from a share it becomes a fork of that.
    pub fn make_share(self, wish: Wish) {
        self.step(async move {
            let known = create(self, wish).await?;
            self.shares.put(known);
            Ok("")
        });
    }

    /// Adds what is open as the next version of its share.
    pub fn publish(self, name: String) {
        let Some(known) = self.bound_now() else { return };
        let (document, title) = (self.document_text().unwrap_or_default(), self.document_name());
        let mine = Mine { document, view: self.view(), name, title };
        self.step(async move { publish(self, known, mine).await });
    }

    /// Moves the end of a share to so many days from now.
    pub fn prolong(self, known: Known, days: u32) {
        self.step(async move {
            let expires = end_in(days);
            api::extend(&known, expires).await?;
            self.shares.keep(|links| {
                links.iter_mut().filter(|other| other.id == known.id).for_each(|other| other.expires = expires);
            });
            Ok(text::PROLONGED)
        });
    }

    /// Deletes a share for everybody; the document in this browser stays.
    pub fn delete_share(self, known: Known) {
        self.step(async move {
            match api::delete(&known).await {
                Ok(()) => {}
                // What is gone already need not be deleted.
                Err(Failed::Refused(refusal)) if matches!(refusal.code.as_str(), "deleted" | "not-found") => {}
                Err(failed) => return Err(failed.into()),
            }
            self.shares.keep(|links| links.retain(|other| other.id != known.id));
            Ok(text::GONE_NOW)
        });
    }
}

/// A moment so many days from now, seconds since 1970; whole, because it is authenticated as a number.
fn end_in(days: u32) -> f64 {
    (browser::now() / 1000.0).floor() + f64::from(days) * 86_400.0
}

async fn create(app: App, wish: Wish) -> Result<Known, Refused> {
    let random = async |bits| {
        let refused = || vec![trouble(text::NO_CRYPTO, text::NO_CRYPTO_REMEDY)];
        crypto::random_text(bits).await.ok_or_else(refused)
    };
    let from = app.bound_now();
    let cover = match &from {
        Some(from) => json!({ "name": wish.name, "forked_from": [from.id, from.version] }),
        None => json!({ "name": wish.name }),
    };
    let parent = from.map(|from| format!("{}/{}", from.id, from.version));
    // What is shared is what is open now, whatever is open when it is stored.
    let (key, name) = (app.document_key(), app.document_name());
    let document = app.document_text().unwrap_or_default();
    let packed = ask::pack(document, wish.leave_out, app.view(), &cover).await?;
    let known = Known {
        id: random(128).await?,
        key: random(256).await?,
        edit: Some(random(128).await?),
        owner: Some(random(256).await?),
        name,
        version: 1,
        // A minute less, in case the server's clock is a little behind.
        expires: end_in(wish.days) - 60.0,
        document: key,
        leave_out: wish.leave_out,
    };
    api::create(&known, &packed, parent).await?;
    // From now on the document belongs to the new share; the one it was forked from stays in the list.
    app.shares.keep(|links| {
        links.iter_mut().filter(|other| other.document == known.document).for_each(|other| other.document.clear());
    });
    Ok(known)
}

/// Adds a version; a faster editor's is laid beside it.
pub(super) async fn publish(app: App, known: Known, mine: Mine) -> Result<&'static str, Refused> {
    let cover = with(&last_cover(&known).await?, "name", Value::String(mine.name.clone()));
    let packed = ask::pack(mine.document.clone(), known.leave_out, mine.view.clone(), &cover).await?;
    match append(known.clone(), &packed).await {
        Ok(known) => {
            app.shares.put(Known { version: known.version + 1, name: mine.title, ..known });
            app.shares.past.set(None);
            Ok(text::PUBLISHED)
        }
        Err(Failed::Refused(refusal)) if refusal.code == "conflict" => {
            super::settle::lay_beside(app, known, mine).await?;
            Ok("")
        }
        Err(failed) => Err(failed.into()),
    }
}

/// Adds a version; where the share's end was moved since it is sealed again for the new one.
pub(super) async fn append(mut known: Known, packed: &[u8]) -> Result<Known, Failed> {
    match api::append(&known, packed).await {
        Err(Failed::Refused(refusal)) if refusal.code == "moved" => {
            known.expires = refusal.expires.map_or(known.expires, |expires| expires as f64);
            api::append(&known, packed).await.map(|()| known)
        }
        other => other.map(|()| known),
    }
}

/// Ancestry and comments of the version that is followed go on.
async fn last_cover(known: &Known) -> Result<Value, Refused> {
    Ok(api::read(&known.id, &known.key, Some(known.version)).await?.cover())
}
