//! Debian's packages: installing them, and reading a single one out of a suite the system does not use.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::steps::{Result, Trouble};

/// Suites that may hold a package of the wanted version, the calmest first.
const SUITES: &[&str] = &["trixie-backports", "trixie", "forky-backports", "forky", "sid"];

/// Installs packages system-wide, which only root may.
pub fn install(packages: &[&str]) -> Result<()> {
    let remedy = format!("sudo apt-get install {}", packages.join(" "));
    let wanted = packages.join(" and ");
    if command::find_program("apt-get").is_none() {
        return Err(Trouble::missing(wanted, format!("your system's packages for {}", packages.join(", "))));
    }
    if command::capture(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err(Trouble::missing(wanted, remedy));
    }
    command::run(Command::new("apt-get").args(["-q", "update"]))?;
    let mut apt = Command::new("apt-get");
    apt.args(["-q", "-y", "--no-install-recommends", "install"]).args(packages);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    command::run(&mut apt).map_err(|trouble| Trouble::missing(format!("{wanted} ({trouble})"), remedy))
}

/// Where a Debian system gets its packages from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    address: String,
    keyring: Option<String>,
}

/// Downloads the newest `package` whose version starts with `version` and unpacks it into `folder`, without touching the system:
/// the lists, the package and its files all stay in `folder`.
pub fn unpack(package: &str, version: &str, folder: &Path) -> Result<PathBuf> {
    for program in ["apt-get", "apt-cache", "dpkg"] {
        if command::find_program(program).is_none() {
            return Err(Trouble::Failed(format!("no {program} on this machine")));
        }
    }
    let mirror = system_mirror().ok_or_else(|| Trouble::Failed("no Debian source entry on this machine".to_owned()))?;
    for part in ["lists/partial", "cache/archives/partial", "files"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    let sources = folder.join("sources.list");
    let mut seen = Vec::new();
    for suite in SUITES {
        std::fs::write(&sources, source_line(&mirror, suite))?;
        if command::run(apt("apt-get", folder).args(["-q", "update"])).is_err() {
            continue;
        }
        let listed = command::capture(apt("apt-cache", folder).args(["madison", package]))?;
        let found = versions(&listed);
        if let Some(wanted) = found.iter().find(|found| is_version(found, version)) {
            let download = format!("{package}={wanted}");
            command::run(apt("apt-get", folder).args(["-q", "download", &download]).current_dir(folder))?;
            let archive = first_package(folder)?;
            let files = folder.join("files");
            command::run(Command::new("dpkg").arg("-x").arg(&archive).arg(&files))?;
            return Ok(files);
        }
        seen.extend(found);
    }
    Err(Trouble::Failed(format!("no {package} {version} in {} (seen: {})", SUITES.join(", "), seen.join(", "))))
}

/// An apt program that reads only our list and writes only into `folder`.
fn apt(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let option = |key: &str, value: &str| format!("{key}={value}");
    let at = |part: &str| folder.join(part).to_string_lossy().into_owned();
    for (key, value) in [
        ("Dir::Etc::sourcelist", at("sources.list")),
        ("Dir::Etc::sourceparts", "/dev/null".to_owned()),
        ("Dir::State::lists", at("lists")),
        ("Dir::Cache", at("cache")),
        ("APT::Sandbox::User", String::new()),
        // A suite kept for comparison only: its snapshot may be older than its own validity date.
        ("Acquire::Check-Valid-Until", "false".to_owned()),
    ] {
        command.args(["-o", &option(key, &value)]);
    }
    command
}

fn source_line(mirror: &Mirror, suite: &str) -> String {
    match &mirror.keyring {
        Some(keyring) => format!("deb [signed-by={keyring}] {} {suite} main\n", mirror.address),
        None => format!("deb {} {suite} main\n", mirror.address),
    }
}

fn first_package(folder: &Path) -> Result<PathBuf> {
    for entry in std::fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            return Ok(file);
        }
    }
    Err(Trouble::Failed("apt-get downloaded no package".to_owned()))
}

