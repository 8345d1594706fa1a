//! Plans on scenarios whose way out is known, and on the gallery.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use scenario::Scenario;
use scenario::v1::Quantity;
use serde_json::json;
use study::plan::{Step, apply, plan, steps};

fn shop() -> Scenario {
    let mut shop: Scenario =
        serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
    for (path, value) in [
        ("components.receipt-worker.service.mean_ms", 60.0),
        ("components.db.service.*.mean_ms", 25.0),
        ("components.redis.hit_ratio", 0.7),
    ] {
        assert!(study::address::write(&mut shop, path, &Quantity::bare(value)), "{path}");
    }
    shop
}

#[test]
fn the_shop_grows_by_workers_then_by_its_pool() {
    let shop = shop();
    let found = plan(&shop, &[1.0, 5.0, 8.0, 12.0]).unwrap();
    let text = found.text(&shop);
    assert!(found.steps.iter().all(|s| s.feasible && s.complete), "{text}");
    assert!(found.steps[0].changes.is_empty());
    let workers = |s: &Step| s.changes.iter().find(|c| c.path.contains("receipt-worker")).map_or(2, |c| c.to as u32);
    // 8 x 6 messages a second of 60 ms are 2.88 servers' work: three; at 12x 4.32: five.
    assert_eq!((workers(&found.steps[2]), workers(&found.steps[3])), (3, 5), "{text}");
    assert!(found.steps[3].changes.iter().any(|c| c.path.contains("pools.pg")), "{text}");
    assert!(found.steps.windows(2).all(|w| w[1].monthly >= w[0].monthly));
    // What limits first are the consumers of the receipts, and workers relieve them.
    assert_eq!(found.options[0].change.path, "components.receipt-worker.replicas", "{:?}", found.options);
    assert_eq!(found.options[0].relieves, "receipts consumers");
    let worker = found.steps[2].changes.iter().find(|c| c.path.contains("receipt-worker")).unwrap();
    assert!((worker.offered_load.unwrap() - 2.88).abs() < 1e-6, "{worker:?}");
    assert!((worker.square_root_staffing.unwrap() - (2.88 + 2.88_f64.sqrt())).abs() < 1e-6, "{worker:?}");
    assert!(worker.why.contains("fewer than 3 cannot hold"), "{}", worker.why);
}

/// Whatever the plan proposes is applied to the document, and the changed document is solved: it must hold and cost what was said.
fn verified(name: &str, scenario: &Scenario, steps: &[Step]) {
    for step in steps.iter().filter(|s| s.feasible) {
        let changed =
            step.edit.as_ref().map_or_else(|| scenario.clone(), |e| apply(scenario, std::slice::from_ref(e)).unwrap());
        let doc = study::solve(&changed, &[step.multiple]).unwrap();
        assert!(doc.points[0].feasible, "{name}: {}", step.text);
        let monthly = doc.points[0].cost.monthly;
        assert!((monthly - step.monthly).abs() <= 1e-6 * monthly.abs().max(1.0), "{name}: {monthly} and {}", step.text);
    }
}

#[test]
fn every_plan_of_the_gallery_holds_when_it_is_solved() {
    for entry in scenario::gallery::entries() {
        let scenario = entry.scenario().unwrap();
        let own = scenario.growth.as_ref().map_or_else(Vec::new, |g| g.multiples.clone());
        let Ok(found) = steps(&scenario, &own[..own.len().min(3)]) else { continue };
        verified(entry.id, &scenario, &found);
        for step in &found {
            println!("{}: {}", entry.id, step.text);
            assert!(!step.text.is_empty() && step.monthly.is_finite(), "{}: {step:?}", entry.id);
            assert!(step.feasible || !step.text.ends_with(": "), "{}: {}", entry.id, step.text);
        }
    }
}

#[test]
fn designs_are_solved_before_they_are_shown() {
    let far = scenario::gallery::entry("ad-server-far").unwrap().scenario().unwrap();
    let found = plan(&far, &[1.0, 2.0]).unwrap();
    println!("{}", found.text(&far));
    let near = found.designs.iter().find(|d| d.what.contains("same zone and cloud")).expect("the far cache comes near");
    let [before, after] = *near.p95_ms.values().next().unwrap();
    // Each of four round trips of 25 ms becomes one of 2 ms.
    assert!((before - after - 4.0 * 23.0).abs() < 1.0, "{before} {after}");
    for design in &found.designs {
        let changed = apply(&far, &[design.edit.clone().unwrap()]).unwrap();
        let doc = study::solve(&changed, &[1.0, 2.0]).unwrap();
        assert_eq!(doc.headroom.unwrap().multiple.is_some(), design.headroom.is_some(), "{}", design.what);
    }
    assert!(!found.rejected.is_empty() && found.rejected.iter().all(|r| !r.why.is_empty()), "{:?}", found.rejected);
}

