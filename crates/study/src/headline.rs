//! The answer in one sentence, as the command prints it. The page says the same in its own words, with labels and places to click
//! (`app/src/view_model/headline.rs`); a test over the gallery in `worker` holds the two together.

use crate::result::{Band, Headroom, ResultDoc};
use crate::silent::{Silent, silent};
use scenario::Scenario;
use serde::{Deserialize, Serialize};

/// The headline in its parts, so that the app can set them apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Headline {
    /// The multiple, such as `2.05×`; `more than 10×` when nothing breaks, `not known` when nothing could, `less than 0.10×` when
    /// nothing holds.
    pub multiple: String,
    /// Its band, such as `1.8× to 2.4×`; empty without one.
    pub band: String,
    /// The month it is reached; empty when unknown.
    pub date: String,
    /// What breaks there, in words.
    pub why: String,
    /// What the month costs there and today; empty without prices.
    pub spend: String,
    /// All of it as one sentence or two.
    pub sentence: String,
}

/// The headline of a result.
#[must_use]
pub fn headline(doc: &ResultDoc, scenario: &Scenario) -> Headline {
    let Some(found) = &doc.headroom else { return Headline::default() };
    let mut line = Headline { why: found.why.clone(), ..Headline::default() };
    line.band = found.band.map(band).unwrap_or_default();
    line.date = found.date.clone().unwrap_or_default();
    line.spend = spend(doc, scenario, found.multiple);
    let Some(multiple) = found.multiple else {
        let most = times(found.at_least.unwrap_or(1.0));
        (line.multiple, line.sentence) = if found.no_load {
            let text = "How far you can grow is not known: no load comes in. Say in `traffic` which requests or users there are, and how many.";
            ("not known".to_owned(), text.to_owned())
        } else if found.no_limit {
            let text = "How far you can grow is not known: nothing in the model has a limit. Measure at higher load, or say how many slots, cores or connections there are.";
            ("not known".to_owned(), text.to_owned())
        } else {
            let text = holds(doc, scenario, &most);
            (format!("more than {most}"), text)
        };
        let unsettled: Vec<String> = doc.points.iter().filter(|p| p.unsettled).map(|p| times(p.multiple)).collect();
        if !unsettled.is_empty() {
            let text = format!("At {} the solver did not settle: simulate before relying on it.", unsettled.join(", "));
            append(&mut line.sentence, &text);
        }
        append(&mut line.sentence, &doubtful(found, &most));
        append(&mut line.sentence, &below(doc));
        append(&mut line.sentence, collapse(doc));
        append(&mut line.sentence, &line.spend);
        return line;
    };
    if let Some(least) = found.at_most {
        line.multiple = format!("less than {}", times(least));
        line.sentence = format!("Today's load is already too much, and so is {} of it: {}.", times(least), line.why);
        append(&mut line.sentence, &line.spend);
        return line;
    }
    line.multiple = times(multiple);
    let mut sentence = if multiple < 1.0 {
        format!("Today's load is already too much: only {} of it holds", times(multiple))
    } else {
        format!("You can grow {}", times(multiple))
    };
    if !line.band.is_empty() {
        sentence = format!("{sentence} ({})", line.band);
    }
    if !line.date.is_empty() {
        sentence = format!("{sentence}, until about {}", line.date);
    }
    line.sentence = if multiple < 1.0 {
        format!("{sentence}; beyond it {}.", line.why)
    } else {
        format!("{sentence}, before {}.", line.why)
    };
    if multiple >= 1.0 {
        append(&mut line.sentence, &below(doc));
    }
    append(&mut line.sentence, collapse(doc));
    append(&mut line.sentence, &line.spend);
    line
}

/// Multiples below today's load at which something breaks although today's holds: less load can be worse (cold starts, caches with a
/// life span), and is no end of growth.
#[must_use]
pub fn fails_below(doc: &ResultDoc) -> Vec<f64> {
    let missed = doc.points.iter().filter(|point| point.multiple < 1.0 && !point.feasible && !point.unsettled);
    missed.map(|point| point.multiple).collect()
}

