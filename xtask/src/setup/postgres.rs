//! PostgreSQL's programs, for the share store's tests: found on this machine, else installed with Debian's packages where that
//! is allowed.

use super::debian;
use crate::command;
use crate::steps::{Result, Trouble};

/// Finds or installs them.
pub fn bring_up() -> Result<()> {
    if found() {
        return Ok(());
    }
    debian::install(&["postgresql"])?;
    if found() { Ok(()) } else { Err(Trouble::missing("PostgreSQL's programs", "apt-get install postgresql")) }
}

/// On the PATH, or where Debian keeps its versions.
fn found() -> bool {
    let versions = || std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let beside = |name: &str| versions().any(|version| version.path().join("bin").join(name).is_file());
    ["initdb", "postgres", "psql"].iter().all(|name| command::find_program(name).is_some() || beside(name))
}
