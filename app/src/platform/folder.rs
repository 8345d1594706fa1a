//! What a drop brings, folders with all that is in them: the File and Directory Entries API, which every browser has.

use std::collections::VecDeque;

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, FileSystemDirectoryEntry, FileSystemFileEntry};

pub use web_sys::FileSystemEntry as Entry;

/// Files taken out of folders: more are a wrong folder rather than a measurement.
pub const MOST_FILES: usize = 200;
/// Entries looked at: a checkout of a program has a hundred thousand.
const MOST_ENTRIES: usize = 5_000;

/// What folders held.
#[derive(Debug, Default)]
pub struct Held {
    /// Their files, folder by folder.
    pub files: Vec<File>,
    /// Whether there were more than are taken.
    pub more: bool,
    /// Entries that could not be read.
    pub unread: usize,
}

/// The entries of a drop where a folder is among them. They are gone when the event is over, so they are taken at once.
pub fn with_folders(event: &DragEvent) -> Option<Vec<Entry>> {
    let items = event.data_transfer()?.items();
    let entry = |index| items.get(index).and_then(|item| item.webkit_get_as_entry().ok().flatten());
    let entries: Vec<Entry> = (0..items.length()).filter_map(entry).collect();
    entries.iter().any(Entry::is_directory).then_some(entries)
}

/// All files of entries, breadth first, without what systems hide (`.git`, `.DS_Store`).
pub async fn files(entries: Vec<Entry>) -> Held {
    let mut held = Held::default();
    let mut waiting = VecDeque::from(entries);
    for _ in 0..MOST_ENTRIES {
        let Some(entry) = waiting.pop_front() else { return held };
        if entry.name().starts_with('.') {
            continue;
        }
        if held.files.len() >= MOST_FILES {
            held.more = true;
            return held;
        }
        // Told by what they say of themselves: Chromium has no global names for their classes, so that none is an instance of one.
        if entry.is_file() {
            match file_of(entry.unchecked_ref()).await {
                Ok(file) => held.files.push(file),
                Err(_) => held.unread += 1,
            }
        } else if entry.is_directory() {
            match entries_of(entry.unchecked_ref()).await {
                Ok(found) => waiting.extend(found),
                Err(_) => held.unread += 1,
            }
        }
    }
    held.more = !waiting.is_empty();
    held
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let found = Promise::new(&mut |done, failed| entry.file_with_callback_and_callback(&done, &failed));
    JsFuture::from(found).await?.dyn_into()
}

/// A reader gives a folder in parts (Chromium a hundred at a time) and ends with an empty one. Sorted by name: the order is the
/// file system's own.
async fn entries_of(folder: &FileSystemDirectoryEntry) -> Result<Vec<Entry>, JsValue> {
    let reader = folder.create_reader();
    let mut all: Vec<Entry> = Vec::new();
    while all.len() < MOST_ENTRIES {
        let read = Promise::new(&mut |done, failed| {
            if let Err(error) = reader.read_entries_with_callback_and_callback(&done, &failed) {
                let _ = failed.call1(&JsValue::NULL, &error);
            }
        });
        let part = Array::from(&JsFuture::from(read).await?);
        if part.length() == 0 {
            break;
        }
        all.extend(part.iter().map(JsCast::unchecked_into::<Entry>));
    }
    all.sort_by_key(Entry::name);
    Ok(all)
}
