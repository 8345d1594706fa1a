//! Opening a short link.

use super::api::{self, Failed, Read};
use super::{Deed, Known, Refused};
use crate::part::Part;
use crate::platform::{browser, storage};
use crate::state::App;
use crate::text;
use crate::text::share as words;
use crate::view_model::place::Place;
use crate::view_model::share::trouble;
use leptos::prelude::*;
use scenario::link::Short;
use serde_json::Value;

impl App {
    /// Goes to the place that the address names, or opens the link that it is; that goes from the address bar at once, so that
    /// its key does not stay there.
    pub fn open_link(self, fragment: String) {
        if let Some(place) = Place::read(&fragment) {
            return self.act(crate::state::Deed::Go(place));
        }
        browser::set_fragment("");
        self.fetch(Part::Bench);
        match Short::read(&fragment) {
            Some(Ok(short)) => self.act_sharing(Deed::Open(short)),
            Some(Err(problem)) => self.report(vec![trouble(&problem.text, &problem.remedy)], false),
            None => self.ask(&worker::protocol::Request::OpenLink(fragment)),
        }
    }

    /// Opens a short link as a document of its own; nothing that is open is touched.
    pub fn open_share(self, short: Short) {
        self.step(async move {
            self.progress.set(Some((words::SHORT.into(), 0.5)));
            let opened = open(self, &short).await;
            self.progress.set(None);
            opened.map(|()| "")
        });
    }

    /// Opens pasted or dropped text: a short link, or whatever the worker makes of it.
    pub fn open_text(self, text: String) {
        self.fetch(Part::Bench);
        let is_document = text.trim_start().starts_with('{');
        let address = text.trim().rsplit_once('#').filter(|_| !is_document);
        if let Some(place) = address.and_then(|(_, fragment)| Place::read(fragment)) {
            return self.act(crate::state::Deed::Go(place));
        }
        let link = if is_document { None } else { Short::read(&text) };
        match link {
            Some(Ok(short)) => self.act_sharing(Deed::Open(short)),
            Some(Err(problem)) => self.report(vec![trouble(&problem.text, &problem.remedy)], false),
            None => self.ask(&worker::protocol::Request::OpenText(text)),
        }
    }
}

async fn open(app: App, short: &Short) -> Result<(), Refused> {
    let links = storage::choice(super::LINKS).map(|text| super::read_known(&text)).unwrap_or_default();
    let seen: Vec<&Known> = links.iter().filter(|known| known.id == short.id).collect();
    let read = match api::read_link(short).await {
        Ok(read) => read,
        Err(Failed::Gone) => {
            // The copy that was kept is better than nothing.
            for known in seen {
                if storage::load(&known.document).await.is_some() {
                    app.act(crate::state::Deed::Reopen(known.document.clone()));
                    app.report(vec![trouble(words::OPENED_KEPT, words::OPENED_KEPT_REMEDY)], false);
                    return Ok(());
                }
            }
            return Err(Failed::Gone.into());
        }
        Err(failed) => return Err(failed.into()),
    };
    if short.version.is_none() && seen.iter().any(|known| known.version > read.version) {
        app.report(vec![trouble(words::ROLLED_BACK, words::ROLLED_BACK_REMEDY)], false);
    }
    show(app, short, &seen, read).await
}

async fn show(app: App, short: &Short, seen: &[&Known], read: Read) -> Result<(), Refused> {
    let Ok(root) = serde_json::from_str::<Value>(&read.unpacked.text) else {
        return Err(vec![trouble(words::CORRUPTED, words::ASK_SENDER)]);
    };
    // Never the key of an earlier copy: the tab that has it open may hold another version, and only one is kept for each key.
    let key = browser::fresh_key();
    let owner = seen.iter().find_map(|known| known.owner.clone());
    let edit = short.edit.clone().or_else(|| seen.iter().find_map(|known| known.edit.clone()));
    let name = root.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    app.shares.put(Known {
        id: short.id.clone(),
        key: short.key.clone(),
        edit,
        owner,
        name,
        version: read.version,
        expires: read.expires,
        document: key.clone(),
        ..Known::default()
    });
    app.files.set(Vec::new());
    app.fit.set(None);
    app.ask(&worker::protocol::Request::Forget);
    app.open(key, root);
    app.show_as(&read.unpacked.view);
    if short.present {
        app.presenting.set(true);
    }
    app.report(vec![trouble(&words::opened(read.version), text::OPENED_COPY_REMEDY)], true);
    app.report(read.unpacked.losses.iter().map(|loss| trouble(loss, "")).collect(), false);
    Ok(())
}
