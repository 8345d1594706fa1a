//! The page's wasm cut into a first file and its parts, at the functions marked in `app/src/part.rs`.
//!
//! Trunk builds the page whole and places everything else. The linked module is then cut by `wasm-split-cli`, its first file goes
//! through wasm-bindgen again, and the result takes the place of what Trunk wrote. All files carry one hash of all of them: parts
//! of different builds never meet.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::strip;
use crate::command;
use crate::project::Project;
use crate::steps::{Result, Trouble};

/// Tells `app/build.rs` that the page will be cut.
pub const ASKED: &str = "HEADROOM_SPLIT";

/// Name of the page's files before their hash is known.
const PAGE: &str = "app";
/// The script that loads parts, as `wasm-split-cli` calls it.
const LOADER: &str = "__wasm_split.js";

/// Stands in names for the hash until it is known.
const UNKNOWN: &str = "0000000000000000";

/// Puts the cut page in the place of the whole one in `dist/`.
pub fn page(project: &Project, path: &OsStr) -> Result<()> {
    let folder = project.target.join("xtask").join("split");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut files = cut(project, path, &folder)?;
    let hash = name_all(&mut files);
    let old = take_out(project)?;
    for file in &files {
        std::fs::write(project.dist().join(&file.name), &file.content)?;
    }
    let index = project.dist().join("index.html");
    let text = std::fs::read_to_string(&index)?;
    let loader = format!(
        "<link rel=\"modulepreload\" href=\"/{}\" crossorigin=\"anonymous\"></head>",
        final_name(LOADER, &hash)
    );
    let text = text.replace(&old, &format!("{PAGE}-{hash}")).replace("</head>", &loader);
    Ok(std::fs::write(index, text)?)
}

/// One file of the cut page.
struct File {
    name: String,
    content: Vec<u8>,
}

/// Cuts the linked module and binds its first file.
fn cut(project: &Project, path: &OsStr, folder: &Path) -> Result<Vec<File>> {
    let linked = project.target.join("wasm32-unknown-unknown").join("wasm-page").join("app.wasm");
    let (parts, bound) = (folder.join("parts"), folder.join("bound"));
    let mut split = Command::new("wasm-split-cli");
    split.env("PATH", path).arg(&linked).arg(&parts).args(["--target", "web", "--out-name", PAGE]);
    command::run(&mut split)?;
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen.env("PATH", path).args(["--target", "web", "--keep-lld-exports", "--no-typescript", "--out-name", PAGE]);
    command::run(bindgen.arg("--out-dir").arg(&bound).arg(parts.join(format!("{PAGE}.wasm"))))?;
    // Only now: it was the first file before it was bound.
    std::fs::remove_file(parts.join(format!("{PAGE}.wasm")))?;
    strip::folder(&parts)?;
    strip::folder(&bound)?;
    let mut files = Vec::new();
    for path in [listed(&bound)?, listed(&parts)?].concat() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push(File { name, content: std::fs::read(path)? });
    }
    if files.iter().any(|file| file.name == LOADER) {
        return Ok(files);
    }
    Err(Trouble::Failed(format!("cutting the page gave no {LOADER}: is a function of app/src/part.rs still marked?")))
}

/// Files of a folder, always in the same order.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Gives all files their last names, in scripts too; the hash of them all, taken while zeros stand in its place.
fn name_all(files: &mut [File]) -> String {
    let names: Vec<_> = files.iter().map(|file| (file.name.clone(), final_name(&file.name, UNKNOWN))).collect();
    let mut hasher = DefaultHasher::new();
    for (file, (_, name)) in files.iter_mut().zip(&names) {
        if name.ends_with(".js") {
            file.content = renamed(String::from_utf8_lossy(&file.content).into_owned(), &names).into_bytes();
        }
        (name, &file.content).hash(&mut hasher);
    }
    let hash = format!("{:016x}", hasher.finish());
    for (file, (_, name)) in files.iter_mut().zip(names) {
        file.name = name.replace(UNKNOWN, &hash);
        if name.ends_with(".js") {
            file.content = String::from_utf8_lossy(&file.content).replace(UNKNOWN, &hash).into_bytes();
        }
    }
    hash
}

/// `app_bg.wasm` is `app-HASH_bg.wasm` as Trunk has it, `split_bench.wasm` is `part-bench-HASH.wasm`.
fn final_name(name: &str, hash: &str) -> String {
    if name == LOADER {
        return format!("{PAGE}-parts-{hash}.js");
    }
    if let Some(rest) = name.strip_prefix(PAGE) {
        return format!("{PAGE}-{hash}{rest}");
    }
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let part = stem.strip_prefix("split_").map(|part| format!("part-{part}"));
    let part = part.unwrap_or_else(|| stem.replace("chunk_", "part-shared-"));
    format!("{part}-{hash}.{extension}")
}

/// A script whose imports and addresses name the files by their last names. What the wasm itself calls a module stays.
fn renamed(mut text: String, names: &[(String, String)]) -> String {
    for (before, quote) in [("from ", '"'), ("new URL(", '"'), ("new URL(", '\'')] {
        for (old, new) in names {
            for folder in ["./", ""] {
                let (old, new) =
                    (format!("{before}{quote}{folder}{old}{quote}"), format!("{before}{quote}{folder}{new}{quote}"));
                text = text.replace(&old, &new);
            }
        }
    }
    text
}

/// Takes Trunk's page out of `dist/`; its name without endings.
fn take_out(project: &Project) -> Result<String> {
    let mut name = None;
    for path in listed(&project.dist())? {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !file.starts_with("app-") {
            continue;
        }
        std::fs::remove_file(&path)?;
        if let Some(stem) = file.strip_suffix(".js") {
            name = Some(stem.to_owned());
        }
    }
    name.ok_or_else(|| Trouble::Failed("Trunk wrote no app-*.js into dist/".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_hash_where_the_server_looks_for_it() {
        let rows = [
            ("app.js", "app-0123456789abcdef.js"),
            ("app_bg.wasm", "app-0123456789abcdef_bg.wasm"),
            ("__wasm_split.js", "app-parts-0123456789abcdef.js"),
            ("split_bench.wasm", "part-bench-0123456789abcdef.wasm"),
            ("chunk_4.wasm", "part-shared-4-0123456789abcdef.wasm"),
        ];
        for (name, expected) in rows {
            assert_eq!(final_name(name, "0123456789abcdef"), expected);
        }
    }

    #[test]
    fn scripts_name_each_other_by_their_last_names() {
        let names = ["app.js", "app_bg.wasm", "__wasm_split.js", "split_pages.wasm"]
            .map(|name| (name.to_owned(), final_name(name, "f00")));
        let script = "import { a } from \"./__wasm_split.js\"; new URL('app_bg.wasm', x); from \"./app.js\"; \
                      new URL(\"./split_pages.wasm\", x); return { \"./__wasm_split.js\": a }";
        let expected = "import { a } from \"./app-parts-f00.js\"; new URL('app-f00_bg.wasm', x); from \"./app-f00.js\"; \
                        new URL(\"./part-pages-f00.wasm\", x); return { \"./__wasm_split.js\": a }";
        assert_eq!(renamed(script.to_owned(), &names), expected);
    }
}
