//! How fast files are read on one core, and how much memory that takes.
//!
//! `cargo bench -p ingest --bench speed` measures every row; an argument picks rows by a part of their name, `--gigabytes 2` sets the
//! size. Files are made while they are read, so that nothing but the reader is measured and no file has to fit into memory. Peak memory is read from `/proc/self/status` where there is one.
#![allow(clippy::unwrap_used)]

mod rows;

use ingest::{Import, Options, Outcome};
use rows::{ROWS, Row};
use std::time::Instant;

/// Bytes handed over at a time, as a browser's stream does.
const CHUNK: usize = 256 * 1024;

/// Seconds this process has spent on a core, so that a busy machine does not blur the figures; wall time where that is not known.
fn busy_seconds(start: Instant) -> f64 {
    let schedule = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Peak resident memory in megabytes.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

fn measure(row: &Row, bytes: u64) {
    let mut import = Import::new(row.name, Options::default());
    import.push(row.header.as_bytes()).unwrap();
    // Sixteen blocks are made once per round outside of the clock; their times move on with the round.
    let begin = Instant::now();
    let (mut done, mut seconds, mut block) = (row.header.len() as u64, 0.0, 0);
    while done < bytes {
        let mut text = String::new();
        while text.len() < 8 * 1024 * 1024 {
            text.push_str(&(row.block)(block));
            block += 1;
        }
        let start = busy_seconds(begin);
        text.as_bytes().chunks(CHUNK).for_each(|chunk| import.push(chunk).unwrap());
        seconds += busy_seconds(begin) - start;
        done += text.len() as u64;
    }
    let start = busy_seconds(begin);
    let Outcome::Measured(found) = import.finish() else { panic!("{}: not measured", row.name) };
    seconds += busy_seconds(begin) - start;
    let requests = found.totals.and_then(|totals| totals.requests).unwrap_or(0);
    let speed = done as f64 / 1e6 / seconds;
    let target = if row.target_mb_per_s > 0.0 { format!(", wanted {}", row.target_mb_per_s) } else { String::new() };
    let memory =
        peak_mb().map_or(String::new(), |peak| format!(", peak memory {peak:.0} MB (8 MB of it the generator's)"));
    println!("{:14} {speed:7.0} MB/s{target}: {:.0} MB, {requests} requests{memory}", row.name, done as f64 / 1e6);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let value =
        |name: &str| arguments.iter().position(|argument| argument == name).and_then(|place| arguments.get(place + 1));
    let gigabytes: f64 = value("--gigabytes").and_then(|text| text.parse().ok()).unwrap_or(0.25);
    let filter = arguments.iter().find(|argument| argument.parse::<f64>().is_err() && !argument.starts_with("--"));
    for row in ROWS.iter().filter(|row| filter.is_none_or(|part| row.name.contains(part.as_str()))) {
        measure(row, (gigabytes * 1e9) as u64);
    }
}
