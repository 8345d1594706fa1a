//! The focus: where it is among the controls of a block, and giving it to one without a scroll of the page.

use crate::view_model::focus::{Control, again};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

/// What can have the focus.
const CONTROLS: &str = "button, select, input, textarea, summary, a[href], [tabindex]";

/// Calls a method of an element with options, which shapes of a drawing have too.
fn call(element: &Element, method: &str, options: &[(&str, JsValue)]) {
    let told = Object::new();
    for (name, value) in options {
        let _ = Reflect::set(&told, &JsValue::from_str(name), value);
    }
    let method = Reflect::get(element, &JsValue::from_str(method)).ok();
    if let Some(method) = method.and_then(|method| method.dyn_into::<Function>().ok()) {
        let _ = method.call1(element, &told);
    }
}

fn by_id(id: &str) -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(id)
}

fn focus_in_place(element: &Element) {
    call(element, "focus", &[("preventScroll", JsValue::TRUE)]);
}

/// Gives an element the focus; nothing scrolls.
pub fn stay(id: &str) {
    if let Some(element) = by_id(id) {
        focus_in_place(&element);
    }
}

/// Scrolls the page as little as brings an element into the window, once it has been drawn anew.
pub fn show_later(id: String) {
    leptos::prelude::request_animation_frame(move || {
        if let Some(element) = by_id(&id) {
            call(&element, "scrollIntoView", &[("block", "nearest".into()), ("inline", "nearest".into())]);
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
    let find = Reflect::get(block, &JsValue::from_str("querySelectorAll")).ok();
    let find = find.and_then(|find| find.dyn_into::<Function>().ok());
    let found = find.and_then(|find| find.call1(block, &JsValue::from_str(CONTROLS)).ok());
    let found =
        found.map(|found| Array::from(&found).iter().filter_map(|one| one.dyn_into::<Element>().ok()).collect());
    found.unwrap_or_default()
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
            focus_in_place(element);
        }
    });
}
