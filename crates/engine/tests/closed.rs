//! Closed and mixed systems by the whole solver.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{
    model::*,
    queueing::{convolution, mixed},
    solve::*,
};

fn closed(id: &str, entry: usize, users: f64, think_time: f64) -> Class {
    Class { arrivals: Arrivals::Closed { users, think_time }, ..open(id, entry, 0.0) }
}

fn solve(system: &System, multiple: f64) -> Answer {
    let answer = Solver::new(system).unwrap().solve(system, multiple, &Options::default()).clone();
    assert!(answer.convergence.converged, "{:?}", answer.convergence);
    answer
}

fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} is not {expected}");
}

#[test]
fn one_server_and_a_hundred_users() {
    let one = system(vec![closed("u", 0, 100.0, 300.0)], vec![station("s", service(Some(1)), vec![exponential(0.63)])]);
    let answer = solve(&one, 1.0);
    near(answer.classes[0].throughput, 0.3325, 5e-5);
    near(answer.classes[0].mean.unwrap(), 0.7943, 5e-5);
    near(answer.stations[0].in_system.unwrap(), 0.2641, 5e-5);
    near(answer.stations[0].utilization.unwrap(), 0.2094, 1e-4);
    assert!(answer.classes[0].percentile(95.0).unwrap() > answer.classes[0].mean.unwrap());
}

#[test]
fn bounds_enclose_the_answer() {
    // Gunther, PPA, ch. 2: saturation population 477.19, bound 1.5873 per second.
    let system = |users| {
        system(vec![closed("u", 0, users, 300.0)], vec![station("s", service(Some(1)), vec![exponential(0.63)])])
    };
    for users in [1.0, 100.0, 470.0, 600.0] {
        let one = system(users);
        let mut solver = Solver::new(&one).unwrap();
        let answer = solver.solve(&one, 1.0, &Options::default()).clone();
        let bounds = solver.class_bounds(&one, 0);
        near(bounds.saturation_population.unwrap(), 477.19, 5e-3);
        near(bounds.capacity.unwrap(), 1.5873, 5e-5);
        let class = &answer.classes[0];
        let hair = 1.0 + 1.0e-9;
        assert!(class.throughput <= bounds.throughput_high.unwrap() * hair, "{bounds:?} {}", class.throughput);
        assert!(class.throughput * hair >= bounds.throughput_low.unwrap(), "{bounds:?} {}", class.throughput);
        assert!(
            class.mean.unwrap() * hair >= bounds.response_low
                && class.mean.unwrap() <= bounds.response_high.unwrap() * hair
        );
    }
}

#[test]
fn many_servers_without_thinking() {
    let mut one =
        system(vec![closed("u", 0, 400.0, 0.0)], vec![station("s", service(Some(300)), vec![exponential(0.444)])]);
    let answer = solve(&one, 1.0);
    near(answer.classes[0].throughput, 675.6757, 5e-4);
    near(answer.classes[0].mean.unwrap(), 0.5920, 5e-5);
    one.classes[0].arrivals = Arrivals::Closed { users: 200.0, think_time: 0.0 };
    near(solve(&one, 1.0).classes[0].throughput, 200.0 / 0.444, 1e-6);
}

#[test]
fn batch_and_interactive_share_two_resources() {
    let ps = |cores| Kind::Service { concurrency: None, cpu_cores: Some(cores), queue_limit: None };
    let both = |a, b| vec![exponential(a), exponential(b)];
    let mut entry = station("entry", service(None), vec![Distribution::ZERO, Distribution::ZERO]);
    entry.calls = vec![call(1), call(2)];
    let stations = vec![entry, station("cpu", ps(1.0), both(1.0, 0.1)), station("disk", ps(1.0), both(0.09, 0.9))];
    let one = system(vec![closed("batch", 0, 10.0, 0.0), closed("interactive", 0, 25.0, 30.0)], stations);
    let answer = solve(&one, 1.0);
    let count = |station: usize, class: usize| {
        let at = &answer.stations[station];
        let own = [[1.0, 0.1], [0.09, 0.9]][station - 1][class];
        let _ = own;
        at.visits_by_class[class]
    };
    near(answer.stations[1].in_system.unwrap(), 9.717 + 0.8496, 2e-3);
    near(answer.stations[2].in_system.unwrap(), 0.2827 + 2.090, 2e-3);
    assert!(count(1, 0) > 0.0);
}

