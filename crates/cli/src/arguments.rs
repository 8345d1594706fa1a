//! What can be typed. The text here is the command's help.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use study::simulate::Warmup;

/// How far can it grow, what breaks first, and what will it cost?
///
/// Scenarios are JSON or YAML files; `-` is standard input. Exit codes: 0 fine, 1 an objective is missed, 2 the input is
/// bad, 3 a fault of the program or the system.
#[derive(Debug, Parser)]
#[command(name = "headroom", version = env!("HEADROOM_VERSION"), max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Latency, utilization and spend at each growth multiple, how far it can grow, what breaks next
    Solve(Solve),
    /// The same with bands from the uncertainty of every figure
    Project(Project),
    /// Check the objectives at a growth multiple, for continuous integration
    Check(Check),
    /// The cheapest changes that meet the objectives at each growth multiple
    Plan(Plan),
    /// Two to four scenarios side by side, differences first
    Compare(Compare),
    /// Settings that meet the objectives, for other systems
    Export(Export),
    /// One page to print or send: the projection, the plan, the assumptions, as HTML
    Report(Report),
    /// What moves the headroom most, and what to measure next
    Sensitivity(Sensitivity),
    /// Read measurements from files: load tests, metrics, traces, bills
    Import(Import),
    /// Fit a scenario to measurements
    Calibrate(Calibrate),
    /// Fit on the low load levels, predict the high ones, report the error
    Backtest(Backtest),
    /// Play a scenario event by event, with 95 % intervals
    Simulate(Simulate),
    /// Put the shards of one simulation together
    Merge(Merge),
    /// Check a scenario and list all its problems
    Validate(Validate),
    /// Print the JSON Schema of scenarios
    Schema,
    /// Serve the app and keep short links
    Serve(Serve),
    /// Store a scenario as a share, encrypted here, and print its links
    Push(Push),
    /// Fetch the scenario behind a link
    Pull(Pull),
    /// Copy the share store of a running server
    Backup(Backup),
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Address of the server that is to keep a new share, such as https://headroom.example
    #[arg(long, value_name = "URL", env = "HEADROOM_SERVER", conflicts_with = "to")]
    pub(crate) server: Option<String>,
    /// Add a version to the share of this link to edit instead
    #[arg(long, value_name = "LINK", env = "HEADROOM_LINK", hide_env_values = true)]
    pub(crate) to: Option<String>,
    /// Name of the version
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) name: String,
    /// Days a new share lives
    #[arg(long, value_name = "NUMBER", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
    /// What to leave out
    #[arg(long, value_enum, value_name = "PART", value_delimiter = ',')]
    pub(crate) leave_out: Vec<Part>,
    /// Text of a comment on the version, such as the Markdown summary of a check
    #[arg(long, value_name = "FILE")]
    pub(crate) comment: Option<String>,
    /// Who says so
    #[arg(long, value_name = "NAME", default_value = "headroom push")]
    pub(crate) author: String,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A part of a scenario that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Prices, costs, budgets and bills
    Money,
    /// Names of everything, and notes
    Names,
    /// Notes
    Notes,
    /// Imports with their measured points
    Imports,
}

#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// The link, short or whole; - reads it from standard input, where no list of processes shows it
    #[arg(value_name = "LINK", env = "HEADROOM_LINK", hide_env_values = true)]
    pub(crate) link: String,
    /// Where the scenario goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Answer with JSON: the scenario with its version, name and comments
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The copy; it must not exist yet
    #[arg(value_name = "COPY")]
    pub(crate) copy: PathBuf,
    /// The share store [default: `headroom/shares.db` in the user's data folder]
    #[arg(long, value_name = "FILE", env = "HEADROOM_DATA")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Solve {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: the scenario's own]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: the scenario's own]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The scenarios
    #[arg(value_name = "SCENARIO", required = true, num_args = 2..=4)]
    pub(crate) scenarios: Vec<String>,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: those of the first]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Where to
    #[arg(long, value_enum)]
    pub(crate) to: ExportTo,
    /// Growth multiple at which the objectives must hold
    #[arg(long, value_name = "MULTIPLE", default_value_t = 1.0)]
    pub(crate) growth: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: the scenario's own]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Draws of the uncertain figures
    #[arg(long, value_name = "NUMBER", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) samples: u32,
    /// Where the page goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportTo {
    /// Replicas and autoscalers as Kubernetes YAML
    K8s,
    /// Alert rules
    Prometheus,
    /// Counts by component
    Json,
    /// The projection's figures
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Sensitivity {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Project {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: the scenario's own]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Draws of the uncertain figures
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) samples: u32,
    /// Seed of the draws
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Where the answer goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
}

