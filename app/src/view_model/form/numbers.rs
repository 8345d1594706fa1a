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

/// The digits of a whole number with a sign between its thousands: `1,000` and `12,000,000`, and neither `0,125` nor `1234,567`.
fn joined(whole: &str, gap: char) -> Option<String> {
    let is_place = |(place, sign): (usize, u8)| {
        if place % 4 == 3 { char::from(sign) == gap } else { sign.is_ascii_digit() }
    };
    let grouped = whole.len() > 4 && !whole.len().is_multiple_of(4) && !whole.starts_with('0');
    (grouped && whole.bytes().rev().enumerate().all(is_place)).then(|| whole.replace(gap, ""))
}

/// A number without sign and exponent, as Rust writes it.
fn plain(text: &str) -> Option<String> {
    let end = text.bytes().position(|sign| sign == b'.' || sign == b',').unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let text = if whole.contains(' ') { format!("{}{rest}", joined(whole, ' ')?) } else { text.to_owned() };
    if let Some(whole) = joined(&text, ',') {
        return Some(whole);
    }
    let mark = if text.contains('.') { '.' } else { ',' };
    let (whole, decimals) = text.split_once(mark).unwrap_or((&text, ""));
    let whole = if whole.contains(',') { joined(whole, ',')? } else { whole.to_owned() };
    let number = format!("{whole}.{decimals}");
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (digits > 0 && digits + 1 == number.len()).then_some(number)
}

/// The value of what was typed; a per cent sign after it is passed over.
///
/// # Errors
/// Why it is not read.
pub fn value(typed: &str) -> Result<f64, Unread> {
    // Signs between thousands that mean nothing else anywhere are spaces too.
    let simple = |sign: char| match sign {
        '_' | '\'' | '\u{2019}' | '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        '\u{2212}' => '-',
        sign => sign,
    };
    let text: String = typed.trim().trim_end_matches('%').trim_end().chars().map(simple).collect();
    let unsigned = text.strip_prefix('-').or_else(|| text.strip_prefix('+')).unwrap_or(&text).trim_start();
    let (size, power) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
    let known = size.bytes().all(|sign| sign.is_ascii_digit() || matches!(sign, b' ' | b'.' | b','));
    let refusal = if known && size.bytes().any(|sign| sign.is_ascii_digit()) { Unread::Form } else { Unread::NoNumber };
    let read: f64 = format!("{}{power}", plain(size).ok_or(refusal)?).parse().map_err(|_| Unread::NoNumber)?;
    if !read.is_finite() {
        return Err(Unread::NoNumber);
    }
    Ok(if text.starts_with('-') { -read } else { read })
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