#[test]
fn terminals_disks_and_a_processor() {
    let mut entry = station("entry", service(None), vec![Distribution::ZERO]);
    entry.calls = (1..=5).map(call).collect();
    let mut stations = vec![entry];
    stations.extend((1..=4).map(|n| station(&format!("disk{n}"), database(Some(1), 1), vec![exponential(2.0)])));
    stations.push(station("cpu", database(Some(1), 1), vec![exponential(4.0)]));
    let answer = solve(&system(vec![closed("t", 0, 10.0, 10.0)], stations), 1.0);
    near(answer.stations[1].in_system.unwrap(), 0.8384, 5e-5);
    near(answer.stations[5].in_system.unwrap(), 4.299, 5e-4);
}

#[test]
fn users_between_whole_ones_are_interpolated() {
    let at = |users| {
        let one =
            system(vec![closed("u", 0, users, 1.0)], vec![station("s", service(Some(1)), vec![exponential(0.5)])]);
        solve(&one, 1.0).classes[0].throughput
    };
    near(at(3.25), 0.75 * at(3.0) + 0.25 * at(4.0), 1e-12);
}

#[test]
fn slots_held_over_a_call_are_near_the_exact_limit() {
    // Four slots over an unlimited callee: exactly M/M/4 with the whole hold, 30 users thinking 1 s.
    let mut app = station("app", service(Some(4)), vec![exponential(0.05)]);
    app.calls = vec![call(1)];
    let payment = station("payment", Kind::External { rate_limit: None }, vec![exponential(0.1)]);
    let answer = solve(&system(vec![closed("u", 0, 30.0, 1.0)], vec![app, payment]), 1.0);
    let center = |servers, demand: f64| convolution::Center::new(servers, vec![demand]);
    let exact = convolution::solve(&[30], &[center(f64::INFINITY, 1.0), center(4.0, 0.15)]).throughput[0];
    let got = answer.classes[0].throughput;
    assert!((got / exact - 1.0).abs() < 1e-9, "{got} is not {exact}");
    near(answer.stations[1].visits, got, got * 1e-9);
}

#[test]
fn open_and_closed_share_a_server() {
    // Mixed network, exact: the open class takes its share, the closed one sees a slower server (Lazowska et al., §7.4).
    let ps = Kind::Service { concurrency: None, cpu_cores: Some(1.0), queue_limit: None };
    let classes = vec![closed("c", 0, 5.0, 2.0), open("o", 0, 0.4)];
    let answer = solve(&system(classes, vec![station("s", ps, vec![exponential(0.5), exponential(1.0)])]), 1.0);
    let mut queues = [0.0];
    let exact = engine::queueing::mva::solve(5, 2.0, &[0.5 / 0.6], &mut queues);
    near(answer.classes[0].throughput, exact, 1e-9);
    near(answer.classes[1].mean.unwrap(), 1.0 * (1.0 + queues[0]) / 0.6, 1e-9);
}

/// Mean times of `users` who think and of an open stream on `servers` in common, all exponential with one mean: the product form summed
/// over both numbers (Baskett et al., JACM 22, 1975).
fn shared(servers: f64, users: usize, think: f64, rate: f64, mean: f64) -> [f64; 2] {
    let (mut all, mut closed, mut open, mut away) = (0.0, 0.0, 0.0, 0.0);
    let mut at_home = 1.0;
    for n in 0..=users {
        // Of n here and j of the stream: (n + j)! / (n! j!) / prod min(k, servers), and the others think.
        let mut weight = at_home;
        for k in 1..=n {
            weight *= mean / (k as f64).min(servers);
        }
        for j in 0..3000 {
            all += weight;
            closed += weight * n as f64;
            open += weight * j as f64;
            away += weight * (users - n) as f64;
            let next = (n + j + 1) as f64;
            weight *= next / (j + 1) as f64 * rate * mean / next.min(servers);
        }
        at_home *= (users - n) as f64 / think;
    }
    let rates = [away / all / think, rate];
    [closed / all / rates[0], open / all / rates[1]]
}

