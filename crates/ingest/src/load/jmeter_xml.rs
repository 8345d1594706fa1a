//! JMeter results (JTL) as XML, also when cut.

use super::jmeter_csv::{failure, finished};
use crate::measurements::{Measurements, Warning};
use crate::read::tags::{Kind, Tag, TagSink, Tags};
use crate::read::{Reader, text, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::{Recorder, Request};

/// The format.
pub const FORMAT: Format = Format {
    kind: "jmeter-xml",
    title: "JMeter: results as XML (JTL)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.13",
        used: "as the CSV",
        traps: "of nested samples the outer request counts; transactions are left out, the requests in them count; a killed run has no \
                closing tag",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().starts_with('<') && head.text().contains("<testResults"))
}

fn open(context: &Context) -> Box<dyn Reader> {
    let keep = context.options.keep_names;
    let samples =
        Samples { requests: Recorder::new(keep), transactions: Recorder::new(keep), open: Vec::new(), closed: false };
    Box::new(Tags::new(Box::new(samples)))
}

struct Samples {
    requests: Recorder,
    transactions: Recorder,
    /// For each open sample whether it is a request: samples inside it are parts of it.
    open: Vec<bool>,
    closed: bool,
}

impl TagSink for Samples {
    fn tag(&mut self, tag: &Tag<'_>) {
        if tag.name == "testResults" {
            self.closed = tag.kind == Kind::Close;
        }
        if !matches!(tag.name, "httpSample" | "sample") {
            return;
        }
        if tag.kind == Kind::Close {
            self.open.pop();
            return;
        }
        let inside_request = self.open.iter().any(|request| *request);
        let request = !inside_request && self.sample(&tag.attributes());
        if tag.kind == Kind::Open && self.open.len() < 1000 {
            self.open.push(request || inside_request);
        }
    }

    fn finish(self: Box<Self>, cut: bool) -> Result<Measurements, Refusal> {
        let Self { requests, transactions, closed, .. } = *self;
        if requests.requests() + transactions.requests() == 0 {
            return Err(Refusal::new("samples with the attributes t and ts", "none")
                .remedy("save results with times (jmeter.save.saveservice.*)"));
        }
        let mut found = finished(requests, transactions);
        if cut || !closed {
            let text =
                "The closing tag is missing: the run was killed or the file cut. The figures cover what came before.";
            found.warnings.push(
                Warning::new("truncated", text)
                    .with("requests", found.totals.as_ref().and_then(|totals| totals.requests)),
            );
        }
        Ok(found)
    }
}

impl Samples {
    /// Counts a sample; whether it is a request (and not a transaction).
    fn sample(&mut self, attributes: &[(String, String)]) -> bool {
        let field = |name: &str| attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let (Some(elapsed), Some(stamp)) = (text::number(field("t")), text::number(field("ts"))) else { return false };
        let start_s = time::from_unix(stamp);
        let request = Request {
            start_s: Some(start_s),
            method: "",
            name: field("lb"),
            latency_ms: elapsed,
            failure: failure(field("s"), field("rc")),
        };
        if field("rm").starts_with("Number of samples in transaction") {
            self.transactions.request(&request);
            return false;
        }
        self.requests.request(&request);
        if let Some(users) = text::number(field("na")) {
            self.requests.users(start_s, users);
        }
        true
    }
}
