//! What the start page asks of the part that holds the workbench (`crate::part`).

use super::app::App;
use super::saved;
use crate::platform::{browser, storage};
use crate::text;
use crate::view_model::place::Place;
use serde_json::{Value, json};
use worker::protocol::Role;

/// One thing to do.
#[derive(Debug)]
pub enum Deed {
    /// Take a worker's answer, as its bytes.
    Hear(Vec<u8>),
    /// A worker broke.
    Broke(Role),
    /// Open the smallest system one would draw.
    Empty,
    /// Open what this tab had open when the page went, or what its address names.
    GoOn(Place),
    /// Go to a place that the address names by now.
    Go(Place),
    /// Open a document kept in the browser.
    Reopen(String),
    /// Pasted text: components, or something to open.
    Paste(String),
    /// Back to the start page.
    Close,
    /// Stop reading files, fitting, pulling, and the opening of a short link.
    Cancel,
    /// Bring the browser's store in order, and list what it has.
    Settle,
    /// Ask for the figures of what is open.
    Project,
}

impl Deed {
    /// Whether a person asked for it, rather than a worker.
    pub fn is_asked_for(&self) -> bool {
        !matches!(self, Self::Hear(_) | Self::Broke(_) | Self::Settle)
    }
}

/// Does it.
pub fn run(app: App, deed: Deed) {
    match deed {
        Deed::Hear(bytes) => app.hear(&bytes),
        Deed::Broke(role) => app.broke(role),
        Deed::Empty => app.open(browser::fresh_key(), empty()),
        Deed::GoOn(place) => {
            // Only from here on can its opening be what the page dies of.
            storage::remember("opening", Some(&place.open));
            let named = Place::read(&browser::fragment()).is_some();
            saved::reopen(app, place, named);
        }
        Deed::Go(place) => app.go(place),
        Deed::Reopen(open) => {
            app.forget_files();
            saved::reopen(app, Place { open, ..Place::default() }, false);
        }
        Deed::Paste(text) => {
            if !app.paste_components(&text) {
                app.open_text(text);
            }
        }
        Deed::Close => app.close(),
        Deed::Cancel => app.cancel_import(),
        Deed::Settle => saved::settle(app),
        Deed::Project => app.project(),
    }
}

/// The smallest system one would draw: a service that asks a database.
fn empty() -> Value {
    json!({
        "format": "headroom/1", "name": text::NEW_SYSTEM, "currency": "USD",
        "traffic": [{"id": "requests", "entry": "api", "arrivals": {"open": {"rate": 50}}}],
        "components": [
            {"id": "api", "kind": "service", "replicas": 2, "concurrency": 16, "service": {"mean_ms": 5, "cv": 1},
             "calls": [{"to": "db", "per_request": 1}]},
            {"id": "db", "kind": "database", "cores": 4, "service": {"mean_ms": 8, "cv": 1}}
        ],
        "slos": [{"traffic": "requests", "percentile": 95, "latency_ms": 200}],
        "growth": {"multiples": [1, 2, 3, 5, 8, 10]}
    })
}