/// Form of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// The whole document
    Json,
    /// A row per figure
    Csv,
    /// For a pull request or a wiki
    Markdown,
    /// Charts of latency and spend
    Svg,
    /// One page with charts and tables
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiple at which the objectives must hold
    #[arg(long, value_name = "MULTIPLE", default_value_t = 1.0)]
    pub(crate) growth: f64,
    /// Least probability with which an uncertain objective must hold
    #[arg(long, value_name = "RATIO", default_value_t = 0.9, value_parser = probability)]
    pub(crate) probability: f64,
    /// Scenario to compare with, such as the one before a change
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) base: Option<String>,
    /// Write a JUnit report there
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<String>,
    /// Write a Markdown summary there
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<String>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files to read, - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Answer with JSON, one document a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// How measurements are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Kind of all the files, where their content does not tell
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub(crate) kind: String,
    /// Minutes east of UTC of local times without a zone
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    pub(crate) zone_minutes: Option<i32>,
    /// Unit of times in files that do not say it
    #[arg(long, value_name = "UNIT", value_enum)]
    pub(crate) unit: Option<Unit>,
    /// Keep endpoint names as they are instead of collapsing identifiers
    #[arg(long)]
    pub(crate) keep_names: bool,
}

/// A unit of time as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unit {
    /// Seconds
    S,
    /// Milliseconds
    Ms,
    /// Microseconds
    Us,
    /// Nanoseconds
    Ns,
}

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    /// The scenario to fit; without it the smallest one that explains the data
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: Option<String>,
    /// Files with measurements
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) data: Vec<String>,
    /// What means what: endpoints, series and bill lines to classes and components
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<String>,
    /// Where the fitted scenario goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Where the fit's report goes as JSON [default: as text to standard error]
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Backtest {
    /// The scenario to fit
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Files with measurements
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) data: Vec<String>,
    /// What means what: endpoints, series and bill lines to classes and components
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<String>,
    /// Hold out the levels above so many requests per second [default: the highest level]
    #[arg(long, value_name = "RPS")]
    pub(crate) holdout_above: Option<f64>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Growth multiples, such as 1,2,5 or 1..10 [default: 1, or 1,2,5,10 with --lose-each]
    #[arg(long, value_name = "MULTIPLES")]
    pub(crate) growth: Option<Growth>,
    /// Simulated seconds measured in each replication [default: 600, with events at least twice the end of the last one]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<f64>,
    /// Simulated seconds dropped at the start: auto, or a number
    #[arg(long, value_name = "SECONDS", default_value = "auto", value_parser = warmup)]
    pub(crate) warmup: Warmup,
    /// Independent replications; with --half-width the most of them
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub(crate) replications: u32,
    /// Stop when 95 % half-widths of means and 95th percentiles are within this ratio
    #[arg(long, value_name = "RATIO")]
    pub(crate) half_width: Option<f64>,
    /// Seed of every random choice
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Play only part I of N of the replications; put them together with merge
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<(u32, u32)>,
    /// Instead lose each component once for a minute, at each of the multiples, and say whether the system comes back
    #[arg(long, conflicts_with_all = ["shard", "half_width", "replications", "warmup", "seconds"])]
    pub(crate) lose_each: bool,
    /// Play from the event list alone; it is always so, no shortcut exists
    #[arg(long = "no-fast-path")]
    pub(crate) _no_fast_path: bool,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Results of simulate --shard --json
    #[arg(value_name = "RESULT", required = true)]
    pub(crate) results: Vec<String>,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Growth multiples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Growth(pub(crate) Vec<f64>);

impl FromStr for Growth {
    type Err = String;

    /// Reads `1,2,5` and ranges of whole numbers such as `1..10`, also mixed.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for part in text.split(',').map(str::trim) {
            match part.split_once("..") {
                None => all.push(part.parse().map_err(|_| format!("`{part}` is no number"))?),
                Some((from, to)) => {
                    let whole =
                        |end: &str| end.parse::<u32>().map_err(|_| format!("`{part}` is no range such as 1..10"));
                    let (from, to) = (whole(from)?, whole(to)?);
                    if from > to || to - from >= 1000 {
                        return Err(format!("`{part}` must go up, by less than 1000"));
                    }
                    all.extend((from..=to).map(f64::from));
                }
            }
        }
        Ok(Self(all))
    }
}

fn probability(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.parse().ok();
    value.filter(|ratio| (0.0..=1.0).contains(ratio)).ok_or_else(|| "give a ratio from 0 to 1".to_owned())
}

