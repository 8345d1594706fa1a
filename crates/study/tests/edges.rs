//! Systems at the edge of what a person draws: every answer about them says the same, and promises nothing that does not hold.
#![allow(clippy::unwrap_used)]

use scenario::Scenario;
use study::check::CheckOptions;
use study::export::Target;
use study::simulate::{SimulateOptions, simulate};
use study::{ProjectOptions, check, compare, export, headline, plan, project, sensitivity, solve};

/// A service "api" in which 10 requests a second of "web" arrive: what more the service has, and what more the scenario.
fn api(more: &str, beside: &str) -> Scenario {
    of(
        "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 10}}}",
        &format!("{{'id': 'api', 'kind': 'service', 'service': {{'mean_ms': 100}}, {more}}}"),
        beside,
    )
}

fn of(traffic: &str, components: &str, beside: &str) -> Scenario {
    let text = format!(
        "{{'format': 'headroom/1', 'name': 't', 'traffic': [{traffic}], 'components': [{components}] {beside}}}"
    );
    scenario::parse(&text.replace('\'', "\"")).unwrap().scenario
}

fn sentence(scenario: &Scenario) -> String {
    headline(&solve(scenario, &[]).unwrap(), scenario).sentence
}

fn at(growth: f64) -> CheckOptions {
    CheckOptions { growth, samples: 100, ..CheckOptions::default() }
}

const LATENCY: &str = "'slos': [{'traffic': 'web', 'percentile': 95, 'latency_ms': 400}]";

#[test]
fn the_headroom_is_the_same_whatever_is_asked() {
    let usual = api("'concurrency': 4", &format!(", {LATENCY}"));
    let less = api("'concurrency': 3", &format!(", {LATENCY}"));
    let found = solve(&usual, &[]).unwrap().headroom.unwrap().multiple.unwrap();
    assert!((2.0..4.0).contains(&found), "{found}");
    let checked = check(&usual, Some(&less), &at(1.0)).unwrap();
    assert_eq!(checked.headline, sentence(&usual));
    let difference = checked.difference.unwrap();
    assert!((difference.headroom.unwrap() / found - 1.0).abs() < 1e-3, "{difference:?}");
    assert!(difference.base_headroom.unwrap() < found, "{difference:?}");
    // How far each writes that it is looked at is no difference in what they answer.
    let near = Scenario { growth: written(&[1.0, 2.0]), ..usual.clone() };
    let far = Scenario { growth: written(&[1.0, 20.0]), ..usual };
    let figures = compare(&[near, far], &[]).unwrap().figures;
    assert!(figures.iter().all(|(what, _)| what != "headroom"), "{figures:?}");
}

fn written(multiples: &[f64]) -> Option<scenario::v1::Growth> {
    Some(scenario::v1::Growth { multiples: multiples.to_vec(), per_month: None })
}

/// A credit of 400 to 600 off 1000 is a month of 400 to 600.
#[test]
fn a_doubtful_credit_is_one_in_every_draw() {
    let credit = "'costs': [{'id': 'credit', 'monthly': {'value': -500, 'low': -600, 'high': -400}}], 'slos': [{'max_monthly_cost': 800}]";
    let scenario = api("'concurrency': 4, 'price': {'fixed_monthly': 1000}", &format!(", {credit}"));
    let doc = project(&scenario, &ProjectOptions { samples: 400, ..ProjectOptions::default() }).unwrap();
    let [low, high] = doc.points[0].cost.band.unwrap();
    assert!((low - 400.0).abs() < 10.0 && (high - 600.0).abs() < 10.0, "{low} {high}");
    assert!(check(&scenario, None, &at(1.0)).unwrap().passed);
}

/// What holds as its figures stand and breaks in two of five draws is not promised without a word.
#[test]
fn what_is_not_sure_says_so() {
    let scenario = of(
        "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 10}}}",
        "{'id': 'api', 'kind': 'service', 'concurrency': 10, 'service': {'mean_ms': {'value': 90, 'low': 60, 'high': 200}}}",
        ", 'growth': {'multiples': [1, 2, 5, 10]}",
    );
    let doc = project(&scenario, &ProjectOptions { samples: 400, ..ProjectOptions::default() }).unwrap();
    let found = doc.headroom.as_ref().unwrap();
    assert!(found.multiple.is_none() && found.breaks_in.is_some_and(|share| (0.3..0.5).contains(&share)), "{found:?}");
    let said = headline(&doc, &scenario).sentence;
    assert!(said.contains("something breaks up to 10× in ") && said.contains("% of the draws"), "{said}");
    assert!(found.band.is_some() && found.date_band.is_none(), "{found:?}");
}

