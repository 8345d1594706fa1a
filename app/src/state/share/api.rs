//! The server's share API, with sealing and opening in between.

use super::{Refused, ask};
use crate::platform::crypto::{self, Unopened};
use crate::platform::net::{self, Reply};
use crate::text::share as text;
use crate::view_model::share::{Entry, Known, Refusal, history as read_history, refusal, trouble};
use scenario::link::Short;
use scenario::seal::About;
use serde_json::{Value, json};
use worker::protocol::Unpacked;

/// Why a request failed.
pub(super) enum Failed {
    /// The server cannot be reached.
    Gone,
    /// It answered with no.
    Refused(Refusal),
    /// Something on this side.
    Here(Refused),
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Gone => vec![trouble(text::UNREACHABLE, text::UNREACHABLE_REMEDY)],
            Failed::Refused(refusal) => vec![refusal.trouble()],
            Failed::Here(troubles) => troubles,
        }
    }
}

impl From<Refused> for Failed {
    fn from(troubles: Refused) -> Self {
        Self::Here(troubles)
    }
}

/// A version as it was read.
pub(super) struct Read {
    /// Its number.
    pub(super) version: u32,
    /// When the share ends.
    pub(super) expires: f64,
    /// What it holds.
    pub(super) unpacked: Unpacked,
}

impl Read {
    /// Name, ancestry and comments.
    pub(super) fn cover(&self) -> Value {
        serde_json::from_str(&self.unpacked.cover).unwrap_or_default()
    }
}

fn address(id: &str) -> String {
    format!("/api/v1/shares/{id}")
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

async fn send(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Result<Reply, Failed> {
    let reply = net::send(method, path, headers, body).await.ok_or(Failed::Gone)?;
    if reply.is_fine() { Ok(reply) } else { Err(Failed::Refused(refusal(reply.status, &reply.body))) }
}

/// Reads and opens a version, the newest for none.
pub(super) async fn read(id: &str, key: &str, version: Option<u32>) -> Result<Read, Failed> {
    if !crypto::is_available() {
        return Err(Failed::Here(vec![trouble(text::NO_CRYPTO, text::NO_CRYPTO_REMEDY)]));
    }
    let path = version.map_or_else(|| address(id), |number| format!("{}/versions/{number}", address(id)));
    let reply = send("GET", &path, &[], None).await?;
    let wrong = || Failed::Here(vec![trouble(text::WRONG_KEY, text::WRONG_KEY_REMEDY)]);
    let number: u32 = reply.number("headroom-version").ok_or_else(wrong)?;
    // Each version opens by itself: a server that answers with another one than was asked for is caught here.
    if version.is_some_and(|asked| asked != number) {
        return Err(wrong());
    }
    let about = About { id: id.to_owned(), version: number.into(), expires: reply.number("headroom-sealed-expires") };
    let bytes = crypto::open(&reply.body, &about, key).await.map_err(|unopened| match unopened {
        Unopened::Newer => Failed::Here(vec![trouble(text::NEWER_SEAL, text::NEWER_SEAL_REMEDY)]),
        Unopened::Key => wrong(),
    })?;
    let expires = reply.number("headroom-expires").unwrap_or_default();
    Ok(Read { version: number, expires, unpacked: ask::unpack(bytes).await? })
}

/// Reads what a link names.
pub(super) async fn read_link(short: &Short) -> Result<Read, Failed> {
    read(&short.id, &short.key, short.version).await
}

async fn sealed(packed: &[u8], about: &About, key: &str) -> Result<Vec<u8>, Failed> {
    let refused = || Failed::Here(vec![trouble(text::NO_CRYPTO, text::NO_CRYPTO_REMEDY)]);
    crypto::seal(packed, about, key).await.ok_or_else(refused)
}

/// Stores a new share; its `version` and `expires` are set before.
pub(super) async fn create(known: &Known, packed: &[u8], parent: Option<String>) -> Result<(), Failed> {
    let about = About { id: known.id.clone(), version: 1, expires: Some(known.expires as u64) };
    let body = sealed(packed, &about, &known.key).await?;
    let owner = bearer(known.owner.as_deref().unwrap_or_default());
    let expires = format!("{:.0}", known.expires);
    let mut headers = vec![
        ("authorization", owner.as_str()),
        ("content-type", "application/octet-stream"),
        ("if-none-match", "*"),
        ("headroom-expires", expires.as_str()),
    ];
    if let Some(edit) = &known.edit {
        headers.push(("headroom-edit-token", edit));
    }
    if let Some(parent) = &parent {
        headers.push(("headroom-parent", parent));
    }
    send("PUT", &address(&known.id), &headers, Some(&body)).await.map(|_| ())
}

/// Adds a version after `known.version`.
pub(super) async fn append(known: &Known, packed: &[u8]) -> Result<(), Failed> {
    let about =
        About { id: known.id.clone(), version: u64::from(known.version) + 1, expires: Some(known.expires as u64) };
    let body = sealed(packed, &about, &known.key).await?;
    let (token, after) = (bearer(known.token().unwrap_or_default()), format!("\"{}\"", known.version));
    let expires = format!("{:.0}", known.expires);
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/octet-stream"),
        ("if-match", after.as_str()),
        ("headroom-expires", expires.as_str()),
    ];
    send("PUT", &address(&known.id), &headers, Some(&body)).await.map(|_| ())
}

/// The versions of a share, newest first, and when it ends.
pub(super) async fn history(id: &str) -> Result<(Vec<Entry>, f64), Failed> {
    let reply = send("GET", &format!("{}/history", address(id)), &[], None).await?;
    read_history(&reply.body).ok_or(Failed::Gone)
}

/// Moves the end of a share.
pub(super) async fn extend(known: &Known, expires: f64) -> Result<(), Failed> {
    let token = bearer(known.owner.as_deref().unwrap_or_default());
    let body = json!({ "expires": expires as i64 }).to_string();
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    send("PATCH", &address(&known.id), &headers, Some(body.as_bytes())).await.map(|_| ())
}

/// Deletes a share for everybody.
pub(super) async fn delete(known: &Known) -> Result<(), Failed> {
    let token = bearer(known.owner.as_deref().unwrap_or_default());
    send("DELETE", &address(&known.id), &[("authorization", token.as_str())], None).await.map(|_| ())
}