fn warmup(text: &str) -> Result<Warmup, String> {
    if text == "auto" {
        return Ok(Warmup::Auto);
    }
    text.parse().map(Warmup::Seconds).map_err(|_| "give auto or a number of seconds".to_owned())
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((index, of)) if index >= 1 && index <= of => Ok((index, of)),
        _ => Err("give I/N with I from 1 to N".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// File with these settings, in TOML: the options' names without dashes in front
    #[arg(long, value_name = "FILE", env = "HEADROOM_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", env = "HEADROOM_ADDR")]
    pub(crate) addr: SocketAddr,
    /// Folder of the built app [default: the one a released program carries; else `dist` here, or `app` beside the program]
    #[arg(long, value_name = "FOLDER", env = "HEADROOM_APP")]
    pub(crate) app: Option<PathBuf>,
    /// File that keeps the shares of short links, `none` for no short links, `memory` to forget them at the end
    /// [default: `headroom/shares.db` in the user's data folder]
    #[arg(long, value_name = "FILE", env = "HEADROOM_DATA")]
    pub(crate) data: Option<String>,
    /// PostgreSQL that keeps the shares, for several servers behind a balancer (postgres://…)
    #[arg(long, value_name = "URL", env = "HEADROOM_DATABASE_URL", hide_env_values = true, conflicts_with = "data")]
    pub(crate) database_url: Option<String>,
    /// File with the authorities that may sign the database's certificate [default: those the system trusts]
    #[arg(long, value_name = "FILE", env = "HEADROOM_DATABASE_CA")]
    pub(crate) database_ca: Option<PathBuf>,
    /// Metrics servers that visitors may query, as NAME=URL (credentials: see the configuration file)
    #[arg(long, value_name = "NAME=URL", value_delimiter = ',', env = "HEADROOM_PROMETHEUS")]
    pub(crate) prometheus: Vec<String>,
    /// Number of proxies in front whose X-Forwarded-For is trusted
    #[arg(long, value_name = "NUMBER", default_value_t = 0, env = "HEADROOM_PROXIES")]
    pub(crate) proxies: usize,
    /// Connections open at once from one address; 0 is without limit, as it is behind proxies
    #[arg(long, value_name = "NUMBER", default_value_t = 512, env = "HEADROOM_CONNECTIONS_PER_ADDRESS")]
    pub(crate) connections_per_address: u32,
    /// Reads of shares a minute that one address may make; 0 is without limit
    #[arg(long, value_name = "NUMBER", default_value_t = 600, env = "HEADROOM_READS_PER_MINUTE")]
    pub(crate) reads_per_minute: u32,
    /// Writes of shares a minute that one address may make; 0 is without limit
    #[arg(long, value_name = "NUMBER", default_value_t = 60, env = "HEADROOM_WRITES_PER_MINUTE")]
    pub(crate) writes_per_minute: u32,
    /// Largest share in kilobytes
    #[arg(long, value_name = "NUMBER", default_value_t = 2048, env = "HEADROOM_SHARE_KILOBYTES")]
    pub(crate) share_kilobytes: u32,
    /// Most megabytes of shares in all
    #[arg(long, value_name = "NUMBER", default_value_t = 10_240, env = "HEADROOM_TOTAL_MEGABYTES")]
    pub(crate) total_megabytes: u32,
    /// Most days a share may live
    #[arg(long, value_name = "NUMBER", default_value_t = 1825, env = "HEADROOM_LONGEST_DAYS")]
    pub(crate) longest_days: u32,
    /// Tell browsers to use HTTPS only (set it when all visitors come through HTTPS)
    #[arg(long, env = "HEADROOM_HSTS")]
    pub(crate) hsts: bool,
    /// How the log is written to standard error
    #[arg(long, value_enum, default_value = "text", env = "HEADROOM_LOG")]
    pub(crate) log: Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
    /// Nothing
    Off,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth() {
        let rows: [(&str, Option<&[f64]>); 10] = [
            ("1", Some(&[1.0])),
            ("1,2.5, 10", Some(&[1.0, 2.5, 10.0])),
            ("1..4", Some(&[1.0, 2.0, 3.0, 4.0])),
            ("0.5,2..3", Some(&[0.5, 2.0, 3.0])),
            ("", None),
            ("1,", None),
            ("1..", None),
            ("4..1", None),
            ("1..2000", None),
            ("x", None),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Growth>().ok().map(|growth| growth.0), expected.map(<[f64]>::to_vec), "{text}");
        }
    }
}
