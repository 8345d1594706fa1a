//! Keys and pastes that mean something to the whole page.

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element, EventTarget, KeyboardEvent};

/// A walk through the history.
pub enum History {
    Undo,
    Redo,
}

/// Whether a person writes there: what is only chosen has neither an undo nor a clipboard of its own.
fn in_field(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| match element.tag_name().as_str() {
        "TEXTAREA" => true,
        "INPUT" => {
            let kind = element.get_attribute("type").unwrap_or_default();
            !matches!(kind.as_str(), "range" | "file" | "checkbox" | "radio" | "button" | "submit")
        }
        _ => false,
    })
}

/// Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y outside of fields, which have an undo of their own.
pub fn history(event: &KeyboardEvent) -> Option<History> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() || in_field(event.target()) {
        return None;
    }
    match event.key().to_lowercase().as_str() {
        "z" if event.shift_key() => Some(History::Redo),
        "z" => Some(History::Undo),
        "y" => Some(History::Redo),
        _ => None,
    }
}

/// Text pasted anywhere but into a field.
pub fn pasted_outside_fields(event: &ClipboardEvent) -> Option<String> {
    if in_field(event.target()) {
        return None;
    }
    event.clipboard_data()?.get_data("text/plain").ok().filter(|text| !text.trim().is_empty())
}

/// Puts text on the clipboard where neither a field nor selected text is what a person copies.
pub fn copy_outside_fields(event: &ClipboardEvent, text: &str) {
    let selected = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    let words = selected.map_or(String::new(), |selection| String::from(selection.to_string()));
    if in_field(event.target()) || !words.is_empty() {
        return;
    }
    if let Some(data) = event.clipboard_data()
        && data.set_data("text/plain", text).is_ok()
    {
        event.prevent_default();
    }
}
