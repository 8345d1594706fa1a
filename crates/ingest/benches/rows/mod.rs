//! Files made in memory from the own-run fixtures, block by block with moving time stamps.

/// A file that is made while it is read.
pub struct Row {
    /// What it is like.
    pub name: &'static str,
    /// Its first lines.
    pub header: &'static str,
    /// The text of block number `index`.
    pub block: fn(u64) -> String,
    /// Megabytes a second that are wanted natively; 0 where nothing is.
    pub target_mb_per_s: f64,
}

pub const ROWS: &[Row] = &[
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
    repeated(include_str!("../../tests/fixtures/money/aws_cur1.csv"), block)
}

fn focus_block(block: u64) -> String {
    repeated(include_str!("../../tests/fixtures/money/focus_1.0_head100.csv"), block)
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
