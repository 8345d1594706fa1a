//! Ready scenarios: the stories of teams that grew, each with its lesson in its notes.
//!
//! They are compiled in as text; the app's worker and the command serve them, the page itself does not carry them.

use crate::Scenario;

/// One ready scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name in addresses and on the command line.
    pub id: &'static str,
    /// What it shows, in a few words.
    pub topic: &'static str,
    /// The document.
    pub json: &'static str,
}

impl Entry {
    /// The document as a value, unchecked.
    #[must_use]
    pub fn value(&self) -> Option<serde_json::Value> {
        crate::json::read(self.json).ok()
    }

    /// The scenario; its name is the title, its notes are the lesson.
    ///
    /// # Errors
    /// Never for the entries of [`entries`]; a test reads them all.
    pub fn scenario(&self) -> Result<Scenario, Vec<crate::Problem>> {
        crate::parse(self.json).map(|parsed| parsed.scenario)
    }
}

/// All entries; those of one topic stand together and are meant to be compared.
#[must_use]
pub const fn entries() -> &'static [Entry] {
    ENTRIES
}

/// The entry of this id.
#[must_use]
pub fn entry(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

macro_rules! entries {
    ($($topic:literal: $($id:literal),+;)+) => {
        &[$($(Entry { id: $id, topic: $topic, json: include_str!(concat!("../gallery/", $id, ".json")) }),+),+]
    };
}

const ENTRIES: &[Entry] = entries! {
    "Distance": "ad-server-far", "ad-server-near";
    "Slow work": "fittrack-monolith", "fittrack-split";
    "Balancing": "django-round-robin", "django-least-connections", "django-ip-hash", "django-big-pool";
    "Autoscaling": "kubernetes-hpa-20", "kubernetes-hpa-50";
    "Partitions": "hot-partition", "hot-partition-cured";
    "Reports": "report-query", "report-query-replica";
    "Caches": "three-cache-layers", "cache-flush", "cache-flush-coalesced";
    "Queues": "queue-dead-letters", "spot-workers";
    "Resilience": "rate-limit-and-breaker", "retry-storm", "retry-budget";
    "Growth": "load-test", "growth-stages";
};
