//! The month of every gallery scenario by hand, and that the parts add up.
#![allow(clippy::unwrap_used, clippy::expect_used)]

/// Hours of a month.
const H: f64 = 730.0;
/// Seconds of a month in millions: visits a second times this are millions of visits.
const M: f64 = 2.628;

/// A month at multiple 1: replicas x hours x price, visits x price, what is stored, what is fixed.
fn by_hand() -> Vec<(&'static str, f64)> {
    // Ads: 480 cache calls a second of 2 kB; a tenth missed, plus 120 events written and 2 x 3 reads of reports.
    let ads = 22.0
        + 3.0 * H * 0.0416
        + H * 0.068
        + (48.0 + 120.0 + 6.0) * M * 0.3
        + 60.0 * 0.25
        + 3.0 * H * 0.0208
        + 2.0 * H * 0.0416;
    let layers = 1550.0 * M * 0.75 + 4.0 * H * 0.0832 + H * 0.068 + H * 0.58;
    let django = 15.0 + 4.0 * H * 0.0832 + H * 0.034 + H * 0.29 + 80.0 * 0.115 + 40.0 + 5.0 * H * 0.0416;
    // 260 a second of 7 ms on one core at 70 %: 2.6 at the peak, so the least of 3 all day.
    let hpa = 25.0 + 3.0 * H * 0.05 + H * 0.068 + H * 0.58;
    // 2,000 a second of 1.5 ms on two cores at 60 %: 2.5, so the least of 4.
    let table = 4.0 * H * 0.0832 + 10_000.0 * H * 0.0004 + 200.0 * 0.25;
    let report = 3.0 * H * 0.0832 + H * 0.0208 + H * 0.29 + 150.0 * 0.1;
    let retry = 4.0 * H * 0.0832 + H * 0.34;
    vec![
        ("ad-server-far", ads + H * 0.276 + 0.96 * M * 1000.0 * 0.09),
        ("ad-server-near", ads + H * 0.09),
        ("cache-flush", layers),
        ("cache-flush-coalesced", layers),
        ("three-cache-layers", layers),
        ("django-big-pool", django),
        ("django-ip-hash", django),
        ("django-least-connections", django),
        ("django-round-robin", django),
        ("fittrack-monolith", H * 0.0416 + H * 0.146 + 20.0 * 0.115),
        (
            "fittrack-split",
            25.0 + 4.0 * H * 0.0208 + H * 0.034 + H * (0.073 + 0.146) + 25.0 * 0.115 + 40.0 + 6.0 * H * 0.136,
        ),
        (
            "growth-stages",
            15.0 + 3.0 * H * 0.1664
                + H * 0.068
                + 3.0 * H * 0.29
                + 40.0 * 0.115
                + 0.15 * M * (200.0 + 0.4)
                + 2.0 * H * 0.0416 * (0.3 + 0.7 * 0.35),
        ),
        ("hot-partition", table),
        ("hot-partition-cured", table),
        ("kubernetes-hpa-20", hpa),
        ("kubernetes-hpa-50", hpa),
        ("load-test", 2.0 * H * 0.0832 + H * 0.146),
        ("queue-dead-letters", 3.0 * H * 0.0832 + H * 0.29 + 60.0 * M * 0.4 + 10.0 * H * 0.0416 + 500.0 * 0.023 + 1.0),
        ("report-query", report),
        ("report-query-replica", report + H * 0.29),
        ("retry-budget", retry),
        ("retry-storm", retry),
        ("spot-workers", 2.0 * H * 0.0832 + 220.0 + 25.0 * H * 0.34 * (0.4 + 0.6 * 0.35)),
    ]
}