#[test]
fn open_and_closed_share_several_servers() {
    for (cores, users, think, rate, mean) in [
        (8, 20, 10.0, 96.0, 0.05),
        (8, 1, 10.0, 96.0, 0.05),
        (4, 100, 1.0, 5.0, 0.05),
        (4, 60, 0.5, 30.0, 0.05),
        (2, 10, 0.1, 12.0, 0.05),
        (1, 5, 2.0, 8.0, 0.05),
        (32, 40, 10.0, 500.0, 0.05),
    ] {
        let classes = vec![closed("u", 0, users as f64, think), open("o", 0, rate)];
        let cpu = Kind::Service { concurrency: None, cpu_cores: Some(f64::from(cores)), queue_limit: None };
        let times = vec![exponential(mean), exponential(mean)];
        let mut db = database(Some(cores), 1);
        if let Kind::Database(node) = &mut db {
            node.write_ratio = vec![0.0, 0.0];
        }
        for (kind, name) in [(db, "database"), (cpu, "cpu")] {
            let answer = solve(&system(classes.clone(), vec![station("s", kind, times.clone())]), 1.0);
            let exact = shared(f64::from(cores), users, think, rate, mean);
            for (class, exact) in answer.classes.iter().zip(exact) {
                let got = class.mean.unwrap();
                assert!((got / exact - 1.0).abs() < 0.01, "{name}, {cores} cores, {users} users: {got} is not {exact}");
            }
        }
    }
}

/// Two classes of users too many for the exact lattice, beside an open stream: against the exact one, which is solved here.
#[test]
fn many_users_of_two_classes_beside_an_open_load_are_near_the_exact_limit() {
    for (cores, users, thinks, rate) in
        [(4, [60.0, 40.0], [2.0, 1.0], 20.0), (8, [50.0, 50.0], [1.0, 0.5], 40.0), (8, [60.0, 60.0], [1.0, 0.8], 96.0)]
    {
        let mean = 0.05;
        let mut db = database(Some(cores), 1);
        if let Kind::Database(node) = &mut db {
            node.write_ratio = vec![0.0; 3];
        }
        let classes =
            vec![closed("a", 0, users[0], thinks[0]), closed("b", 0, users[1], thinks[1]), open("o", 0, rate)];
        let answer = solve(&system(classes, vec![station("db", db, vec![exponential(mean); 3])]), 1.0);
        let mut center = convolution::Center::new(f64::from(cores), vec![mean; 2]);
        mixed::share(&mut center, rate * mean, users.iter().sum());
        let think = convolution::Center::new(f64::INFINITY, thinks.to_vec());
        let exact = convolution::solve(&users.map(|users| users as u32), &[think, center]);
        for (class, exact) in answer.classes.iter().zip(&exact.throughput) {
            println!("{cores} cores, {users:?} users: {} of {exact} a second", class.throughput);
            assert!(
                (class.throughput / exact - 1.0).abs() < 0.04,
                "{cores} cores: {} is not {exact}",
                class.throughput
            );
        }
    }
}

#[test]
fn a_pool_over_an_unlimited_database_is_one_center() {
    let mut app = station("app", service(None), vec![exponential(0.01)]);
    app.pools.push(Pool { id: "pg".into(), size: Some(4) });
    app.calls = vec![Call { pool: Some(0), ..call(1) }];
    let db = station("db", database(None, 1), vec![exponential(0.1)]);
    let answer = solve(&system(vec![closed("u", 0, 50.0, 1.0)], vec![app, db]), 1.0);
    let center = |servers, demand: f64| convolution::Center::new(servers, vec![demand]);
    let exact = convolution::solve(&[50], &[center(f64::INFINITY, 1.01), center(4.0, 0.1)]);
    near(answer.classes[0].throughput, exact.throughput[0], 1e-9);
    let wait = exact.in_system[1] / exact.throughput[0] - 0.1;
    near(answer.stations[0].pools[0].wait.unwrap(), wait, 1e-9);
}

