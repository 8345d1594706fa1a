//! Points in time: RFC 3339, plain local times, Unix times in any unit. All results are seconds since the Unix epoch in UTC.

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Days since the epoch of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
pub fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date (year, month, day) of a number of days since the epoch.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// RFC 3339 in UTC with milliseconds.
pub fn rfc3339(epoch_s: f64) -> Option<String> {
    if !epoch_s.is_finite() || !(-6e10..2.5e11).contains(&epoch_s) {
        return None;
    }
    let millis = (epoch_s * 1000.0).round() as i64;
    let (seconds, milli) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

/// A written date and time: `2026-11-21T20:45:21.18Z`, `2026/11/21 20:58:11.596`, `2026-11-21 20:53:52.8+00`; only the date is
/// enough. The second value tells whether the text gave a zone.
pub fn parse(text: &str) -> Option<(f64, bool)> {
    let bytes = text.trim().as_bytes();
    if let [d1, d2, b'.', m1, m2, b'.', y1, y2, y3, y4, rest @ ..] = bytes {
        // With points the day stands first, in every country that writes dates so.
        let mut turned = vec![*y1, *y2, *y3, *y4, b'-', *m1, *m2, b'-', *d1, *d2];
        turned.extend_from_slice(rest);
        return parse(std::str::from_utf8(&turned).ok()?);
    }
    let year = digits(bytes, 0, 4)?;
    let (month, day) = (digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    let separators = (bytes[4], bytes[7]);
    if !matches!(separators, (b'-', b'-') | (b'/', b'/')) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = (days_of(year, month, day) * DAY) as f64;
    if bytes.len() == 10 {
        return Some((date, false));
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let (hour, minute) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?);
    if bytes[13] != b':' || hour > 24 || minute > 59 {
        return None;
    }
    let (second, mut place) = match bytes.get(16) {
        Some(b':') => (digits(bytes, 17, 2)?, 19),
        _ => (0, 16),
    };
    let mut fraction = 0.0;
    if matches!(bytes.get(place), Some(b'.' | b',')) {
        let start = place + 1;
        place = start;
        let mut scale = 0.1;
        while let Some(digit) = bytes.get(place).filter(|byte| byte.is_ascii_digit()) {
            fraction += f64::from(digit - b'0') * scale;
            scale *= 0.1;
            place += 1;
        }
        if place == start {
            return None;
        }
    }
    let zone = zone_seconds(&bytes[place..])?;
    let clock = (hour * 3600 + minute * 60 + second - zone.unwrap_or(0)) as f64;
    Some((date + clock + fraction, zone.is_some()))
}

/// A Unix time by its magnitude: seconds, milliseconds, microseconds or nanoseconds.
pub fn from_unix(value: f64) -> f64 {
    match value.abs() {
        size if size < 1e11 => value,
        size if size < 1e14 => value / 1e3,
        size if size < 1e17 => value / 1e6,
        _ => value / 1e9,
    }
}

/// A point in time however it is written; the second value is false when the text is local time without a zone.
pub fn any(text: &str) -> Option<(f64, bool)> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Some((from_unix(number), true)),
        Ok(_) => None,
        Err(_) => parse(text),
    }
}

/// The number in `count` digits at `from`.
fn digits(bytes: &[u8], from: usize, count: usize) -> Option<i64> {
    let part = bytes.get(from..from + count)?;
    part.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Seconds east of UTC, `Some(None)` where the text says nothing.
fn zone_seconds(rest: &[u8]) -> Option<Option<i64>> {
    let rest = rest.trim_ascii();
    match rest {
        [] => Some(None),
        b"Z" | b"z" | b"UTC" => Some(Some(0)),
        [sign @ (b'+' | b'-'), ..] => {
            let hours = digits(rest, 1, 2)?;
            let minutes = match rest.get(3) {
                None => 0,
                Some(b':') => digits(rest, 4, 2)?,
                Some(_) => digits(rest, 3, 2)?,
            };
            let size = hours * 3600 + minutes * 60;
            Some(Some(if *sign == b'-' { -size } else { size }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_times() {
        for (text, seconds, zoned) in [
            ("1970-01-01", 0.0, false),
            ("2026-11-21T20:45:21.180529968Z", 1_795_293_921.180_53, true),
            ("2026/11/21 20:58:11.596", 1_795_294_691.596, false),
            ("2026-11-21 20:53:52.804907+00", 1_795_294_432.804_907, true),
            ("2018-04-03T16:32:58.895472681-07:00", 1_522_798_378.895_473, true),
            ("2018-04-03T16:32-0730", 1_522_800_120.0, true),
            ("1969-12-31T23:59:59Z", -1.0, true),
            ("21.11.2026 20:58:11", 1_795_294_691.0, false),
        ] {
            let (found, zone) = parse(text).unwrap();
            assert!((found - seconds).abs() < 2e-6 && zone == zoned, "{text}: {found} {zone}");
        }
        for wrong in
            ["", "2026", "2026-13-01", "2026-11-21T", "2026-11-21T20:45:21.", "21/11/2026 10:00", "2026-11-21T20:45x"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn written_and_back() {
        for seconds in [0.0, 951_782_400.0, 1_795_293_921.181, -86_400.5, 4_102_444_799.0] {
            let text = rfc3339(seconds).unwrap();
            assert!((parse(&text).unwrap().0 - seconds).abs() < 1e-3, "{text}");
        }
        assert_eq!(rfc3339(f64::NAN), None);
    }

    #[test]
    fn unix_times_of_any_unit() {
        for value in [1_795_293_921.0, 1_795_293_921_000.0, 1_795_293_921e6, 1_795_293_921e9] {
            assert!((from_unix(value) - 1_795_293_921.0).abs() < 1e-3);
        }
    }
}
