//! Two to four scenarios side by side: what differs in them, and in what they answer.

mod numbers;

use crate::check::objective;
use crate::headline::{currency, money, times};
use crate::result::ResultDoc;
use crate::solve::{over_one_range, own_multiples};
use crate::spend::is_priced;
use crate::text::{short, table};
use numbers::{Number, Places};
use scenario::quantities::list;
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Share of a class's requests that fail, from which on it is compared: what refuses looks fast.
const NOTABLE: f64 = 0.01;

/// What is compared, and its value in each scenario.
type Row = (String, Vec<Option<f64>>);

/// Scenarios side by side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Comparison {
    /// Names, in the order given.
    pub names: Vec<String>,
    /// Currency of the amounts of each; of different ones amounts are not compared, but all shown as different.
    #[serde(default)]
    pub currencies: Vec<String>,
    /// Quantities that differ: address, and the value in each, where none is written the one that holds then (absent where a
    /// scenario has none).
    pub inputs: Vec<Row>,
    /// Of each what else is not as in the first, in words: objectives, calls, profiles, tiers, parts that one of them lacks.
    #[serde(default)]
    pub others: Vec<Vec<String>>,
    /// Answers, in the order given.
    pub results: Vec<ResultDoc>,
    /// Figures that differ at each multiple, the largest relative difference first: (what, values).
    pub figures: Vec<Row>,
}

/// Compares scenarios at the given multiples (empty: those of the first).
///
/// # Errors
/// All problems of all scenarios, with the name of each before the path.
pub fn compare(scenarios: &[Scenario], multiples: &[f64]) -> Result<Comparison, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut results = Vec::new();
    let own = scenarios.first().map_or(&[][..], own_multiples);
    let multiples = if multiples.is_empty() { own.to_vec() } else { multiples.to_vec() };
    for scenario in over_one_range(&scenarios.iter().collect::<Vec<_>>()) {
        match crate::solve(&scenario, &multiples) {
            Ok(doc) => results.push(doc),
            Err(found) => problems
                .extend(found.into_iter().map(|p| Problem { path: format!("{}: {}", scenario.name, p.path), ..p })),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let currencies: Vec<String> = scenarios.iter().map(|s| currency(s).to_owned()).collect();
    Ok(Comparison {
        names: scenarios.iter().map(|s| s.name.clone()).collect(),
        inputs: inputs(scenarios),
        others: scenarios.iter().map(|one| others(&scenarios[0], one)).collect(),
        figures: figures(scenarios, &results, several(&currencies)),
        currencies,
        results,
    })
}

/// Whether amounts are of more than one currency.
fn several(currencies: &[String]) -> bool {
    currencies.iter().any(|one| Some(one) != currencies.first())
}

/// Whether amounts of several currencies, of which any is above nothing, stand in a row.
fn is_apart(values: &[Option<f64>], several: bool, money: bool) -> bool {
    several && money && values.iter().flatten().any(|value| *value != 0.0)
}

/// Largest relative difference between values; infinite where some are absent.
fn spread(values: &[Option<f64>]) -> f64 {
    if values.iter().any(Option::is_none) {
        return if values.iter().all(Option::is_none) { 0.0 } else { f64::INFINITY };
    }
    let low = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    (high - low) / high.abs().max(low.abs()).max(1e-300)
}

fn inputs(scenarios: &[Scenario]) -> Vec<Row> {
    let mut all: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        for located in list(scenario) {
            all.entry(located.path_by_id).or_insert_with(|| vec![None; scenarios.len()])[index] =
                Some(located.quantity.value);
        }
    }
    let places: Vec<Places> = scenarios.iter().map(Places::of).collect();
    for (path, values) in all.iter_mut().filter(|(_, values)| values.contains(&None)) {
        for (value, places) in values.iter_mut().zip(&places).filter(|(value, _)| value.is_none()) {
            *value = places.left_out(path);
        }
    }
    let currencies: Vec<String> = scenarios.iter().map(|s| currency(s).to_owned()).collect();
    let several = several(&currencies);
    let apart = |path: &str, values: &[Option<f64>]| several && is_apart(values, several, is_money(path));
    all.into_iter().filter(|(path, values)| spread(values) > 1e-9 || apart(path, values)).collect()
}

