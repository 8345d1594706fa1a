//! Files that fit no format: what they probably are, and what to export instead; tables get a question.

use crate::import::{Candidate, Options, Question, unrecognised};
use crate::load;
use crate::load::table::guess;
use crate::read::table::Columns;
use crate::read::text::TimeUnit;
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Format, Head};
use serde_json::Value;

/// Units a question offers, likeliest first.
const UNITS: [(TimeUnit, &str); 4] = [
    (TimeUnit::Milliseconds, "milliseconds"),
    (TimeUnit::Seconds, "seconds"),
    (TimeUnit::Microseconds, "microseconds"),
    (TimeUnit::Nanoseconds, "nanoseconds"),
];

/// Rows shown with a question.
const PREVIEW: usize = 5;

/// Reports for people that are not read: what stands in them, what they are, and what the same tool writes that is read.
const REPORTS: [([&str; 2], &str, &str); 9] = [
    (["Fortio ", "queries per second"], "fortio's text", "run it with -json result.json"),
    (["summary ", "Avg:"], "JMeter's log", "import the results file: jmeter -n -t plan.jmx -l results.jtl"),
    (["Summary report @", "http."], "Artillery's text", "run it with --output report.json"),
    (["# reqs", "# fails"], "Locust's text", "run it with --csv run --csv-full-history, or --json-file"),
    (
        ["---- Global Information", "> request count"],
        "Gatling's text",
        "import simulation.log or stats.json of its report",
    ),
    (["-[ RECORD 1 ]", "\n"], "psql's expanded output", "run psql with --csv"),
    (
        ["arn:aws:elasticloadbalancing", "Root="],
        "an AWS load balancer's log",
        "save its CloudWatch metrics, or the log of nginx, HAProxy or the application",
    ),
    (
        ["#Fields:", "sc-status"],
        "a W3C log (IIS, CloudFront)",
        "remove the lines that begin with # but for the names of the columns, and import it as a table",
    ),
    (
        ["#[Histogram log format", "HISTF"],
        "an HdrHistogram log",
        "turn it into a percentile table: HistogramLogProcessor -i FILE -o OUT writes OUT.hgrm",
    ),
];

/// A question for a table, a refusal for anything else.
pub fn explain(head: &Head<'_>) -> Result<Question, Refusal> {
    let text = head.text();
    let start = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Err(Refusal::new("data", "a web page")
            .at_line(1)
            .remedy("export the figures themselves: the tool's CSV or JSON instead of its HTML report"));
    }
    if is_protobuf(head.bytes) {
        return Err(Refusal::new("traces in OTLP", "OTLP as protobuf without a span")
            .remedy("export traces; metrics and logs are read from Prometheus and from the log files themselves"));
    }
    if head.bytes.iter().take(512).filter(|byte| **byte == 0).count() > 2 || text.is_empty() {
        return Err(Refusal::new("text, JSON or a Gatling log", format!("binary data {}", excerpt(head.bytes)))
            .remedy("export CSV or JSON (vegeta: `vegeta encode --to json`; Go and Java dumps cannot be read)"));
    }
    if let Some((_, found, remedy)) = REPORTS.iter().find(|(words, ..)| words.iter().all(|word| text.contains(word))) {
        return Err(Refusal::new("a file for programs", *found).remedy(*remedy));
    }
    let (names, _) = head.columns();
    // Sentences are no names of columns.
    let sentence = |name: &str| name.ends_with(['.', '!', '?']) && name.split_whitespace().count() > 3;
    let prose = |name: &String| name.len() > 60 || sentence(name);
    if names.len() < 2 || names.iter().any(prose) || !is_table(head, names.len()) {
        return Err(unrecognised(head));
    }
    Ok(columns(Columns { names }, head))
}

/// Whether it is an OTLP export request as protobuf. Its first field is the list of resources, whose attributes stand there as
/// plain text; its tag is also a line break, but lengths and tags soon are bytes that no text has (colours begin with 27).
fn is_protobuf(bytes: &[u8]) -> bool {
    let no_text = |byte: &u8| matches!(byte, 0..=8 | 14..=26 | 28..=31);
    bytes.first() == Some(&0x0a)
        && bytes.iter().take(512).any(no_text)
        && memchr::memmem::find(bytes, b"service.name").is_some()
}

