//! How long reading, checking, lowering, editing and linking take: `cargo run --release -p scenario --example speed`.

use scenario::edit::{Edit, History};
use scenario::{gallery, link, lower_checked, parse, quantities};
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;

fn time(what: &str, rounds: u32, mut work: impl FnMut()) {
    work();
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let started = Instant::now();
        (0..rounds).for_each(|_| work());
        best = best.min(started.elapsed().as_secs_f64() / f64::from(rounds));
    }
    println!("{what:<58} {:>12.1} us", best * 1e6);
}

fn main() {
    let Some(entry) = gallery::entry("growth-stages") else { return };
    let Ok(parsed) = parse(entry.json) else { return };
    let scenario = parsed.scenario;
    let about = format!("{} components, {} classes", scenario.components.len(), scenario.traffic.len());
    time(&format!("parse ({about})"), 200, || drop(black_box(parse(entry.json))));
    time("check", 200, || drop(black_box(scenario::check(&scenario))));
    time("lower, checked before", 2000, || drop(black_box(lower_checked(&scenario))));
    let mut drawn = scenario.clone();
    time("one draw: set every quantity, lower", 2000, || {
        quantities::visit(&mut drawn, &mut |_, _, quantity| quantity.value = black_box(quantity.value));
        drop(black_box(lower_checked(&drawn)));
    });
    time("link, encode", 50, || drop(black_box(link::encode(&scenario, &link::View::default()))));
    if let Ok(packed) = link::encode(&scenario, &link::View::default()) {
        println!("{:<58} {:>12} characters", "link", packed.fragment.len());
        time("link, decode", 200, || drop(black_box(link::decode(&packed.fragment))));
    }
    let mut history = History::new(scenario);
    let mut value = 1.0;
    time("edit: set a value, check everything", 100, || {
        value += 1.0;
        let _ = history.edit(&Edit::Set { path: "components.db.gb".into(), value: json!(value) });
    });
    time("edit: move a component", 1000, || {
        value += 1.0;
        let _ = history.edit(&Edit::Move(vec![("db".into(), value, 0.0)]));
    });
    let link = |i: usize| json!({"id": format!("c{i}"), "kind": "service", "calls": [{"to": format!("c{}", i + 1)}]});
    let mut components: Vec<_> = (0..9_999).map(link).collect();
    components.push(json!({"id": "c9999", "kind": "service"}));
    let traffic = json!([{"id": "c", "entry": "c0", "arrivals": {"open": {"rate": 1}}}]);
    let chain = json!({"format": "headroom/1", "traffic": traffic, "components": components}).to_string();
    time("parse a chain of 10,000 components", 1, || drop(black_box(parse(&chain))));
}