/// The band of the month counts every draw: that in which traffic shrinks, or nothing breaks, is one of the latest.
#[test]
fn a_month_is_banded_over_every_draw() {
    // What a service can take is sure, how fast the traffic grows is not: `true` where the latest month is known.
    for (growth, known) in [("0.05, 'low': 0.04, 'high': 0.06", true), ("0.02, 'low': -0.02, 'high': 0.04", false)] {
        let beside = format!(", 'as_of': '2026-11-21', 'growth': {{'per_month': {{'value': {growth}}}}}");
        let scenario = api("'concurrency': 4", &beside);
        let doc = project(&scenario, &ProjectOptions { samples: 400, ..ProjectOptions::default() }).unwrap();
        let found = doc.headroom.unwrap();
        assert!(found.multiple.is_some() && found.date.is_some(), "{found:?}");
        assert_eq!(found.date_band.is_some(), known, "{found:?}");
    }
}

/// Whose requests all fail, and whose messages, is no matter of room.
#[test]
fn what_fails_for_good_is_called_that() {
    let fails = api("'concurrency': 4, 'failure_ratio': 1", "");
    assert!(sentence(&fails).contains("every request of web fails"), "{}", sentence(&fails));
    let quick = SimulateOptions { multiples: vec![1.0], seconds: 60.0, replications: 2, ..SimulateOptions::default() };
    assert!(!simulate(&fails, &quick).unwrap().points[0].feasible);
    let rows = study::text::projection(&solve(&fails, &[1.0]).unwrap(), &fails);
    assert!(rows.contains("all fail") && !rows.contains("saturated"), "{rows}");

    let queue = of(
        "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 10}}}",
        "{'id': 'api', 'kind': 'service', 'concurrency': 8, 'service': {'mean_ms': 10}, 'calls': [{'to': 'q', 'mode': 'async'}]}, \
         {'id': 'q', 'kind': 'queue', 'calls': [{'to': 'ext'}]}, \
         {'id': 'ext', 'kind': 'external', 'service': {'mean_ms': 10}, 'failure_ratio': 1}",
        "",
    );
    assert!(sentence(&queue).contains("the backlog of q grows"), "{}", sentence(&queue));
    let planned = plan(&queue, &[1.0]).unwrap();
    assert!(planned.steps[0].text.contains("the backlog of q grows"), "{}", planned.steps[0].text);
}

#[test]
fn an_objective_that_cannot_be_told_says_so() {
    let rows = [
        (
            api("'replicas': 1", ", 'slos': [{'component': 'api', 'max_utilization': 0.7}]"),
            "its utilization is not known",
        ),
        (
            of(
                "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 0}}}",
                "{'id': 'api', 'kind': 'service', 'concurrency': 4, 'service': {'mean_ms': 20}}",
                ", 'slos': [{'traffic': 'web', 'percentile': 95, 'latency_ms': 30}]",
            ),
            "nobody asks",
        ),
    ];
    for (scenario, why) in rows {
        let checked = check(&scenario, None, &at(10.0)).unwrap();
        assert!(checked.rows[1].passed && checked.rows[1].reason.starts_with(why), "{:?}", checked.rows);
        assert!(checked.headline.starts_with("How far you can grow is not known"), "{}", checked.headline);
    }
}

#[test]
fn a_new_class_was_nothing_before() {
    let class = |id: &str| format!("{{'id': '{id}', 'entry': 'api', 'arrivals': {{'open': {{'rate': 1}}}}}}");
    let part = "{'id': 'api', 'kind': 'service', 'concurrency': 4, 'service': {'mean_ms': 100}}";
    let (base, more) = (of(&class("web"), part, ""), of(&format!("{}, {}", class("web"), class("new")), part, ""));
    let difference = check(&more, Some(&base), &at(1.0)).unwrap().difference.unwrap();
    assert!(difference.latency.iter().any(|line| line.starts_with("new is new, p95 ")), "{difference:?}");
    let free = of(&class("web"), "{'id': 'api', 'kind': 'service', 'concurrency': 4}", "");
    let said = check(&base, Some(&free), &at(1.0)).unwrap().difference.unwrap().sentence();
    assert!(!said.contains("inf"), "{said}");
}

/// Users in a loop elsewhere do not make waiters of requests that are turned away.
#[test]
fn what_turns_away_is_not_waited_for() {
    let scenario = of(
        "{'id': 'u', 'entry': 'a', 'arrivals': {'closed': {'users': 2, 'think_time_s': 1}}}, \
         {'id': 'web', 'entry': 'b', 'arrivals': {'open': {'rate': 100}}}",
        "{'id': 'a', 'kind': 'service', 'concurrency': 50, 'service': {'mean_ms': 20}}, \
         {'id': 'b', 'kind': 'service', 'concurrency': 1, 'queue_limit': 5, 'service': {'mean_ms': 20}}",
        ", 'growth': {'multiples': [1, 2]}",
    );
    assert!(!sentence(&scenario).contains("only wait longer"), "{}", sentence(&scenario));
}