/// That less load than today's breaks it, where it does.
fn below(doc: &ResultDoc) -> String {
    let missed: Vec<String> = fails_below(doc).into_iter().map(times).collect();
    if missed.is_empty() {
        return String::new();
    }
    format!("With less load than today's it does not hold: at {}.", missed.join(", "))
}

/// That what holds as the figures stand up to `most` does not within their doubt.
fn doubtful(found: &Headroom, most: &str) -> String {
    let Some((share, band)) = found.breaks_in.zip(found.band) else { return String::new() };
    let share = format!("{:.0} %", 100.0 * share);
    format!(
        "Within the uncertainty of its figures something breaks up to {most} in {share} of the draws, and below {} in 5 %.",
        times(band[0])
    )
}

/// That nothing breaks up to `most`, and what is at its end there all the same.
fn holds(doc: &ResultDoc, scenario: &Scenario, most: &str) -> String {
    let from_today = !fails_below(doc).is_empty();
    let every = if from_today { "From today's load on every objective holds" } else { "Every objective holds" };
    match silent(doc, scenario) {
        Some(Silent::Full { component, resource, multiple, refuses }) => {
            let then = if refuses {
                "what comes beyond it is refused"
            } else {
                "more users get no more through, they only wait longer"
            };
            let from = times(multiple);
            format!("{every} up to {most}, but {component} {resource} is full from {from} on: {then}.")
        }
        Some(Silent::Failing { class, share, multiple }) => {
            let (share, from) = (format!("{:.0} %", 100.0 * share), times(multiple));
            format!("{every} up to {most}, but {share} of {class} fail at {from}, which no objective is about.")
        }
        None => {
            let from = if from_today { "from today's load on " } else { "" };
            format!("You can grow more than {most}: {from}nothing saturates and every objective holds up to there.")
        }
    }
}

/// What holds by its figures, and yet may not come back after a disturbance.
fn collapse(doc: &ResultDoc) -> &'static str {
    let collapses = doc.warnings.iter().any(|warning| warning.code == "metastable");
    if collapses { "Retries can hold it in collapse after a disturbance." } else { "" }
}

fn append(sentence: &mut String, more: &str) {
    if !more.is_empty() {
        sentence.push(' ');
        sentence.push_str(more);
    }
}

/// `2.05×`: three significant digits up to 10, then whole numbers. What is below 1 is not written as 1.
#[must_use]
pub fn times(multiple: f64) -> String {
    let text = if multiple < 0.995 {
        format!("{multiple:.2}")
    } else if multiple < 1.0 {
        "0.99".to_owned()
    } else if multiple < 9.995 {
        trimmed(&format!("{multiple:.2}"))
    } else if multiple < 99.95 {
        trimmed(&format!("{multiple:.1}"))
    } else {
        format!("{multiple:.0}")
    };
    format!("{text}×")
}

fn trimmed(text: &str) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn band(band: Band) -> String {
    format!("{} to {}", times(band[0]), times(band[1]))
}

/// The currency of a scenario that names none.
pub(crate) const CURRENCY: &str = "USD";

/// Money as people write it: no cents from 100 on, thousands apart. Without a currency it is US dollars, as the format says.
#[must_use]
pub fn money(amount: f64, currency: Option<&str>) -> String {
    in_currency(sign(amount, &bare(amount.abs()), ""), &bare(amount.abs()), currency.unwrap_or(CURRENCY))
}

/// An amount that comes on top, with its sign: `+$12.00`, `−€3.00`.
#[must_use]
pub fn added(amount: f64, currency: Option<&str>) -> String {
    let digits = bare(amount.abs());
    in_currency(sign(amount, &digits, "+"), &digits, currency.unwrap_or(CURRENCY))
}

