//! Chromium and its driver: found on this machine, else installed with Debian's packages where that is allowed.

use std::path::PathBuf;
use std::process::Command;

use super::debian;
use crate::command;
use crate::steps::{Result, Trouble};

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const DRIVERS: &[&str] = &["chromedriver", "chromium.chromedriver"];

/// A browser and the driver of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The browser's program.
    pub program: PathBuf,
    /// Its WebDriver program.
    pub driver: PathBuf,
}

/// Finds or installs both. `HEADROOM_CHROMIUM` and `HEADROOM_CHROMEDRIVER` name ones elsewhere.
pub fn bring_up() -> Result<Browser> {
    if let Some(browser) = find() {
        println!("{}", version_of(&browser.program)?);
        return Ok(browser);
    }
    debian::install(&["chromium", "chromium-driver"])?;
    let browser = find().ok_or_else(|| {
        Trouble::missing("a Chromium with its driver on the PATH", "apt-get install chromium chromium-driver")
    })?;
    println!("{}", version_of(&browser.program)?);
    Ok(browser)
}

fn find() -> Option<Browser> {
    Some(Browser { program: named("HEADROOM_CHROMIUM", BROWSERS)?, driver: named("HEADROOM_CHROMEDRIVER", DRIVERS)? })
}

fn named(variable: &str, names: &[&str]) -> Option<PathBuf> {
    match std::env::var_os(variable) {
        Some(file) => Some(PathBuf::from(file)).filter(|file| file.is_file()),
        None => names.iter().find_map(|name| command::find_program(name)),
    }
}

fn version_of(program: &std::path::Path) -> Result<String> {
    command::capture(Command::new(program).arg("--version")).map(|text| text.trim().to_owned())
}