/// The alert stands a tenth before the break at the rate that the class has there.
#[test]
fn alerts_follow_the_growth_of_their_class() {
    let class = |id: &str, rate: f64, growth: f64| {
        format!("{{'id': '{id}', 'entry': 'api', 'growth': {growth}, 'arrivals': {{'open': {{'rate': {rate}}}}}}}")
    };
    let traffic = [class("web", 10.0, 1.0), class("cron", 1.0, 0.0), class("ads", 1.0, 2.0)].join(", ");
    let part = "{'id': 'api', 'kind': 'service', 'concurrency': 8, 'service': {'mean_ms': 100}}";
    let scenario = of(&traffic, part, "");
    let breaks = solve(&scenario, &[]).unwrap().headroom.unwrap().multiple.unwrap();
    let rules = export(&scenario, Target::Prometheus, 1.0).unwrap();
    let limit = |class: &str| -> Option<f64> {
        let before = format!("{{traffic=\"{class}\"}}[5m])) > ");
        let (_, rest) = rules.split_once(&before)?;
        rest.split(|next: char| !(next.is_ascii_digit() || next == '.')).next()?.parse().ok()
    };
    let near = |got: Option<f64>, want: f64| got.is_some_and(|got| (got / want - 1.0).abs() < 2e-3);
    assert!(near(limit("web"), 10.0 * 0.9 * breaks), "{rules}");
    assert!(near(limit("ads"), 1.0 + 2.0 * (0.9 * breaks - 1.0)), "{rules}");
    assert!(!rules.contains("CronHeadroom"), "{rules}");
}

/// A system over its budget is the one that must save.
#[test]
fn savings_are_told_above_the_budget() {
    let slos = "'slos': [{'max_monthly_cost': 500}, {'traffic': 'web', 'percentile': 95, 'latency_ms': 400}]";
    let ten = "'concurrency': 4, 'replicas': 10, 'price': {'per_replica_hour': 0.1}";
    let planned = plan(&api(ten, &format!(", {slos}, 'growth': {{'multiples': [1, 2]}}")), &[]).unwrap();
    assert!(planned.savings.iter().any(|option| option.change.to < 10.0), "{:?}", planned.savings);
    assert!(planned.steps[0].text.contains("takes nothing away"), "{}", planned.steps[0].text);
}

/// Parts of a core are written as they are.
#[test]
fn parts_of_a_core_are_told() {
    let row = |kind: &str, vcpu: f64, price: f64| {
        format!(
            "{{'provider': 'aws', 'region': 'r', 'type': '{kind}', 'vcpu': {vcpu}, 'mem_gib': 1, 'usd_per_hour': {price}, 'as_of': '2026-01-01', 'source': 's'}}"
        )
    };
    let book = format!(
        ", 'price_book': [{}, {}], 'growth': {{'multiples': [1, 2]}}",
        row("q", 0.25, 0.01),
        row("h", 0.5, 0.015)
    );
    let scenario = of(
        "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 10}}}",
        "{'id': 'api', 'kind': 'service', 'cpu_cores': 0.25, 'concurrency': 50, 'service': {'mean_ms': 20}, 'price': {'per_replica_hour': 0.01}}",
        &book,
    );
    let planned = plan(&scenario, &[]).unwrap();
    let changes: Vec<_> =
        planned.steps.iter().flat_map(|step| &step.changes).filter(|c| c.path.ends_with("cpu_cores")).collect();
    assert!(changes.iter().all(|change| (change.from, change.to) == (0.25, 0.5)), "{changes:?}");
    let text = serde_json::to_string(&study::plan::Change { from: 2.0, to: 0.5, ..Default::default() }).unwrap();
    assert!(text.contains("\"from\":2,\"to\":0.5"), "{text}");
}

#[test]
fn just_short_of_today_is_not_today() {
    let scenario = of(
        "{'id': 'web', 'entry': 'api', 'arrivals': {'open': {'rate': 10.03}}}",
        "{'id': 'api', 'kind': 'service', 'concurrency': 1, 'service': {'mean_ms': 100}}",
        "",
    );
    assert!(sentence(&scenario).contains("only 0.99× of it holds"), "{}", sentence(&scenario));
}

/// A part that has nothing to give is full of whatever comes, and no figure is infinite.
#[test]
fn what_has_nothing_to_give_is_full() {
    let scenario = of(
        "{'id': 'web', 'entry': 'd', 'arrivals': {'open': {'rate': 10}}}",
        "{'id': 'd', 'kind': 'database', 'cores': 4, 'request_units': {'read': 0, 'write': 2.5}, 'service': {'mean_ms': 5}}",
        "",
    );
    let moved = sensitivity(&scenario).unwrap();
    assert!(moved.value.is_finite(), "{moved:?}");
}
