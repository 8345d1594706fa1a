//! Numbers as people read them; the exact ones are in the JSON.

/// Milliseconds with three significant digits, seconds from 10 s on.
pub(crate) fn milliseconds(value: f64) -> String {
    if value >= 9999.5 { format!("{} s", significant(value / 1000.0)) } else { format!("{} ms", significant(value)) }
}

/// A rate per second.
pub(crate) fn per_second(value: f64) -> String {
    format!("{}/s", significant(value))
}

/// A ratio in per cent.
pub(crate) fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    if value == 0.0 || value >= 9.95 {
        format!("{value:.0} %")
    } else if value >= 0.095 {
        format!("{value:.1} %")
    } else {
        format!("{} %", significant(value))
    }
}

/// Three significant digits, without an exponent and without digits that were not asked for.
pub(crate) fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    let decimals = (2.0 - magnitude).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A whole number with its thousands apart.
pub(crate) fn whole(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        let rows = [
            (milliseconds(110.4), "110 ms"),
            (milliseconds(1234.0), "1234 ms"),
            (milliseconds(12_340.0), "12.3 s"),
            (milliseconds(0.0456), "0.0456 ms"),
            (milliseconds(2.0), "2 ms"),
            (per_second(803.52), "804/s"),
            (percent(0.0), "0 %"),
            (percent(0.614), "61 %"),
            (percent(0.0123), "1.2 %"),
            (percent(0.0005), "0.05 %"),
            (percent(1.0), "100 %"),
            (significant(-0.5), "-0.5"),
            (whole(1_234_567), "1,234,567"),
            (whole(12), "12"),
        ];
        for (text, expected) in rows {
            assert_eq!(text, expected);
        }
    }
}