/// What is not as in the first scenario, in words, beside the quantities, which stand in rows of their own, and what affects no answer.
fn others(first: &Scenario, other: &Scenario) -> Vec<String> {
    let objectives = |scenario: &Scenario| scenario.slos.iter().map(|slo| objective(slo, scenario)).collect::<Vec<_>>();
    let (before, now) = (objectives(first), objectives(other));
    let gone = before.iter().filter(|words| !now.contains(words)).map(|words| format!("{words}: removed"));
    let new = now.iter().filter(|words| !before.contains(words)).map(|words| format!("{words}: added"));
    let tells = |path: &str| {
        let top = path.split(['.', '[']).next().unwrap_or(path);
        // `components.label` is a component of that name; a label stands a step further down.
        let is_label = path.ends_with(".label") && path.matches('.').count() > 1;
        let elsewhere =
            matches!(top, "slos" | "name" | "notes" | "currency" | "imports" | "map" | "fit" | "price_book");
        !elsewhere && !is_label && path != "growth.multiples" && !Number::at(path).is_some_and(Number::is_quantity)
    };
    let rest = scenario::compare::compare(first, other).into_iter().filter(|change| tells(&change.path));
    gone.chain(new).chain(rest.map(|change| change.text)).collect()
}

/// Whether the number at a path is an amount.
fn is_money(path: &str) -> bool {
    Number::at(path).is_some_and(Number::is_money)
}

fn figures(scenarios: &[Scenario], results: &[ResultDoc], several: bool) -> Vec<Row> {
    let mut all: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let mut put = |what: String, index: usize, value: Option<f64>| {
        all.entry(what).or_insert_with(|| vec![None; results.len()])[index] = value;
    };
    for (index, (doc, scenario)) in results.iter().zip(scenarios).enumerate() {
        // What has no price is not free.
        let priced = is_priced(scenario);
        put("headroom".into(), index, doc.headroom.as_ref().and_then(|h| h.multiple));
        for point in &doc.points {
            let at = times(point.multiple);
            put(format!("a month at {at}"), index, priced.then_some(point.cost.monthly));
            for (id, class) in &point.classes {
                let p95 = class.latency_ms.as_ref().and_then(|l| l.get("p95")).copied();
                put(format!("{id} p95 ms at {at}"), index, p95);
                put(format!("{id}{FAILING}{at}"), index, Some(class.error_ratio));
            }
        }
    }
    all.retain(|what, values| !is_share(what) || values.iter().flatten().any(|share| *share >= NOTABLE));
    let gap = |(what, values): &Row| {
        if is_apart(values, several, is_month(what)) { f64::INFINITY } else { spread(values) }
    };
    let mut rows: Vec<_> = all.into_iter().filter(|row| gap(row) > 1e-9).collect();
    // Of equal ones the smaller multiple first: as text, ten stands before two.
    let place = |what: &str| {
        let (what, at) = what.rsplit_once(" at ").unwrap_or((what, ""));
        (what.to_owned(), at.trim_matches('×').parse().unwrap_or(0.0_f64))
    };
    rows.sort_by(|a, b| {
        let (x, y) = (place(&a.0), place(&b.0));
        gap(b).total_cmp(&gap(a)).then(x.0.cmp(&y.0)).then(x.1.total_cmp(&y.1))
    });
    rows
}

/// Between a class and a multiple in the name of its error share.
const FAILING: &str = " error share at ";

/// Whether a figure is the share of a class's requests that fail.
fn is_share(what: &str) -> bool {
    what.contains(FAILING)
}

/// Whether a figure is what a month costs.
fn is_month(what: &str) -> bool {
    what.starts_with("a month")
}

/// Puts the file beside the name of each scenario that another has too, or that is empty, so that problems and columns are of one of
/// them; `files` in the order of the scenarios.
pub fn tell_apart(scenarios: &mut [Scenario], files: &[String]) {
    let names: Vec<String> = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
    let alike = |name: &str| name.is_empty() || names.iter().filter(|other| *other == name).count() > 1;
    for (scenario, file) in scenarios.iter_mut().zip(files).filter(|(scenario, _)| alike(&scenario.name)) {
        scenario.name = if scenario.name.is_empty() { file.clone() } else { format!("{} ({file})", scenario.name) };
    }
}

