//! The workflow of `docs/headroom-check.yml` as Actions would run it: every `run:` step by `bash -e` in a real repository with a
//! pull request, with the real `headroom` and real results of k6 and Locust. What a runner has beside that (docker, k6, locust, gh,
//! cargo) is stood in for by scripts that check how they are called and write it down; an unknown `uses:`, key, condition or
//! expression fails the test.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

use serde_norway::Value;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const WORKFLOW: &str = include_str!("../../../docs/headroom-check.yml");
/// Actions of others, with the keys of `with:` that are understood here.
const KNOWN: [(&str, &[&str]); 2] =
    [("actions/checkout@v4", &["fetch-depth"]), ("actions/upload-artifact@v4", &["name", "path"])];

/// A system like the one that the k6 fixture was recorded on (its samples' README): three routes of one small server.
const SCENARIO: &str = r#"{"format": "headroom/1", "name": "shop", "as_of": "2026-11-21",
  "traffic": [{"id": "products", "entry": "web", "arrivals": {"open": {"rate": 5}}},
              {"id": "cart", "entry": "web", "arrivals": {"open": {"rate": 5}}},
              {"id": "checkout", "entry": "web", "arrivals": {"open": {"rate": 2}}}],
  "components": [{"id": "web", "kind": "service", "concurrency": 100,
                  "service": {"products": {"mean_ms": 6}, "cart": {"mean_ms": 12}, "checkout": {"mean_ms": 30}}}],
  "slos": [{"traffic": "checkout", "percentile": 95, "latency_ms": LIMIT}],
  "growth": {"per_month": 0.05, "multiples": [1, 3]}}"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One step of the job.
struct Step {
    name: String,
    run: String,
    always: bool,
    may_fail: bool,
    env: Vec<(String, String)>,
}

/// What Actions puts for an expression.
fn expression(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (name, after) = after.split_once("}}").expect("a closed expression");
        out.push_str(before);
        out.push_str(match name.trim() {
            "github.token" => "ghs_of_the_run",
            "github.event.number" => "7",
            other => panic!("no value for the expression {other}"),
        });
        rest = after;
    }
    out + rest
}

fn text_of<'a>(value: &'a Value, what: &str) -> &'a str {
    value.as_str().unwrap_or_else(|| panic!("{what} is no text: {value:?}"))
}

/// The `run:` steps; everything else in the file must be known.
fn steps(yaml: &str) -> Vec<Step> {
    let document: Value = serde_norway::from_str(yaml).expect("YAML");
    assert!(document["on"].get("pull_request").is_some(), "it runs for pull requests");
    assert_eq!(document["permissions"]["pull-requests"].as_str(), Some("write"), "it comments");
    let jobs = document["jobs"].as_mapping().expect("jobs");
    assert_eq!(jobs.len(), 1);
    let job = jobs.values().next().expect("one job");
    let mut made = Vec::new();
    for step in job["steps"].as_sequence().expect("steps") {
        let keys: Vec<&str> = step.as_mapping().expect("a mapping").keys().map(|key| text_of(key, "a key")).collect();
        let known = ["name", "uses", "with", "run", "if", "env", "continue-on-error"];
        assert!(keys.iter().all(|key| known.contains(key)), "unknown keys in {keys:?}");
        let always = match step.get("if") {
            None => false,
            Some(condition) => {
                assert_eq!(condition.as_str(), Some("always()"), "unknown condition");
                true
            }
        };
        if let Some(uses) = step.get("uses") {
            let (_, with) = KNOWN.iter().find(|(name, _)| uses.as_str() == Some(name)).expect("a known action");
            let given = step["with"].as_mapping().expect("with");
            assert!(given.keys().all(|key| with.contains(&text_of(key, "a key"))), "{given:?}");
            continue;
        }
        let env = step.get("env").and_then(Value::as_mapping).into_iter().flatten();
        made.push(Step {
            name: text_of(&step["name"], "a name").to_owned(),
            run: expression(text_of(&step["run"], "a script")),
            always,
            may_fail: step.get("continue-on-error").and_then(Value::as_bool).unwrap_or(false),
            env: env
                .map(|(key, value)| (text_of(key, "a key").into(), expression(text_of(value, "a value"))))
                .collect(),
        });
    }
    made
}