/// A question about a file whose format is known, but not the unit of its times.
pub fn doubt(format: &Format, head: &Head<'_>, context: &Context) -> Option<Question> {
    if format.kind == "bill" {
        return crate::money::plain::doubtful(head).then(|| bill(head));
    }
    if format.kind == "table" && context.options.unit.is_none() && context.options.columns.is_none() {
        let table = Columns { names: head.columns().0 };
        return load::table::lacks_unit(&table).map(|column| unit_of(&column, &guess(&table), table, head));
    }
    let lacks: fn(&Head<'_>) -> bool = match format.kind {
        "hdr-histogram" => load::hdr::lacks_unit,
        "access-log" => load::access_log::lacks_unit,
        "json-lines" | "json-log-traces" => load::json_lines::lacks_unit,
        _ => return None,
    };
    if context.options.unit.is_some() || !lacks(head) {
        return None;
    }
    let with = |unit| Options { kind: Some(format.kind.to_owned()), unit: Some(unit), ..context.options.clone() };
    let preview = head.text().lines().take(PREVIEW).map(|line| vec![line.chars().take(200).collect()]).collect();
    Some(Question {
        text: "What is the unit of the durations? The file does not say it.".to_owned(),
        candidates: UNITS
            .iter()
            .map(|(unit, label)| Candidate { label: (*label).to_owned(), options: with(*unit) })
            .collect(),
        preview,
        ..Question::default()
    })
}

/// A question about a table of names and amounts, which may be anything.
fn bill(head: &Head<'_>) -> Question {
    let candidate = Candidate {
        label: "a bill: what each of them costs in a month".to_owned(),
        options: Options { kind: Some("bill".to_owned()), ..Options::default() },
    };
    Question {
        text: "Is this a bill? It has names and amounts, but neither dates nor a currency.".to_owned(),
        candidates: vec![candidate],
        columns: head.columns().0,
        preview: preview(head),
        ..Question::default()
    }
}

/// Whether the first lines have equally many fields.
fn is_table(head: &Head<'_>, width: usize) -> bool {
    let lines = head.text().lines().skip(1).take(PREVIEW);
    let rows: Vec<usize> = lines.filter(|line| !line.is_empty()).map(|line| fields(line).len()).collect();
    !rows.is_empty() && rows.iter().filter(|fields| **fields == width).count() * 2 > rows.len()
}

fn fields(line: &str) -> Vec<String> {
    crate::read::table::header_of(line).0
}

/// What the columns of a table mean.
fn columns(columns: Columns, head: &Head<'_>) -> Question {
    let mapping = guess(&columns);
    match &mapping.duration {
        Some(duration) => unit_of(duration, &mapping, columns, head),
        None => Question {
            text: "Which columns hold the time, the duration, the status and the endpoint of a request?".to_owned(),
            columns: columns.names,
            preview: preview(head),
            ..Question::default()
        },
    }
}

/// The unit of a column whose name does not say it.
fn unit_of(column: &str, mapping: &crate::ColumnMapping, columns: Columns, head: &Head<'_>) -> Question {
    let with = |unit| crate::ColumnMapping { unit: Some(unit), ..mapping.clone() };
    let candidate = |(unit, label): &(TimeUnit, &str)| Candidate {
        label: (*label).to_owned(),
        options: Options { columns: Some(with(*unit)), ..Options::default() },
    };
    Question {
        text: format!("What is the unit of the column `{column}`? Its name does not say it (`{column}_ms` would)."),
        candidates: UNITS.iter().map(candidate).collect(),
        columns: columns.names,
        preview: preview(head),
        ..Question::default()
    }
}

/// The first rows under the header.
fn preview(head: &Head<'_>) -> Vec<Vec<String>> {
    head.text().lines().skip(1).take(PREVIEW).map(fields).collect()
}

/// Whether it is a table of which only the unit of its times is unknown.
pub fn lacks_unit_only(head: &Head<'_>) -> bool {
    let columns = Columns { names: head.columns().0 };
    guess(&columns).duration.is_some() && is_table(head, columns.names.len())
}

/// A refusal for JSON lines of unknown kind, by the first of them.
pub fn lines(head: &Head<'_>) -> Refusal {
    let first = head.text().lines().find_map(|line| crate::read::json::value(line.as_bytes())).unwrap_or(Value::Null);
    let refusal = document(&first);
    Refusal { found: format!("JSON lines, the first of them {}", refusal.found), ..refusal }.remedy(
        "see docs/formats.md for the lines that can be read; a log needs a time and a duration, a status or a path",
    )
}

/// A refusal for a JSON document of unknown kind.
pub fn document(value: &Value) -> Refusal {
    if crate::read::json::has(value, &["assemblyId", "reportKeys"]) {
        return Refusal::new("a bill", "the manifest of an AWS cost and usage report")
            .remedy("import the .csv.gz files it lists in reportKeys");
    }
    let found = match value {
        Value::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Value::Object(members) => {
            let keys: Vec<&str> = members.keys().take(8).map(String::as_str).collect();
            format!("an object with the keys {}", keys.join(", "))
        }
        Value::Array(items) => match items.first() {
            None => "an empty list".to_owned(),
            Some(Value::Object(members)) => {
                let keys: Vec<&str> = members.keys().take(8).map(String::as_str).collect();
                format!("a list of objects with the keys {}", keys.join(", "))
            }
            Some(_) => "a list of plain values".to_owned(),
        },
        _ => "a single value".to_owned(),
    };
    Refusal::new("a load test, metrics, a topology or a bill in a known JSON format", found)
        .remedy("see docs/formats.md for the exports that can be read")
}
