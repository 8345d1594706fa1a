//! The focus: giving it to an element, and where it is among the controls of a block.

use crate::view_model::focus::{Control, again};
use leptos::prelude::request_animation_frame;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, FocusOptions, HtmlDialogElement, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition,
};

/// What can have the focus.
const CONTROLS: &str = "button, select, input, textarea, summary, a[href], [tabindex]";

fn by_id(id: &str) -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(id)
}

/// Shapes of a drawing take the focus as well, and have no class of their own for it.
fn taker(element: &Element) -> &HtmlElement {
    element.unchecked_ref()
}

fn give_in_place(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = taker(element).focus_with_options(&options);
}

/// Gives an element the focus.
pub fn give(id: &str) {
    if let Some(element) = by_id(id) {
        let _ = taker(&element).focus();
    }
}

/// Gives an element the focus once the page has been drawn anew.
pub fn give_later(id: String) {
    request_animation_frame(move || give(&id));
}

/// Gives an element the focus; nothing scrolls.
pub fn stay(id: &str) {
    if let Some(element) = by_id(id) {
        give_in_place(&element);
    }
}

/// Closes the dialog that is open, as Escape does it: what had the focus before gets it back.
pub fn close_dialog() {
    let document = web_sys::window().and_then(|window| window.document());
    let open = document.and_then(|document| document.query_selector("dialog[open]").ok().flatten());
    if let Some(dialog) = open.and_then(|open| open.dyn_into::<HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

/// Scrolls the page as little as brings an element into the window, once it has been drawn anew.
pub fn show_later(id: String) {
    request_animation_frame(move || {
        if let Some(element) = by_id(&id) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            options.set_inline(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Whether what has the focus now came to it by keys, as browsers tell.
pub fn is_by_keys(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
}

/// The controls of a block, in the order in which Tab comes to them.
fn controls(block: &Element) -> Vec<Element> {
    let Ok(found) = block.query_selector_all(CONTROLS) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.item(place)?.dyn_into().ok()).collect()
}

fn known_by(element: &Element) -> Control {
    let tag = element.tag_name();
    let attribute = |name: &str| element.get_attribute(name).unwrap_or_default();
    let text = || if tag == "BUTTON" { element.text_content().unwrap_or_default() } else { String::new() };
    let label = Some(attribute("aria-label")).filter(|label| !label.is_empty()).unwrap_or_else(text);
    Control { act: attribute("data-act"), label, tag }
}

/// Lets the control of a block that has the focus have it again when the block, now, gets other HTML.
pub fn keep(block: &Element) {
    let focused = web_sys::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    let Some(focused) = focused.filter(|focused| block.contains(Some(focused))) else { return };
    let Some(place) = controls(block).iter().position(|one| *one == focused) else { return };
    let (was, block) = (known_by(&focused), block.clone());
    // After what is being done, and before anything is drawn.
    wasm_bindgen_futures::spawn_local(async move {
        let now = controls(&block);
        let known: Vec<Control> = now.iter().map(known_by).collect();
        if let Some(element) = again(&was, place, &known).and_then(|place| now.get(place)) {
            give_in_place(element);
        }
    });
}