/// What the pull request brings along.
struct Case {
    name: &'static str,
    /// The scenario on the main branch, where there is one.
    base: Option<String>,
    /// The scenario of the pull request.
    scenario: String,
    /// File that the load test leaves behind.
    measured: PathBuf,
    /// The workflow, changed as its comments say.
    workflow: String,
}

/// What a run of the job leaves behind.
#[derive(Debug, Default)]
struct Ran {
    /// Exit code of each step in its order; `None` for one that was skipped.
    codes: Vec<(String, Option<i32>)>,
    log: String,
    summary: String,
    comment: Option<String>,
    junit: Option<String>,
    report: bool,
    fitted: Option<serde_json::Value>,
}

impl Ran {
    fn code(&self, step: &str) -> Option<i32> {
        let found = self.codes.iter().find(|(name, _)| name.starts_with(step));
        found.unwrap_or_else(|| panic!("no step {step} in {:?}", self.codes)).1
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let out = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git");
    assert!(out.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
}

fn script(folder: &Path, name: &str, body: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/usr/bin/env bash\nset -eu\necho \"{name} $*\" >> \"$CALLS\"\n{body}"))
        .expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("runs");
}

/// Stand-ins for what is on a runner and not here.
fn tools(folder: &Path, headroom: &str) {
    fs::create_dir(folder).expect("folder");
    script(folder, "docker", "[ \"$*\" = 'compose up --detach --wait' ]\n");
    script(
        folder,
        "cargo",
        &format!(
            "[ \"$*\" = 'install --locked --path crates/cli' ]\nln -s '{headroom}' \"$(dirname \"$0\")/headroom\"\n"
        ),
    );
    let k6 = "[ \"$1 $2 $4\" = 'run --out capacity/levels.js' ] && [ -f \"$4\" ]\ncp \"$MEASURED\" \"${3#json=}\"\n";
    script(folder, "k6", k6);
    let locust = "[ \"$1 $2 $3\" = '--headless --csv locust' ]\ncp \"$MEASURED\" locust_stats_history.csv\n";
    script(folder, "locust", locust);
    // With no comment of its own yet, gh refuses to edit the last one.
    let gh = "[ \"$GH_TOKEN\" = ghs_of_the_run ] && [ \"$1 $2 $3 $4\" = 'pr comment 7 --body-file' ]\n\
              case \"${6:-}\" in --edit-last) echo 'no comments found for current user' >&2; exit 1;; esac\n\
              cp \"$5\" \"$COMMENT\"\n";
    script(folder, "gh", gh);
}

/// The repository with its main branch, and the checkout of the pull request.
fn repository(folder: &Path, case: &Case) -> PathBuf {
    let (origin, work) = (folder.join("origin"), folder.join("work"));
    fs::create_dir_all(origin.join("capacity")).expect("folder");
    git(&origin, &["init", "--quiet", "--initial-branch", "main"]);
    fs::write(origin.join("capacity/levels.js"), "// The levels.\n").expect("written");
    if let Some(base) = &case.base {
        fs::write(origin.join("capacity/scenario.json"), base).expect("written");
    }
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "-m", "main"]);
    git(folder, &["clone", "--quiet", "origin", "work"]);
    git(&work, &["checkout", "--quiet", "-b", "change"]);
    fs::write(work.join("capacity/scenario.json"), &case.scenario).expect("written");
    git(&work, &["add", "."]);
    git(&work, &["commit", "--quiet", "--allow-empty", "-m", "change"]);
    work
}

