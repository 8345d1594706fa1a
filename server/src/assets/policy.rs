//! The page's content security policy.
//!
//! Trunk puts the app's loader into the page as an inline script. Instead of allowing inline scripts in general, the policy
//! names the hash of exactly those the built page holds.
//!
//! The build uses this file too: it writes the same policy into the page itself, for hosts that send no headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy for a page: everything from this server only, WebAssembly allowed, inline scripts and styles only as found in
/// the page at start.
///
/// Who may show it in a frame is not in it: only a header can say that.
pub fn content_policy(page: &str) -> String {
    let scripts = hashes(page, "script");
    let styles = hashes(page, "style");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// ` 'sha256-…'` for each inline element of this name.
fn hashes(page: &str, element: &str) -> String {
    inline(page, element)
        .into_iter()
        .map(|content| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(content.as_bytes()))))
        .collect()
}

/// Contents of the elements of this name that load nothing from elsewhere, as a browser hashes them (every byte between the
/// tags). The page is our own build's output, well-formed and in lower case.
fn inline<'a>(page: &'a str, element: &str) -> Vec<&'a str> {
    let open = format!("<{element}");
    let close = format!("</{element}>");
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some(tag_end) = rest.find('>') else { break };
        let attributes = &rest[..tag_end];
        rest = &rest[tag_end + 1..];
        let is_this = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        let Some(end) = rest.find(&close) else { break };
        if is_this && !attributes.contains("src=") && !rest[..end].is_empty() {
            found.push(&rest[..end]);
        }
        rest = &rest[end + close.len()..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_found() {
        let rows: [(&str, &[&str]); 6] = [
            ("<script>a</script>", &["a"]),
            ("<script type=\"module\">\nimport x\n</script><script nonce>b</script>", &["\nimport x\n", "b"]),
            ("<script src=\"/a.js\"></script><script>c</script>", &["c"]),
            ("<script></script>", &[]),
            ("<p>no script</p>", &[]),
            ("<script>never closed", &[]),
        ];
        for (page, expected) in rows {
            assert_eq!(inline(page, "script"), expected, "{page}");
        }
    }

    /// The example of the specification: CSP level 3, section 8.4 ("alert('Hello, world.');").
    #[test]
    fn hash_as_in_the_specification() {
        let text = content_policy("<script>alert('Hello, world.');</script>");
        assert!(text.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{text}");
        assert!(!text.contains("unsafe-inline") && !text.contains("'unsafe-eval'"), "{text}");
    }
}
