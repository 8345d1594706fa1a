//! Figures in report text: numbers, durations with units, labelled lines.

use serde::{Deserialize, Serialize};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl TimeUnit {
    /// Milliseconds in one of it.
    pub fn in_ms(self) -> f64 {
        match self {
            Self::Seconds => 1e3,
            Self::Milliseconds => 1.0,
            Self::Microseconds => 1e-3,
            Self::Nanoseconds => 1e-6,
        }
    }
}

/// The longest prefix that is UTF-8.
pub fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

/// A finite number that fills the text; thousands separators are not accepted.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number at the start of the text (sign, digits, point, exponent), whatever follows.
pub fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let mut end = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(end) {
        let exponent = matches!(byte, b'e' | b'E') && end > 0 && exponent_follows(&bytes[end + 1..]);
        let sign = matches!(byte, b'+' | b'-') && (end == 0 || matches!(bytes[end - 1], b'e' | b'E'));
        if !(byte.is_ascii_digit() || *byte == b'.' || sign || exponent) {
            break;
        }
        end += 1;
    }
    number(&text[..end])
}

fn exponent_follows(rest: &[u8]) -> bool {
    match rest {
        [b'+' | b'-', digit, ..] | [digit, ..] => digit.is_ascii_digit(),
        [] => false,
    }
}

/// A duration with its unit in milliseconds: `145.08ms`, `1m2.5s`, `412.00us`, `3 sec`, `1h`. Without a unit: nothing.
pub fn duration_ms(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = None;
    while let Some(value) = leading_number(rest) {
        rest = rest
            .trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+'))
            .trim_start();
        let length = rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(length);
        total = Some(total.unwrap_or(0.0) + value * unit_ms(unit)?);
        rest = after;
    }
    total
}

/// Milliseconds in a unit by its name.
pub fn unit_ms(name: &str) -> Option<f64> {
    Some(match name.to_ascii_lowercase().as_str() {
        "ns" => 1e-6,
        "us" | "µs" | "μs" => 1e-3,
        "ms" | "msec" | "msecs" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e3,
        "h" | "hour" | "hours" => 3.6e6,
        _ => return None,
    })
}

/// What follows the first occurrence of `label`, up to the end of that line.
pub fn after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let start = text.find(label)? + label.len();
    text[start..].lines().next().map(str::trim)
}

/// The number that follows `label`.
pub fn number_after(text: &str, label: &str) -> Option<f64> {
    after(text, label).and_then(leading_number)
}

/// The count that follows `label`.
pub fn count_after(text: &str, label: &str) -> Option<u64> {
    number_after(text, label).and_then(count)
}

/// A number as a count: whole, not negative, exact.
pub fn count(value: f64) -> Option<u64> {
    ((0.0..9e15).contains(&value) && value.fract() == 0.0).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("145.08ms", Some(145.08)),
            ("1m2.5s", Some(62_500.0)),
            ("412.00us", Some(0.412_000_000_000_000_03)),
            ("7.5µs", Some(0.0075)),
            ("3 secs", Some(3000.0)),
            ("1h0m0s", Some(3.6e6)),
            ("12", None),
            ("-nan", None),
            ("", None),
        ] {
            assert_eq!(duration_ms(text), expected, "{text}");
        }
    }

    #[test]
    fn labelled_numbers() {
        let text = "Requests/sec:   165.97\nTotal: 4 of 5\nRate: 1.5e3/s\n";
        assert_eq!(number_after(text, "Requests/sec:"), Some(165.97));
        assert_eq!(count_after(text, "Total:"), Some(4));
        assert_eq!(number_after(text, "Rate:"), Some(1500.0));
        assert_eq!(number_after(text, "Mean:"), None);
    }
}
