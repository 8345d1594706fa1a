//! Dates of the proleptic Gregorian calendar, without a clock.

/// Days since 1970-01-01 of a date written `YYYY-MM-DD`; `None` when it is none.
#[must_use]
pub fn days(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if bytes.len() != 10 || !digits {
        return None;
    }
    let (year, month, day): (i64, i64, i64) =
        (text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Days from civil, after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": years begin in March.
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn dates() {
        let rows = [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-03", Some(20_760)),
            ("1900-02-29", None),
            ("2026-13-01", None),
            ("2026-11-3", None),
            ("2026/11/03", None),
            ("２026-11-0", None),
        ];
        for (text, expected) in rows {
            assert_eq!(days(text), expected, "{text}");
        }
    }
}
