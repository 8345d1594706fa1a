//! Small things of the browser: address bar, clipboard, files, downloads, theme.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, DragEvent, FileList, HtmlAnchorElement, Url};

/// What typed events of form fields name as their target.
pub use web_sys::{File, HtmlInputElement, HtmlSelectElement};

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// The address' fragment without `#`.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Replaces the fragment without a step in the history.
pub fn set_fragment(fragment: &str) {
    let Some(window) = window() else { return };
    let path = window.location().pathname().unwrap_or_else(|_| "/".into());
    let address = if fragment.is_empty() { path } else { format!("{path}#{fragment}") };
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// The page's address with a fragment.
pub fn address_with(fragment: &str) -> String {
    let location = window().map(|window| window.location());
    let part = |text: Option<Result<String, JsValue>>| text.and_then(Result::ok).unwrap_or_default();
    let origin = part(location.as_ref().map(web_sys::Location::origin));
    let path = part(location.as_ref().map(web_sys::Location::pathname));
    format!("{origin}{path}#{fragment}")
}

/// Puts text on the clipboard; whether it is there. Over plain http there is none, and a person may refuse.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let found = js_sys::Reflect::get(&window.navigator(), &JsValue::from_str("clipboard")).unwrap_or_default();
    if !found.is_object() {
        return false;
    }
    let written = found.unchecked_into::<web_sys::Clipboard>().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.is_ok()
}

/// Saves text as a file.
pub fn download(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// Saves bytes as a file.
pub fn save_blob(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    let anchor = window().and_then(|window| window.document()).and_then(|document| document.create_element("a").ok());
    if let Some(anchor) = anchor.and_then(|anchor| anchor.dyn_into::<HtmlAnchorElement>().ok()) {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
    }
    let _ = Url::revoke_object_url(&address);
}

fn listed(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

/// Whether a drag brings files (its content is hidden until the drop).
pub fn carries_files(event: &DragEvent) -> bool {
    let kinds = event.data_transfer().map(|data| data.types());
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

/// The files of a drop.
pub fn dropped_files(event: &DragEvent) -> Vec<File> {
    listed(event.data_transfer().and_then(|data| data.files()))
}

/// The text of a drop or a paste.
pub fn dropped_text(event: &DragEvent) -> Option<String> {
    event.data_transfer()?.get_data("text/plain").ok().filter(|text| !text.trim().is_empty())
}

/// The files chosen in an input, which is emptied so that the same files can be chosen again.
pub fn chosen_files(input: &HtmlInputElement) -> Vec<File> {
    let files = listed(input.files());
    input.set_value("");
    files
}

/// Makes the page light, dark, or as the system says.
pub fn set_theme(theme: Option<&str>) {
    let root = window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Whether the system asks for dark.
pub fn prefers_dark() -> bool {
    let query = window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Milliseconds since 1970.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// A time as RFC 3339 writes it, from milliseconds since 1970.
pub fn written_time(milliseconds: f64) -> String {
    if milliseconds.abs() < 8e15 {
        js_sys::Date::new(&milliseconds.into()).to_iso_string().into()
    } else {
        String::new()
    }
}

/// Bytes as a file that can be imported.
pub fn file(name: &str, bytes: &[u8]) -> Option<File> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(&parts, name).ok()
}

/// The same file under a name; its bytes are not copied.
pub fn named(file: &File, name: &str) -> File {
    if file.name() == name {
        return file.clone();
    }
    let parts = js_sys::Array::of1(file);
    File::new_with_blob_sequence(&parts, name).unwrap_or_else(|_| file.clone())
}

/// A fresh name for a document.
pub fn fresh_key() -> String {
    format!("{:.0}-{:06.0}", now(), js_sys::Math::random() * 999_999.0)
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Takes the static first view away once the app stands.
pub fn remove_shell() {
    let shell = window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("shell"));
    if let Some(shell) = shell {
        shell.remove();
    }
}

/// Scrolls the strip that an element is in sideways until all of it is seen; nothing else of the page moves.
pub fn show_in_strip(id: &str) {
    let element = window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(id));
    let Some((element, strip)) = element.and_then(|element| Some((element.clone(), element.parent_element()?))) else {
        return;
    };
    let (own, all) = (element.get_bounding_client_rect(), strip.get_bounding_client_rect());
    let beyond = (own.right() - all.right()).max(0.0) - (all.left() - own.left()).max(0.0);
    if beyond != 0.0 {
        strip.set_scroll_left(strip.scroll_left() + beyond.round() as i32);
    }
}

/// Lets the browser keep the app for times without a network; only over https or on this machine, where browsers allow it.
pub fn keep_offline() {
    let Some(window) = window() else { return };
    let get = |value: &JsValue, name: &str| js_sys::Reflect::get(value, &JsValue::from_str(name)).unwrap_or_default();
    let container = get(&window.navigator(), "serviceWorker");
    if !get(&window, "isSecureContext").is_truthy() || container.is_undefined() {
        return;
    }
    let Ok(register) = get(&container, "register").dyn_into::<js_sys::Function>() else { return };
    let Ok(promise) = register.call1(&container, &JsValue::from_str("/service-worker.js")) else { return };
    if let Ok(registered) = promise.dyn_into::<js_sys::Promise>() {
        // A refusal (private window, blocked storage) only means that the app needs the network next time.
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(registered).await;
        });
    }
}

/// Light or dark as it was chosen last.
pub fn restore_theme() {
    set_theme(super::storage::choice("theme").as_deref());
}

/// What a click inside a block of HTML asks for: the nearest `data-act`.
pub fn act(event: &web_sys::MouseEvent) -> Option<String> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    element.closest("[data-act]").ok()??.get_attribute("data-act")
}

/// The value of a custom property of the stylesheet as it is now.
pub fn property(name: &str) -> String {
    let root = window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let style = window().zip(root).and_then(|(window, root)| window.get_computed_style(&root).ok().flatten());
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Opens the browser's print dialog.
pub fn print() {
    if let Some(window) = window() {
        let _ = window.print();
    }
}

/// What was chosen in a `select` with `data-act`: its action and its value.
pub fn choice(event: &web_sys::Event) -> Option<(String, String)> {
    let select = event.target()?.dyn_into::<HtmlSelectElement>().ok()?;
    Some((select.get_attribute("data-act")?, select.value()))
}
