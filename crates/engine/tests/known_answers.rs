//! Published and exact results, read from `tests/data/*.csv`; each row carries its source.
#![allow(clippy::unwrap_used)]
mod common;

use engine::{
    queueing::{bounds, convolution, erlang, mgc, mmc, mmck, mva},
    stats::Moments,
};

/// Rows of a table: the first fields up to `numbers`, the source last.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| line.split(',').collect())
}

fn number(field: &str) -> f64 {
    field.parse().unwrap_or(f64::NAN)
}

#[test]
fn open_stations() {
    for row in rows(include_str!("data/open.csv")) {
        let (rate, service, servers, extra) = (number(row[1]), number(row[2]), number(row[3]), number(row[4]));
        let (quantity, expected, tolerance) = (row[5], number(row[6]), number(row[7]));
        let got = match row[0] {
            "mmc" => {
                let queue = mmc::solve(rate, service, servers as u32).unwrap();
                match quantity {
                    "utilization" => queue.utilization,
                    "wait_probability" => queue.wait_probability,
                    "wait" => queue.mean_wait,
                    "response" => queue.response_time,
                    "in_system" => queue.in_system,
                    "wait_p95" => queue.wait_quantile(0.95),
                    "wait_p99" => queue.wait_quantile(0.99),
                    other => panic!("no quantity {other}"),
                }
            }
            "mgc" => {
                let moments = Moments { mean: service, variance: extra * service * service, third: 0.0 };
                mgc::wait(rate, 1.0, &moments, servers).unwrap().mean
            }
            "mmck" => {
                let room = mmck::solve(rate, service, servers, extra);
                if quantity == "loss" { room.loss } else { room.in_system }
            }
            "loss" => erlang::loss(servers, rate * service),
            other => panic!("no kind {other}"),
        };
        assert!((got - expected).abs() <= tolerance, "{row:?}: {got}");
    }
}

/// One closed network of the table.
struct Network {
    name: String,
    populations: Vec<u32>,
    centers: Vec<convolution::Center>,
    expected: Vec<(String, usize, usize, f64, f64)>,
}

fn networks() -> Vec<Network> {
    let mut networks: Vec<Network> = Vec::new();
    let list = |field: &str| field.split_whitespace().map(number).collect::<Vec<_>>();
    for row in rows(include_str!("data/closed.csv")) {
        match row[0] {
            "network" => networks.push(Network {
                name: row[1].into(),
                populations: list(row[2]).iter().map(|&n| n as u32).collect(),
                centers: Vec::new(),
                expected: Vec::new(),
            }),
            "center" => {
                let servers = if row[1] == "delay" { f64::INFINITY } else { number(row[1]) };
                networks.last_mut().unwrap().centers.push(convolution::Center::new(servers, list(row[2])));
            }
            _ => networks.last_mut().unwrap().expected.push((
                row[1].into(),
                number(row[2]) as usize,
                number(row[3]) as usize,
                number(row[4]),
                number(row[5]),
            )),
        }
    }
    networks
}

#[test]
fn closed_networks() {
    let networks = networks();
    assert!(networks.len() >= 6);
    for network in networks {
        let classes = network.populations.len();
        let solved = convolution::solve(&network.populations, &network.centers);
        for (quantity, station, class, expected, tolerance) in &network.expected {
            let throughput = solved.throughput[*class];
            let count = solved.in_system[station * classes + class];
            let got = match quantity.as_str() {
                "throughput" => throughput,
                "in_system" => count,
                "residence" => count / throughput,
                "queued" => count - throughput * network.centers[*station].demands[*class],
                "utilization" => {
                    throughput * network.centers[*station].demands[*class] / network.centers[*station].servers
                }
                // All but the first station, where users think.
                "response" => f64::from(network.populations[*class]) / throughput - network.centers[0].demands[*class],
                other => panic!("no quantity {other}"),
            };
            assert!(
                (got - expected).abs() <= *tolerance,
                "{}: {quantity} {station} {class}: {got} is not {expected}",
                network.name
            );
        }
    }
}

#[test]
fn mean_value_analysis_and_convolution_agree() {
    for network in networks() {
        if network.populations.len() != 1 || network.centers.iter().any(|c| c.servers > 1.0 && c.servers.is_finite()) {
            continue;
        }
        let think: f64 = network.centers.iter().filter(|c| c.servers.is_infinite()).map(|c| c.demands[0]).sum();
        let demands: Vec<f64> =
            network.centers.iter().filter(|c| c.servers.is_finite()).map(|c| c.demands[0]).collect();
        let mut queues = vec![0.0; demands.len()];
        let throughput = mva::solve(network.populations[0], think, &demands, &mut queues);
        let solved = convolution::solve(&network.populations, &network.centers);
        assert!((throughput / solved.throughput[0] - 1.0).abs() < 1e-10, "{}", network.name);
    }
}