#[test]
fn ten_thousand_nodes_are_ten_thousand_nodes() {
    // K equal queues without thinking: X = N / (N + K - 1) / D, D the share of the second that each gets.
    let mut node = database(Some(1), 1);
    let Kind::Database(of) = &mut node else { unreachable!() };
    of.read_replicas = 10_000;
    let one = system(vec![closed("u", 0, 20_000.0, 0.0)], vec![station("db", node, vec![exponential(1.0)])]);
    let answer = solve(&one, 1.0);
    near(answer.classes[0].throughput, 10_000.0 * 20_000.0 / 29_999.0, 1e-6);
    near(answer.classes[0].mean.unwrap(), 2.9999, 1e-6);
}

#[test]
fn a_million_users_on_a_law_without_limit() {
    // All but a few are there, and slow each other.
    let mut node = database(None, 1);
    let Kind::Database(of) = &mut node else { unreachable!() };
    of.usl = Some(Usl { contention: 0.05, coherency: 0.002 });
    let one = system(vec![closed("u", 0, 1.0e6, 0.5)], vec![station("db", node, vec![exponential(0.1)])]);
    let answer = solve(&one, 1.0);
    let n = 1.0e6_f64;
    let exact = n / (1.0 + 0.05 * (n - 1.0) + 0.002 * n * (n - 1.0)) / 0.1;
    near(answer.classes[0].throughput / exact, 1.0, 1e-4);
}

/// Two classes of users far beyond what a pool of 3 over two cores carries, 40 a second: layer by layer, and no more than that but for
/// the one user of each class whom an arriving user does not find.
#[test]
fn users_never_get_more_than_a_pool_carries() {
    for users in [30.0, 60.0, 200.0, 4000.0] {
        let mut app = station("app", service(None), vec![exponential(0.001); 2]);
        app.pools.push(Pool { id: "p".into(), size: Some(3) });
        app.calls = vec![Call { pool: Some(0), ..call(1) }];
        let db = station("db", database(Some(2), 2), vec![exponential(0.05); 2]);
        let class = |id| Class { arrivals: Arrivals::Closed { users, think_time: 1.0 }, ..open(id, 0, 0.0) };
        let one = system(vec![class("a"), class("b")], vec![app, db]);
        let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
        let rate: f64 = answer.classes.iter().map(|class| class.throughput).sum();
        println!("{users}: {rate} {:?} {:?}", answer.classes[0].mean, answer.convergence);
        assert!(answer.convergence.converged && (38.0..40.2).contains(&rate), "{users}: {rate}");
        for class in &answer.classes {
            near(class.throughput * (1.0 + class.mean.unwrap()), users, 1e-6);
        }
    }
}

/// Two classes, each with a pool of its own over four cores of 40 ms: the cores are shared as the connections are, 1 to 12, not as the
/// users. Simulated: 9.3 and 90 a second.
#[test]
fn classes_share_a_part_as_their_pools_do() {
    let front = |id: &str, size: u32| {
        let mut front = station(id, service(None), vec![Distribution::ZERO; 2]);
        front.pools = vec![Pool { id: "p".into(), size: Some(size) }];
        front.calls = vec![Call { pool: Some(0), ..call(2) }];
        front
    };
    let below = station("db", database(Some(4), 2), vec![exponential(0.040); 2]);
    let classes = vec![closed("u", 0, 20.0, 0.1), closed("v", 1, 20.0, 0.1)];
    let two = system(classes, vec![front("a", 1), front("b", 12), below]);
    let answer = solve(&two, 1.0);
    let [few, many] = [0, 1].map(|class| answer.classes[class].throughput);
    assert!((8.0..12.5).contains(&few) && (80.0..92.0).contains(&many), "{few} and {many}");
}

/// Without users there is no throughput, and an answer.
#[test]
fn no_users() {
    let one = system(vec![closed("u", 0, 0.0, 1.0)], vec![station("s", service(Some(1)), vec![exponential(0.1)])]);
    assert_eq!(solve(&one, 1.0).classes[0].throughput, 0.0);
    let mixed = system(
        vec![closed("u", 0, 0.0, 1.0), open("o", 0, 5.0)],
        vec![station("s", service(Some(1)), vec![exponential(0.1); 2])],
    );
    near(solve(&mixed, 1.0).classes[1].mean.unwrap(), 0.2, 1e-6);
}
