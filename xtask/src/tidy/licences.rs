//! Licences of everything the project is built from.

use super::Violation;
use crate::packages::{self, Package};
use crate::project::Project;
use crate::steps::Result;

/// Licences that ask for their text to be passed on and nothing else; and MPL-2.0, which asks for changes to its own files only.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks the whole dependency graph.
pub fn check(project: &Project) -> Result<Vec<Violation>> {
    Ok(packages::all(project)?.iter().filter_map(refused).collect())
}

fn refused(package: &Package) -> Option<Violation> {
    let accepted = spdx::Expression::parse(&package.licence)
        .is_ok_and(|terms| terms.evaluate(|term| term.license.id().is_some_and(|id| ACCEPTED.contains(&id.name))));
    let shown = if package.licence.is_empty() { "no licence" } else { &package.licence };
    (package.foreign && !accepted).then(|| Violation {
        path: "Cargo.lock".to_owned(),
        line: 0,
        what: format!("{} {} comes under {shown}", package.name, package.version),
        remedy: "use another package, or add the licence to `ACCEPTED` in xtask/src/tidy/licences.rs and say why"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_understood() {
        for (licence, fine) in [
            ("MIT", true),
            ("MIT OR Apache-2.0", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("MIT OR LGPL-2.1-or-later", true),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("GPL-3.0-only", false),
            ("MIT AND AGPL-3.0-only", false),
            ("", false),
            ("my own", false),
        ] {
            let package = Package {
                name: "a".to_owned(),
                version: "1.0.0".to_owned(),
                licence: licence.to_owned(),
                foreign: true,
                checksum: None,
            };
            assert_eq!(refused(&package).is_none(), fine, "{licence}");
            assert_eq!(refused(&Package { foreign: false, ..package }), None, "our own package");
        }
    }
}
