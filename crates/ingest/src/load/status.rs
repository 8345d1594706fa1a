//! Whether a request failed, by the status that a tool writes of it.

/// Why a request failed, by whatever stands in a status column.
pub fn failure(status: &str) -> Option<&str> {
    let status = status.trim();
    if let Some(code) = code(status) {
        // 0 and 1 are used as false and true.
        return match code {
            0 => Some("failed"),
            code if code >= 400 => Some(status),
            _ => None,
        };
    }
    let word: String = status.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    FAILED.contains(&word.as_str()).then_some(status)
}

/// Words of a status that failed, without what stands between their letters: what tools write for one, and the codes of gRPC
/// (<https://grpc.io/docs/guides/status-codes/>).
const FAILED: [&str; 29] = [
    "false",
    "no",
    "ko",
    "nok",
    "fail",
    "failed",
    "failure",
    "error",
    "exception",
    "timeout",
    "timedout",
    "refused",
    "cancelled",
    "canceled",
    "unknown",
    "invalidargument",
    "deadlineexceeded",
    "notfound",
    "alreadyexists",
    "permissiondenied",
    "resourceexhausted",
    "failedprecondition",
    "aborted",
    "outofrange",
    "unimplemented",
    "internal",
    "unavailable",
    "dataloss",
    "unauthenticated",
];

/// The code of a status: `503`, `503.0` as tables with gaps have it, `503 Service Unavailable`, `5xx`.
fn code(status: &str) -> Option<u32> {
    let bytes = status.as_bytes();
    if let [first @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = bytes {
        return Some(100 * u32::from(first - b'0'));
    }
    let (number, rest) = status.split_at(bytes.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let ends = rest.is_empty() || rest.strip_prefix('.').is_some_and(|zeros| zeros.bytes().all(|zero| zero == b'0'));
    let explained = number.len() == 3 && rest.starts_with(' ');
    if ends || explained { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_by_its_status() {
        for status in [
            "500",
            "503.0",
            "500 Internal Server Error",
            "5xx",
            "404",
            "0",
            "Unavailable",
            "DEADLINE_EXCEEDED",
            "timed out",
            "FAILURE",
            "no",
        ] {
            assert!(failure(status).is_some(), "{status}");
        }
        for status in ["200", "200.0", "302 Found", "2xx", "1", "OK", "true", "", "yes", "12 items", "1.5"] {
            assert_eq!(failure(status), None, "{status}");
        }
    }
}