#[test]
fn a_budget_that_is_too_small_says_what_it_buys() {
    let mut shop = shop();
    let free = steps(&shop, &[1.0, 12.0]).unwrap();
    let limit = free[0].monthly.midpoint(free[1].monthly);
    shop.slos.push(scenario::v1::Slo { max_monthly_cost: Some(limit), ..scenario::v1::Slo::default() });
    let found = steps(&shop, &[1.0, 12.0]).unwrap();
    assert!(found[0].feasible && !found[1].feasible, "{found:?}");
    let budget = found[1].budget.unwrap();
    assert!((budget.over - (free[1].monthly - limit)).abs() < 1e-6, "{budget:?}");
    let buys = budget.buys.unwrap();
    assert!(buys > 1.0 && buys < 12.0, "{buys}");
    assert!(found[1].text.contains("over the budget") && found[1].text.contains("which pays for"), "{}", found[1].text);
    // Just below what it buys the plan is within the budget.
    assert!(steps(&shop, &[0.99 * buys]).unwrap()[0].feasible);
}

#[test]
fn without_prices_it_plans_by_headroom_and_says_so() {
    let mut shop = shop();
    shop.costs.clear();
    shop.components.iter_mut().for_each(|c| c.price = None);
    let found = plan(&shop, &[8.0]).unwrap();
    assert!(!found.priced && found.warnings.iter().any(|w| w.code == "no-prices"), "{:?}", found.warnings);
    assert!(found.steps[0].feasible && found.steps[0].monthly == 0.0);
    let worker = found.steps[0].changes.iter().find(|c| c.path.contains("receipt-worker")).unwrap();
    assert_eq!((worker.from, worker.to), (2.0, 3.0));
}

#[test]
fn what_nothing_can_meet_is_explained() {
    let mut shop = shop();
    shop.slos.push(scenario::v1::Slo {
        traffic: Some("checkout".into()),
        percentile: Some(50.0),
        latency_ms: Some(20.0),
        ..scenario::v1::Slo::default()
    });
    // The query alone takes 25 ms.
    let found = plan(&shop, &[2.0]).unwrap();
    assert!(!found.steps[0].feasible, "{}", found.text(&shop));
    assert!(found.steps[0].text.ends_with(", as it is with nobody waiting"), "{}", found.steps[0].text);
    let why = found.warnings.iter().find(|w| w.code == "objective-unreachable").unwrap();
    assert!(why.text.contains("db 25.0 ms"), "{}", why.text);
}

#[test]
fn a_pool_never_asks_for_more_connections_than_the_database_takes() {
    let mut shop = shop();
    let db = shop.components.iter_mut().find(|c| c.id == "db").unwrap();
    db.max_connections = Some(5.0.into());
    db.cores = Some(2.0.into());
    for step in steps(&shop, &[1.0, 6.0, 9.0, 12.0]).unwrap() {
        let pool = step.changes.iter().find(|c| c.path == "components.app.pools.pg").map_or(4, |c| c.to as u32);
        let nodes = step.changes.iter().find(|c| c.path.contains("read_replicas")).map_or(1, |c| 1 + c.to as u32);
        let shards = step.changes.iter().find(|c| c.path.contains("shards")).map_or(1, |c| c.to as u32);
        assert!(!step.feasible || pool <= 5 * nodes * shards, "{}", step.text);
    }
}

/// A database that counts connections, where more of everything is no way to hold: no step is dearer than one change that holds there
/// by itself, and none of its changes could be left out.
#[test]
fn no_step_is_dearer_than_one_change_alone() {
    let text = r#"{"format": "headroom/1", "name": "connections",
        "traffic": [{"id": "a", "entry": "x", "arrivals": {"open": {"rate": 60}}}, {"id": "b", "entry": "y", "arrivals": {"open": {"rate": 20}}}],
        "components": [
            {"id": "x", "kind": "service", "service": {"mean_ms": 1}, "concurrency": 50, "pools": {"p": 2}, "replicas": 2,
             "price": {"per_replica_hour": 0.05}, "calls": [{"to": "db", "pool": "p", "network_ms": 1}]},
            {"id": "y", "kind": "service", "service": {"mean_ms": 1}, "concurrency": 8, "pools": {"p": 3},
             "price": {"per_replica_hour": 0.05}, "calls": [{"to": "db", "pool": "p", "per_request": 3}]},
            {"id": "db", "kind": "database", "service": {"mean_ms": 10}, "cores": 4, "max_connections": 8, "price": {"per_replica_hour": 1}}],
        "slos": [{"traffic": "a", "percentile": 95, "latency_ms": 120}, {"traffic": "b", "percentile": 95, "latency_ms": 250},
            {"traffic": "a", "max_error_ratio": 0.001}]}"#;
    let one = scenario::parse(text).unwrap().scenario;
    let found = plan(&one, &[1.5, 2.0, 3.0, 5.0]).unwrap();
    assert!(found.steps.iter().any(|step| !step.changes.is_empty()), "{}", found.text(&one));
    verified("connections", &one, &found.steps);
    let solved = |edits: &[scenario::edit::Edit], multiple: f64| {
        let point = study::solve(&apply(&one, edits).unwrap(), &[multiple]).unwrap().points.remove(0);
        point.feasible.then_some(point.cost.monthly)
    };
    for step in &found.steps {
        for alone in found.options.iter().filter(|option| option.after.is_empty()) {
            let month = solved(&[alone.change.edit.clone().unwrap()], step.multiple);
            assert!(month.is_none_or(|month| step.monthly <= month + 1e-6), "{}: {}", alone.change.words(), step.text);
        }
        let edits: Vec<_> = step.changes.iter().filter_map(|change| change.edit.clone()).collect();
        for left_out in 0..edits.len() {
            let mut rest = edits.clone();
            let idle = rest.remove(left_out);
            assert_eq!(solved(&rest, step.multiple), None, "{}: without {idle:?}", step.text);
        }
    }
}

