//! Small systems for tests.
#![allow(dead_code)]

use engine::model::*;

pub fn call(to: usize) -> Call {
    Call {
        to,
        per_request: 1.0,
        mode: Mode::Sync,
        when: When::Always,
        classes: None,
        network: 0.0,
        kb: 0.0,
        network_mbit_s: None,
        pool: None,
        timeout: None,
        on_miss: Vec::new(),
        retry: None,
        breaker: None,
        max_in_flight: None,
        share: None,
    }
}

pub fn station(id: &str, kind: Kind, service: Vec<Distribution>) -> Station {
    Station {
        id: id.into(),
        kind,
        replicas: 1,
        service,
        calls: Vec::new(),
        pools: Vec::new(),
        discipline: Discipline::Fifo,
        autoscale: None,
        failure_ratio: 0.0,
        zone: None,
        price: Price::default(),
    }
}

pub fn service(concurrency: Option<u32>) -> Kind {
    Kind::Service { concurrency, cpu_cores: None, queue_limit: None }
}

pub fn database(cores: Option<u32>, classes: usize) -> Kind {
    Kind::Database(DatabaseNode {
        cores,
        max_connections: None,
        read_replicas: 0,
        write_ratio: vec![0.0; classes],
        shards: 1,
        hot_shard_share: None,
        usl: None,
        request_units: None,
        gb: 0.0,
        gb_growth_per_month: 0.0,
    })
}

pub fn cache(hit_ratio: Vec<f64>) -> Kind {
    Kind::Cache { hits: HitRatio::Given(hit_ratio), concurrency: None, nodes: 1, coalesce: false, bypass_ratio: 0.0 }
}

pub fn queue() -> Kind {
    Kind::Queue {
        partitions: None,
        consumers: None,
        prefetch: None,
        max_length: None,
        delay: 0.0,
        max_attempts: 1,
        dead_letter: None,
        duplicate_ratio: 0.0,
    }
}

pub fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

pub fn open(id: &str, entry: usize, rate: f64) -> Class {
    Class {
        id: id.into(),
        entry,
        arrivals: Arrivals::Open { rate, cv: 1.0 },
        priority: 0,
        growth: 1.0,
        profile: None,
        active_users: None,
    }
}

pub fn system(classes: Vec<Class>, stations: Vec<Station>) -> System {
    System {
        classes,
        stations,
        objectives: Vec::new(),
        multiples: vec![1.0, 2.0, 3.0, 5.0, 8.0, 10.0],
        growth_per_month: None,
        fixed_costs: Vec::new(),
        zones: Vec::new(),
        events: Vec::new(),
    }
}

/// The shop of the samples, with the times it was built with.
pub fn shop() -> System {
    let both = |d: Distribution| vec![d.clone(), d];
    let (browse, checkout) = (0, 1);
    let mut app = station("app", service(None), both(exponential(0.001)));
    app.pools.push(Pool { id: "pg".into(), size: Some(4) });
    app.calls = vec![
        Call { classes: Some(vec![browse]), on_miss: vec![Call { pool: Some(0), ..call(2) }], ..call(1) },
        Call { classes: Some(vec![checkout]), pool: Some(0), ..call(2) },
        Call { classes: Some(vec![checkout]), ..call(3) },
        Call { classes: Some(vec![checkout]), mode: Mode::Async, ..call(4) },
    ];
    let redis = station("redis", cache(vec![0.7, 0.7]), both(exponential(0.001)));
    let db = station("db", database(None, 2), vec![exponential(0.031), exponential(0.021)]);
    let payment = station("payment", Kind::External { rate_limit: None }, both(Distribution::lognormal(0.042, 0.5)));
    let mut receipts = station("receipts", queue(), both(Distribution::Deterministic { mean: 0.001 }));
    receipts.calls = vec![call(5)];
    let mut worker = station("receipt-worker", service(Some(1)), both(Distribution::from_mean_cv(0.06, 0.5)));
    worker.replicas = 2;
    system(vec![open("browse", 0, 24.0), open("checkout", 0, 6.0)], vec![app, redis, db, payment, receipts, worker])
}
