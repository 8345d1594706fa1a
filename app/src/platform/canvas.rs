//! The drawing board's nodes: which one a pointer is on, and writing to them while they are dragged, past all signals.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};

/// What a pointer took hold of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grip {
    /// A box, by its position in the drawing.
    Box(usize),
    /// The dot that a new line is drawn from.
    Dot(usize),
    /// A line, by its position in the drawing.
    Line(usize),
    /// Neither.
    Ground,
}

/// What an event is about.
pub fn grip(event: &Event) -> Grip {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let named = |name: &str| {
        let found = element.as_ref()?.closest(&format!("[{name}]")).ok()??;
        found.get_attribute(name)?.parse().ok()
    };
    let line = || named("data-line").map(Grip::Line);
    named("data-dot").map(Grip::Dot).or_else(|| named("data-box").map(Grip::Box)).or_else(line).unwrap_or(Grip::Ground)
}

/// Whether a click is that of a finger.
pub fn is_touch(event: &Event) -> bool {
    event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "touch")
}

/// A pointer's place on the board.
pub fn place(event: &PointerEvent) -> (f64, f64) {
    board_place(event, f64::from(event.client_x()), f64::from(event.client_y()))
}

/// A place of the window on the board that listens to the event.
pub fn board_place(event: &Event, x: f64, y: f64) -> (f64, f64) {
    let board = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    board.map_or((x, y), |board| {
        let frame = board.get_bounding_client_rect();
        (x - frame.left(), y - frame.top())
    })
}

/// Lets the board follow the pointer beyond its edge.
pub fn hold(event: &PointerEvent) {
    if let Some(board) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = board.set_pointer_capture(event.pointer_id());
    }
}

/// Writes attributes of a node by its id.
pub fn write(id: &str, attributes: &[(&str, &str)]) {
    let node =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(id));
    if let Some(node) = node {
        for (name, value) in attributes {
            let _ = node.set_attribute(name, value);
        }
    }
}

/// A pointer's place across the board, and how wide the board is.
pub fn across(event: &PointerEvent) -> (f64, f64) {
    let board = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    board.map_or((0.0, 1.0), |board| {
        let frame = board.get_bounding_client_rect();
        (f64::from(event.client_x()) - frame.left(), frame.width())
    })
}

/// The bar of the timeline that an event is about, and whether it is the bar's end.
pub fn bar(event: &Event) -> Option<(usize, bool)> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    let bar = element.closest("[data-event]").ok()??;
    Some((bar.get_attribute("data-event")?.parse().ok()?, element.has_attribute("data-stretch")))
}