impl Comparison {
    /// For people: differences first.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let several = several(&self.currencies);
        if several {
            let named: Vec<String> =
                self.names.iter().zip(&self.currencies).map(|(name, code)| format!("{name} in {code}")).collect();
            let _ = writeln!(out, "Amounts are not compared: {}. Nothing is converted.\n", named.join(", "));
        }
        let code = |index: usize| self.currencies.get(index).map(String::as_str);
        let figure = |what: &str, index: usize, value: f64| match what {
            _ if is_month(what) => money(value, code(index)),
            _ if is_share(what) => format!("{} %", short(100.0 * value)),
            _ => short(value),
        };
        let input = |path: &str, index: usize, value: f64| match Number::at(path) {
            Some(number) if several && number.is_money() => {
                format!("{} {}", number.words(value), code(index).unwrap_or_default())
            }
            number => number.map_or_else(|| short(value), |number| number.words(value)),
        };
        self.side_by_side("Answers that differ", &self.figures, &figure, &mut out);
        let alike = self.others.iter().all(Vec::is_empty);
        if alike || !self.inputs.is_empty() {
            self.side_by_side("Numbers that differ", &self.inputs, &input, &mut out);
        }
        if !alike {
            let _ = writeln!(out, "What else is not as in {}", self.names.first().map_or("", String::as_str));
            for (name, words) in self.names.iter().zip(&self.others) {
                words.iter().for_each(|words| _ = writeln!(out, "{name}: {words}"));
            }
        }
        out
    }

    /// One table: a value is told by its row, the scenario's place and itself.
    fn side_by_side(&self, title: &str, rows: &[Row], words: &dyn Fn(&str, usize, f64) -> String, out: &mut String) {
        if rows.is_empty() {
            let _ = writeln!(out, "{title}: none\n");
            return;
        }
        let header: Vec<String> = std::iter::once(title.to_owned()).chain(self.names.iter().cloned()).collect();
        let mut lines = vec![header];
        for (what, values) in rows {
            let cell = |(index, value): (usize, &Option<f64>)| {
                value.map_or_else(|| "-".to_owned(), |value| words(what, index, value))
            };
            lines.push(std::iter::once(what.clone()).chain(values.iter().enumerate().map(cell)).collect());
        }
        let _ = writeln!(out, "{}", table(&lines));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_differences_are_shown() {
        let shop: Scenario =
            serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
        let same = compare(&[shop.clone(), shop.clone()], &[]).unwrap();
        assert!(same.inputs.is_empty() && same.figures.is_empty());
        let mut named = ["Shop", "Shop", "", "Other"].map(|name| Scenario { name: name.into(), ..shop.clone() });
        tell_apart(&mut named, &["a.json", "b/a.json", "c.json", "d.json"].map(str::to_owned));
        assert_eq!(named.map(|one| one.name), ["Shop (a.json)", "Shop (b/a.json)", "c.json", "Other"]);
        let mut other = shop.clone();
        other.name = "Bigger pool".into();
        other.components[0].pools.insert("pg".into(), 8.0.into());
        let found = compare(&[shop, other], &[1.0, 20.0]).unwrap();
        assert_eq!(found.inputs, [("components.app.pools.pg".to_owned(), vec![Some(4.0), Some(8.0)])]);
        assert!(found.figures.iter().any(|(what, _)| what == "browse p95 ms at 20×"), "{:?}", found.figures);
        assert!(found.text().contains("Bigger pool"));
        // What only one of them has differs most, in the order of its multiples.
        let mut larger: Scenario =
            serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
        let shop = larger.clone();
        let mut more = larger.traffic[0].clone();
        more.id = "more".into();
        larger.traffic.push(more);
        let found = compare(&[shop, larger], &[2.0, 3.0, 10.0]).unwrap();
        let names: Vec<&str> = found.figures.iter().map(|(what, _)| what.as_str()).take(3).collect();
        assert_eq!(names, ["more p95 ms at 2×", "more p95 ms at 3×", "more p95 ms at 10×"]);
    }

    /// What is changed, and how it is said; numbers of quantities, names and what affects no answer are not said again.
    #[test]
    fn what_is_no_quantity_is_told_in_words() {
        let one = r#"{"format":"headroom/1","name":"A","traffic":[{"id":"web","entry":"api","arrivals":{"open":{"rate":80}}}],
            "components":[{"id":"api","kind":"service","concurrency":10,"service":{"mean_ms":100},"calls":[{"to":"db"}],
                "price":{"fixed_monthly":1,"tiers":[{"up_to":5,"price":2},{"price":1}]}},
            {"id":"db","kind":"database","cores":4,"service":{"mean_ms":20}}],
            "slos":[{"traffic":"web","percentile":95,"latency_ms":500}],"growth":{"multiples":[1,2]}}"#;
        let rows: [(&str, &str, &[&str]); 6] = [
            ("\"name\":\"A\"", "\"name\":\"B\"", &[]),
            ("[1,2]", "[1,2,3]", &[]),
            ("\"cores\":4", "\"cores\":8", &[]),
            ("500", "330", &["web p95 at most 500 ms: removed", "web p95 at most 330 ms: added"]),
            ("\"to\":\"db\"", "\"to\":\"db\",\"mode\":\"async\"", &["mode"]),
            ("\"up_to\":5", "\"up_to\":6", &["6"]),
        ];
        for (from, to, wanted) in rows {
            let read = |text: &str| serde_json::from_str::<Scenario>(text).unwrap();
            let found = compare(&[read(one), read(&one.replace(from, to))], &[1.0]).unwrap();
            assert_eq!((found.others[0].len(), found.others[1].len()), (0, wanted.len()), "{to}: {:?}", found.others);
            let text = found.text();
            for words in wanted {
                assert!(text.to_lowercase().contains(&words.to_lowercase()), "{to}: {text}");
            }
            assert_eq!(
                text.contains("Numbers that differ: none"),
                wanted.is_empty() && found.inputs.is_empty(),
                "{text}"
            );
        }
    }

    /// An API over a database that refuses what does not fit into its connections.
    fn refusing(connections: u32) -> Scenario {
        let text = format!(
            r#"{{"format":"headroom/1","name":"{connections}","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":100}}}}}}],
            "components":[{{"id":"api","kind":"service","service":{{"mean_ms":1}},"concurrency":20,"calls":[{{"to":"db"}}]}},
            {{"id":"db","kind":"database","service":{{"mean_ms":20}},"cores":4,"max_connections":{connections}}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    /// Connections of two, multiples, and whether the error share is compared there.
    #[test]
    fn what_refuses_is_not_only_the_faster_one() {
        for (one, other, multiple, said) in [(3, 40, 2.0, true), (3, 3, 2.0, false), (40, 41, 0.1, false)] {
            let found = compare(&[refusing(one), refusing(other)], &[multiple]).unwrap();
            let row = found.figures.iter().find(|(what, _)| what.starts_with("web error share at "));
            assert_eq!(row.is_some(), said, "{one} {other} {multiple}: {:?}", found.figures);
            if let Some((_, values)) = row {
                assert!(values[0] > Some(0.01) && values[0] > values[1], "{values:?}");
                let line = found.text().lines().find(|line| line.starts_with("web error share")).map(str::to_owned);
                assert!(line.is_some_and(|line| line.contains(" %")), "{}", found.text());
            }
        }
    }

    /// What the second costs a month, and how a month of both reads: what has no price is not free, what is free so far is.
    #[test]
    fn what_has_no_price_is_not_shown_as_nothing() {
        for (price, wanted) in [
            (None, "a month at 1×                      $840  -"),
            (
                Some(r#"{"tiers":[{"up_to":1e9,"price":0},{"price":1}]}"#),
                "a month at 1×                      $840  $0.00",
            ),
        ] {
            let mut other = database(None, None);
            other.name = "other".to_owned();
            other.components[0].price = price.map(|price| serde_json::from_str(price).unwrap());
            let text = compare(&[database(None, None), other], &[1.0]).unwrap().text();
            let line = text.lines().find(|line| line.starts_with("a month")).unwrap_or_default();
            assert_eq!(
                line.split_whitespace().collect::<Vec<_>>(),
                wanted.split_whitespace().collect::<Vec<_>>(),
                "{text}"
            );
        }
    }

    /// One database at 840 a month and what it says of shards, in a currency.
    fn database(currency: Option<&str>, shards: Option<f64>) -> Scenario {
        let text = r#"{"format":"headroom/1","traffic":[{"id":"web","entry":"db","arrivals":{"open":{"rate":10}}}],
            "components":[{"id":"db","kind":"database","cores":4,"service":{"mean_ms":10},"price":{"fixed_monthly":840}}]}"#;
        let mut scenario: Scenario = serde_json::from_str(text).unwrap();
        scenario.name = currency.unwrap_or("none").to_owned();
        scenario.currency = currency.map(str::to_owned);
        scenario.components[0].shards = shards.map(Into::into);
        scenario
    }

    /// Two scenarios, and lines of the text.
    #[test]
    fn amounts_stay_in_their_currency_and_what_is_left_out_has_its_default() {
        let none = ["Answers that differ: none", "Numbers that differ: none"];
        for (one, other, wanted) in [
            (database(None, None), database(Some("USD"), None), &none[..]),
            (database(None, None), database(None, Some(1.0)), &none),
            (database(None, None), database(None, Some(2.0)), &["components.db.shards  1     2"]),
            (
                database(Some("USD"), None),
                database(Some("EUR"), None),
                &[
                    "Amounts are not compared: USD in USD, EUR in EUR. Nothing is converted.",
                    "a month at 1×        $840  €840",
                    "components.db.price.fixed_monthly  840 USD  840 EUR",
                ],
            ),
        ] {
            let text = compare(&[one, other], &[1.0]).unwrap().text();
            for wanted in wanted {
                assert!(text.lines().any(|line| line == *wanted), "{wanted} in\n{text}");
            }
        }
    }
}
