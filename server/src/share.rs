//! What a share is to the server: an identifier, hashed tokens, and versions of ciphertext. It knows no more.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// Seconds since 1970, by the server's clock.
pub type Seconds = i64;

/// Identifier of a share: 128 random bits, chosen by the browser so that they can be part of what it seals. Written as 22
/// characters of URL-safe base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShareId(pub [u8; 16]);

impl ShareId {
    /// Reads the written form; `None` for anything else, also for unusual spellings of the same bits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for ShareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// SHA-256 of a token. Tokens are long random strings, so a plain hash keeps them secret and a slow one would gain nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether both are the same token, in time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A share to be stored.
#[derive(Debug, Clone)]
pub struct NewShare {
    /// Its identifier.
    pub id: ShareId,
    /// Who holds this token may do everything.
    pub owner: TokenHash,
    /// Who holds this token may add versions.
    pub editor: Option<TokenHash>,
    /// When it ends.
    pub expires: Seconds,
    /// The share and version it was forked from.
    pub parent: Option<(ShareId, u32)>,
    /// The first version's ciphertext.
    pub content: Bytes,
}

/// What is known of a share besides its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its identifier.
    pub id: ShareId,
    /// When it was stored.
    pub created: Seconds,
    /// When it ends.
    pub expires: Seconds,
    /// Number of its newest version; the first is 1.
    pub latest: u32,
    /// The share and version it was forked from.
    pub parent: Option<(ShareId, u32)>,
}

/// What is known of one version besides its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number; the first is 1.
    pub number: u32,
    /// When it was stored.
    pub created: Seconds,
    /// When the share ended at the time this version was sealed: part of what the browser authenticated.
    pub sealed_expires: Seconds,
    /// Size of the ciphertext in bytes.
    pub size: u64,
}

/// One version with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The share it belongs to.
    pub share: Share,
    /// What is known of it.
    pub info: VersionInfo,
    /// The ciphertext.
    pub content: Bytes,
}

/// Why a share is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Its time is over.
    Expired,
    /// Its owner deleted it.
    Deleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_identifier() {
        let id = ShareId([0xfb; 16]);
        let text = id.to_string();
        assert_eq!((text.len(), ShareId::parse(&text)), (22, Some(id)));
        for other in [
            "",
            "AAAA",
            &text[..21],
            &format!("{text}A"),
            &text.replace('-', "+"),
            "AAAAAAAAAAAAAAAAAAAAAB",
            "../../etc/passwd______",
        ] {
            assert_eq!(ShareId::parse(other), None, "{other}");
        }
    }
}
