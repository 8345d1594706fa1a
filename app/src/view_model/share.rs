//! What is said about shares: links this browser knows, how long they live, and why the server refuses.

use crate::text::share as text;
use scenario::link::Short;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use worker::protocol::{LeaveOut, Trouble};

/// A share this browser made or opened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The share's id.
    pub id: String,
    /// Its key.
    pub key: String,
    /// The token that allows adding versions.
    #[serde(default)]
    pub edit: Option<String>,
    /// The token that allows everything, where it was made here.
    #[serde(default)]
    pub owner: Option<String>,
    /// The scenario's name.
    pub name: String,
    /// The version that the document in this browser follows.
    pub version: u32,
    /// When the share ends, seconds since 1970.
    pub expires: f64,
    /// Key of the document in this browser.
    pub document: String,
    /// What was left out of it.
    #[serde(default)]
    pub leave_out: LeaveOut,
}

impl Known {
    /// The token for adding versions, if there is a right to it.
    pub fn token(&self) -> Option<&str> {
        self.owner.as_deref().or(self.edit.as_deref())
    }

    /// The link for others: to read, or to edit too.
    pub fn link(&self, edit: bool, present: bool) -> Short {
        let edit = if edit { self.edit.clone() } else { None };
        Short { id: self.id.clone(), key: self.key.clone(), edit, version: None, present }
    }

    /// What this browser may do with it, in a word.
    pub fn role(&self) -> &'static str {
        match (&self.owner, &self.edit) {
            (Some(_), _) => text::ROLE_OWNER,
            (None, Some(_)) => text::ROLE_EDITOR,
            (None, None) => text::ROLE_READER,
        }
    }
}

/// Reads the list of known shares; what is none of them is left out.
pub fn read_known(text: &str) -> Vec<Known> {
    let list: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    list.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect()
}

/// What the server allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Days a share lives when nothing else is wished.
    pub default_days: u32,
    /// Most days a share may live.
    pub longest_days: u32,
}

/// Reads what `/api/v1` says; `None` where the server keeps no shares.
pub fn rules(body: &[u8]) -> Option<Rules> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let shares = value.get("shares")?;
    let days = |key: &str| u32::try_from(shares.get(key)?.as_u64()?).ok();
    Some(Rules { default_days: days("default_days")?, longest_days: days("longest_days")? })
}

/// Lifetimes to choose from, in days, and what they are called.
pub fn lifetimes(rules: Rules) -> Vec<(u32, String)> {
    let mut days: Vec<u32> = [1, 7, 30, 90, 365, 5 * 365]
        .into_iter()
        .chain([rules.default_days])
        .filter(|days| *days <= rules.longest_days)
        .collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(|days| (days, text::lifetime(days))).collect()
}

/// One line of a share's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// When it was stored, seconds since 1970.
    pub created: f64,
}

/// Reads a history: its versions, the newest first, and when the share ends.
pub fn history(body: &[u8]) -> Option<(Vec<Entry>, f64)> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let entry = |entry: &Value| {
        let number = u32::try_from(entry.get("number")?.as_u64()?).ok()?;
        Some(Entry { number, created: entry.get("created")?.as_f64()? })
    };
    let mut entries: Vec<Entry> = value.get("versions")?.as_array()?.iter().filter_map(entry).collect();
    entries.reverse();
    Some((entries, value.get("expires")?.as_f64()?))
}

/// Why the server did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code; empty where the answer was none of the server's own.
    pub code: String,
    /// The status.
    pub status: u16,
    /// The server's words.
    pub detail: String,
    /// Seconds until it is worth trying again.
    pub retry_after: Option<u64>,
    /// When the share ends now, where that is what did not fit.
    pub expires: Option<i64>,
}

/// Reads a refusal.
pub fn refusal(status: u16, body: &[u8]) -> Refusal {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Refusal {
        code: words("code"),
        status,
        detail: words("detail"),
        retry_after: value.get("retry_after").and_then(Value::as_u64),
        expires: value.get("expires").and_then(Value::as_i64),
    }
}

