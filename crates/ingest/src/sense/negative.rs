//! Times below zero: no request takes less than no time, so they are in no figure, and are said with their number and place.

use crate::measurements::{Figures, Measurements, Warning};

/// Times below zero that a file holds.
#[derive(Debug, Clone, Default)]
pub struct Negative {
    count: u64,
    first: Option<String>,
}

impl Negative {
    /// Counts one of so many milliseconds in a line of the file (0 where it has none).
    pub fn note(&mut self, latency_ms: f64, line: u64) {
        let place = if line > 0 { format!(" in line {line}") } else { String::new() };
        self.note_at(latency_ms, &place);
    }

    fn note_at(&mut self, latency_ms: f64, place: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| format!("{latency_ms} ms{place}"));
    }

    /// The first of them with its place.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// What is to be said of them.
    pub fn warning(&self) -> Option<Warning> {
        let first = self.first.as_deref()?;
        let what = if self.count == 1 { "One time is".to_owned() } else { format!("{} times are", self.count) };
        let text = format!(
            "{what} negative, first {first}, which no request can take (a clock was set back, or it is another column): left out of every figure."
        );
        Some(Warning::new("negative-latency", &text).with("count", self.count).with("first", first))
    }
}

/// Takes statistics below zero out of what a file sums up, and says so.
pub fn leave_out(found: &mut Measurements) {
    let mut negative = Negative::default();
    let mut clean = |figures: &mut Figures, of: &str| {
        figures.latency_ms.retain(|name, value| {
            if *value < 0.0 {
                negative.note_at(*value, &format!(" as {name} of {of}"));
            }
            *value >= 0.0
        });
    };
    found.totals.iter_mut().for_each(|totals| clean(totals, "all requests"));
    found.endpoints.iter_mut().for_each(|endpoint| clean(&mut endpoint.figures, &endpoint.name));
    for level in &mut found.levels {
        clean(&mut level.figures, &format!("the level from {} s on", level.from_s));
    }
    found.warnings.extend(negative.warning());
}
