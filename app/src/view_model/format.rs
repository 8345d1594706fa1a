//! Figures rounded for people: `2.05×`, `110 ms`, `$4.2k`. Exact values belong on hover.

/// A growth multiple: two decimals below 3, one below 10, none above.
pub fn multiple(value: f64) -> String {
    let digits = if value < 3.0 { 2 } else { usize::from(value < 10.0) };
    let text = format!("{value:.digits$}");
    // What is below 1 does not hold today's load.
    if value < 1.0 && text == "1.00" {
        return "0.99×".to_owned();
    }
    // What is rounded up to the next step is written as that one is.
    if digits == 1 && text == "10.0" {
        return "10×".to_owned();
    }
    let text = if digits == 2 { text.strip_suffix('0').unwrap_or(&text) } else { &text };
    format!("{text}×")
}

/// A growth multiple as the slider and the axes say it: `×5`, `×2.4`.
pub fn times(value: f64) -> String {
    format!("×{}", trim(value, 1))
}

/// Milliseconds below which a time is none to anybody.
pub const LEAST_TIME: f64 = 0.000_1;

/// Milliseconds, in seconds from 1,000 on.
pub fn milliseconds(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{} s", significant(value / 1000.0, 2))
    } else if value >= 1000.0 {
        format!("{} s", significant(value / 1000.0, 3))
    } else if value >= 100.0 {
        format!("{value:.0} ms")
    } else if value > 0.0 && value < LEAST_TIME {
        "< 0.1 µs".to_owned()
    } else if value > 0.0 && value < 0.1 {
        format!("{} µs", significant(value * 1000.0, 2))
    } else {
        format!("{} ms", significant(value, 2))
    }
}

/// Money with its currency's sign: `$0.58`, `$412`, `$4.2k`, `$1.3M`.
pub fn money(value: f64, currency: &str) -> String {
    let sign = match currency {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        other => return format!("{} {other}", amount(value)),
    };
    with_minus(value, format!("{sign}{}", amount(value.abs())))
}

/// Money as a bill writes it, with so many decimals: `$1,198`, `−$60.74`, `430.50 CHF`. What is summed by a reader must add up.
pub fn money_in_full(value: f64, currency: &str, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, cents) = text.split_once('.').map_or((text.as_str(), String::new()), |(a, b)| (a, format!(".{b}")));
    let figure = format!("{}{cents}", count(whole.parse().unwrap_or(0.0)));
    let text = match currency {
        "USD" => format!("${figure}"),
        "EUR" => format!("€{figure}"),
        "GBP" => format!("£{figure}"),
        other => format!("{figure} {other}"),
    };
    with_minus(value, text)
}

/// A figure's size with the minus sign of its value; what is rounded to nothing has none.
fn with_minus(value: f64, size: String) -> String {
    if value < 0.0 && size.contains(|sign: char| ('1'..='9').contains(&sign)) { format!("−{size}") } else { size }
}

/// A figure without a unit: `0.58`, `412`, `4.2k`, `1.3M`.
pub fn amount(value: f64) -> String {
    let text = match value.abs() {
        size if size >= 999_500_000.0 => format!("{}B", significant(size / 1e9, 2)),
        size if size >= 999_500.0 => format!("{}M", significant(size / 1e6, 2)),
        size if size >= 999.5 => format!("{}k", significant(size / 1e3, 2)),
        size if size >= 100.0 => format!("{size:.0}"),
        0.0 => "0".into(),
        size if size >= 10.0 => trim(size, 1),
        size if size >= 0.01 => trim(size, 2),
        size => significant(size, 2),
    };
    with_minus(value, text)
}

/// A ratio in per cent: `79 %`, `0.05 %`.
pub fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    let text = match value.abs() {
        size if size >= 10.0 => format!("{size:.0}"),
        0.0 => "0".into(),
        size if size >= 0.1 => trim(size, 1),
        size => significant(size, 1),
    };
    with_minus(value, format!("{text} %"))
}

/// Requests a second.
pub fn rate(value: f64) -> String {
    format!("{}/s", amount(value))
}

/// A number with at most so many decimals and no trailing zeros.
pub fn trim(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with so many significant digits, never in exponent form.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = (digits - 1 - magnitude).clamp(0, 9);
    trim(value, decimals as usize)
}

/// A whole number with thousands separated: `812,345`.
pub fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    with_minus(value, text)
}

/// `2027-08` as `August 2027`.
pub fn month(text: &str) -> String {
    let parts = text.split_once('-').and_then(|(year, month)| Some((year, month.get(..2)?.parse::<usize>().ok()?)));
    match parts {
        Some((year, month @ 1..=12)) => format!("{} {year}", crate::text::MONTHS[month - 1]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_multiple_has_one_form() {
        for (value, wanted) in [(9.98, "10×"), (10.0, "10×"), (9.94, "9.9×"), (2.05, "2.05×"), (2.1, "2.1×")] {
            assert_eq!(multiple(value), wanted);
        }
    }

    #[test]
    fn money_on_a_bill() {
        let rows = [
            (1198.42, "USD", 0, "$1,198"),
            (-60.744, "EUR", 2, "−€60.74"),
            (430.5, "CHF", 2, "430.50 CHF"),
            (-0.001, "USD", 2, "$0.00"),
            (1_234_567.0, "GBP", 2, "£1,234,567.00"),
        ];
        for (value, currency, decimals, wanted) in rows {
            assert_eq!(money_in_full(value, currency, decimals), wanted);
        }
    }

    #[test]
    fn figures_for_people() {
        let rows = [
            (multiple(2.05), "2.05×"),
            (multiple(2.499), "2.5×"),
            (multiple(7.0), "7.0×"),
            (multiple(12.34), "12×"),
            (multiple(0.8), "0.8×"),
            (multiple(0.997), "0.99×"),
            (multiple(1.0), "1.0×"),
            (times(5.0), "×5"),
            (times(2.44), "×2.4"),
            (milliseconds(110.2), "110 ms"),
            (milliseconds(4.62), "4.6 ms"),
            (milliseconds(38.0), "38 ms"),
            (milliseconds(1234.0), "1.23 s"),
            (milliseconds(0.05), "50 µs"),
            (milliseconds(0.000_19), "0.19 µs"),
            (milliseconds(2e-8), "< 0.1 µs"),
            (milliseconds(0.0), "0 ms"),
            (money(4210.5, "USD"), "$4.2k"),
            (money(412.4, "USD"), "$412"),
            (money(0.584, "EUR"), "€0.58"),
            (money(999.7, "USD"), "$1k"),
            (money(12.0, "CHF"), "12 CHF"),
            (money(-640.0, "USD"), "−$640"),
            (amount(1_300_000.0), "1.3M"),
            (money(-640.0, "CHF"), "−640 CHF"),
            (money(-1e-12, "USD"), "$0"),
            (amount(24.0), "24"),
            (amount(-24.0), "−24"),
            (amount(-1_300_000.0), "−1.3M"),
            (amount(-1e-12), "0"),
            (percent(-0.794), "−79 %"),
            (percent(-0.005), "−0.5 %"),
            (percent(-1e-12), "0 %"),
            (count(-1234.0), "−1,234"),
            (count(-0.2), "0"),
            (percent(0.794), "79 %"),
            (percent(0.0005), "0.05 %"),
            (percent(0.0), "0 %"),
            (count(812_345.0), "812,345"),
            (count(12.0), "12"),
            (month("2027-08"), "August 2027"),
            (month("soon"), "soon"),
        ];
        for (got, wanted) in rows {
            assert_eq!(got, wanted);
        }
    }
}
