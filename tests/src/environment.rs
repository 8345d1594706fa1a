//! What the journeys need and where it is. Nothing is guessed in silence: what is missing fails the journey and is named.

use std::env;
use std::path::{Path, PathBuf};

/// The `headroom` binary (`HEADROOM_PROGRAM`).
#[must_use]
pub fn headroom() -> PathBuf {
    needed("HEADROOM_PROGRAM", "the headroom binary")
}

/// Folder of the built app (`HEADROOM_APP`).
#[must_use]
pub fn app() -> PathBuf {
    needed("HEADROOM_APP", "the folder of the built app")
}

/// The `chromedriver` binary (`HEADROOM_CHROMEDRIVER`).
#[must_use]
pub fn chromedriver() -> PathBuf {
    needed("HEADROOM_CHROMEDRIVER", "the chromedriver binary")
}

fn needed(variable: &str, what: &str) -> PathBuf {
    let Some(value) = env::var_os(variable) else {
        panic!("{variable} is not set: it names {what}; run the journeys with `cargo xtask e2e`");
    };
    let path = PathBuf::from(value);
    assert!(path.exists(), "{variable} names {}, which does not exist", path.display());
    path.canonicalize().expect("it exists")
}

/// The Chromium binary (`HEADROOM_CHROMIUM`), when it is not where chromedriver looks for it.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    env::var_os("HEADROOM_CHROMIUM").map(PathBuf::from)
}

/// Whether Chromium traces its tasks (`HEADROOM_TRACED=1`): tells how long each had a processor, and makes a journey last
/// about three times as long.
#[must_use]
pub fn traced() -> bool {
    env::var_os("HEADROOM_TRACED").is_some_and(|value| value == "1")
}

/// A fixture such as `shop-stack/shop_stats.csv`.
#[must_use]
pub fn fixture(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path);
    assert!(path.exists(), "fixture {} does not exist", path.display());
    path
}

/// A file of others' making that journeys run in the page.
#[must_use]
pub fn vendored(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor").join(path)
}

/// Folder for screenshots and measures.
#[must_use]
pub fn results() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/e2e");
    std::fs::create_dir_all(&folder).expect("target can be written");
    folder
}
