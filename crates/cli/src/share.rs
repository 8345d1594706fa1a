//! Stored shares from the command line: the same bytes and the same API as the app's.

use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use scenario::link::{Short, View};
use scenario::seal::{About, Cover, KEY_BYTES, Key, NONCE_BYTES, Unsealed, open, seal};
use scenario::{Problem, Scenario};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest answer that is read.
const LARGEST: u64 = 16 << 20;

/// A server's share API.
pub(crate) struct Api {
    client: Client,
    /// Address of the app, ending with `/`.
    base: String,
}

/// A share that was made.
pub(crate) struct Made {
    /// Its link, with the right to edit.
    pub(crate) link: Short,
    /// The owner's token.
    pub(crate) owner: String,
    /// When it ends, seconds since 1970.
    pub(crate) expires: u64,
}

/// A version that was read.
pub(crate) struct Read {
    /// What it holds.
    pub(crate) unsealed: Unsealed,
    /// Its number.
    pub(crate) version: u64,
    /// When the share ends, seconds since 1970.
    pub(crate) expires: u64,
}

/// The server and the share that a link names.
pub(crate) fn short(link: &str) -> Result<(Api, Short), Failure> {
    let bad = |problem: Problem| Failure::Input(vec![Problem { path: "LINK".into(), ..problem }]);
    let no_link = || Problem::new("", "this is no short link", "copy it whole, from https to its last character");
    let short = Short::read(link).ok_or_else(|| bad(no_link()))?.map_err(bad)?;
    let (server, _) = link.split_once('#').ok_or_else(|| bad(no_link()))?;
    Ok((Api::new(server.trim().trim_start_matches('<'))?, short))
}

impl Api {
    /// The API of the server at an address.
    pub(crate) fn new(server: &str) -> Result<Self, Failure> {
        let remedy = "give an address such as https://headroom.example";
        if !server.starts_with("https://") && !server.starts_with("http://") {
            return Err(Failure::input("server", "is no http or https address", remedy));
        }
        let base = format!("{}/", server.trim_end_matches('/'));
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| {
                Failure::fault("server", format!("cannot be asked ({cause})"), "check the system's certificates")
            })?;
        Ok(Self { client, base })
    }

    /// A link's whole address.
    pub(crate) fn address(&self, link: &Short) -> String {
        format!("{}#{}", self.base, link.fragment())
    }

    fn share(&self, id: &str) -> String {
        format!("{}api/v1/shares/{id}", self.base)
    }

    /// Reads and opens the version that the link names, the newest where it names none.
    pub(crate) fn read(&self, link: &Short) -> Result<Read, Failure> {
        let key = key(link)?;
        let address = match link.version {
            Some(version) => format!("{}/versions/{version}", self.share(&link.id)),
            None => self.share(&link.id),
        };
        let response = self.send(self.client.get(address))?;
        if !response.status().is_success() {
            return Err(refused(response));
        }
        let odd = || Failure::input("server", "does not answer as Headroom does", "check the link's address");
        let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
        let version = number("headroom-version").ok_or_else(odd)?;
        if link.version.is_some_and(|asked| u64::from(asked) != version) {
            return Err(odd());
        }
        let expires = number("headroom-expires").ok_or_else(odd)?;
        let about = About { id: link.id.clone(), version, expires: number("headroom-sealed-expires") };
        let sealed = body(response)?;
        let unsealed = open(&sealed, &about, &key)
            .map_err(|problem| Failure::Input(vec![Problem { path: "LINK".into(), ..problem }]))?;
        Ok(Read { unsealed, version, expires })
    }

    /// Stores a new share.
    pub(crate) fn create(&self, scenario: &Scenario, view: &View, cover: &Cover, days: u32) -> Result<Made, Failure> {
        let link = Short {
            id: URL_SAFE_NO_PAD.encode(random::<16>()?),
            key: Key::new(random::<KEY_BYTES>()?).to_text(),
            edit: Some(URL_SAFE_NO_PAD.encode(random::<16>()?)),
            version: None,
            present: false,
        };
        let owner = URL_SAFE_NO_PAD.encode(random::<32>()?);
        // A minute less, in case the server's clock is a little behind.
        let expires = now() + u64::from(days) * 86_400 - 60;
        let about = About { id: link.id.clone(), version: 1, expires: Some(expires) };
        let sealed = seal(scenario, view, cover, &about, &key(&link)?, random::<NONCE_BYTES>()?)
            .map_err(|p| Failure::Input(vec![p]))?;
        let request = self.put(&link, &owner, sealed, expires).header("if-none-match", "*");
        let request = request.header("headroom-edit-token", link.edit.as_deref().unwrap_or_default());
        let response = self.send(request)?;
        if response.status().is_success() { Ok(Made { link, owner, expires }) } else { Err(refused(response)) }
    }

    /// Adds version `next`; false when somebody else was faster.
    pub(crate) fn append(
        &self,
        link: &Short,
        scenario: &Scenario,
        view: &View,
        cover: &Cover,
        next: u64,
        expires: u64,
    ) -> Result<bool, Failure> {
        let about = About { id: link.id.clone(), version: next, expires: Some(expires) };
        let sealed = seal(scenario, view, cover, &about, &key(link)?, random::<NONCE_BYTES>()?)
            .map_err(|p| Failure::Input(vec![p]))?;
        let token = link.edit.as_deref().unwrap_or_default();
        let after = format!("\"{}\"", next - 1);
        let response = self.send(self.put(link, token, sealed, expires).header("if-match", after))?;
        match response.status() {
            status if status.is_success() => Ok(true),
            StatusCode::PRECONDITION_FAILED => Ok(false),
            _ => Err(refused(response)),
        }
    }

    fn put(&self, link: &Short, token: &str, sealed: Vec<u8>, expires: u64) -> RequestBuilder {
        let request = self.client.put(self.share(&link.id)).bearer_auth(token).body(sealed);
        request.header("content-type", "application/octet-stream").header("headroom-expires", expires)
    }

    fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().map_err(|cause| {
            let why = if cause.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            Failure::fault("server", why, "check the address and the network, and try again")
        })
    }
}

fn key(link: &Short) -> Result<Key, Failure> {
    Key::from_text(&link.key).map_err(|problem| Failure::Input(vec![Problem { path: "LINK".into(), ..problem }]))
}

fn body(response: Response) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = response.take(LARGEST).read_to_end(&mut bytes);
    read.map_err(|_| Failure::fault("server", "broke off its answer", "try again"))?;
    Ok(bytes)
}

/// The server's own words, which say what to do.
fn refused(response: Response) -> Failure {
    let status = response.status();
    let value: Value = body(response).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let code = value.get("code").and_then(Value::as_str).unwrap_or("no reason given");
    let text = format!("refused: {code} (status {})", status.as_u16());
    let remedy =
        value.get("detail").and_then(Value::as_str).unwrap_or("check that this is the address of a Headroom server");
    Failure::input("server", text, remedy)
}

/// Random bytes of the system.
fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let failed = |cause| Failure::fault("system", format!("gives no random numbers ({cause})"), "check the system");
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The current time as RFC 3339 writes it.
pub(crate) fn written_now() -> String {
    written(now())
}

fn written(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a date, by eras of 400 years that begin in March (Hinnant, "chrono-compatible low-level date algorithms").
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates as `date -u -d @SECONDS` of GNU coreutils writes them.
    #[test]
    fn times_are_written() {
        let rows = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in rows {
            assert_eq!(written(seconds), text);
        }
    }
}
