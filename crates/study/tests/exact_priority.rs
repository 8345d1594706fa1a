//! Users in a loop at lines by priority: the closed form against the stationary distribution of the chain of each system.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod common;

use common::chains::{mean, stationary};
use serde_json::{Value, json};

/// Users, seconds of thinking, seconds at the line, seconds at the core behind it.
type Group = (u32, f64, f64, f64);
/// Waiting, in service and at the core by class, the higher first.
type Here = [[u32; 2]; 3];

/// The line's servers go to the first class first, and in the middle of the second's service where that is preemptive (then all who are
/// there count as waiting). Mean seconds per round beside thinking.
fn chain(groups: [Group; 2], servers: u32, preemptive: bool) -> [f64; 2] {
    let seated = |mut to: Here| {
        let [waiting, served, _] = &mut to;
        if preemptive {
            for class in 0..2 {
                waiting[class] += core::mem::take(&mut served[class]);
            }
        }
        for class in 0..2 {
            let free = servers - served[0] - served[1];
            let next = waiting[class].min(free);
            waiting[class] -= next;
            served[class] += next;
        }
        to
    };
    let chain = stationary([[0; 2]; 3], |at: &Here| {
        let mut moves = Vec::new();
        for class in 0..2 {
            let (users, think, line, core) = groups[class];
            let here: u32 = at.iter().map(|place| place[class]).sum();
            let mut change = |from: Option<usize>, to: Option<usize>, rate: f64| {
                let mut next = *at;
                from.into_iter().for_each(|place| next[place][class] -= u32::from(rate > 0.0));
                to.into_iter().for_each(|place| next[place][class] += 1);
                moves.push((seated(next), rate));
            };
            change(None, Some(0), f64::from(users - here) / think);
            change(Some(1), (core > 0.0).then_some(2), f64::from(at[1][class]) / line);
            let share = f64::from(at[2][class]) / f64::from((at[2][0] + at[2][1]).max(1));
            change(Some(2), None, if core > 0.0 { share / core } else { 0.0 });
        }
        moves
    });
    [0, 1].map(|class| {
        let present = mean(&chain, |at| f64::from(at.iter().map(|place| place[class]).sum::<u32>()));
        present * groups[class].1 / (f64::from(groups[class].0) - present)
    })
}

fn service(id: &str, groups: [Group; 2], of: impl Fn(&Group) -> f64) -> Value {
    let [u, v] = groups.map(|group| json!({"mean_ms": 1000.0 * of(&group)}));
    json!({"id": id, "kind": "service", "service": {"u": u, "v": v}})
}

/// The mean responses of the closed form.
fn closed_form(traffic: Value, components: Value) -> [f64; 2] {
    let file = json!({"format": "headroom/1", "name": "exact", "traffic": traffic, "components": components, "growth": {"multiples": [1.0]}});
    let parsed = scenario::parse(&file.to_string()).unwrap_or_else(|p| panic!("{p:?}")).scenario;
    let doc = study::solve::solve(&parsed, &[]).unwrap_or_else(|p| panic!("{p:?}"));
    assert!(!format!("{:?}", doc.warnings).contains("not-converged"));
    let doc = serde_json::to_value(&doc).unwrap();
    ["u", "v"].map(|id| doc["points"][0]["classes"][id]["latency_ms"]["mean"].as_f64().unwrap() / 1000.0)
}

fn users(id: &str, entry: &str, priority: u32, (users, think, ..): Group) -> Value {
    json!({"id": id, "entry": entry, "priority": priority, "arrivals": {"closed": {"users": users, "think_time_s": think}}})
}

/// A line, and a core behind it where the groups use one.
fn system(groups: [Group; 2], servers: u32, preemptive: bool) -> [f64; 2] {
    let mut line = service("line", groups, |group| group.2);
    line["concurrency"] = json!(servers);
    line["discipline"] = json!(if preemptive { "preemptive" } else { "priority" });
    let mut components = vec![line];
    let behind = groups.iter().any(|group| group.3 > 0.0);
    if behind {
        let mut core = service("core", groups, |group| group.3);
        core["cpu_cores"] = json!(1);
        components.push(core);
        components.push(json!({"id": "entry", "kind": "service", "calls": [{"to": "line"}, {"to": "core"}]}));
    }
    let entry = if behind { "entry" } else { "line" };
    closed_form(json!([users("u", entry, 1, groups[0]), users("v", entry, 0, groups[1])]), json!(components))
}

#[test]
fn users_at_lines_by_priority() {
    let mut wrong = Vec::new();
    // (name, groups, servers, tolerances of both classes)
    let rows: [(&str, [Group; 2], u32, [f64; 2]); 12] = [
        ("alone, 1 server", [(5, 2.4, 0.3, 0.0), (10, 25.0, 1.5, 0.0)], 1, [1e-6; 2]),
        ("alone, long above short", [(12, 41.6, 2.0, 0.0), (6, 4.95, 0.5, 0.0)], 1, [1e-6; 2]),
        ("alone, overloaded", [(6, 1.0, 0.5, 0.0), (8, 2.0, 0.5, 0.0)], 1, [1e-6; 2]),
        ("alone, 3 servers", [(8, 2.0, 1.0, 0.0), (9, 3.0, 0.7, 0.0)], 3, [1e-6; 2]),
        ("alone, many users seldom there", [(300, 900.0, 1.0, 0.0), (2, 3.0, 0.7, 0.0)], 1, [1e-6; 2]),
        ("alone, 10 ms beside 10 minutes", [(6, 1.0, 0.01, 0.0), (6, 3600.0, 600.0, 0.0)], 2, [1e-6; 2]),
        ("and a core", [(3, 2.0, 0.5, 0.5), (4, 3.0, 0.6, 0.6)], 1, [0.03, 0.08]),
        ("and a full core", [(3, 1.0, 0.5, 0.2), (3, 1.0, 0.5, 0.8)], 1, [0.03, 0.1]),
        ("and a core for some", [(4, 4.0, 0.5, 1.0), (4, 4.0, 0.5, 0.3)], 1, [0.03, 0.1]),
        ("2 servers and a core", [(3, 2.0, 1.0, 0.5), (4, 3.0, 1.0, 0.6)], 2, [0.03, 0.08]),
        ("too many to count, full", [(60, 100.0, 1.0, 0.0), (60, 80.0, 1.0, 0.0)], 1, [0.03, 0.16]),
        ("too many to count, busy", [(60, 280.0, 2.0, 0.0), (60, 140.0, 1.0, 0.0)], 1, [0.03, 0.16]),
    ];
    for (name, groups, servers, tolerances) in rows {
        for preemptive in [false, true] {
            let (exact, got) = (chain(groups, servers, preemptive), system(groups, servers, preemptive));
            for class in 0..2 {
                let error = got[class] / exact[class] - 1.0;
                println!(
                    "{name:32} {preemptive:5} {class} {:10.6} exact {:10.6} {:8.4} %",
                    got[class],
                    exact[class],
                    100.0 * error
                );
                if error.is_nan() || error.abs() > tolerances[class] {
                    wrong.push(format!("{name}, preemptive {preemptive}, class {class}: {got:?} is not {exact:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
