//! HAProxy's HTTP log (`option httplog`), with or without the prefix that syslog puts before it.

use super::access_log::clf_time;
use super::raw::{self, LineFormat, State};
use crate::read::Reader;
use crate::read::text;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;
use crate::sense::warn;

/// The format.
pub const FORMAT: Format = Format {
    kind: "haproxy-log",
    title: "HAProxy: HTTP log (option httplog)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.6.12",
        used: "every request: time of acceptance, method, path, status, total time",
        traps: "the date is when the request came and has no zone: read as UTC unless said otherwise; times are whole milliseconds; the \
                total holds the queue and the server; -1 stands for what did not happen; TCP logs have no requests and are refused",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let mut lines = head.text().lines().filter(|line| !line.trim().is_empty()).take(3);
    Fit::from(lines.next().is_some_and(|first| entry(first).is_some()))
}

fn open(context: &Context) -> Box<dyn Reader> {
    let zone_s = f64::from(context.options.zone_minutes.unwrap_or(0)) * 60.0;
    let known = context.options.zone_minutes.is_some();
    let line = move |line: &[u8], state: &mut State| {
        let Some(entry) = entry(text::valid_prefix(line)) else { return false };
        if !known {
            state.tally("zone guessed", 1.0);
        }
        state.recorder.request(&Request {
            start_s: Some(entry.at_s - zone_s),
            method: entry.method,
            name: entry.path,
            latency_ms: entry.total_ms,
            failure: if entry.status.starts_with('-') { Some("aborted") } else { super::status::failure(entry.status) },
        });
        true
    };
    let format = LineFormat {
        model: None,
        line: Box::new(line),
        close: |found, tallies| {
            if tallies.contains_key("zone guessed") {
                warn::zone_guessed(found, "the accept date of HAProxy");
            }
        },
    };
    raw::lines(context, format)
}

struct Entry<'a> {
    at_s: f64,
    method: &'a str,
    path: &'a str,
    status: &'a str,
    total_ms: f64,
}

/// `client:port [date] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes - - ---- 4/4/3/3/0 0/0 {captured} "GET / HTTP/1.1"`.
fn entry(line: &str) -> Option<Entry<'_>> {
    let stamp_at =
        line.match_indices('[').map(|(place, _)| place + 1).find(|place| clf_time(&line[*place..]).is_some());
    let (stamp, rest) = line[stamp_at?..].split_once(']')?;
    let at_s = clf_time(stamp)?;
    let mut words = rest.split_ascii_whitespace();
    let (_frontend, server) = (words.next()?, words.next()?);
    let times: Vec<&str> = words.next()?.split('/').collect();
    let status = words.next()?;
    // `+` marks a total that was logged before the end.
    let total_ms = text::number(times.last()?.trim_start_matches('+'))?;
    let is_status = status == "-1" || (status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()));
    let request = rest.split_once('"')?.1.trim_end().trim_end_matches('"');
    let mut parts = request.split(' ');
    let (method, path) = (parts.next()?, parts.next().unwrap_or(""));
    (server.contains('/') && times.len() >= 5 && is_status && total_ms >= 0.0).then_some(Entry {
        at_s,
        method,
        path,
        status,
        total_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let line = r#"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#;
        let found = entry(line).unwrap();
        assert_eq!((found.at_s, found.total_ms, found.status), (1_233_922_454.655, 109.0, "200"));
        assert_eq!((found.method, found.path), ("GET", "/index.html"));
        for (line, status) in [
            (
                r#"1.1.1.1:1 [06/Feb/2009:12:14:14.655] web web/<NOSRV> -1/-1/-1/-1/7 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>""#,
                "400",
            ),
            (
                r#"1.1.1.1:1 [06/Feb/2009:12:14:14.655] web shop/a 0/0/1/-1/+20 -1 0 - - CD-- 1/1/0/0/0 0/0 "POST /x HTTP/1.1""#,
                "-1",
            ),
        ] {
            assert_eq!(entry(line).unwrap().status, status, "{line}");
        }
        // A TCP log has no request.
        assert!(entry("1.1.1.1:1 [06/Feb/2009:12:12:56.123] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0").is_none());
    }
}
