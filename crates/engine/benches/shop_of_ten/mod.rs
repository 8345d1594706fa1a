//! A full scenario for measuring.

use super::common::*;
use engine::model::*;

/// Ten components, five classes: an edge, a balancer's worth of services, caches, databases, a queue.
pub fn shop_of_ten() -> System {
    let classes = 5;
    let each = |mean: f64| (0..classes).map(|c| exponential(mean * (1.0 + 0.2 * f64::from(c)))).collect::<Vec<_>>();
    let mut stations = vec![
        station("edge", service(Some(2000)), each(0.0005)),
        station("api", service(Some(400)), each(0.002)),
        station("auth", service(Some(64)), each(0.001)),
        station("catalog", service(Some(128)), each(0.003)),
        station("redis", cache(vec![0.8; 5]), each(0.0004)),
        station("db", database(Some(16), classes as usize), each(0.004)),
        station("search", database(Some(8), classes as usize), each(0.006)),
        station("payment", Kind::External { rate_limit: None }, each(0.04)),
        station("mail", queue(), each(0.0005)),
        station("mailer", service(Some(8)), each(0.02)),
    ];
    stations[1].pools.push(Pool { id: "pg".into(), size: Some(40) });
    stations[0].calls = vec![call(1)];
    stations[1].calls = vec![
        call(2),
        call(3),
        Call { pool: Some(0), per_request: 1.5, ..call(5) },
        Call { classes: Some(vec![0, 1]), ..call(7) },
        Call { mode: Mode::Async, classes: Some(vec![0, 1]), ..call(8) },
    ];
    stations[3].calls = vec![Call { on_miss: vec![call(5)], ..call(4) }, Call { per_request: 0.5, ..call(6) }];
    stations[8].calls = vec![call(9)];
    system((0..classes).map(|c| open(&format!("c{c}"), 0, 40.0 + 5.0 * f64::from(c))).collect(), stations)
}
