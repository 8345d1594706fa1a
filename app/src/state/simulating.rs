//! A simulation played by one analyst per core: each plays part of the replications, the first puts them together.

use super::App;
use super::document::Document;
use crate::platform::worker as bridge;
use crate::view_model::events::run_seconds;
use leptos::prelude::*;
use serde_json::Value;
use std::cell::RefCell;
use std::sync::Arc;
use worker::protocol::{Request, Study, Trouble};

/// How a simulation is to be played.
#[derive(Debug, Clone, Copy)]
pub struct RunSettings {
    /// Simulated seconds: those typed, else as the open document's events ask for.
    pub seconds: Memo<f64>,
    /// Simulated seconds that somebody typed, or a link brought.
    pub typed: RwSignal<Option<f64>>,
    /// Independent replications.
    pub replications: RwSignal<f64>,
    /// Seed of every random choice.
    pub seed: RwSignal<f64>,
}

impl RunSettings {
    /// The usual ones for whatever document is open.
    pub fn new(document: RwSignal<Option<Document>>) -> Self {
        let typed = RwSignal::new(None);
        let fitting =
            move || document.with(|open| run_seconds(open.as_ref().map_or(&Value::Null, |document| &document.root)));
        let seconds = Memo::new(move |_| typed.get().unwrap_or_else(fitting));
        Self { seconds, typed, replications: RwSignal::new(5.0), seed: RwSignal::new(1.0) }
    }
}

/// What the parts of the running simulation found.
#[derive(Default)]
struct Parts {
    run: u64,
    /// Parts beside the first.
    wanted: usize,
    found: Vec<Vec<u8>>,
}

thread_local! {
    static PARTS: RefCell<Parts> = RefCell::default();
}

/// Starts a simulation of the open document with the settings on screen.
pub fn start(app: App) {
    let Some(document) = app.document_text() else { return };
    let settings = app.run_settings;
    let replications = settings.replications.get_untracked() as u32;
    let parts = bridge::analysts().min(replications).max(1);
    let run = PARTS.with_borrow_mut(|known| {
        *known = Parts { run: known.run + 1, wanted: parts as usize - 1, found: Vec::new() };
        known.run
    });
    app.simulated.set(app.generation.get_untracked());
    app.simulation.set(Some(Arc::default()));
    for index in 0..parts {
        let request = Request::Simulate {
            run,
            part: (index, parts),
            document: document.clone(),
            multiple: app.growth.get_untracked(),
            seconds: settings.seconds.get_untracked(),
            replications,
            seed: settings.seed.get_untracked() as u64,
        };
        bridge::send_to_analyst(index, &request);
    }
}

/// A part is played; the last one's findings send all of them to the first.
pub fn part(run: u64, found: Vec<u8>) {
    let complete = PARTS.with_borrow_mut(|known| {
        if known.run != run {
            return None;
        }
        known.found.push(found);
        (known.found.len() == known.wanted).then(|| std::mem::take(&mut known.found))
    });
    if let Some(found) = complete {
        bridge::send(&Request::SimulationParts { run, found }, &[]);
    }
}

/// Whether an answer is of the simulation started last.
pub fn is_current(run: u64) -> bool {
    PARTS.with_borrow(|known| known.run == run)
}

/// A simulation could not begin, or came to nothing on its way; the others playing it are stopped.
pub fn refused(app: App, run: u64, problems: Vec<Trouble>) {
    if is_current(run) {
        PARTS.with_borrow_mut(|known| known.run += 1);
        app.simulation.set(None);
        app.report(problems, false);
    }
}

/// An analyst broke: nothing of what they were at can be used.
pub fn broke(app: App) {
    PARTS.with_borrow_mut(|known| known.run += 1);
    bridge::cancel_analysts();
    app.simulation.set(None);
    if app.losses.with_untracked(|known| known.as_ref().is_some_and(|known| known.share < 1.0)) {
        app.losses.set(None);
    }
}

/// Starts losing each component once.
pub fn lose_each(app: App) {
    let Some(document) = app.document_text() else { return };
    app.losses.set(Some(Arc::default()));
    app.studies.lost.set((app.generation.get_untracked(), false));
    let seed = app.run_settings.seed.get_untracked() as u64;
    bridge::send(&Request::LoseEach { asked: app.studies.begin(Study::Losses), document, seed }, &[]);
}
