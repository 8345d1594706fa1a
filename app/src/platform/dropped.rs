//! The files of this session: a question about one is answered by reading it again.

use std::cell::RefCell;
use web_sys::File;

/// Files remembered before the oldest goes.
const KEPT: usize = 200;

thread_local! {
    static FILES: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
}

/// Remembers files; only what stands for them is held, not their bytes.
pub fn remember(files: &[File]) {
    FILES.with_borrow_mut(|all| {
        for file in files {
            all.retain(|known| known.name() != file.name());
            all.push(file.clone());
        }
        let over = all.len().saturating_sub(KEPT);
        all.drain(..over);
    });
}

/// The file of a name, dropped last.
pub fn named(name: &str) -> Option<File> {
    FILES.with_borrow(|all| all.iter().find(|file| file.name() == name).cloned())
}
