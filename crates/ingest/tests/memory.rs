//! Memory stays bounded whatever the size of a file. Files are made while they are read. Large ones:
//! `HEADROOM_MEMORY_MB=2048 cargo test --release -p ingest --test memory -- --nocapture`.
//!
//! Measured as the system sees it: the most that was resident while a file was read, less what was before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ingest::{Import, Measurements, Options, Outcome};

/// The bound of issue 5.
const BOUND_MB: f64 = 64.0;

/// Files of this size where nothing else is said.
const MEGABYTES: usize = 32;

fn status(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// What a file gave and the most memory that took, in megabytes; no memory where the system does not say it.
fn read(name: &str, block: &dyn Fn(usize) -> String, end: &str, megabytes: usize) -> (Outcome, Option<f64>) {
    // Writing 5 there sets the mark of the most memory back.
    let marked = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status("VmRSS:");
    let mut import = Import::new(name, Options::default());
    let (mut done, mut index, mut refused) = (0, 0, false);
    while done < megabytes * 1_000_000 && !refused {
        let text = block(index);
        refused = text.as_bytes().chunks(256 * 1024).any(|chunk| import.push(chunk).is_err());
        (done, index) = (done + text.len(), index + 1);
    }
    if !refused {
        let _ = import.push(end.as_bytes());
    }
    let outcome = import.finish();
    (outcome, before.filter(|_| marked).zip(status("VmHWM:")).map(|(before, most)| most - before))
}

fn matrix(index: usize) -> String {
    let points: Vec<String> =
        (0..11_000).map(|at| format!("[{},\"0.{index}{at}\"]", 1_795_293_900 + 15 * at)).collect();
    let start =
        if index == 0 { "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" } else { "," };
    format!("{start}{{\"metric\":{{\"pod\":\"p{index}\"}},\"values\":[{}]}}", points.join(","))
}

fn bill(index: usize) -> String {
    let row = |row: usize| {
        format!(
            "{{\"service\":{{\"description\":\"Service {}\"}},\"usage_start_time\":\"2026-10-{:02}T00:00:00Z\",\"usage_end_time\":\"2026-10-{:02}T01:00:00Z\",\"cost\":0.01,\"currency\":\"USD\",\"credits\":[],\"invoice\":{{\"month\":\"202610\"}}}}",
            row % 90,
            1 + row % 31,
            1 + row % 31
        )
    };
    let rows: Vec<String> = (index * 1000..(index + 1) * 1000).map(row).collect();
    format!("{}{}", if index == 0 { "[" } else { "," }, rows.join(",\n"))
}

fn cur(index: usize) -> String {
    let text = include_str!("fixtures/money/aws_cur1.csv");
    if index == 0 { text.to_owned() } else { text.split_once('\n').unwrap().1.to_owned() }
}

/// A table in which no two services are the same.
fn many_services(index: usize) -> String {
    let header = if index == 0 { "date,service,cost\n" } else { "" };
    let rows = (index * 1000..(index + 1) * 1000)
        .map(|row| format!("2026-10-{:02},service number {row},0.01\n", 1 + row % 31));
    format!("{header}{}", rows.collect::<String>())
}

fn jtl(index: usize) -> String {
    let header = if index == 0 { "timeStamp,elapsed,label,responseCode,success,allThreads\n" } else { "" };
    let rows = (index * 1000..(index + 1) * 1000)
        .map(|row| format!("{},{},GET /items/{row}/x{row},200,true,20\n", 1_700_000_000_000 + row, 5 + row % 90));
    format!("{header}{}", rows.collect::<String>())
}

fn log_lines(index: usize) -> String {
    let rows = (index * 1000..(index + 1) * 1000).map(|row| {
        format!(
            "{{\"time\":{},\"path\":\"/a/{row}\",\"status\":200,\"duration_ms\":{}}}\n",
            1_700_000_000 + row / 500,
            row % 90
        )
    });
    rows.collect()
}

/// A document of a kind that is held whole.
fn traces(index: usize) -> String {
    let start = if index == 0 { "{\"data\":[" } else { "," };
    format!("{start}{{\"traceID\":\"{index}\",\"spans\":[{}]}}", "{\"x\":1},".repeat(20_000) + "{}")
}

fn measured(name: &str, outcome: Outcome) -> Measurements {
    match outcome {
        Outcome::Measured(found) => *found,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn memory_is_bounded() {
    let megabytes: usize =
        std::env::var("HEADROOM_MEMORY_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(MEGABYTES);
    type Row = (&'static str, fn(usize) -> String, &'static str, fn(&Measurements) -> bool);
    let rows: [Row; 6] = [
        ("gcp-billing-json", bill, "]", |found| {
            let total: f64 = found.costs.iter().map(|line| line.amount).sum();
            // A hundred rows of a cent each are one; every row counts.
            ((total * 100.0).round() % 1000.0).abs() < 1e-9 && found.costs.len() == 90
        }),
        ("aws-cur", cur, "", |found| !found.costs.is_empty()),
        ("bill", many_services, "", |found| found.warnings.iter().any(|warning| warning.code == "services-capped")),
        ("jmeter-csv", jtl, "", |found| found.totals.as_ref().unwrap().requests.unwrap() > 100_000),
        ("json-lines", log_lines, "", |found| found.totals.as_ref().unwrap().requests.unwrap() > 100_000),
        // Last: memory given back to the allocator would hide what the others take.
        ("prometheus-query", matrix, "]}}", |found| {
            let points: usize = found.series.iter().map(|series| series.points.len()).sum();
            found.series.len() > 100 && (100_000..=1_000_000).contains(&points)
        }),
    ];
    for (kind, block, end, sound) in rows {
        let (outcome, most) = read(kind, &block, end, megabytes);
        let found = measured(kind, outcome);
        println!(
            "{kind}: {megabytes} MB, {} MB more resident",
            most.map_or("?".to_owned(), |most| format!("{most:.1}"))
        );
        assert_eq!(found.kind, kind);
        assert!(sound(&found), "{kind}: {:?}", found.warnings);
        assert!(most.is_none_or(|most| most < BOUND_MB), "{kind}: {most:?} MB");
    }
    let (outcome, most) = read("traces.json", &traces, "]}", megabytes.max(60));
    let Outcome::Nothing(refusal) = outcome else { panic!("{outcome:?}") };
    println!("a document held whole: refused, {} MB more resident", most.unwrap_or(0.0));
    assert!(refusal.found.contains("48 MB") && refusal.remedy.contains("fewer traces"), "{refusal}");
    assert!(most.is_none_or(|most| most < BOUND_MB), "{most:?} MB");
}

/// Read in parts or whole, the figures are the same.
#[test]
fn a_long_answer_gives_what_a_short_one_gives() {
    let text: String = (0..18).map(matrix).collect::<String>() + "]}}";
    assert!(text.len() > 4 * 1024 * 1024);
    let found = measured("long", ingest::import_bytes("long", text.as_bytes()));
    assert_eq!((found.kind.as_str(), found.series.len()), ("prometheus-query", 18));
    assert!(found.series.iter().all(|series| series.points.len() == 11_000) && found.warnings.is_empty());
    assert_eq!(found.series[17].labels["pod"], "p17");
    assert_eq!(found.series[3].points[10], (1_795_294_050.0, 0.310));
    let cut = measured("cut", ingest::import_bytes("cut", &text.as_bytes()[..text.len() - 1000]));
    assert_eq!(cut.series.len(), 17);
    assert!(cut.warnings.iter().any(|warning| warning.code == "truncated"), "{:?}", cut.warnings);
}
