//! Gatling's `simulation.log` as text (to 3.11).

use crate::measurements::{Measurements, Warning};
use crate::read::Reader;
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::text;
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::{Recorder, Request};
use crate::sense::warn;

/// The format.
pub const FORMAT: Format = Format {
    kind: "gatling-text",
    title: "Gatling: simulation.log (text, to 3.11)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "3.1; layouts of 2.x and of 3.0 to 3.11",
        used: "every request, users over time",
        traps: "the user's number stands in REQUEST lines up to 3.3; groups and messages may hold any text; GROUP lines repeat requests \
                and are left out",
        evidence: "public sample",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let run = text.lines().take(50).any(|line| line.starts_with("RUN\t"));
    Fit::from(run && (text.starts_with("RUN\t") || text.starts_with("ASSERTION\t")))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Lines::new(Box::new(Log { recorder: Recorder::new(context.options.keep_names), ..Log::default() })))
}

#[derive(Default)]
struct Log {
    recorder: Recorder,
    version: String,
    users: i64,
    errors: u64,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

impl LineSink for Log {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        self.recorder.at_line(number);
        let text = text::valid_prefix(line);
        let fields: Vec<&str> = text.split('\t').collect();
        let read = match fields[0] {
            "REQUEST" => self.request(&fields),
            "USER" => self.user(&fields),
            "RUN" => {
                self.version = fields
                    .iter()
                    .rev()
                    .map(|field| field.trim())
                    .find(|field| field.contains('.') && field.as_bytes()[0].is_ascii_digit())
                    .unwrap_or("")
                    .to_owned();
                Some(())
            }
            "ERROR" => {
                self.errors += 1;
                Some(())
            }
            "GROUP" | "ASSERTION" | "" => Some(()),
            _ => None,
        };
        if read.is_none() {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        if self.recorder.requests() == 0 {
            let unread = self.first_unread.map(|(line, text)| format!("none; line {line} is {text}"));
            let found = unread.or(self.recorder.impossible()).unwrap_or("none".to_owned());
            return Err(Refusal::new("REQUEST lines with OK or KO", found)
                .remedy("logs of Gatling 3.0 to 3.11 are read as text"));
        }
        let mut found = self.recorder.finish();
        found.tool_version = Some(self.version).filter(|version| !version.is_empty());
        if self.errors > 0 {
            let text = "The scenario itself reported errors (crashed checks, missing attributes): users may have done less than planned.";
            found.warnings.push(Warning::new("script-exceptions", text).with("errors", self.errors));
        }
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

impl Log {
    /// `REQUEST [scenario] [user] groups name start end OK|KO message`, found from the status on, for the layouts differ before it.
    fn request(&mut self, fields: &[&str]) -> Option<()> {
        let times = |index: usize| millis(fields[index - 1]).zip(millis(fields[index - 2]));
        let mut candidates = (4..fields.len().min(11)).filter(|index| matches!(fields[*index], "OK" | "KO"));
        let status = candidates.find(|index| times(*index).is_some())?;
        // Version 2 wrote four times: of sending and of receiving, from and to.
        let first = if status > 5 && times(status - 2).is_some() { status - 4 } else { status - 2 };
        let (start, end) = (millis(fields[first])?, millis(fields[status - 1])?);
        let message = fields.get(status + 1).map_or("", |message| message.trim());
        let failure = (fields[status] == "KO").then_some(if message.is_empty() { "KO" } else { message });
        self.recorder.request(&Request {
            start_s: Some(start / 1e3),
            method: "",
            name: fields.get(first.checked_sub(1)?)?,
            latency_ms: end - start,
            failure,
        });
        Some(())
    }

    fn user(&mut self, fields: &[&str]) -> Option<()> {
        let place = fields.iter().position(|field| matches!(*field, "START" | "END"))?;
        let times: Vec<f64> = fields[place + 1..].iter().filter_map(|field| millis(field)).collect();
        let started = fields[place] == "START";
        let at = if started { times.first()? } else { times.last()? };
        self.users += if started { 1 } else { -1 };
        self.recorder.users(at / 1e3, self.users.max(0) as f64);
        Some(())
    }
}

/// A Unix time in milliseconds.
fn millis(field: &str) -> Option<f64> {
    (field.len() == 13).then(|| text::number(field))?
}
