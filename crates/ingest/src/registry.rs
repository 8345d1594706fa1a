//! The one table of formats. To add a format: write its module with a `pub const FORMAT: Format`, add it to [`FORMATS`], run the
//! tests (one of them writes its row of `docs/formats.md`).

use crate::measurements::Measurements;
use crate::read::Reader;
use crate::read::list::{self, Gather, Paths};
use crate::refusal::Refusal;
use crate::{Options, load, metrics, money, topology, trace};
use serde_json::Value;

/// All formats, in the order in which they are documented.
pub static FORMATS: &[&Format] = &[
    &load::k6_summary::FORMAT,
    &load::k6_summary::LEGACY,
    &load::k6_new_summary::FORMAT,
    &load::k6_points::FORMAT,
    &load::k6_csv::FORMAT,
    &load::k6_console::FORMAT,
    &load::locust_stats::FORMAT,
    &load::locust_history::FORMAT,
    &load::locust_failures::FORMAT,
    &load::locust_json::FORMAT,
    &load::jmeter_csv::FORMAT,
    &load::jmeter_xml::FORMAT,
    &load::jmeter_statistics::FORMAT,
    &load::jmeter_aggregate::FORMAT,
    &load::gatling_text::FORMAT,
    &load::gatling_binary::FORMAT,
    &load::gatling_stats::FORMAT,
    &load::gatling_stats::SCRIPT,
    &load::wrk::FORMAT,
    &load::wrk::WRK2,
    &load::hdr::FORMAT,
    &load::hey::FORMAT,
    &load::hey::CSV,
    &load::vegeta::FORMAT,
    &load::vegeta::TEXT,
    &load::vegeta_hist::FORMAT,
    &load::vegeta::CSV,
    &load::vegeta::LINES,
    &load::oha::FORMAT,
    &load::hey::OHA,
    &load::artillery::FORMAT,
    &load::autocannon::FORMAT,
    &load::autocannon_text::FORMAT,
    &load::ab::FORMAT,
    &load::ab::PERCENTILES,
    &load::ab::ROWS_FORMAT,
    &load::fortio::FORMAT,
    &load::bombardier::FORMAT,
    &load::bombardier_text::FORMAT,
    &load::siege::FORMAT,
    &load::siege::JSON,
    &load::h2load::FORMAT,
    &load::h2load::LOG,
    &load::httperf::FORMAT,
    &load::loadtest::FORMAT,
    &load::drill::FORMAT,
    &load::goose::FORMAT,
    &load::goose::LINES,
    &load::access_log::FORMAT,
    &load::haproxy_log::FORMAT,
    &load::json_lines::FORMAT,
    &load::table::FORMAT,
    &metrics::prometheus::FORMAT,
    &metrics::exposition::FORMAT,
    &metrics::redis_info::FORMAT,
    &metrics::redis_benchmark::FORMAT,
    &metrics::redis_benchmark::CSV,
    &metrics::grafana::FRAMES,
    &metrics::grafana::CSV,
    &metrics::rabbitmq::FORMAT,
    &metrics::kafka_groups::FORMAT,
    &metrics::cloudwatch::FORMAT,
    &metrics::pg_stat::STATEMENTS,
    &metrics::pg_stat::STATEMENTS_JSON,
    &metrics::pg_stat::DATABASE,
    &metrics::pg_stat::DATABASE_JSON,
    &metrics::mongodb::FORMAT,
    &metrics::mongodb::SHELL,
    &trace::jaeger::FORMAT,
    &trace::otlp::FORMAT,
    &trace::otlp::LINES,
    &trace::otlp_proto::FORMAT,
    &trace::zipkin::FORMAT,
    &trace::logs::FORMAT,
    &trace::service_graph::DEPENDENCIES,
    &topology::kubernetes::FORMAT,
    &topology::kubernetes::JSON,
    &topology::compose::FORMAT,
    &topology::compose::JSON,
    &topology::haproxy::FORMAT,
    &topology::nginx::FORMAT,
    &money::cost_explorer::FORMAT,
    &money::cost_explorer_csv::FORMAT,
    &money::aws_cur::FORMAT,
    &money::focus::FORMAT,
    &money::gcp::FORMAT,
    &money::gcp::LINES,
    &money::azure::FORMAT,
    &money::kube_cost::FORMAT,
    &money::infracost::FORMAT,
    &money::plain::FORMAT,
    &money::price_book::FORMAT,
];

/// The format of that kind.
pub fn format(kind: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.kind == kind)
}

/// One file format: how it is recognised, how it is read and what is written about it.
#[derive(Debug)]
pub struct Format {
    /// Kind in kebab case, such as `k6-ndjson`; the name in `Measurements::kind` and in `Options::kind`.
    pub kind: &'static str,
    /// Name for people, with the command or flag that writes it.
    pub title: &'static str,
    /// How it is recognised and read.
    pub shape: Shape,
    /// Its row in `docs/formats.md`.
    pub docs: Docs,
}