/// Runs the job of a case to its end.
fn ran(case: &Case) -> Ran {
    let folder = tempfile::tempdir().expect("folder");
    let (bin, work) = (folder.path().join("bin"), repository(folder.path(), case));
    tools(&bin, env!("CARGO_BIN_EXE_headroom"));
    let at = |name: &str| folder.path().join(name);
    for file in ["summary", "output", "env", "path", "calls"] {
        fs::write(at(file), "").expect("written");
    }
    let (mut ran, mut failed) = (Ran::default(), false);
    for (number, step) in steps(&case.workflow).into_iter().enumerate() {
        if failed && !step.always {
            ran.codes.push((step.name, None));
            continue;
        }
        let file = at(&format!("{number}.sh"));
        fs::write(&file, &step.run).expect("written");
        let out = Command::new("bash")
            .arg("-e")
            .arg(&file)
            .current_dir(&work)
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
            .env("HOME", folder.path())
            .envs([("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "pull_request")])
            .envs([("GITHUB_BASE_REF", "main"), ("GITHUB_HEAD_REF", "change"), ("GITHUB_REF", "refs/pull/7/merge")])
            .env("GITHUB_WORKSPACE", &work)
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .env("GITHUB_OUTPUT", at("output"))
            .env("GITHUB_ENV", at("env"))
            .env("GITHUB_PATH", at("path"))
            .env("CALLS", at("calls"))
            .env("MEASURED", &case.measured)
            .env("COMMENT", at("comment"))
            .envs(step.env)
            .output()
            .expect("bash");
        let _ = writeln!(ran.log, "## {}: {:?}", step.name, out.status.code());
        ran.log.push_str(&String::from_utf8_lossy(&out.stdout));
        ran.log.push_str(&String::from_utf8_lossy(&out.stderr));
        failed |= !out.status.success() && !step.may_fail;
        ran.codes.push((step.name, out.status.code()));
    }
    ran.summary = fs::read_to_string(at("summary")).expect("summary");
    ran.comment = fs::read_to_string(at("comment")).ok();
    ran.junit = fs::read_to_string(work.join("headroom.xml")).ok();
    ran.report = work.join("headroom.html").is_file();
    ran.fitted = fs::read_to_string(work.join("fitted.json")).ok().and_then(|text| serde_json::from_str(&text).ok());
    ran.log.push_str(&fs::read_to_string(at("calls")).expect("calls"));
    ran
}

fn scenario(limit_ms: &str) -> String {
    SCENARIO.replace("LIMIT", limit_ms)
}

fn k6(name: &'static str, base: Option<&str>, limit_ms: &str) -> Case {
    Case {
        name,
        base: base.map(scenario),
        scenario: scenario(limit_ms),
        measured: root().join("crates/ingest/tests/fixtures/k6/out.ndjson"),
        workflow: WORKFLOW.into(),
    }
}

/// Exit codes of the steps that fit, check, report and comment.
type Codes = [Option<i32>; 4];

/// Rows: the pull request, the exit codes, what the summary says, failures in the JUnit file (none without an answer).
#[test]
fn every_step_runs_and_says_what_it_should() {
    let rows: [(Case, Codes, &[&str], Option<&str>); 4] = [
        (
            k6("every objective holds", Some("500"), "500"),
            [Some(0), Some(0), Some(0), Some(0)],
            &["### Headroom at 3×: passed", "| checkout p95 at most 500 ms | yes |", "against the base"],
            Some("failures=\"0\""),
        ),
        (
            // The server's checkout has a median of 30 ms.
            k6("an objective is missed", Some("500"), "10"),
            [Some(0), Some(1), Some(0), Some(0)],
            &["### Headroom at 3×: **failed**", "| checkout p95 at most 10 ms | **no** |"],
            Some("failures=\"1\""),
        ),
        (
            k6("the first pull request has no base", None, "500"),
            [Some(0), Some(0), Some(0), Some(0)],
            &["### Headroom at 3×: passed"],
            Some("failures=\"0\""),
        ),
        (
            k6("a mistake in the scenario", Some("500"), "\"soon\""),
            [Some(2), None, Some(0), Some(0)],
            &["no answer, see the log"],
            None,
        ),
    ];
    for (case, codes, says, failures) in rows {
        let ran = ran(&case);
        let name = case.name;
        let found = ["Fit", "Check", "Report", "Comment"].map(|step| ran.code(step));
        assert_eq!(found, codes, "{name}: {}", ran.log);
        assert_eq!((ran.code("Install"), ran.code("Load test")), (Some(0), Some(0)), "{name}: {}", ran.log);
        for said in says {
            assert!(ran.summary.contains(said), "{name}: {said:?} is not in {:?}\n{}", ran.summary, ran.log);
        }
        let answered = failures.is_some();
        assert_eq!(ran.comment.as_deref(), answered.then_some(ran.summary.as_str()), "{name}: the comment");
        assert_eq!((ran.report, ran.fitted.is_some()), (answered, answered), "{name}: {}", ran.log);
        let junit = ran.junit.as_deref().unwrap_or_default();
        assert!(failures.is_none_or(|failures| junit.contains(failures)), "{name}: {junit}");
        assert_eq!(ran.summary.contains("against the base"), answered && case.base.is_some(), "{name}");
        for call in ["cargo install", "docker compose up", "k6 run --out json=k6.json"] {
            assert!(ran.log.contains(call), "{name}: no {call} in {}", ran.log);
        }
        if !answered {
            assert!(ran.log.contains("latency_ms") && ran.log.contains("soon"), "{name}: {}", ran.log);
        }
    }
}

/// The samples' README: the server's routes have medians of about 6, 12 and 30 ms, and 5 % of the checkouts take 150 ms more.
#[test]
fn what_is_checked_is_what_k6_measured() {
    let ran = ran(&k6("k6", Some("500"), "500"));
    let fitted = ran.fitted.expect("fitted");
    for (class, low, high) in [("products", 4.0, 10.0), ("cart", 8.0, 18.0), ("checkout", 25.0, 60.0)] {
        let mean = &fitted["components"][0]["service"][class]["mean_ms"];
        let value = mean["value"].as_f64().unwrap_or_else(|| panic!("{class}: {fitted:#}"));
        assert!((low..high).contains(&value) && mean["source"] == "fitted", "{class}: {mean}");
    }
}

/// The file's own comment: Locust instead of k6, and its history given to `--data`. The shop's run of three levels.
#[test]
fn with_locust_as_the_comment_says() {
    let command = WORKFLOW.lines().find_map(|line| line.trim().strip_prefix("#   locust ")).expect("the comment");
    let workflow = WORKFLOW
        .replace("k6 run --out json=k6.json capacity/levels.js", &format!("locust {command}"))
        .replace("--data k6.json", "--data locust_stats_history.csv");
    let shop = root().join("tests/fixtures/shop-stack");
    let scenario = fs::read_to_string(shop.join("scenario.json")).expect("scenario");
    let case = Case {
        name: "locust",
        base: Some(scenario.clone()),
        scenario,
        measured: shop.join("shop_stats_history.csv"),
        workflow,
    };
    let ran = ran(&case);
    assert_eq!(ran.code("Fit"), Some(0), "{}", ran.log);
    assert_eq!((ran.code("Check"), ran.code("Comment")), (Some(0), Some(0)), "{}", ran.log);
    assert!(ran.summary.contains("browse p95 at most") && ran.summary.contains("| yes |"), "{}", ran.summary);
    let fitted = ran.fitted.expect("fitted");
    let imports = fitted["imports"].as_array().expect("imports");
    assert!(imports.iter().any(|import| import["kind"] == "locust-history"), "{imports:?}");
    assert!(ran.log.contains("locust --headless --csv locust"), "{}", ran.log);
}
