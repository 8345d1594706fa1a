//! Shares that are stored on a server which cannot read them: sealed in the sender's browser with AES-256-GCM, the key only in
//! the link's fragment.
//!
//! The share's id, version and expiry are authenticated with it: a server cannot pass one version off as another, nor
//! prolong it. The text is compressed first and then padded to steps, so that its size tells little. Randomness (key and
//! nonce) comes from the caller: this crate has none. A nonce must never be used twice with one key; with random ones
//! the chance of that is negligible for the number of versions a share ever has.
//!
//! The app does the cipher itself with the browser's WebCrypto, on the same bytes: [`pack`], [`unpack`],
//! [`About::authenticated`]. The cipher here is the command line's, and what tests hold the browser's against.

use crate::Problem;
use crate::check::Opened;
use crate::link::{self, View};
use crate::record::{self, record};
use crate::v1::Scenario;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// The version of the sealing, in the first byte.
pub const SEALING: u8 = 1;
/// The least size of what is sealed; everything small looks alike.
const SMALLEST: usize = 1024;

/// The key of a share. It never leaves the link's fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_BYTES]);

impl Key {
    /// A key from random bytes.
    #[must_use]
    pub const fn new(random: [u8; KEY_BYTES]) -> Self {
        Self(random)
    }

    /// The key as it stands in the fragment: 43 characters of base64url.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key from the fragment.
    ///
    /// # Errors
    /// When it is no key: cut, or changed.
    pub fn from_text(text: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            Problem::new("", "the link has no whole key", "copy the link whole: the key is its last 43 characters")
        })
    }
}

impl std::fmt::Debug for Key {
    /// Keeps the key out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What is known about a share outside of it, and authenticated with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The share's id.
    pub id: String,
    /// Its version, from 1.
    pub version: u64,
    /// When it ends, in seconds since 1970; to extend it is to seal it again.
    pub expires: Option<u64>,
}

impl About {
    /// The additional authenticated data of AES-GCM.
    #[must_use]
    pub fn authenticated(&self) -> Vec<u8> {
        let mut data = b"headroom-seal/1\0".to_vec();
        data.extend((self.id.len() as u64).to_be_bytes());
        data.extend(self.id.as_bytes());
        data.extend(self.version.to_be_bytes());
        data.push(u8::from(self.expires.is_some()));
        data.extend(self.expires.unwrap_or_default().to_be_bytes());
        data
    }
}

/// What a share holds; all of it is sealed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cover {
    /// Name of this version.
    pub name: String,
    /// Id and version of the share that this one was forked from.
    pub forked_from: Option<(String, u64)>,
    /// Comments, oldest first.
    pub comments: Vec<Comment>,
}

record!(Cover { name: Spare, forked_from, comments });

impl Cover {
    /// Reads what [`Cover::to_json`] wrote, without what is no comment among the comments; nothing of anything else.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        crate::json::read(text).map(Self::from_value).unwrap_or_default()
    }

    /// Comments are texts of others: one that cannot be read does not take the rest along.
    fn from_value(mut cover: Value) -> Self {
        match cover.get_mut("comments") {
            Some(Value::Array(comments)) => comments.retain(|comment| record::attempt::<Comment>(comment).is_some()),
            Some(others) => *others = Value::Array(Vec::new()),
            None => {}
        }
        record::read(&cover).unwrap_or_default()
    }
}

/// A comment on a version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comment {
    /// Who wrote it, as they call themselves.
    pub author: String,
    /// When, RFC 3339.
    pub at: String,
    /// The version it was written about.
    pub version: Option<u64>,
    /// What it is about: a path of the scenario; empty for the whole.
    pub path: String,
    /// The text.
    pub text: String,
}

record!(Comment { author, at, version, path: Spare, text });

/// What an opened share holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsealed {
    /// The scenario with all that is wrong with it.
    pub opened: Opened,
    /// What was set on screen.
    pub view: View,
    /// The rest.
    pub cover: Cover,
}

