//! Documents kept in the browser: IndexedDB for the documents, the tab's own session store for what this tab has open.

use js_sys::{Array, Promise};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode, Storage};

const DATABASE: &str = "headroom";
const DOCUMENTS: &str = "documents";
const RECENT: &str = "recent";

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// Keeps a document and its line in the list of recent ones.
///
/// # Errors
/// The browser's own reason, such as a full store.
pub async fn save(key: &str, line: &str, text: &str) -> Result<(), String> {
    let name = JsValue::from_str(key);
    for (kind, content) in [(DOCUMENTS, text), (RECENT, line)] {
        let request = store(kind, IdbTransactionMode::Readwrite)
            .await
            .and_then(|store| store.put_with_key(&JsValue::from_str(content), &name))
            .map_err(|error| reason(&error))?;
        done(&request).await.map_err(|error| reason(&error))?;
    }
    Ok(())
}

/// A kept document.
pub async fn load(key: &str) -> Option<String> {
    let store = store(DOCUMENTS, IdbTransactionMode::Readonly).await.ok()?;
    done(&store.get(&JsValue::from_str(key)).ok()?).await.ok()?.as_string()
}

/// A document's line in the list of recent ones.
pub async fn line(key: &str) -> Option<String> {
    let store = store(RECENT, IdbTransactionMode::Readonly).await.ok()?;
    done(&store.get(&JsValue::from_str(key)).ok()?).await.ok()?.as_string()
}

/// Forgets a document.
pub async fn forget(key: &str) {
    for kind in [DOCUMENTS, RECENT] {
        if let Ok(store) = store(kind, IdbTransactionMode::Readwrite).await
            && let Ok(request) = store.delete(&JsValue::from_str(key))
        {
            let _ = done(&request).await;
        }
    }
}

/// The lines of all kept documents.
pub async fn recent() -> Vec<String> {
    let Ok(store) = store(RECENT, IdbTransactionMode::Readonly).await else { return Vec::new() };
    let Ok(request) = store.get_all() else { return Vec::new() };
    let Ok(list) = done(&request).await else { return Vec::new() };
    Array::from(&list).iter().filter_map(|line| line.as_string()).collect()
}

/// A word this tab remembers over a reload.
pub fn remembered(word: &str) -> Option<String> {
    session()?.get_item(word).ok().flatten()
}

/// Remembers a word over a reload of this tab, or forgets it.
pub fn remember(word: &str, value: Option<&str>) {
    if let Some(store) = session() {
        let _ = match value {
            Some(value) => store.set_item(word, value),
            None => store.remove_item(word),
        };
    }
}

/// A choice kept for all tabs.
pub fn choice(word: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok().flatten()?.get_item(word).ok().flatten()
}

/// Keeps a choice for all tabs, or forgets it.
pub fn choose(word: &str, value: Option<&str>) {
    if let Some(store) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = match value {
            Some(value) => store.set_item(word, value),
            None => store.remove_item(word),
        };
    }
}

fn session() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

async fn store(kind: &str, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    let database = database().await?;
    database.transaction_with_str_and_mode(kind, mode)?.object_store(kind)
}

async fn database() -> Result<IdbDatabase, JsValue> {
    if let Some(database) = OPEN.with_borrow(Clone::clone) {
        return Ok(database);
    }
    let factory = web_sys::window().and_then(|window| window.indexed_db().ok().flatten());
    let request = factory.ok_or(JsValue::from_str("this browser keeps nothing"))?.open_with_u32(DATABASE, 1)?;
    let upgrade = request.clone();
    let on_upgrade = Closure::once_into_js(move || create_stores(&upgrade));
    request.set_onupgradeneeded(Some(on_upgrade.unchecked_ref()));
    let database: IdbDatabase = done(&request).await?.unchecked_into();
    OPEN.set(Some(database.clone()));
    Ok(database)
}

fn create_stores(request: &IdbOpenDbRequest) {
    if let Ok(result) = request.result() {
        let database: IdbDatabase = result.unchecked_into();
        for kind in [DOCUMENTS, RECENT] {
            let _ = database.create_object_store(kind);
        }
    }
}

async fn done(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let request = request.clone();
    let answer = request.clone();
    let promise = Promise::new(&mut move |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => answer.result(),
        Err(event) => Err(js_sys::Reflect::get(&answer, &JsValue::from_str("error")).unwrap_or(event)),
    }
}

fn reason(error: &JsValue) -> String {
    let text = js_sys::Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|text| text.as_string());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "the browser's store refused".into())
}
