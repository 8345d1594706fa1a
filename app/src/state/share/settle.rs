//! Two editors of one share: both are shown, and brought together.

use super::{Clash, Refused, api, ask, make};
use crate::platform::{browser, focus};
use crate::state::App;
use crate::state::document::Command;
use crate::state::tree::Edit;
use crate::text::share as text;
use crate::view_model::share::{Known, trouble};
use leptos::prelude::*;
use serde_json::Value;
use worker::protocol::LeaveOut;

/// What was to be published.
pub(super) struct Mine {
    pub(super) document: String,
    pub(super) view: String,
    pub(super) name: String,
    /// The scenario's own name.
    pub(super) title: String,
}

/// Fetches the version that was faster, and what both began with.
pub(super) async fn lay_beside(app: App, known: Known, mine: Mine) -> Result<(), Refused> {
    if known.leave_out != LeaveOut::default() {
        return Err(vec![trouble(text::REDACTED_CONFLICT, text::REDACTED_CONFLICT_REMEDY)]);
    }
    let base = api::read(&known.id, &known.key, Some(known.version)).await?;
    let newest = api::read(&known.id, &known.key, None).await?;
    let theirs = newest.unpacked.text;
    let base = base.unpacked.text;
    let clash = Clash {
        merged: ask::merge(&base, &mine.document, &theirs, true).await?,
        base,
        known: Known { expires: newest.expires, ..known },
        version: newest.version,
        theirs,
        name: mine.name,
    };
    // Somebody went on to another document meanwhile, which this is not about.
    if clash.known.document != app.document_key() {
        return Err(vec![trouble(text::CONFLICT, text::CONFLICT_REMEDY)]);
    }
    app.shares.clash.set(Some(clash));
    Ok(())
}

/// Merges what is open by now, not what it was when the other version was found.
async fn merge_and_publish(app: App, clash: Clash, prefer_mine: bool) -> Result<&'static str, Refused> {
    let before = app.open_now();
    let Some(now) = app.document_text().filter(|_| clash.known.document == before.0) else { return Ok("") };
    let merged = ask::merge(&clash.base, &now, &clash.theirs, prefer_mine).await?;
    let root = serde_json::from_str::<Value>(&merged.text).ok().filter(|_| app.open_now() == before);
    let Some(root) = root else { return Err(vec![trouble(text::CHANGED_MEANWHILE, text::MERGE_AGAIN)]) };
    app.shares.clash.set(None);
    app.run(&Command::new(text::MERGE, vec![Edit::Set(Vec::new(), root)]));
    let known = Known { version: clash.version, ..clash.known };
    app.shares.put(known.clone());
    let mine = Mine { document: merged.text, view: app.view(), name: clash.name, title: app.document_name() };
    make::publish(app, known, mine).await
}

impl App {
    /// Takes both editors' changes into what is open, and publishes that.
    pub fn merge(self, prefer_mine: bool) {
        self.shares.drop_clash_of_others(&self.document_key());
        let Some(clash) = self.shares.clash.get_untracked() else { return };
        self.step(async move {
            let news = merge_and_publish(self, clash, prefer_mine).await?;
            Ok(if news.is_empty() { news } else { text::MERGED_PUBLISHED })
        });
    }

    /// Opens the faster editor's version as a document of its own.
    pub fn open_theirs(self) {
        let Some(clash) = self.shares.clash.get_untracked() else { return };
        let Ok(root) = serde_json::from_str::<Value>(&clash.theirs) else { return };
        self.shares.clash.set(None);
        focus::close_dialog();
        let key = browser::fresh_key();
        self.shares.put(Known { version: clash.version, document: key.clone(), ..clash.known });
        // What was measured was measured of what was open.
        self.forget_files();
        self.open(key, root);
    }
}
