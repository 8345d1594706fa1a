//! Documents kept in the browser: IndexedDB for the documents, the tab's own session store for what this tab has open.

use js_sys::{Array, Promise};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode, Storage};

const DATABASE: &str = "headroom";
const DOCUMENTS: &str = "documents";
const RECENT: &str = "recent";

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// What the store holds of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Its text; none where it is not kept.
    pub text: Option<String>,
    /// Its line in the list of recent ones.
    pub line: Option<String>,
}

/// What is to be written of a document, and under which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its line in the list of recent ones.
    pub line: String,
    /// Its text.
    pub text: String,
}

/// Keeps what `decide` makes of what is held under a key. No other tab comes between what it sees and what is written; done once
/// the browser says that it is kept, not when it has taken it.
///
/// # Errors
/// The browser's own reason, such as a full store.
pub async fn keep(key: &str, decide: impl FnOnce(&Held) -> Option<Entry>) -> Result<(), String> {
    write(key, decide).await.map_err(|error| reason(&error))
}

async fn write(key: &str, decide: impl FnOnce(&Held) -> Option<Entry>) -> Result<(), JsValue> {
    let both = Array::of2(&JsValue::from_str(DOCUMENTS), &JsValue::from_str(RECENT));
    let transaction = transaction(&both, IdbTransactionMode::Readwrite).await?;
    let (documents, recent) = (transaction.object_store(DOCUMENTS)?, transaction.object_store(RECENT)?);
    let name = JsValue::from_str(key);
    let text = done(&documents.get(&name)?).await?.as_string();
    let line = done(&recent.get(&name)?).await?.as_string();
    let Some(Entry { key, line, text }) = decide(&Held { text, line }) else { return Ok(()) };
    let name = JsValue::from_str(&key);
    documents.put_with_key(&JsValue::from_str(&text), &name)?;
    recent.put_with_key(&JsValue::from_str(&line), &name)?;
    complete(&transaction).await
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

/// Changes a document's line in the list of recent ones, where there is one; a store that refuses leaves it as it is.
pub async fn change_line(key: &str, change: impl FnOnce(&str) -> Option<String>) {
    let Ok(store) = store(RECENT, IdbTransactionMode::Readwrite).await else { return };
    let name = JsValue::from_str(key);
    let Ok(request) = store.get(&name) else { return };
    let line = done(&request).await.ok().and_then(|line| line.as_string());
    if let Some(line) = line.and_then(|line| change(&line))
        && let Ok(request) = store.put_with_key(&JsValue::from_str(&line), &name)
    {
        let _ = done(&request).await;
    }
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

/// Keeps a choice for all tabs, at once, or forgets it; whether the browser did.
pub fn choose(word: &str, value: Option<&str>) -> bool {
    let store = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    store.is_some_and(|store| {
        let done = match value {
            Some(value) => store.set_item(word, value),
            None => store.remove_item(word),
        };
        done.is_ok()
    })
}

/// Words of all tabs that begin with these letters, with what they stand for.
pub fn choices(start: &str) -> Vec<(String, String)> {
    let Some(store) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) else {
        return Vec::new();
    };
    let words = (0..store.length().unwrap_or(0)).filter_map(|index| store.key(index).ok().flatten());
    let words: Vec<String> = words.filter(|word| word.starts_with(start)).collect();
    words.into_iter().filter_map(|word| Some((word.clone(), store.get_item(&word).ok()??))).collect()
}

fn session() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

async fn store(kind: &str, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    transaction(&JsValue::from_str(kind), mode).await?.object_store(kind)
}

async fn transaction(kinds: &JsValue, mode: IdbTransactionMode) -> Result<IdbTransaction, JsValue> {
    loop {
        let was_open = OPEN.with_borrow(Option::is_some);
        match database().await?.transaction_with_str_sequence_and_mode(kinds, mode) {
            // The browser may have closed it, as when a person empties its stores.
            Err(_) if was_open => OPEN.set(None),
            opened => return opened,
        }
    }
}

/// Waits until what was asked of a transaction is kept, all of it; to be asked in the task of its last request.
async fn complete(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let over = transaction.clone();
    let promise = Promise::new(&mut move |resolve, reject| {
        over.set_oncomplete(Some(&resolve));
        over.set_onabort(Some(&reject));
    });
    let ended = JsFuture::from(promise).await;
    let why = |event| js_sys::Reflect::get(transaction, &JsValue::from_str("error")).unwrap_or(event);
    ended.map(drop).map_err(why)
}

async fn database() -> Result<IdbDatabase, JsValue> {
    if let Some(database) = OPEN.with_borrow(Clone::clone) {
        return Ok(database);
    }
    let factory = web_sys::window().and_then(|window| window.indexed_db().ok().flatten());
    let request = factory.ok_or(JsValue::from_str(crate::text::KEEPS_NOTHING))?.open_with_u32(DATABASE, 1)?;
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
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| crate::text::STORE_REFUSED.into())
}
