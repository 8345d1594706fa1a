//! The timeline of disturbances: one bar per event, moved and stretched by pointer or keys.

use super::format::{amount, trim};
use super::html::escape;
use super::system::{label_of, list_at, number_at, text_at};
use crate::text;
use serde_json::{Value, json};
use std::fmt::Write;

/// Height of a bar's lane.
pub const LANE: f64 = 26.0;
/// Width of the drawing's own coordinates.
pub const WIDTH: f64 = 1000.0;
/// Share of the width at a bar's end that stretches it.
const EDGE: f64 = 10.0;
/// Seconds are kept in steps of this part of the run.
const STEPS: f64 = 200.0;
/// Seconds of a run without events.
const USUAL: f64 = 300.0;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub label: String,
    /// Seconds of the run.
    pub from: f64,
    /// None: to the end of the run.
    pub length: Option<f64>,
}

/// What a pointer does with a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drag {
    pub event: usize,
    /// Its end rather than all of it.
    pub stretch: bool,
    /// Seconds so far.
    pub by: f64,
}

/// The component that an event or an objective is about; none of a lost zone, which may be called as a component is.
pub fn happens_at(entry: &Value) -> Option<&str> {
    Some(text_at(entry, "component")).filter(|place| !place.is_empty() && text_at(entry, "kind") != "lose_zone")
}

/// What has the focus after the event at an index was taken away: the one that stands there now, or the last; without any, what
/// adds one.
pub fn after_removal(index: usize, left: usize) -> String {
    left.checked_sub(1).map_or_else(|| "add-event".to_owned(), |last| format!("event-{}", index.min(last)))
}

/// All events in the document's order.
pub fn bars(root: &Value) -> Vec<Bar> {
    let bar = |event: &Value| {
        let place = match (text_at(event, "component"), happens_at(event)) {
            ("", _) => String::new(),
            (_, Some(component)) => format!(" · {}", label_of(root, component)),
            (zone, None) => format!(" · {zone}"),
        };
        let size = number_at(event, "amount").map_or(String::new(), |value| format!(" · {}", amount(value)));
        Bar {
            label: format!("{}{place}{size}", text::word(text_at(event, "kind"))),
            from: number_at(event, "at_s").unwrap_or(0.0),
            length: number_at(event, "for_s"),
        }
    };
    list_at(root, "events").iter().map(bar).collect()
}

/// Seconds that a run takes unless somebody says: until after the document's last event.
pub fn run_seconds(root: &Value) -> f64 {
    let of = |event| (number_at(event, "at_s").unwrap_or(0.0), number_at(event, "for_s"));
    scenario::run_seconds(USUAL, list_at(root, "events").iter().map(of))
}

/// A step of the timeline: round enough to be read.
pub fn step(seconds: f64) -> f64 {
    crate::chart::scale::nice(seconds / STEPS).max(0.1)
}

/// Where an event stands after a drag: start and length.
pub fn moved(bar: &Bar, drag: Drag, seconds: f64) -> (f64, Option<f64>) {
    let step = step(seconds);
    let round = |value: f64| (value / step).round() * step;
    if drag.stretch {
        let length = bar.length.unwrap_or((seconds - bar.from).max(step));
        return (bar.from, Some(round(length + drag.by).max(step)));
    }
    // What lies beyond the run is brought into it only on the way back.
    let most = if drag.by > 0.0 { seconds.max(bar.from) } else { seconds };
    (round(bar.from + drag.by).clamp(0.0, most), bar.length)
}

/// The bars as SVG, one of them perhaps on its way.
pub fn drawing(bars: &[Bar], seconds: f64, drag: Option<Drag>, chosen: Option<usize>) -> String {
    let place = |at: f64| (at / seconds.max(1e-9) * WIDTH).clamp(0.0, WIDTH);
    let mut out = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let (from, length) = match drag.filter(|drag| drag.event == index) {
            Some(drag) => moved(bar, drag, seconds),
            None => (bar.from, bar.length),
        };
        let y = index as f64 * LANE;
        let on = if chosen == Some(index) { " chosen" } else { "" };
        let said = spoken(&bar.label, from, length);
        let (top, high) = (y + 3.0, LANE - 6.0);
        let (open, said, shape) = if from >= seconds {
            // Not a bar: nothing of it is inside the run.
            let (middle, low) = (top + high / 2.0, top + high);
            let (tail, tip) = (WIDTH - EDGE, WIDTH);
            let arrow = format!("<path class=\"lane-bar\" d=\"M{tail} {top:.1}L{tip} {middle:.1}L{tail} {low:.1}z\"/>");
            (" open", format!("{said}, {}", text::BEYOND_THE_RUN), arrow)
        } else {
            let (x, end) = (place(from), length.map_or(WIDTH, |length| place(from + length)));
            let width = (end - x).max(6.0);
            let grip = x + width - EDGE;
            let shape = format!(
                "<rect class=\"lane-bar\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{high:.1}\" rx=\"4\"/><rect class=\"edge-grip\" data-stretch=\"{index}\" x=\"{grip:.1}\" y=\"{top:.1}\" width=\"{EDGE}\" height=\"{high:.1}\"/>"
            );
            (if length.is_none() { " open" } else { "" }, said, shape)
        };
        let _ = write!(
            out,
            "<g data-event=\"{index}\" class=\"event{open}{on}\" role=\"button\" tabindex=\"0\" id=\"event-{index}\" aria-label=\"{0}\"><title>{0}</title>{shape}</g>",
            escape(&said)
        );
    }
    out
}

