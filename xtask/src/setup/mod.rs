//! Brings up what building for the browser and testing in one needs, on a machine with nothing but a Rust toolchain.
//!
//! Every tool is kept by version in the user's cache folder; what is there already costs milliseconds.

mod browser;
mod cargo_tool;
mod debian;
mod postgres;
mod wasm_std;

use std::fs::File;
use std::path::PathBuf;

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Steps};

pub use browser::Browser;

/// Trunk 0.22 needs a newer Rust than this project; see docs/adr.
const TRUNK: &str = "0.21.14";

/// Cuts the page into parts; of one make with the `wasm_split_helpers` that Leptos brings.
const WASM_SPLIT: &str = "0.2.4";

/// What could be brought up; an absent one has been reported with its remedy.
pub struct Tools {
    /// The standard library for wasm32-unknown-unknown is in the toolchain.
    pub wasm: bool,
    /// The folder with `trunk`.
    pub trunk: Option<PathBuf>,
    /// The folder with `wasm-bindgen` and its test runner, of the version in Cargo.lock.
    pub wasm_bindgen: Option<PathBuf>,
    /// The folder with `wasm-split-cli`.
    pub wasm_split: Option<PathBuf>,
}

impl Tools {
    /// The PATH with the tools in front, when all that a build of the app needs is there.
    pub fn path_for_building(&self) -> Option<std::ffi::OsString> {
        let folders =
            [self.trunk.as_ref()?, self.wasm_bindgen.as_ref()?, self.wasm_split.as_ref()?].map(PathBuf::as_path);
        self.wasm.then(|| command::path_with(&folders))
    }
}

/// `cargo xtask setup`.
pub fn run(project: &Project, _arguments: &[String], steps: &mut Steps) {
    tools(project, steps);
    browser(project, steps);
}

/// Brings up what a build of the app needs.
pub fn tools(project: &Project, steps: &mut Steps) -> Tools {
    let wasm = steps.step("set up wasm32-unknown-unknown", |_| exclusively(project, || wasm_std::bring_up(project)));
    let trunk = steps.step("set up Trunk", |_| {
        // The dev profile builds in a fraction of the time and bundles as fast; it downloads nothing and serves this machine
        // alone, so it needs no TLS.
        let options = ["--debug", "--no-default-features"];
        exclusively(project, || cargo_tool::bring_up(project, "trunk", TRUNK, "trunk", &options))
    });
    let wasm_split = steps.step("set up wasm-split", |_| {
        let options = ["--debug", "--features", "build-binary"];
        exclusively(project, || {
            cargo_tool::bring_up(project, "wasm_split_cli_support", WASM_SPLIT, "wasm-split-cli", &options)
        })
    });
    let wasm_bindgen = steps.step("set up wasm-bindgen", |_| {
        let version = project.locked_version("wasm-bindgen")?;
        exclusively(project, || {
            let folder = cargo_tool::bring_up(project, "wasm-bindgen-cli", &version, "wasm-bindgen", &["--debug"])?;
            cargo_tool::clean_up(project)?;
            Ok(folder)
        })
    });
    Tools { wasm: wasm.is_some(), trunk, wasm_bindgen, wasm_split }
}

/// Brings up a browser and its driver.
pub fn browser(project: &Project, steps: &mut Steps) -> Option<Browser> {
    steps.step("set up Chromium and its driver", |_| exclusively(project, browser::bring_up))
}

/// Brings up PostgreSQL's programs.
pub fn postgres(project: &Project, steps: &mut Steps) -> bool {
    steps.step("set up PostgreSQL", |_| exclusively(project, postgres::bring_up)).is_some()
}

/// Runs `work` while no other xtask of this user installs anything.
fn exclusively<T>(project: &Project, work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::fs::create_dir_all(&project.cache)?;
    let lock = File::create(project.cache.join("setup.lock"))?;
    lock.lock()?;
    let result = work();
    lock.unlock()?;
    result
}
