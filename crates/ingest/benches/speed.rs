//! How fast files are read on one core, and how much memory that takes.
//!
//! `cargo bench -p ingest --bench speed` measures every row; an argument picks rows by a part of their name, `--gigabytes 2` sets the
//! size. Files are made in memory from the own-run fixtures, block by block with moving time stamps, so that nothing but the reader
//! is measured and no file has to fit into memory. Peak memory is read from `/proc/self/status` where there is one.
#![allow(clippy::unwrap_used)]

use ingest::{Import, Options, Outcome};
use std::time::Instant;

/// Bytes handed over at a time, as a browser's stream does.
const CHUNK: usize = 256 * 1024;

/// A file that is made while it is read.
struct Row {
    name: &'static str,
    header: &'static str,
    /// The text of block number `index`.
    block: fn(u64) -> String,
    target_mb_per_s: f64,
}

const ROWS: &[Row] = &[
    Row { name: "k6-ndjson", header: "", block: k6_block, target_mb_per_s: 400.0 },
    Row {
        name: "k6-csv",
        header: "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,\
                 status,subproto,tls_version,url,extra_tags,metadata\n",
        block: k6_csv_block,
        target_mb_per_s: 0.0,
    },
    Row {
        name: "jmeter-csv",
        header: "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,grpThreads,allThreads,URL,\
                 Latency,Hostname,IdleTime\n",
        block: jmeter_block,
        target_mb_per_s: 300.0,
    },
    Row {
        name: "gatling-text",
        header: "RUN\tshop.Shop\tshop\t1700000000000\t \t3.11.0\n",
        block: gatling_block,
        target_mb_per_s: 0.0,
    },
    Row { name: "aws-cur", header: "", block: cur_block, target_mb_per_s: 200.0 },
    Row { name: "focus", header: "", block: focus_block, target_mb_per_s: 0.0 },
    Row { name: "access-log", header: "", block: access_block, target_mb_per_s: 0.0 },
    Row { name: "json-lines", header: "", block: json_block, target_mb_per_s: 0.0 },
];

/// A latency that varies without a random generator.
fn latency(index: u64) -> f64 {
    let wave = (index as f64 * 12.9898).sin() * 43_758.547;
    5.0 + 40.0 * wave.fract().abs().powi(3)
}

/// The points k6 writes for one request, with moving time.
fn k6_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 100..(block + 1) * 100 {
        let (second, nano) = (request / 500 % 3600, request * 1_999_993 % 1_000_000_000);
        let time = format!("2026-11-21T20:{:02}:{:02}.{nano:09}Z", second / 60, second % 60);
        let name = ["products", "cart", "checkout"][(request % 3) as usize];
        let status = if request % 97 == 0 { "500" } else { "200" };
        for metric in METRICS {
            let value = if *metric == "http_req_duration" { latency(request) } else { 0.017391 };
            text.push_str(&format!(
                "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{value},\"tags\":{{\
                 \"expected_response\":\"true\",\"group\":\"::browse\",\"method\":\"GET\",\"name\":\"{name}\",\"proto\":\"HTTP/1.1\",\
                 \"scenario\":\"default\",\"status\":\"{status}\",\"url\":\"{name}\"}}}}}}\n"
            ));
        }
    }
    text
}

const METRICS: &[&str] = &[
    "http_reqs",
    "http_req_duration",
    "http_req_blocked",
    "http_req_connecting",
    "http_req_tls_handshaking",
    "http_req_sending",
    "http_req_waiting",
    "http_req_receiving",
    "http_req_failed",
    "data_sent",
    "data_received",
];

fn k6_csv_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 100..(block + 1) * 100 {
        let second = 1_795_293_922 + request / 500;
        for metric in METRICS {
            let value = if *metric == "http_req_duration" { latency(request) } else { 0.017391 };
            text.push_str(&format!(
                "{metric},{second},{value},,,,true,::browse,GET,products,HTTP/1.1,default,,200,,,products,,\n"
            ));
        }
    }
    text
}

fn jmeter_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 1000..(block + 1) * 1000 {
        let (time, elapsed) = (1_795_294_657_200 + request / 2, latency(request) as u64);
        let name = ["GET products", "GET cart", "POST checkout"][(request % 3) as usize];
        text.push_str(&format!(
            "{time},{elapsed},{name},200,OK,\"Shop, users 1-{}\",text,true,399,20,20,http://127.0.0.1:18080/api/products,{elapsed},vm,0\n",
            request % 20
        ));
    }
    text
}

fn gatling_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 1000..(block + 1) * 1000 {
        let start = 1_700_000_000_000 + request;
        text.push_str(&format!("REQUEST\tshop\tGET products\t{start}\t{}\tOK\t \n", start + latency(request) as u64));
    }
    text
}

/// The whole fixture the first time, then its rows again and again: bills repeat themselves.
fn repeated(text: &str, block: u64) -> String {
    if block == 0 { text.to_owned() } else { text.split_once('\n').map_or("", |(_, rows)| rows).to_owned() }
}

fn cur_block(block: u64) -> String {
    repeated(include_str!("../tests/fixtures/money/aws_cur1.csv"), block)
}

fn focus_block(block: u64) -> String {
    repeated(include_str!("../tests/fixtures/money/focus_1.0_head100.csv"), block)
}

fn access_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 1000..(block + 1) * 1000 {
        let second = request / 500 % 3600;
        text.push_str(&format!(
            "10.0.0.1 - - [21/Nov/2026:20:{:02}:{:02} +0000] \"GET /items/{} HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X11; Linux)\" {:.3}\n",
            second / 60,
            second % 60,
            request % 5000,
            latency(request) / 1e3
        ));
    }
    text
}

fn json_block(block: u64) -> String {
    let mut text = String::new();
    for request in block * 1000..(block + 1) * 1000 {
        text.push_str(&format!(
            "{{\"time\":{},\"level\":\"info\",\"method\":\"GET\",\"path\":\"/items/{}\",\"status\":200,\"duration_ms\":{:.3},\"trace\":\"4bf92f35\"}}\n",
            1_700_000_000 + request / 500,
            request % 5000,
            latency(request)
        ));
    }
    text
}

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