/// What a bar says.
pub fn spoken(label: &str, from: f64, length: Option<f64>) -> String {
    let until = length.map_or(text::TO_THE_END.to_owned(), |length| text::for_seconds(&trim(length, 1)));
    format!("{label}, {} {until}", text::at_second(&trim(from, 1)))
}

/// What an event of the document says: `flush cache · Redis, at 60 s to the end`.
pub fn in_words(root: &Value, index: usize) -> String {
    bars(root).get(index).map_or(String::new(), |bar| spoken(&bar.label, bar.from, bar.length))
}

/// A new event of a kind, in the middle of the run.
pub fn fresh(root: &Value, kind: &str, seconds: f64) -> Value {
    let at = (seconds / 3.0).round();
    let mut event = json!({"at_s": at, "for_s": (seconds / 10.0).round().max(1.0), "kind": kind});
    let first = |wanted: &[&str]| {
        let components = list_at(root, "components");
        let fits = components.iter().find(|one| wanted.is_empty() || wanted.contains(&text_at(one, "kind")));
        fits.map(|one| text_at(one, "id").to_owned())
    };
    let place = match kind {
        "traffic_spike" => None,
        "lose_zone" => list_at(root, "components")
            .iter()
            .map(|one| text_at(one, "zone"))
            .find(|zone| !zone.is_empty())
            .map(str::to_owned),
        "flush_cache" => first(&["cache", "cdn"]),
        "exclusive_lock" => first(&["database"]),
        "lose_replicas" | "deploy" => first(&["service"]),
        _ => first(&[]),
    };
    if let Some(place) = place {
        event["component"] = json!(place);
    }
    match kind {
        "traffic_spike" | "slow_down" => event["amount"] = json!(3),
        "lose_replicas" => event["amount"] = json!(1),
        _ => {}
    }
    if kind == "flush_cache"
        && let Some(object) = event.as_object_mut()
    {
        object.remove("for_s");
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Value {
        json!({
        "components": [{"id": "app", "kind": "service"}, {"id": "redis", "label": "Redis", "kind": "cache"}],
        "events": [
            {"at_s": 60, "for_s": 30, "kind": "traffic_spike", "amount": 3},
            {"at_s": 120, "kind": "flush_cache", "component": "redis"},
            {"at_s": 9, "kind": "lose_zone", "component": "redis"}
        ]})
    }

    #[test]
    fn bars_say_what_they_are() {
        let bars = bars(&root());
        assert_eq!(bars[0].label, "traffic spike · 3");
        assert_eq!(bars[1].label, "flush cache · Redis");
        assert_eq!(bars[2].label, "lose zone · redis", "a zone called as a component is");
        let root = root();
        let places: Vec<_> = list_at(&root, "events").iter().map(happens_at).collect();
        assert_eq!(places, [None, Some("redis"), None]);
        let svg = drawing(&bars, 300.0, None, Some(1));
        assert!(svg.contains("x=\"200.0\"") && svg.contains("width=\"100.0\"") && svg.contains("chosen"), "{svg}");
        assert!(!drawing(&bars, 0.0, None, None).contains("NaN"));
        // What begins at 120 s is inside a run of 121 s, and beyond one of 120 s.
        for (seconds, inside) in [(121.0, true), (120.0, false), (60.0, false)] {
            let svg = drawing(&bars[1..2], seconds, None, None);
            assert_eq!(
                (svg.contains("<rect"), svg.contains(text::BEYOND_THE_RUN)),
                (inside, !inside),
                "{seconds}: {svg}"
            );
        }
    }

    #[test]
    fn a_run_reaches_beyond_its_events() {
        assert_eq!(run_seconds(&root()), 300.0);
        assert_eq!(run_seconds(&json!({"events": [{"at_s": 300, "for_s": 300, "kind": "traffic_spike"}]})), 1200.0);
    }

    #[test]
    fn drags_move_and_stretch_within_the_run() {
        let bars = bars(&root());
        let rows = [
            (0, false, 40.0, (100.0, Some(30.0))),
            (0, false, -500.0, (0.0, Some(30.0))),
            (0, true, 20.0, (60.0, Some(50.0))),
            (1, true, -100.0, (120.0, Some(80.0))),
            (1, false, 1000.0, (300.0, None)),
        ];
        for (event, stretch, by, wanted) in rows {
            assert_eq!(moved(&bars[event], Drag { event, stretch, by }, 300.0), wanted);
        }
        for (by, wanted) in [(-1.0, 100.0), (0.0, 100.0), (1.0, 120.0)] {
            assert_eq!(
                moved(&bars[1], Drag { event: 1, stretch: false, by }, 100.0).0,
                wanted,
                "beyond the run, by {by}"
            );
        }
    }

    #[test]
    fn after_a_removal_the_next_one_has_the_focus() {
        let rows = [(0, 2, "event-0"), (1, 2, "event-1"), (2, 2, "event-1"), (0, 1, "event-0"), (0, 0, "add-event")];
        for (index, left, wanted) in rows {
            assert_eq!(after_removal(index, left), wanted, "{index} of {left}");
        }
    }

    #[test]
    fn new_events_name_a_fitting_place() {
        assert_eq!(fresh(&root(), "flush_cache", 300.0)["component"], "redis");
        assert_eq!(fresh(&root(), "lose_replicas", 300.0)["component"], "app");
        assert!(fresh(&root(), "traffic_spike", 300.0).get("component").is_none());
        assert!(fresh(&json!({}), "exclusive_lock", 300.0).get("component").is_none());
    }
}