/// Seals a scenario with what was set on screen and what was said about it.
///
/// # Errors
/// When the scenario is too large.
pub fn seal(
    scenario: &Scenario,
    view: &View,
    cover: &Cover,
    about: &About,
    key: &Key,
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>, Problem> {
    encrypt(&pack(scenario, view, cover)?, about, key, nonce)
}

/// What is encrypted: the compressed document, its length before it, padded to a step. The browser encrypts it with its own
/// AES-GCM ([`About::authenticated`] beside it) and puts [`SEALING`] and the nonce before the result, as [`seal`] does.
///
/// # Errors
/// When the scenario is too large.
pub fn pack(scenario: &Scenario, view: &View, cover: &Cover) -> Result<Vec<u8>, Problem> {
    pad(&link::compress(scenario, view, Some(cover))?)
}

/// What [`pack`] packed.
///
/// # Errors
/// When it holds nothing that can be read.
pub fn unpack(padded: &[u8]) -> Result<Unsealed, Problem> {
    let (linked, cover) = link::expand(unpad(padded)?)?;
    Ok(Unsealed { opened: linked.opened, view: linked.view, cover: cover.map(Cover::from_value).unwrap_or_default() })
}

/// Opens a sealed share.
///
/// # Errors
/// When the key does not fit, the share was changed, or it holds nothing that can be read.
pub fn open(sealed: &[u8], about: &About, key: &Key) -> Result<Unsealed, Problem> {
    unpack(&decrypt(sealed, about, key)?)
}

/// Seals any bytes: version of the sealing, nonce, cipher text with its tag.
///
/// # Errors
/// When they are too many.
pub fn seal_bytes(bytes: &[u8], about: &About, key: &Key, nonce: [u8; NONCE_BYTES]) -> Result<Vec<u8>, Problem> {
    encrypt(&pad(bytes)?, about, key, nonce)
}

fn too_large() -> Problem {
    Problem::new("", "the share is too large to be sealed", "leave out imports or draws")
}

fn damaged() -> Problem {
    Problem::new("", "the stored share is damaged", "ask the sender to share it again")
}

/// The length, the bytes, and zeros up to the next step.
fn pad(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let length = u32::try_from(bytes.len()).map_err(|_| too_large())?;
    let mut padded = length.to_be_bytes().to_vec();
    padded.extend_from_slice(bytes);
    padded.resize(step(padded.len()), 0);
    Ok(padded)
}

fn unpad(padded: &[u8]) -> Result<&[u8], Problem> {
    let (length, bytes) = padded.split_first_chunk::<4>().ok_or_else(damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
    bytes.get(..length).ok_or_else(damaged)
}

fn encrypt(padded: &[u8], about: &About, key: &Key, nonce: [u8; NONCE_BYTES]) -> Result<Vec<u8>, Problem> {
    let cipher = Aes256Gcm::new(&key.0.into());
    let payload = Payload { msg: padded, aad: &about.authenticated() };
    let text = cipher.encrypt(&nonce.into(), payload).map_err(|_| too_large())?;
    let mut sealed = vec![SEALING];
    sealed.extend(nonce);
    sealed.extend(text);
    Ok(sealed)
}

/// Opens what [`seal_bytes`] sealed.
///
/// # Errors
/// When the key does not fit, or anything was changed.
pub fn open_bytes(sealed: &[u8], about: &About, key: &Key) -> Result<Vec<u8>, Problem> {
    unpad(&decrypt(sealed, about, key)?).map(<[u8]>::to_vec)
}

fn decrypt(sealed: &[u8], about: &About, key: &Key) -> Result<Vec<u8>, Problem> {
    let (&sealing, rest) = sealed.split_first().ok_or_else(damaged)?;
    if sealing != SEALING {
        return Err(Problem::new("", "the share was sealed by a newer version", "open it with a newer Headroom"));
    }
    let (&nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
    let cipher = Aes256Gcm::new(&key.0.into());
    let payload = Payload { msg: text, aad: &about.authenticated() };
    cipher.decrypt(&nonce.into(), payload).map_err(|_| {
        let text = "the key does not fit this share, or the share was changed";
        Problem::new("", text, "copy the link again, whole; if that does not help ask the sender for a new one")
    })
}

/// The next size in steps: Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
/// PURBs", 2019), at most 12 % more; it leaves only the logarithm of the logarithm of the size to be guessed.
fn step(length: usize) -> usize {
    let length = length.max(SMALLEST);
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - kept)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About { id: "5f2c".into(), version: 3, expires: Some(1_800_000_000) }
    }

    #[test]
    fn what_is_no_comment_is_left_out() {
        let good = r#"{"author":"Ada","at":"2026-11-03T10:00:00Z","text":"Why?"}"#;
        // Comments as they stand, and how many of them are left beside the name.
        let rows = [
            (format!("[{good}]"), 1),
            (format!(r#"[{good},{{"author":"Bob","at":"2026-11-03T10:00:00Z"}},7,{good}]"#), 2),
            (format!(r#"[{{"author":{{}},"at":"","text":""}},{good}]"#), 1),
            ("7".to_owned(), 0),
            ("null".to_owned(), 0),
        ];
        for (comments, left) in rows {
            let text = format!(r#"{{"name":"Before the sale","forked_from":["abcd",2],"comments":{comments}}}"#);
            let cover = Cover::from_json(&text);
            assert_eq!((cover.name.as_str(), cover.comments.len()), ("Before the sale", left), "{text}");
            assert_eq!(cover.forked_from, Some(("abcd".to_owned(), 2)), "{text}");
            assert!(cover.comments.iter().all(|comment| comment.text == "Why?"), "{text}");
            let share = format!(r#"{{"v":1,"scenario":{{"format":"headroom/1"}},"cover":{text}}}"#);
            let packed = miniz_oxide::deflate::compress_to_vec_zlib(share.as_bytes(), 6);
            assert_eq!(unpack(&pad(&packed).unwrap()).unwrap().cover, cover, "{text}");
        }
        for text in ["", "{}", "[]", "7", r#"{"name": 7}"#] {
            assert_eq!(Cover::from_json(text), Cover::default(), "{text}");
        }
    }

    #[test]
    fn sizes_are_steps() {
        for (length, expected) in [(0, 1024), (1024, 1024), (1025, 1088), (20_000, 20_480), (1_000_000, 1_015_808)] {
            assert_eq!(step(length), expected);
        }
        assert!((1024..200_000).all(|n| step(n) >= n && step(n) * 100 <= n * 112));
    }

    #[test]
    fn nothing_can_be_exchanged() {
        let key = Key::new([7; KEY_BYTES]);
        let sealed = seal_bytes(b"secret", &about(), &key, [9; NONCE_BYTES]).unwrap();
        assert_eq!(open_bytes(&sealed, &about(), &key).unwrap(), b"secret");
        let others = [
            About { id: "5f2d".into(), ..about() },
            About { version: 4, ..about() },
            About { expires: Some(1_900_000_000), ..about() },
            About { expires: None, ..about() },
        ];
        for other in others {
            assert!(open_bytes(&sealed, &other, &key).is_err(), "{other:?}");
        }
        assert!(
            open_bytes(&sealed, &about(), &Key::new([8; KEY_BYTES])).unwrap_err().text.contains("key does not fit")
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_bytes(&changed, &about(), &key).is_err(), "{at}");
        }
        for end in [0, 1, 5, 13, 20, sealed.len() - 1] {
            assert!(open_bytes(&sealed[..end], &about(), &key).is_err(), "{end}");
        }
    }

    #[test]
    fn keys_are_text_and_keep_quiet() {
        let key = Key::new([0xfb; KEY_BYTES]);
        assert_eq!((key.to_text().len(), Key::from_text(&key.to_text()).unwrap()), (43, key.clone()));
        assert_eq!(format!("{key:?}"), "Key(…)");
        for text in ["", "abc", &key.to_text()[1..], "*".repeat(43).as_str()] {
            assert!(Key::from_text(text).unwrap_err().text.contains("no whole key"));
        }
    }
}