#[test]
fn under_doubt_the_choice_weighs_money_against_missing() {
    let mut shop = shop();
    let doubtful = Quantity { low: Some(50.0), high: Some(75.0), ..Quantity::bare(60.0) };
    assert!(study::address::write(&mut shop, "components.receipt-worker.service.mean_ms", &doubtful));
    let found = plan(&shop, &[8.0]).unwrap();
    let best = &found.choices[0];
    assert!(found.choices.len() >= 2, "{:?}", found.choices);
    assert!(found.choices.windows(2).all(|w| w[0].mean_regret <= w[1].mean_regret));
    // Three workers hold up to 62.5 ms only; a fourth is cheap beside a month that does not hold.
    assert!(best.changes.iter().any(|c| c.path.contains("receipt-worker") && c.to >= 4.0), "{best:?}");
    assert!(best.probability > 0.9, "{best:?}");
    let front = &found.front;
    assert!(!front.is_empty());
    assert!(front.windows(2).all(|w| w[0].latency_ms <= w[1].latency_ms && w[0].monthly > w[1].monthly), "{front:?}");
}

/// The headroom of a change leaves the budget out, and says so where it is what breaks.
#[test]
fn a_change_that_the_budget_does_not_pay_for_says_so() {
    // Two slots of work today, a slot 100 a month; users cost 10 a month at today's load and more with it.
    let of = |budget: Option<f64>| {
        let slos = budget.map_or(json!([]), |limit| json!([{"max_monthly_cost": limit}]));
        let value = json!({"format": "headroom/1", "growth": {"multiples": [1, 2]}, "slos": slos,
            "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 80}}}],
            "components": [{"id": "app", "kind": "service", "replicas": 2, "concurrency": 1, "service": {"mean_ms": 15},
                "price": {"fixed_monthly": 0.0, "per_replica_hour": 100.0 / 730.0}}],
            "costs": [{"id": "mail", "monthly": 10, "drive": "traffic"}]});
        let scenario = scenario::parse_value(value).unwrap().scenario;
        let found = plan(&scenario, &[]).unwrap();
        let text = found.text(&scenario);
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
        line("alone: app.replicas 3")
    };
    let rows = [
        (None, "nothing breaks up to 2×, "),
        (Some(330.0), "nothing breaks up to 2×, "),
        (Some(315.0), "nothing but the budget breaks up to 2×, "),
        (Some(305.0), "nothing but the budget breaks up to 2×, which is broken at today's load, "),
    ];
    for (budget, wanted) in rows {
        let line = of(budget);
        assert!(line.contains(wanted), "{budget:?}: {line}");
    }
}

/// 300 requests of 100 ms a second over one replica of four slots: eight hold it today, whatever else is asked for.
#[test]
fn a_step_does_not_depend_on_the_multiples_beside_it() {
    let value = json!({"format": "headroom/1", "growth": {"multiples": [1, 2, 5]},
        "slos": [{"traffic": "u", "percentile": 95, "latency_ms": 600}],
        "traffic": [{"id": "u", "entry": "w", "arrivals": {"open": {"rate": 300}}}],
        "components": [{"id": "w", "kind": "service", "concurrency": 4, "service": {"mean_ms": 100},
            "price": {"per_replica_hour": 1}}]});
    let scenario = scenario::parse_value(value).unwrap().scenario;
    let replicas = |multiples: &[f64]| -> Vec<(f64, u32)> {
        let found = steps(&scenario, multiples).unwrap();
        verified("small today", &scenario, &found);
        assert!(
            found.iter().all(|step| step.feasible && step.designs.is_empty() && step.changes.len() == 1),
            "{found:?}"
        );
        found.iter().map(|step| (step.multiple, step.changes[0].to as u32)).collect()
    };
    let all = replicas(&[1.0, 2.0, 5.0]);
    assert_eq!(all[0], (1.0, 8), "{all:?}");
    for multiples in [&[1.0][..], &[2.0], &[5.0], &[1.0, 2.0]] {
        assert!(replicas(multiples).iter().all(|step| all.contains(step)), "{multiples:?}: {all:?}");
    }
}

