//! Numbers as people type them. A dot stands before the decimals, and so does a comma that cannot stand between thousands;
//! commas, spaces and the like stand between thousands. What could be meant otherwise is not read at all.

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// There are digits, with signs between them that say nothing for sure.
    Form,
    /// It is something else.
    NoNumber,
}

/// Digits only, and at least one.
fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit())
}

/// Signs between thousands that mean nothing else anywhere.
fn is_gap(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '_' | '\'' | '\u{2019}')
}

/// The digits of a whole number with separators between its thousands: `1,000` and `12,000,000`, and neither `0,125` nor `1234,567`.
fn joined(whole: &str, separator: impl Fn(char) -> bool) -> Option<String> {
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let is_first = is_digits(first) && first.len() <= 3 && !first.starts_with('0');
    let rest: Vec<&str> = groups.collect();
    let all = is_first && !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && is_digits(group));
    all.then(|| format!("{first}{}", rest.concat()))
}

/// A number without sign and exponent, as Rust writes it.
fn plain(text: &str) -> Option<String> {
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let gaps = whole.contains(is_gap);
    let whole = if gaps { joined(whole, is_gap)? } else { whole.to_owned() };
    let text = format!("{whole}{rest}");
    if let Some(thousands) = joined(&text, |sign| sign == ',') {
        // `12 000,500` has its thousands elsewhere, and never comes here: its first group is too long.
        return Some(thousands);
    }
    let (whole, decimals) = text.split_once('.').or_else(|| text.split_once(',')).unwrap_or((&text, ""));
    let whole = if whole.contains(',') { joined(whole, |sign| sign == ',')? } else { whole.to_owned() };
    let one_of_both = is_digits(&whole) && (decimals.is_empty() || is_digits(decimals));
    (one_of_both || whole.is_empty() && is_digits(decimals)).then(|| format!("{whole}.{decimals}"))
}

/// The value of what was typed; a per cent sign after it is passed over.
///
/// # Errors
/// Why it is not read.
pub fn value(typed: &str) -> Result<f64, Unread> {
    let text = typed.trim().trim_end_matches('%').trim_end();
    let (negative, size) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(size) => (true, size),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (size, exponent) = size.split_once(['e', 'E']).unwrap_or((size, "0"));
    let known = |sign: char| sign.is_ascii_digit() || is_gap(sign) || matches!(sign, '.' | ',');
    let has_digits = size.contains(|sign: char| sign.is_ascii_digit()) && size.chars().all(known);
    let refusal = if has_digits { Unread::Form } else { Unread::NoNumber };
    let size = plain(size.trim()).ok_or(refusal)?;
    let power: i32 = exponent.parse().map_err(|_| Unread::NoNumber)?;
    let read = format!("{size}e{power}").parse().ok().filter(|read: &f64| read.is_finite());
    let read = read.ok_or(Unread::NoNumber)?;
    Ok(if negative { -read } else { read })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_one_way_or_not() {
        let rows = [
            ("1000", Ok(1000.0)),
            ("1,000", Ok(1000.0)),
            ("1,000.5", Ok(1000.5)),
            ("12,000,000", Ok(12_000_000.0)),
            ("1.5", Ok(1.5)),
            ("1,5", Ok(1.5)),
            ("0,125", Ok(0.125)),
            ("1234,567", Ok(1234.567)),
            ("1.000", Ok(1.0)),
            (".5", Ok(0.5)),
            ("5.", Ok(5.0)),
            ("1 000", Ok(1000.0)),
            ("1\u{202f}000\u{a0}000,5", Ok(1_000_000.5)),
            ("12 000,500", Ok(12000.5)),
            ("1'000", Ok(1000.0)),
            ("1_000", Ok(1000.0)),
            ("1e3", Ok(1000.0)),
            ("1,5E-3", Ok(0.0015)),
            ("+2", Ok(2.0)),
            ("-3", Ok(-3.0)),
            (" 12,5 % ", Ok(12.5)),
            ("1.000,5", Err(Unread::Form)),
            ("1.000.000", Err(Unread::Form)),
            ("1.000.000,5", Err(Unread::Form)),
            ("1,000,5", Err(Unread::Form)),
            ("1,00.5", Err(Unread::Form)),
            ("1,000.5,5", Err(Unread::Form)),
            ("1 5", Err(Unread::Form)),
            ("1 00", Err(Unread::Form)),
            ("0 125", Err(Unread::Form)),
            ("1.000 5", Err(Unread::Form)),
            ("many", Err(Unread::NoNumber)),
            ("5 ms", Err(Unread::NoNumber)),
            ("1e999", Err(Unread::NoNumber)),
            ("1e", Err(Unread::NoNumber)),
            ("inf", Err(Unread::NoNumber)),
            ("NaN", Err(Unread::NoNumber)),
            (".", Err(Unread::NoNumber)),
            ("--1", Err(Unread::NoNumber)),
            ("", Err(Unread::NoNumber)),
        ];
        for (typed, wanted) in rows {
            assert_eq!(value(typed), wanted, "{typed:?}");
        }
    }
}