impl Format {
    /// Whether a JSON document fits; nothing for formats that are no JSON documents.
    pub fn fits_document(&self, document: &Value) -> Option<Fit> {
        match self.shape {
            Shape::Json { fits, .. } | Shape::List { fits, .. } => Some(fits(document)),
            Shape::Stream { .. } | Shape::Text { .. } => None,
        }
    }

    /// The measurements of a JSON document that is held whole.
    ///
    /// # Errors
    /// Nothing usable is in it.
    pub fn read_document(&self, document: &Value, context: &Context) -> Result<Measurements, Refusal> {
        match self.shape {
            Shape::Json { read, .. } => read(document, context),
            Shape::List { paths, gather, .. } => list::whole(document, paths, gather(context)),
            Shape::Stream { .. } | Shape::Text { .. } => Err(Refusal::new("a JSON format", self.kind)),
        }
    }
}

/// What the table in `docs/formats.md` says of a format.
#[derive(Debug, Clone, Copy)]
pub struct Docs {
    /// Versions it was checked with.
    pub versions: &'static str,
    /// What is used of it.
    pub used: &'static str,
    /// Traps and how they are met.
    pub traps: &'static str,
    /// The test behind it: `own run`, `public sample` or `unverified`.
    pub evidence: &'static str,
}

/// How sure a format is that a file is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is not.
    No,
    /// It may be, if no other format is sure.
    Maybe,
    /// It is.
    Yes,
}

impl From<bool> for Fit {
    fn from(sure: bool) -> Self {
        if sure { Self::Yes } else { Self::No }
    }
}

/// How a format is recognised and read.
pub enum Shape {
    /// Recognised by the first 64 KB and read as it streams, in bounded memory.
    Stream {
        /// Whether the head of a file fits.
        fits: fn(&Head<'_>) -> Fit,
        /// A reader for one file.
        open: fn(&Context) -> Box<dyn Reader>,
    },
    /// One JSON document, held whole (up to [`crate::read::WHOLE_LIMIT`]) and recognised when complete. A document that was cut
    /// is closed at its last complete value and marked so.
    Json {
        /// Whether the document fits.
        fits: fn(&Value) -> Fit,
        /// The measurements of it.
        read: fn(&Value, &Context) -> Result<Measurements, Refusal>,
    },
    /// One JSON document around a list that may be long: a short one is read as `Json`, a long one item by item in bounded memory.
    List {
        /// Whether the document (or the start of a long one) fits.
        fits: fn(&Value) -> Fit,
        /// Where the list stands.
        paths: Paths,
        /// What takes its items.
        gather: fn(&Context) -> Box<dyn Gather>,
    },
    /// A text report, held whole, recognised by its first 64 KB.
    Text {
        /// Whether the head of a file fits.
        fits: fn(&Head<'_>) -> Fit,
        /// The measurements of it.
        read: fn(&str, &Context) -> Result<Measurements, Refusal>,
    },
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Stream { .. } => "stream",
            Self::Json { .. } => "json",
            Self::List { .. } => "list",
            Self::Text { .. } => "text",
        })
    }
}

/// What a reader may know about its file besides the bytes.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The file's name as given; for messages only, never for recognition.
    pub file: String,
    /// What the caller said about the file.
    pub options: Options,
}

/// The first bytes of a file (at most 64 KB), decoded.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether this is all of the file.
    pub whole: bool,
}

impl<'a> Head<'a> {
    /// The bytes as text: up to the first invalid sequence, leading white space and byte order mark removed.
    pub fn text(&self) -> &'a str {
        crate::read::text::valid_prefix(self.bytes).trim_start()
    }

    /// The first line that is not empty and no spreadsheet's `sep=;`, without its line break.
    pub fn first_line(&self) -> &'a str {
        let separator = |line: &&str| line.len() <= 6 && line.to_ascii_lowercase().starts_with("sep=");
        self.text().lines().find(|line| !separator(line)).unwrap_or("")
    }

    /// The columns of the first line, unquoted, and the delimiter that gives the most of them.
    pub fn columns(&self) -> (Vec<String>, u8) {
        crate::read::table::header_of(self.first_line())
    }

    /// Whether the first line has all these columns, whatever their order, case and delimiter.
    pub fn has_columns(&self, names: &[&str]) -> bool {
        let (columns, _) = self.columns();
        names.iter().all(|name| columns.iter().any(|column| column.eq_ignore_ascii_case(name)))
    }

    /// Whether the first byte that is not white space opens a JSON object or list.
    pub fn is_json(&self) -> bool {
        self.text().starts_with(['{', '['])
    }

    /// Whether the file is one JSON object a line: the first line is complete by itself and a second one opens an object.
    pub fn is_json_lines(&self) -> bool {
        let mut lines = self.text().lines().filter(|line| !line.trim().is_empty());
        let (first, second) = (lines.next().unwrap_or(""), lines.next());
        let complete = first.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
        complete && second.is_some_and(|line| line.starts_with('{'))
    }
}