/// Versions in the table of `apt-cache madison`: `name | version | source`.
fn versions(table: &str) -> Vec<String> {
    table.lines().filter_map(|line| line.split('|').nth(1)).map(|version| version.trim().to_owned()).collect()
}

/// Whether a Debian version such as `1.95.0+dfsg1-1~bpo13+1` is a packaging of `version`.
fn is_version(debian: &str, version: &str) -> bool {
    debian
        .strip_prefix(version)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
}

fn system_mirror() -> Option<Mirror> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(folder) = std::fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(folder.filter_map(|entry| entry.ok().map(|entry| entry.path())));
    }
    files.sort();
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).find_map(|text| mirror_in(&text))
}

/// The first entry for Debian's main archive, in either of apt's formats.
fn mirror_in(text: &str) -> Option<Mirror> {
    one_line_entry(text).or_else(|| text.split("\n\n").find_map(paragraph_entry))
}

fn is_main_archive(address: &str) -> bool {
    address.contains("://") && address.trim_end_matches('/').ends_with("/debian")
}

fn one_line_entry(text: &str) -> Option<Mirror> {
    let lines = text.lines().filter(|line| line.starts_with("deb "));
    lines
        .filter_map(|line| {
            let words = line.split(['[', ']', ' ']);
            let address = words.clone().find(|word| is_main_archive(word))?;
            let keyring = words.clone().find_map(|word| word.strip_prefix("signed-by="));
            Some(Mirror { address: address.to_owned(), keyring: keyring.map(str::to_owned) })
        })
        .next()
}

fn paragraph_entry(paragraph: &str) -> Option<Mirror> {
    let field = |name: &str| {
        let value = paragraph.lines().find_map(|line| line.strip_prefix(name))?;
        value.split_whitespace().next()
    };
    let address = field("URIs:").filter(|address| is_main_archive(address))?;
    Some(Mirror { address: address.to_owned(), keyring: field("Signed-By:").map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_taken_from_either_format() {
        let mirror = |address: &str, keyring: Option<&str>| {
            Some(Mirror { address: address.to_owned(), keyring: keyring.map(str::to_owned) })
        };
        for (row, text, expected) in [
            (
                "one line",
                "deb http://deb.example.org/debian bookworm main",
                mirror("http://deb.example.org/debian", None),
            ),
            (
                "one line with options",
                "# a comment\ndeb [arch=amd64 signed-by=/k.gpg] http://deb.example.org/debian/ bookworm main",
                mirror("http://deb.example.org/debian/", Some("/k.gpg")),
            ),
            (
                "paragraphs, the security archive first",
                "Types: deb\nURIs: http://deb.example.org/debian-security\nSuites: s\n\nTypes: deb\nURIs: http://deb.example.org/debian\nSuites: bookworm\nSigned-By: /k.gpg\n",
                mirror("http://deb.example.org/debian", Some("/k.gpg")),
            ),
            ("another vendor", "deb https://deb.example.org/node_20.x nodistro main", None),
        ] {
            assert_eq!(mirror_in(text), expected, "{row}");
        }
    }

    #[test]
    fn only_packagings_of_the_very_version_match() {
        for (debian, expected) in [
            ("1.95.0+dfsg1-1~bpo13+1", true),
            ("1.95.0-2", true),
            ("1.95.01-1", false),
            ("1.95.0.1-1", false),
            ("1.94.0+dfsg1-1", false),
        ] {
            assert_eq!(is_version(debian, "1.95.0"), expected, "{debian}");
        }
    }

    #[test]
    fn versions_come_from_the_madison_table() {
        let table =
            " rust-src | 1.95.0+dfsg1-1~bpo13+1 | http://deb.example.org/debian trixie-backports/main amd64 Packages\n";
        assert_eq!(versions(table), ["1.95.0+dfsg1-1~bpo13+1"]);
    }
}
