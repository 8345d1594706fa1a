//! The content policy inside the page: static hosts send no headers of ours.

use std::path::Path;

use crate::steps::{Result, Trouble};

/// The server's own rule, so that both say the same.
#[path = "../../../server/src/assets/policy.rs"]
mod rule;

/// What stands before it: nothing is loaded earlier.
const AFTER: &str = "<meta charset=\"utf-8\">";

/// Writes the policy into the built page.
pub fn write(dist: &Path) -> Result<()> {
    let file = dist.join("index.html");
    let page = std::fs::read_to_string(&file)?;
    let with = with_policy(&page).ok_or_else(|| Trouble::Failed(format!("dist/index.html has no {AFTER}")))?;
    Ok(std::fs::write(file, with)?)
}

fn with_policy(page: &str) -> Option<String> {
    let (before, after) = page.split_once(AFTER)?;
    let policy = rule::content_policy(page);
    Some(format!("{before}{AFTER}<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_its_own_scripts() {
        let page = "<head><meta charset=\"utf-8\"><script>alert('Hello, world.');</script></head>";
        let with = with_policy(page).unwrap_or_default();
        // CSP level 3, section 8.4.
        assert!(with.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{with}");
        assert!(with.find("Content-Security-Policy") < with.find("<script>"), "{with}");
        assert_eq!(with_policy("<head></head>"), None);
    }
}
