//! The planner's search against every combination, on random small systems.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{
    cost,
    model::*,
    plan::{self, Effort, Lever, Machine, What},
    solve::*,
};

/// A linear congruential generator (Knuth's MMIX), good enough to scatter parameters.
struct Random(u64);

impl Random {
    fn below(&mut self, many: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(many)) as u32
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.below(10_000)) / 1.0e4
    }
}

/// An app with a pool before a database, a cache or a queue of messages beside it, with random sizes, times and prices.
fn random_system(random: &mut Random) -> System {
    let priced = |price: f64| Price { per_replica_hour: price, given: true, ..Price::default() };
    let mut app = station("app", service(Some(1 + random.below(4))), vec![exponential(random.between(0.002, 0.02))]);
    app.replicas = 1 + random.below(2);
    app.price = priced(random.between(0.02, 0.4));
    app.pools.push(Pool { id: "pg".into(), size: Some(1 + random.below(3)) });
    let mut db = station("db", database(Some(1 + random.below(3)), 1), vec![exponential(random.between(0.004, 0.02))]);
    if let Kind::Database(node) = &mut db.kind {
        node.write_ratio = vec![random.between(0.0, 0.3)];
        node.max_connections = (random.below(4) == 0).then(|| 8 + random.below(8));
    }
    db.price = priced(random.between(0.1, 0.9));
    app.calls = vec![Call { pool: Some(0), ..call(1) }];
    let mut stations = vec![app, db];
    match random.below(3) {
        0 => {
            let mut messages = station("messages", queue(), vec![exponential(0.001)]);
            messages.calls = vec![call(3)];
            let mut worker = station("worker", service(Some(1)), vec![exponential(random.between(0.01, 0.05))]);
            worker.replicas = 1 + random.below(2);
            worker.price = priced(random.between(0.01, 0.1));
            stations[0].calls.push(Call { mode: Mode::Async, ..call(2) });
            stations.extend([messages, worker]);
        }
        1 => {
            let mut redis = station("redis", cache(vec![random.between(0.2, 0.9)]), vec![exponential(0.002)]);
            if let Kind::Cache { concurrency, .. } = &mut redis.kind {
                *concurrency = Some(1);
            }
            redis.price = priced(random.between(0.02, 0.2));
            stations.push(redis);
            let on_miss = vec![Call { pool: Some(0), ..call(1) }];
            stations[0].calls = vec![Call { on_miss, ..call(2) }];
        }
        _ => {}
    }
    let mut system = system(vec![open("a", 0, random.between(20.0, 80.0))], stations);
    let at_most = random.between(0.06, 0.3);
    let mut goals = vec![Goal::Latency { class: 0, percentile: 95.0, at_most }];
    if random.below(2) == 0 {
        goals.push(Goal::Utilization { station: 1, at_most: random.between(0.5, 0.9) });
    }
    if random.below(6) == 0 {
        goals.push(Goal::SurviveReplica);
    }
    system.objectives = goals.iter().enumerate().map(|(index, &goal)| Objective { index, goal }).collect();
    system
}

/// At most four levers, those that cost money first, over few levels; one of them, where asked for, is larger machines for the
/// database, of which the first costs less than today's.
fn few_levers(system: &System, machines: bool) -> Vec<Lever> {
    let mut levers = plan::levers(system, 4.0);
    levers.retain(|lever| lever.what != What::Shards);
    levers.truncate(if machines { 3 } else { 4 });
    for lever in &mut levers {
        lever.levels = 4;
    }
    if let (true, Kind::Database(DatabaseNode { cores: Some(now), .. })) = (machines, &system.stations[1].kind) {
        let today = system.stations[1].price.per_replica_hour;
        let machine = |more: u32, price: f64| Machine {
            name: String::new(),
            cores: f64::from(now + more),
            per_replica_hour: price * today,
        };
        let list = vec![machine(1, 0.8), machine(3, 1.7)];
        levers.push(Lever { station: 1, what: What::Machine(list), now: *now, levels: 2 });
    }
    levers
}

fn cheapest_of_all(system: &System, levers: &[Lever], multiple: f64) -> Option<f64> {
    let mut solver = Solver::new(system).unwrap();
    let mut changed = system.clone();
    let (mut best, mut at) = (None::<f64>, vec![0; levers.len()]);
    loop {
        for (lever, &level) in levers.iter().zip(&at) {
            lever.set(system, &mut changed, level);
        }
        if plan::over_connected(system, &changed).is_none() {
            let answer = solver.solve(&changed, multiple, &Options::default()).clone();
            let verdicts = plan::objectives(&mut solver, &changed, &answer);
            if plan::feasible(&answer, &verdicts) {
                let monthly = cost::month(&changed, &answer).monthly();
                best = Some(best.map_or(monthly, |best| best.min(monthly)));
            }
        }
        let Some(place) = (0..at.len()).find(|&place| at[place] < levers[place].levels) else { return best };
        at[place] += 1;
        at[..place].fill(0);
    }
}

#[test]
fn as_cheap_as_every_combination() {
    let mut random = Random(2026);
    let (mut held, mut none, mut solves) = (0, 0, 0);
    for round in 0..50 {
        let system = random_system(&mut random);
        let levers = few_levers(&system, round % 3 == 0);
        let multiple = random.between(1.0, 5.0);
        let mut solver = Solver::new(&system).unwrap();
        let found = plan::size(&mut solver, &system, &levers, multiple, Effort::default());
        let every = cheapest_of_all(&system, &levers, multiple);
        assert!(found.found.complete, "round {round}: {found:?}");
        solves += found.solves;
        match every {
            Some(every) => {
                assert!(found.found.levels.is_some(), "round {round}: {every} was there");
                assert!((found.monthly / every - 1.0).abs() < 1e-5, "round {round}: {} and {every}", found.monthly);
                held += 1;
            }
            None => {
                assert_eq!(found.found.levels, None, "round {round}");
                none += 1;
            }
        }
    }
    assert!(held >= 30 && none >= 3, "{held} {none}");
    println!("{held} held, {none} could not; {} solves each", solves / 50);
}
