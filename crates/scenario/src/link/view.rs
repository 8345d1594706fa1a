//! What was set on screen and travels with a link.

use crate::record::record;
use serde_json::{Map, Value};

/// What was set on screen. Everything may be absent; what does not make sense is left out when read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// Position of the growth slider.
    pub multiple: Option<f64>,
    /// Name of the open tab.
    pub tab: Option<String>,
    /// What is selected: an id, or a path.
    pub selected: Option<String>,
    /// Seed of simulations and draws.
    pub seed: Option<u64>,
    /// Simulated seconds.
    pub seconds: Option<f64>,
    /// Warm-up in seconds; absent is found automatically.
    pub warmup_s: Option<f64>,
    /// Replications of a simulation.
    pub replications: Option<u32>,
    /// Draws of the projection's bands.
    pub samples: Option<u32>,
    /// Whether the page is only to be read (a presentation).
    pub read_only: bool,
    /// Anything else the app sets, by name.
    pub more: Map<String, Value>,
}

record! {
    View {
        multiple, tab, selected, seed, seconds, warmup_s, replications, samples, read_only: Spare, more,
    }
}

impl View {
    /// Reads what [`View::to_json`] wrote; of anything else what makes sense.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        Self::read(crate::json::read(text).ok().as_ref())
    }

    /// Reads what makes sense.
    pub(super) fn read(value: Option<&Value>) -> Self {
        let number = |key: &str, least: f64, most: f64| {
            value?.get(key)?.as_f64().filter(|number| (least..=most).contains(number))
        };
        let text = |key: &str| Some(value?.get(key)?.as_str().filter(|text| text.len() <= 1000)?.to_owned());
        let count = |key: &str| u32::try_from(value?.get(key)?.as_u64()?).ok();
        Self {
            multiple: number("multiple", 1e-6, 1e6),
            tab: text("tab"),
            selected: text("selected"),
            seed: value.and_then(|view| view.get("seed")?.as_u64()),
            seconds: number("seconds", 1e-3, 1e9),
            warmup_s: number("warmup_s", 0.0, 1e9),
            replications: count("replications"),
            samples: count("samples"),
            read_only: value.and_then(|view| view.get("read_only")?.as_bool()).unwrap_or(false),
            more: value.and_then(|view| view.get("more")?.as_object().cloned()).unwrap_or_default(),
        }
    }
}
