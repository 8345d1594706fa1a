//! Instants as RFC 3339 text and as seconds since the Unix epoch, without a clock (proleptic Gregorian, no leap seconds).

/// Seconds since the epoch of an RFC 3339 instant or a bare date (midnight UTC); `None` when it is neither.
#[must_use]
pub fn epoch_seconds(text: &str) -> Option<f64> {
    let (date, rest) = if text.len() > 10 { text.split_at_checked(10)? } else { (text, "") };
    let mut fields = date.split('-');
    let year: i64 = fields.next()?.parse().ok()?;
    let month: i64 = fields.next()?.parse().ok()?;
    let day: i64 = fields.next()?.parse().ok()?;
    if fields.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = days_from_civil(year, month, day) as f64 * 86_400.0;
    if rest.is_empty() {
        return Some(midnight);
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let seconds = clock_seconds(clock)?;
    let offset = match zone {
        "" | "Z" | "z" => 0.0,
        zone => clock_seconds(&zone[1..])? * if zone.starts_with('-') { -1.0 } else { 1.0 },
    };
    Some(midnight + seconds - offset)
}

fn clock_seconds(clock: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut unit = 3600.0;
    for field in clock.split(':') {
        seconds += decimal(field).filter(|v| *v >= 0.0 && *v <= 61.0)? * unit;
        unit /= 60.0;
    }
    Some(seconds)
}

/// Digits, of whose fraction the first nine count. The standard library's reader takes every kind of number, and brings its
/// tables for them into the wasm files.
fn decimal(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    let part = part.get(..9).unwrap_or(part);
    // Both are below 2^53, so that the quotient is the double next to the number.
    let unit = part.bytes().fold(1.0, |unit, _| unit * 10.0);
    Some(format!("{whole}{part}").parse::<u64>().ok()? as f64 / unit)
}

/// Days since 1970-01-01 (Hinnant, chrono-compatible low-level date algorithms).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

/// The date (`YYYY-MM-DD`, UTC) of an instant in seconds since the epoch.
#[must_use]
pub fn day_of(seconds: f64) -> String {
    let (year, month, day) = civil_from_days((seconds / 86_400.0).clamp(-719_162.0, 2_932_896.0).floor() as i64);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The month (`YYYY-MM`) that lies this many months (of 365.2425 / 12 days) after a date (`YYYY-MM-DD`); `None` for a date
/// that is none, or one beyond the year 9999.
#[must_use]
pub fn month_after(date: &str, months: f64) -> Option<String> {
    let start = epoch_seconds(date)? / 86_400.0;
    let days = start + months * 365.2425 / 12.0;
    if !days.is_finite() || days > 2_932_896.0 {
        return None;
    }
    let (year, month, _) = civil_from_days(days.floor() as i64);
    Some(format!("{year:04}-{month:02}"))
}

/// The month (`YYYY-MM`) so many calendar months after that of a date (`YYYY-MM-DD`); `None` for a date that is none, or a month
/// beyond the year 9999.
#[must_use]
pub fn calendar_month_after(date: &str, months: u32) -> Option<String> {
    let (year, month, _) = civil_from_days((epoch_seconds(date)? / 86_400.0).floor() as i64);
    let since = year * 12 + month - 1 + i64::from(months);
    let (year, month) = (since.div_euclid(12), since.rem_euclid(12) + 1);
    (year <= 9999).then(|| format!("{year:04}-{month:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        let rows = [
            ("1970-01-01", Some(0.0)),
            ("2026-11-21T22:35:58Z", Some(1_795_300_558.0)),
            ("2026-11-21T22:35:58.250+01:00", Some(1_795_296_958.25)),
            ("2000-02-29", Some(951_782_400.0)),
            ("1970-01-01T00:00:01.1234567891", Some(1.123_456_789)),
            ("1970-01-01T00:00:01.123456789abc", None),
            ("1970-01-01T00:00:01.123456789.5", None),
            ("2026-13-01", None),
            ("yesterday", None),
            ("2026-11-2é at noon", None),
            ("", None),
        ];
        for (text, want) in rows {
            assert_eq!(epoch_seconds(text), want, "{text}");
        }
    }

    #[test]
    fn months() {
        // The contract's example: 2.05 at 8 % a month is 9.3 months.
        assert_eq!(month_after("2026-11-21", 9.3).as_deref(), Some("2027-08"));
        assert_eq!(month_after("2026-01-31", 0.0).as_deref(), Some("2026-01"));
        assert_eq!(month_after("2026-11-21", 1e9), None);
        assert_eq!(month_after("soon", 1.0), None);
        assert_eq!((day_of(1_795_300_558.0).as_str(), day_of(-1.0).as_str()), ("2026-11-21", "1969-12-31"));
    }

    #[test]
    fn calendar_months() {
        // Counted in equal parts of a year, one of the first two months would be there twice, and February would be left out of
        // the third.
        let rows = [
            ("2026-11-01", 1, Some("2026-12")),
            ("2026-11-01", 2, Some("2027-01")),
            ("2026-11-01", 12, Some("2027-11")),
            ("2026-10-01", 1, Some("2026-11")),
            ("2026-10-01", 3, Some("2027-01")),
            ("2026-01-31", 0, Some("2026-01")),
            ("2026-01-31", 1, Some("2026-02")),
            ("2026-01-31", 2, Some("2026-03")),
            ("9999-12-01", 1, None),
            ("soon", 1, None),
        ];
        for (from, months, wanted) in rows {
            assert_eq!(calendar_month_after(from, months).as_deref(), wanted, "{months} after {from}");
        }
    }
}