#[test]
fn approximate_mean_values_are_close_to_exact() {
    for network in networks() {
        let populations: Vec<f64> = network.populations.iter().map(|&n| f64::from(n)).collect();
        let exact = convolution::solve(&network.populations, &network.centers);
        let near = engine::queueing::amva::solve(&populations, &network.centers);
        for (a, b) in near.throughput.iter().zip(&exact.throughput) {
            println!("{}: {a} {b}", network.name);
            assert!((a / b - 1.0).abs() < 0.05, "{}: {a} is not near {b}", network.name);
        }
    }
}

#[test]
fn a_jackson_network_with_a_loop() {
    // Gross & Harris, ex. 4.2: 35 an hour; 55 % to node 2, 45 % to node 3; 2 -> 3 2 %, 3 -> 2 1 %; times in minutes.
    let outside = 35.0 / 60.0;
    let (mut second, mut third) = (0.0, 0.0);
    for _ in 0..200 {
        (second, third) = (0.55 + 0.01 * third, 0.45 + 0.02 * second);
    }
    for (visits, service, servers, expected) in [(1.0, 0.5, 1, 0.412), (second, 6.0, 3, 2.706), (third, 20.0, 7, 6.781)]
    {
        let node = mmc::solve(outside * visits, service, servers).unwrap();
        assert!((node.in_system - expected).abs() < 6e-4, "{} is not {expected}", node.in_system);
    }
}

#[test]
fn a_client_server_system_of_ten_nodes_by_the_whole_solver() {
    // Gunther, PPA ch. 8: six open classes; the last three repeat the demands of the first three without the PC.
    use common::{call, open, service, station, system};
    use engine::{model::*, solve::*};
    let rates = [0.0667, 0.1333, 0.0167, 8.2667, 16.5333, 2.0667];
    let demands = [
        ("pc", [0.0259, 0.0278, 0.0222]),
        ("fs", [0.0055, 0.0043, 0.0011]),
        ("gw", [0.0300, 0.0200, 0.0100]),
        ("mf", [0.0024, 0.0071, 0.0010]),
        ("fsdisk", [0.0233, 0.0233, 0.0027]),
        ("mfdisk1", [0.0083, 0.0166, 0.0042]),
        ("mfdisk2", [0.0083, 0.0166, 0.0042]),
        ("mfdisk3", [0.0083, 0.0166, 0.0042]),
        ("mfdisk4", [0.0083, 0.0166, 0.0042]),
        ("lan", [0.0264, 0.0176, 0.0088]),
    ];
    let shared = Kind::Service { concurrency: None, cpu_cores: Some(1.0), queue_limit: None };
    let mut stations = vec![station("user", service(None), vec![Distribution::ZERO; 6])];
    for (position, (id, demand)) in demands.iter().enumerate() {
        let own = (0..6).map(|c| {
            let none = *id == "pc" && c >= 3;
            if none { Distribution::ZERO } else { Distribution::Exponential { mean: demand[c % 3] } }
        });
        stations.push(station(id, shared.clone(), own.collect()));
        stations[0].calls.push(call(position + 1));
    }
    let classes = rates.iter().enumerate().map(|(n, &rate)| open(&format!("c{n}"), 0, rate)).collect();
    let one = system(classes, stations);
    let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
    for (class, expected) in answer.classes.iter().zip([0.2749, 0.2884, 0.1010, 0.2489, 0.2605, 0.0787]) {
        let mean = class.mean.unwrap();
        assert!((mean - expected).abs() <= 5e-4, "{mean} is not {expected}");
    }
    for (station, expected) in [(3, 0.604), (5, 0.588), (10, 0.532), (6, 0.355), (4, 0.140), (2, 0.120)] {
        let utilization = answer.stations[station].utilization.unwrap();
        assert!((utilization - expected).abs() <= 5e-4, "{station}: {utilization} is not {expected}");
    }
    assert_eq!(answer.bottleneck.unwrap().station, 3, "the gateway is the busiest");
}

#[test]
fn bounds_of_a_hundred_terminals() {
    // Gunther, PPA ch. 2.
    let found = bounds::bounds(100.0, 300.0, &[0.63]);
    assert!((found.saturation_population - 477.19).abs() < 5e-3, "{found:?}");
    assert!((found.capacity - 1.5873).abs() < 5e-5);
    let mut queues = [0.0];
    let exact = mva::solve(100, 300.0, &[0.63], &mut queues);
    assert!(found.throughput_low <= exact && exact <= found.throughput_high, "{found:?} {exact}");
}
