//! Two editors of one share: both are shown, and brought together.

use super::{Clash, Refused, api, ask, make};
use crate::platform::browser;
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
}

/// Fetches the version that was faster, and what both began with.
pub(super) async fn lay_beside(app: App, known: Known, mine: Mine) -> Result<(), Refused> {
    if known.leave_out != LeaveOut::default() {
        return Err(vec![trouble(text::REDACTED_CONFLICT, text::REDACTED_CONFLICT_REMEDY)]);
    }
    let base = api::read(&known.id, &known.key, Some(known.version)).await?;
    let newest = api::read(&known.id, &known.key, None).await?;
    let theirs = newest.unpacked.text;
    let clash = Clash {
        mine_first: ask::merge(&base.unpacked.text, &mine.document, &theirs, true).await?,
        theirs_first: ask::merge(&base.unpacked.text, &mine.document, &theirs, false).await?,
        known: Known { expires: newest.expires, ..known },
        version: newest.version,
        theirs,
        name: mine.name,
    };
    app.shares.clash.set(Some(clash));
    Ok(())
}

impl App {
    /// Takes both editors' changes into what is open, and publishes that.
    pub fn merge(self, prefer_mine: bool) {
        let Some(clash) = self.shares.clash.get_untracked() else { return };
        let merged = if prefer_mine { clash.mine_first } else { clash.theirs_first };
        let Ok(root) = serde_json::from_str::<Value>(&merged.text) else { return };
        self.shares.clash.set(None);
        self.run(&Command::new(text::MERGE, vec![Edit::Set(Vec::new(), root)]));
        let known = Known { version: clash.version, ..clash.known };
        self.shares.put(known.clone());
        self.step(async move {
            let mine = Mine { document: merged.text, view: self.view(), name: clash.name };
            make::publish(self, known, mine)
                .await
                .map(|news| if news.is_empty() { news } else { text::MERGED_PUBLISHED })
        });
    }

    /// Opens the faster editor's version as a document of its own.
    pub fn open_theirs(self) {
        let Some(clash) = self.shares.clash.get_untracked() else { return };
        let Ok(root) = serde_json::from_str::<Value>(&clash.theirs) else { return };
        self.shares.clash.set(None);
        self.sharing.set(false);
        let key = browser::fresh_key();
        self.shares.put(Known { version: clash.version, document: key.clone(), ..clash.known });
        self.open(key, root);
    }
}