/// An amount to the cent, as a bill has it; where nobody named a currency it has none.
#[must_use]
pub fn exact(amount: f64, currency: Option<&str>) -> String {
    let digits = cents(amount.abs());
    let sign = sign(amount, &digits, "");
    currency.map_or_else(|| format!("{sign}{digits}"), |code| in_currency(sign, &digits, code))
}

/// The sign of an amount; what rounds to nothing is not below it.
fn sign(amount: f64, digits: &str, above: &'static str) -> &'static str {
    if amount < 0.0 && digits.contains(|digit: char| ('1'..='9').contains(&digit)) { "−" } else { above }
}

fn in_currency(sign: &str, digits: &str, code: &str) -> String {
    match code {
        "USD" => format!("{sign}${digits}"),
        "EUR" => format!("{sign}€{digits}"),
        "GBP" => format!("{sign}£{digits}"),
        code => format!("{sign}{digits} {code}"),
    }
}

/// The currency of a scenario's amounts.
#[must_use]
pub fn currency(scenario: &Scenario) -> &str {
    scenario.currency.as_deref().unwrap_or(CURRENCY)
}

/// An amount of 0 or more without its currency.
fn bare(amount: f64) -> String {
    if amount < 100.0 { format!("{amount:.2}") } else { grouped(&format!("{:.0}", amount.round())) }
}

/// The same with its cents.
fn cents(amount: f64) -> String {
    let text = format!("{amount:.2}");
    text.split_once('.').map_or_else(String::new, |(whole, rest)| format!("{}.{rest}", grouped(whole)))
}

/// Whole digits with the thousands apart.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn spend(doc: &ResultDoc, scenario: &Scenario, headroom: Option<f64>) -> String {
    let currency = scenario.currency.as_deref();
    let Some(first) = doc.points.first() else { return String::new() };
    if !doc.is_priced() {
        return String::new();
    }
    // Today's month is paid whether it holds or not.
    if first.multiple > 1.0 && headroom.is_some_and(|h| first.multiple >= h) {
        return String::new();
    }
    // The dearest multiple that still holds says what the growth costs.
    let good = doc.points.iter().rev().find(|p| p.feasible && headroom.is_none_or(|h| p.multiple < h));
    let now = money(first.cost.monthly, currency);
    let Some(good) = good.filter(|good| good.multiple > first.multiple) else {
        return format!("It costs {now} a month at {}.", times(first.multiple));
    };
    let then = money(good.cost.monthly, currency);
    format!("It costs {now} a month at {}, {then} at {}.", times(first.multiple), times(good.multiple))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Bottleneck;

    fn scenario() -> Scenario {
        serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap()
    }

    #[test]
    fn sentences() {
        let with = |headroom: Headroom| {
            headline(&ResultDoc { headroom: Some(headroom), ..ResultDoc::default() }, &scenario()).sentence
        };
        let why = "the consumers of receipts are full".to_owned();
        let broken = Headroom { multiple: Some(2.05), why: why.clone(), ..Headroom::default() };
        assert_eq!(with(broken.clone()), "You can grow 2.05×, before the consumers of receipts are full.");
        let dated = Headroom { band: Some([1.8, 2.4]), date: Some("2027-08".into()), ..broken };
        assert_eq!(
            with(dated),
            "You can grow 2.05× (1.8× to 2.4×), until about 2027-08, before the consumers of receipts are full."
        );
        let beyond = Headroom { multiple: Some(0.6), why, ..Headroom::default() };
        assert!(with(beyond).starts_with("Today's load is already too much: only 0.60× of it holds"));
        let why = "a month costs more than 1300".to_owned();
        let never = Headroom { multiple: Some(0.1), at_most: Some(0.1), why, ..Headroom::default() };
        let said = "Today's load is already too much, and so is 0.10× of it: a month costs more than 1300.";
        assert_eq!(with(never), said);
        let none = Headroom { at_least: Some(10.0), ..Headroom::default() };
        assert!(with(none.clone()).starts_with("You can grow more than 10×"));
        // Users in a loop never overload what they fill.
        let point = |multiple: f64, utilization: f64| crate::result::Point {
            multiple,
            bottleneck: Some(Bottleneck { component: "api".into(), resource: "slots".into(), utilization }),
            ..Default::default()
        };
        let points = vec![point(1.0, 0.5), point(5.0, 0.999), point(10.0, 1.0)];
        let doc = ResultDoc { headroom: Some(none.clone()), points, ..ResultDoc::default() };
        let mut looped = scenario();
        looped.traffic[0].arrivals = scenario::v1::Arrivals::Closed { users: 5.0.into(), think_time_s: 1.0.into() };
        let full = "Every objective holds up to 10×, but api slots is full from";
        // A line that is 99.9 % busy refuses nobody.
        for (of, then) in
            [(looped, "5× on: more users get no more through"), (scenario(), "10× on: what comes beyond it is refused")]
        {
            let sentence = headline(&doc, &of).sentence;
            assert!(sentence.starts_with(&format!("{full} {then}")), "{sentence}");
        }
        // What refuses is never quite full.
        let class = crate::result::ClassPoint { error_ratio: 0.4, ..Default::default() };
        let failing = |multiple: f64, id: &str| crate::result::Point {
            classes: [(id.to_owned(), class.clone())].into(),
            ..point(multiple, 0.8)
        };
        let free = Scenario { slos: Vec::new(), ..scenario() };
        let mut judged = free.clone();
        judged.slos = serde_json::from_str(r#"[{"traffic": "browse", "max_error_ratio": 0.5}]"#).unwrap();
        for (of, id, said) in [
            (
                &free,
                "browse",
                "Every objective holds up to 10×, but 40 % of browse fail at 5×, which no objective is about.",
            ),
            (&judged, "browse", "You can grow more than 10×: nothing saturates"),
            (
                &judged,
                "buy",
                "Every objective holds up to 10×, but 40 % of buy fail at 5×, which no objective is about.",
            ),
        ] {
            let points = vec![point(1.0, 0.5), failing(5.0, id), failing(10.0, id)];
            let doc = ResultDoc { headroom: Some(none.clone()), points, ..ResultDoc::default() };
            let sentence = headline(&doc, of).sentence;
            assert!(sentence.starts_with(said), "{sentence}");
        }
        let boundless = Headroom { no_limit: true, ..none.clone() };
        assert!(with(boundless).starts_with("How far you can grow is not known: nothing in the model has a limit."));
        let unsure =
            Headroom { breaks_in: Some(0.41), band: Some([4.6, 10.0]), at_least: Some(10.0), ..Headroom::default() };
        let said = "Within the uncertainty of its figures something breaks up to 10× in 41 % of the draws, and below 4.6× in 5 %.";
        assert!(with(unsure).ends_with(said));
        let idle = Headroom { no_limit: true, no_load: true, ..none };
        assert!(with(idle).starts_with("How far you can grow is not known: no load comes in."));
        let point = crate::result::Point { multiple: 2.0, unsettled: true, ..Default::default() };
        let none = Headroom { at_least: Some(10.0), ..Headroom::default() };
        let doc = ResultDoc { headroom: Some(none), points: vec![point], ..ResultDoc::default() };
        assert!(headline(&doc, &scenario()).sentence.contains("At 2× the solver did not settle"));
    }

    /// What breaks with less load than today's only is no end of growth, and is said; where today's does, that is the answer.
    #[test]
    fn less_load_may_be_worse() {
        let less = "With less load than today's it does not hold: at 0.10×, 0.20×.";
        let rows = [
            (
                None,
                0.5,
                format!(
                    "You can grow more than 5×: from today's load on nothing saturates and every objective holds up to there. {less}"
                ),
            ),
            (
                None,
                1.0,
                format!(
                    "From today's load on every objective holds up to 5×, but api slots is full from 5× on: what comes beyond it is refused. {less}"
                ),
            ),
            (Some(2.0), 0.5, format!("You can grow 2×, before it is full. {less}")),
            (Some(0.5), 0.5, "Today's load is already too much: only 0.50× of it holds; beyond it it is full.".into()),
        ];
        for (multiple, utilization, want) in rows {
            let point = |multiple: f64, feasible: bool, utilization: f64| crate::result::Point {
                multiple,
                feasible,
                bottleneck: Some(Bottleneck { component: "api".into(), resource: "slots".into(), utilization }),
                ..Default::default()
            };
            let headroom = Headroom { multiple, at_least: Some(5.0), why: "it is full".into(), ..Headroom::default() };
            let points = vec![
                point(0.1, false, 0.0),
                point(0.2, false, 0.0),
                point(0.6, true, 0.1),
                point(1.0, true, 0.1),
                point(5.0, true, utilization),
            ];
            let doc = ResultDoc { headroom: Some(headroom), points, ..ResultDoc::default() };
            assert_eq!(headline(&doc, &scenario()).sentence, want);
        }
    }

    /// Months at each multiple, the headroom, and what is said of the money: no month is quoted that does not hold.
    #[test]
    fn spend_of_what_holds() {
        // The last row's headroom lies just above a point that does not hold.
        for (months, headroom, want) in [
            (&[(1.0, 840.0), (5.0, 900.0), (10.0, 990.0)][..], Some(7.0), "It costs $840 a month at 1×, $900 at 5×."),
            (&[(1.0, 840.0), (10.0, 990.0)], Some(10.0), "It costs $840 a month at 1×."),
            (&[(1.0, 336.0), (10.0, 336.0)], Some(0.5), "It costs $336 a month at 1×."),
            (&[(1.0, 840.0), (10.0, 990.0)], None, "It costs $840 a month at 1×, $990 at 10×."),
            (&[(1.0, 0.0)], Some(0.5), ""),
            (&[(60.0, 840.0)], Some(25.3), ""),
            (&[(3.0, 840.0)], Some(25.3), "It costs $840 a month at 3×."),
            (&[(1.0, 840.0), (2.0, 900.0)], Some(2.000_000_2), "It costs $840 a month at 1×."),
        ] {
            let point = |&(multiple, monthly): &(f64, f64)| crate::result::Point {
                multiple,
                feasible: headroom.is_none_or(|headroom| headroom - multiple > 1e-6),
                cost: crate::result::CostPoint { monthly, ..Default::default() },
                ..Default::default()
            };
            let doc = ResultDoc { points: months.iter().map(point).collect(), ..ResultDoc::default() };
            let unnamed = Scenario { currency: None, ..scenario() };
            assert_eq!(spend(&doc, &unnamed, headroom), want);
        }
    }

    #[test]
    fn figures() {
        for (value, want) in [
            (2.05, "2.05×"),
            (3.0, "3×"),
            (5.4321, "5.43×"),
            (10.04, "10×"),
            (12.34, "12.3×"),
            (250.4, "250×"),
            (0.5, "0.50×"),
            (0.997, "0.99×"),
            (1.0, "1×"),
        ] {
            assert_eq!(times(value), want);
        }
        for (value, code, want) in [
            (1234.5, Some("USD"), "$1,235"),
            (12.3, Some("EUR"), "€12.30"),
            (-1_234_567.0, Some("SEK"), "−1,234,567 SEK"),
            (-0.001, Some("EUR"), "€0.00"),
            (100.0, None, "$100"),
        ] {
            assert_eq!(money(value, code), want);
        }
        for (value, code, want) in [
            (1234.5, Some("EUR"), ["+€1,235", "€1,234.50"]),
            (-12.0, None, ["−$12.00", "−12.00"]),
            (-0.001, Some("CHF"), ["+0.00 CHF", "0.00 CHF"]),
        ] {
            assert_eq!([added(value, code), exact(value, code)], want);
        }
    }
}