/// Where a range ends without an answer, it says how far it went.
#[test]
fn a_number_that_is_not_enough_says_how_far_it_was_looked_at() {
    let value = json!({"format": "headroom/1", "growth": {"multiples": [1]},
        "traffic": [{"id": "u", "entry": "w", "arrivals": {"open": {"rate": 300000}}}],
        "components": [{"id": "w", "kind": "service", "concurrency": 1, "service": {"mean_ms": 1000}}]});
    let scenario = scenario::parse_value(value).unwrap().scenario;
    let text = &steps(&scenario, &[]).unwrap()[0].text;
    assert!(text.contains("w slots is full and nothing within w.replicas 20001 widens it enough"), "{text}");
}

/// Users in a loop slow down: fewer than their busy slots hold as well, and nothing says otherwise.
#[test]
fn users_in_a_loop_are_not_staffed_by_a_rule() {
    let value = json!({"format": "headroom/1", "growth": {"multiples": [5]},
        "slos": [{"traffic": "u", "percentile": 95, "latency_ms": 600}],
        "traffic": [{"id": "u", "entry": "w", "arrivals": {"closed": {"users": 100, "think_time_s": 0.5}}}],
        "components": [{"id": "w", "kind": "service", "concurrency": 4, "service": {"mean_ms": 100},
            "price": {"per_replica_hour": 1}}]});
    let scenario = scenario::parse_value(value).unwrap().scenario;
    let found = plan(&scenario, &[]).unwrap();
    let change = &found.steps[0].changes[0];
    assert_eq!((change.to, change.offered_load, change.square_root_staffing), (14.0, None, None), "{change:?}");
    assert!(!found.text(&scenario).contains("cannot hold"), "{}", found.text(&scenario));
}

/// A database of 4 cores and 32 GiB at 0.298 an hour, and what else the price book has: a larger machine for less is the cheapest plan
/// even where nothing must change, and one with less memory is none.
#[test]
fn a_larger_machine_for_less_money_is_found_and_memory_is_kept() {
    let burstable = ("t4g.2xlarge", 8, 32, 0.2688);
    let of = |others: &[(&str, u32, u32, f64)]| {
        let today = ("r5b.xlarge", 4, 32, 0.298);
        let row = |(kind, vcpu, memory, price): &(&str, u32, u32, f64)| {
            json!({"provider": "aws", "region": "us-east-1", "type": kind, "vcpu": vcpu, "mem_gib": memory, "usd_per_hour": price,
                "as_of": "2026-11-01", "source": "list"})
        };
        let book: Vec<_> = std::iter::once(&today).chain(others).map(row).collect();
        let value = json!({"format": "headroom/1", "growth": {"multiples": [1, 2, 4]},
            "traffic": [{"id": "web", "entry": "db", "arrivals": {"open": {"rate": 100}}}],
            "components": [{"id": "db", "kind": "database", "cores": 4, "service": {"mean_ms": 30}, "write_ratio": 1,
                "price": {"per_replica_hour": 0.298}}],
            "slos": [{"component": "db", "max_utilization": 0.8}], "price_book": book});
        let scenario = scenario::parse_value(value).unwrap().scenario;
        let found = steps(&scenario, &[]).unwrap();
        verified("machines", &scenario, &found);
        assert!(found.iter().all(|step| step.feasible && step.complete && step.gap == 0.0), "{found:?}");
        found
    };
    let large = [("r5b.2xlarge", 8, 64, 0.596), ("c6g.2xlarge", 8, 16, 0.272), ("c6g.4xlarge", 16, 32, 0.544)];
    let kept = of(&large);
    assert!(kept[0].text.contains("it holds as it stands, $218 a month"), "{}", kept[0].text);
    // At twice the load 8 cores are enough, but 16 with as much memory as today cost less than 8 with twice as much.
    assert!(kept[1].text.contains("db.cores 16 instead of 4, $397 a month"), "{}", kept[1].text);
    let cheaper = of(&[&large[..], &[burstable]].concat());
    for step in &cheaper[..2] {
        assert!(step.text.contains("db.cores 8 instead of 4, $196 a month"), "{}", step.text);
        assert_eq!(step.changes[0].why, "t4g.2xlarge from the price book costs less than today's");
    }
}