#[test]
fn the_gallery_by_hand() {
    let rows = by_hand();
    let mut wrong = Vec::new();
    for entry in scenario::gallery::entries() {
        let doc = study::solve(&entry.scenario().unwrap(), &[1.0]).unwrap();
        let got = doc.points[0].cost.monthly;
        let want = if entry.id == "rate-limit-and-breaker" {
            // A limiter and a breaker stand before it: of 48 searches a second a few are never made, and not billed.
            let served = doc.points[0].components["search"].visits_rps;
            assert!((47.0..48.0).contains(&served), "{served}");
            3.0 * H * 0.0832 + H * 0.29 + served * M * 500.0
        } else {
            rows.iter().find(|(id, _)| *id == entry.id).expect("a row for every scenario").1
        };
        if (got / want - 1.0).abs() > 1e-4 {
            wrong.push(format!("{}: {got}, by hand {want}", entry.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_parts_add_up_at_every_multiple() {
    for entry in scenario::gallery::entries() {
        let doc = study::solve(&entry.scenario().unwrap(), &[]).unwrap();
        let mut last = 0.0;
        for point in &doc.points {
            let cost = &point.cost;
            let components: f64 = point.components.values().filter_map(|c| c.monthly_cost).sum();
            let all = components + cost.others.values().sum::<f64>();
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
            assert!(near(all, cost.monthly), "{} x{}: {all} and {}", entry.id, point.multiple, cost.monthly);
            assert!(near(cost.fixed + cost.stepped + cost.usage, cost.monthly), "{}", entry.id);
            // As long as everything holds, more load never costs less.
            assert!(!point.feasible || cost.monthly >= last - 1e-9, "{} x{}", entry.id, point.multiple);
            last = if point.feasible { cost.monthly } else { last };
        }
        if let Some(spend) = &doc.spend {
            let sum: f64 = spend.months.iter().map(|m| m.monthly).sum();
            assert!(spend.year.is_none_or(|year| (year - sum).abs() < 1e-6), "{}", entry.id);
        }
    }
}

#[test]
fn the_year_grows_and_names_what_outgrows_the_traffic() {
    let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
    let mut shop: scenario::Scenario = serde_json::from_str(text).unwrap();
    let db = shop.components.iter_mut().find(|c| c.id == "payment").unwrap();
    // Ten million calls are free: of 15.8 million 5.8 are billed, of twice as many 21.5.
    let tiers = [(Some(1e7), 0.0), (None, 0.001)];
    db.price = Some(scenario::v1::Price {
        tiers: tiers.map(|(up_to, price)| scenario::v1::Tier { up_to, price }).to_vec(),
        ..scenario::v1::Price::default()
    });
    let doc = study::solve(&shop, &[1.0, 2.0]).unwrap();
    let spend = doc.spend.unwrap();
    assert_eq!(spend.months.len(), 12);
    assert!((spend.months[8].multiple - 1.08_f64.powi(9)).abs() < 1e-9, "{:?}", spend.months[8]);
    assert!(spend.months.windows(2).all(|w| w[1].monthly >= w[0].monthly));
    let payment = spend.growth.iter().find(|g| g.component == "payment").unwrap();
    let want = ((31.536_f64 - 10.0) / (15.768 - 10.0)).log2();
    assert!(payment.faster && (payment.exponent - want).abs() < 1e-3, "{payment:?}");
    let fixed = spend.growth.iter().find(|g| g.component == "db").unwrap();
    assert!(!fixed.faster && fixed.exponent.abs() < 0.5, "{fixed:?}");
}

#[test]
fn beyond_the_headroom_both_figures_stand() {
    let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
    let mut shop: scenario::Scenario = serde_json::from_str(text).unwrap();
    assert!(study::address::write(&mut shop, "components.receipt-worker.service.mean_ms", &60.0.into()));
    let options = study::ProjectOptions { multiples: vec![1.0, 8.0], samples: 5, ..study::ProjectOptions::default() };
    let doc = study::project(&shop, &options).unwrap();
    let (now, beyond) = (&doc.points[0], &doc.points[1]);
    assert!(now.feasible && !beyond.feasible);
    assert_eq!(now.cost.planned_monthly, Some(now.cost.monthly));
    let planned = beyond.cost.planned_monthly.unwrap();
    let steps = study::plan::steps(&shop, &[8.0]).unwrap();
    assert!((planned - steps[0].monthly).abs() < 1e-6 && planned > now.cost.monthly, "{planned} {steps:?}");
}

/// One API: slots of so many milliseconds, its requests a second and their growth, and a price.
fn api(traffic: &str, component: &str, rest: &str) -> scenario::Scenario {
    let text = format!(
        r#"{{"format":"headroom/1","name":"api","traffic":[{{"id":"web","entry":"api",{traffic}}}],
        "components":[{{"id":"api",{component}}}],{rest}}}"#
    );
    scenario::parse(&text).unwrap().scenario
}

/// Growth of the class by multiple, and the power that a price by request has over it: always 1, as the load and not the multiple counts.
#[test]
fn a_price_by_request_follows_the_load() {
    for growth in [1.0, 2.0, 0.5, 0.0] {
        let traffic = format!(r#""growth":{growth},"arrivals":{{"open":{{"rate":10}}}}"#);
        let component = r#""kind":"external","price":{"per_million_requests":1}"#;
        let doc = study::solve(&api(&traffic, component, r#""growth":{"multiples":[1,10]}"#), &[]).unwrap();
        let rows = doc.spend.unwrap().growth;
        assert_eq!(rows.is_empty(), growth == 0.0, "{growth}: {rows:?}");
        assert!(rows.iter().all(|row| !row.faster && (row.exponent - 1.0).abs() < 1e-9), "{growth}: {rows:?}");
    }
}

/// What is free at every multiple asked for has a price all the same.
#[test]
fn a_free_tier_is_a_price_where_it_covers_all() {
    let component = r#""kind":"external","price":{"tiers":[{"up_to":1e9,"price":0},{"price":2}]}"#;
    let traffic = r#""arrivals":{"open":{"rate":1}}"#;
    let scenario = api(traffic, component, r#""growth":{"multiples":[1,2]}"#);
    let doc = study::solve(&scenario, &[]).unwrap();
    assert!(doc.is_priced());
    let text = study::text::projection(&doc, &scenario);
    assert!(text.contains("a month") && text.contains("$0.00"), "{text}");
}

/// Requests a second of 100 ms in twenty slots, growing by so much a month, the date, and what is said of the coming months.
#[test]
fn months_that_do_not_hold_are_not_added_up() {
    for (rate, per_month, as_of, said) in [
        (5, 0.2, Some("2026-11-21"), "The coming twelve months cost $8,760 as it stands, growing to 8.92×."),
        (5, -0.02, Some("2026-11-21"), "The coming twelve months cost $8,760 as it stands, shrinking to 0.78×."),
        (
            100,
            0.2,
            Some("2026-11-21"),
            "The coming 3 months cost $2,190 as it stands, growing to 1.73×; in 2027-03, at 2.07×, it does not hold.",
        ),
        (
            100,
            0.2,
            None,
            "The coming 3 months cost $2,190 as it stands, growing to 1.73×; in month 4, at 2.07×, it does not hold.",
        ),
        (150, 0.2, None, "The coming month costs $730 as it stands, at 1.2×; in month 2, at 1.44×, it does not hold."),
        (180, 0.2, None, "In the coming month, month 1, at 1.2×, it does not hold as it stands."),
    ] {
        let traffic = format!(r#""arrivals":{{"open":{{"rate":{rate}}}}}"#);
        let component = r#""kind":"service","concurrency":20,"service":{"mean_ms":100},"price":{"per_replica_hour":1}"#;
        let as_of = as_of.map_or_else(String::new, |as_of| format!(r#","as_of":"{as_of}""#));
        let rest = format!(r#""growth":{{"multiples":[1,2,10],"per_month":{per_month}}}{as_of}"#);
        let scenario = api(&traffic, component, &rest);
        let doc = study::solve(&scenario, &[]).unwrap();
        let text = study::text::projection(&doc, &scenario);
        assert!(text.lines().any(|line| line == said), "{said} in\n{text}");
        let page = study::report::html(&doc, &scenario, None);
        let cut = page.contains("it does not hold in ");
        assert_eq!(cut, !said.contains("twelve"), "{page}");
    }
}

/// A free tier that today's load stays within, and a credit above today's month: both are money, and what is planned costs some.
#[test]
fn a_month_of_nothing_or_less_has_a_price() {
    let free = api(
        r#""arrivals":{"open":{"rate":0.3}}"#,
        r#""kind":"function","concurrency_limit":2,"service":{"mean_ms":600},"price":{"tiers":[{"up_to":1000000,"price":0},{"price":0.000002}]}"#,
        r#""growth":{"multiples":[1,10,50]},"slos":[{"traffic":"web","max_error_ratio":0.01}]"#,
    );
    let credit = api(
        r#""arrivals":{"open":{"rate":100}}"#,
        r#""kind":"service","concurrency":10,"service":{"mean_ms":60},"price":{"per_replica_hour":1}"#,
        r#""growth":{"multiples":[1,5,10]},"costs":[{"id":"startup-credit","monthly":-1000}],"slos":[{"max_monthly_cost":3000}]"#,
    );
    for (scenario, today, planned) in [(free, 0.0, [13.64, 76.38]), (credit, -270.0, [1920.0, 4110.0])] {
        let found = study::plan::plan(&scenario, &[]).unwrap();
        let text = found.text(&scenario);
        assert!(found.priced && found.warnings.iter().all(|warning| warning.code != "no-prices"), "{text}");
        let amounts = ["at ", "alone", "design"];
        let mut lines = text.lines().filter(|line| amounts.iter().any(|start| line.starts_with(start)));
        assert!(lines.all(|line| line.contains("a month")), "{text}");
        let doc = study::project(&scenario, &study::ProjectOptions::default()).unwrap();
        let months: Vec<Option<f64>> = doc.points.iter().map(|point| point.cost.planned_monthly).collect();
        let want = [today, planned[0], planned[1]];
        let near = |(month, want): (&Option<f64>, f64)| month.is_some_and(|month| (month - want).abs() < 0.01);
        assert!(months.iter().zip(want).all(near), "{months:?} for {want:?}");
    }
}
