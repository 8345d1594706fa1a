//! Where things are: the repository, its build output, and the user's cache for tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::steps::{Result, Trouble};

/// The places a verb works with.
pub struct Project {
    /// The repository's root.
    pub root: PathBuf,
    /// The user's cache folder of this project: tools by version, outside the repository so that a fresh clone reuses them.
    pub cache: PathBuf,
    /// Cargo's build output.
    pub target: PathBuf,
}

impl Project {
    /// Finds the repository this program was started from, and the cache: `$HEADROOM_CACHE`, else `headroom` in the user's cache folder.
    pub fn find() -> Result<Project> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let manifest = manifest.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = manifest.parent().map(Path::to_path_buf);
        let root = root.ok_or_else(|| Trouble::Failed("xtask has no parent folder".to_owned()))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
        Ok(Project { cache: cache_folder(&|name| std::env::var_os(name).map(PathBuf::from))?, root, target })
    }

    /// Cargo, started in the root.
    pub fn cargo(&self) -> Command {
        let mut command = command::cargo();
        command.current_dir(&self.root);
        command
    }

    /// The built app.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The version of a package in Cargo.lock.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let lock = self.root.join("Cargo.lock");
        let text = std::fs::read_to_string(&lock)?;
        locked_version(&text, package)
            .ok_or_else(|| Trouble::Failed(format!("Cargo.lock holds no package `{package}`")))
    }

    /// The folders of the workspace's members that exist under the root, each with its package name, read from their manifests.
    pub fn members(&self) -> Result<Vec<Member>> {
        let mut folders = vec!["app".to_owned(), "server".to_owned(), "tests".to_owned(), "xtask".to_owned()];
        for entry in std::fs::read_dir(self.root.join("crates"))? {
            folders.push(format!("crates/{}", entry?.file_name().to_string_lossy()));
        }
        folders.sort();
        let mut members = Vec::new();
        for folder in folders {
            let manifest = self.root.join(&folder).join("Cargo.toml");
            let Ok(text) = std::fs::read_to_string(&manifest) else { continue };
            let name = text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap_or_default();
            members.push(Member { name: name.trim_matches('"').to_owned(), folder });
        }
        Ok(members)
    }
}

/// One package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package's name.
    pub name: String,
    /// Its folder, relative to the root, with `/`.
    pub folder: String,
}

/// Whether this is an automatic run: nobody looks at a window.
pub fn is_automatic() -> bool {
    std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty())
}

fn cache_folder(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    if let Some(own) = variable("HEADROOM_CACHE") {
        return Ok(own);
    }
    let base = variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| Trouble::Failed("no cache folder: set HEADROOM_CACHE or HOME".to_owned()))?;
    Ok(base.join("headroom"))
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    let version = lines.next()?.strip_prefix("version = ")?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_the_most_specific_setting() {
        for (row, set, expected) in [
            ("own", &[("HEADROOM_CACHE", "/own"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/me")][..], "/own"),
            ("xdg", &[("XDG_CACHE_HOME", "/xdg"), ("HOME", "/me")], "/xdg/headroom"),
            ("home", &[("HOME", "/me")], "/me/.cache/headroom"),
        ] {
            let variable = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
            assert_eq!(cache_folder(&variable), Ok(PathBuf::from(expected)), "{row}");
        }
        assert!(cache_folder(&|_| None).is_err());
    }

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.9\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "leptos"), None);
    }
}