impl Refusal {
    /// In words, with what to do.
    pub fn trouble(&self) -> Trouble {
        let (what, remedy) = match self.code.as_str() {
            "not-found" => (text::NOT_FOUND, text::COPY_AGAIN),
            "no-version" => (text::NO_VERSION, text::OPEN_NEWEST),
            "expired" => (text::EXPIRED, text::EXPIRED_REMEDY),
            "deleted" => (text::DELETED, text::ASK_SENDER),
            "corrupted" => (text::CORRUPTED, text::ASK_SENDER),
            "wrong-token" => (text::WRONG_TOKEN, text::WRONG_TOKEN_REMEDY),
            "conflict" => (text::CONFLICT, text::CONFLICT_REMEDY),
            "too-large" => (text::TOO_LARGE, text::TOO_LARGE_REMEDY),
            "too-many-versions" => (text::TOO_MANY_VERSIONS, text::FORK_INSTEAD),
            "no-route" => (text::NO_SHARES, text::NO_SHARES_REMEDY),
            _ => ("", ""),
        };
        if !what.is_empty() {
            return trouble(what, remedy);
        }
        let wait = text::again_in(self.retry_after);
        match self.code.as_str() {
            "too-many-requests" => trouble(text::TOO_MANY, &wait),
            "full" => trouble(text::FULL, &wait),
            "unavailable" => trouble(text::UNAVAILABLE, &wait),
            _ => trouble(&text::refused(self.status, &self.detail), &wait),
        }
    }
}

/// A message without a place.
pub fn trouble(text: &str, remedy: &str) -> Trouble {
    Trouble { path: String::new(), text: text.into(), remedy: remedy.into() }
}

/// A comment as it is shown: who and when, and what.
pub fn comments(cover: &Value) -> Vec<(String, String)> {
    let words = |comment: &Value, key: &str| comment.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = cover.get("comments").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|comment| {
            let (author, at) = (words(comment, "author"), words(comment, "at"));
            let day = at.get(..10).unwrap_or_default();
            let version = comment.get("version").and_then(Value::as_u64);
            (text::comment_head(&author, day, version), words(comment, "text"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do() {
        let codes = [
            "not-found",
            "no-version",
            "expired",
            "deleted",
            "corrupted",
            "wrong-token",
            "conflict",
            "too-large",
            "too-many-versions",
            "no-route",
            "too-many-requests",
            "full",
            "unavailable",
            "something-new",
            "",
        ];
        let mut told = Vec::new();
        for code in codes {
            let body = format!("{{\"code\": \"{code}\", \"detail\": \"So it is.\", \"retry_after\": 90}}");
            let said = refusal(503, body.as_bytes()).trouble();
            assert!(!said.text.is_empty() && !said.remedy.is_empty(), "{code}");
            told.push(said.text);
        }
        told.truncate(13);
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 13, "each has words of its own");
        let said = refusal(429, br#"{"code": "too-many-requests", "retry_after": 20}"#).trouble();
        assert_eq!(said.remedy, "try again in 20 s");
        assert!(refusal(502, b"<html>Bad gateway").trouble().text.contains("502"));
    }

    #[test]
    fn lifetimes_are_what_the_server_allows() {
        let rows = [(365, 1825, vec![1, 7, 30, 90, 365, 1825]), (14, 60, vec![1, 7, 14, 30]), (1, 1, vec![1])];
        for (default_days, longest_days, expected) in rows {
            let days: Vec<u32> =
                lifetimes(Rules { default_days, longest_days }).into_iter().map(|(days, _)| days).collect();
            assert_eq!(days, expected);
        }
        assert_eq!(
            rules(br#"{"shares": {"most_bytes": 1, "default_days": 365, "longest_days": 1825}}"#),
            Some(Rules { default_days: 365, longest_days: 1825 })
        );
        assert_eq!(rules(b"{}"), None);
        assert_eq!(rules(b"<!doctype html>"), None);
    }

    #[test]
    fn links_of_a_share() {
        let known = Known { id: "i".repeat(22), key: "k".repeat(43), edit: Some("e".repeat(22)), ..Known::default() };
        assert!(!known.link(false, false).fragment().contains('e'), "no right to edit in a link to read");
        assert_eq!(known.link(true, false).edit, known.edit);
        assert!(known.link(false, true).fragment().ends_with("&present"));
        assert_eq!((known.role(), known.token()), (text::ROLE_EDITOR, known.edit.as_deref()));
        let kept = serde_json::to_string(std::slice::from_ref(&known)).unwrap();
        assert_eq!(read_known(&kept), [known]);
        assert_eq!(read_known("[{\"id\": 3}, 7]"), []);
        assert_eq!(read_known("nonsense"), []);
    }

    #[test]
    fn histories_and_comments() {
        let body = br#"{"id": "x", "latest": 2, "expires": 99, "versions": [{"number": 1, "created": 5, "size": 9}, {"number": 2, "created": 7, "size": 9}]}"#;
        let (entries, expires) = history(body).unwrap();
        assert_eq!((entries[0].number, entries[1].created, expires), (2, 5.0, 99.0));
        let cover = serde_json::json!({"comments": [{"author": "Ada", "at": "2026-11-03T10:00:00Z", "version": 2, "text": "<b>why?"}, 7]});
        let said = comments(&cover);
        assert_eq!(said[0], ("Ada, 2026-11-03, on version 2".to_owned(), "<b>why?".to_owned()));
    }
}
