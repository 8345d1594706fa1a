//! Tasks of more than 50 ms on the page's own thread: while one runs, nothing a person does is answered.
//!
//! Every document tells of its own by the console, because that outlives it; here they are put beside the steps of the journey.

use crate::browser::Window;
use crate::environment;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Most time of the processor that a task may take in any journey, in milliseconds. The goal is 50, and what is above it is
/// printed; processors differ, so that only what went wrong altogether fails.
const LONGEST: f64 = 300.0;

/// The same by the clock where no trace tells (journeys are not traced unless asked, it makes them three times as long):
/// other work on the machine stretches that manyfold.
const UNKNOWN: f64 = 1500.0;

/// The goal, in milliseconds.
const GOAL: f64 = 50.0;

/// What Chromium traces: every task with the time that its thread had a processor, and marks, which tell when the trace began.
pub(crate) const TRACED: &str = "disabled-by-default-devtools.timeline,blink.user_timing";

/// How long the page of the trial is busy, in milliseconds.
const TRIAL: f64 = 150.0;

/// What the page writes before what it tells.
const WORD: &str = "e2e task ";

/// Steps of the running journey: milliseconds since 1970, and what was done.
static STEPS: Mutex<Vec<(f64, String)>> = Mutex::new(Vec::new());

/// When the page was slowed down on purpose and when no more, in turns: milliseconds since 1970.
static SLOW: Mutex<Vec<f64>> = Mutex::new(Vec::new());

/// For every new document: tells of long tasks (`[start, duration]`) and of what ran in long frames (`[start, duration, scripts]`).
pub(crate) const WATCH: &str = "performance.mark('e2e clock ' + (performance.timeOrigin + performance.now())); for (const type of ['longtask', 'long-animation-frame']) { \
    if (!PerformanceObserver.supportedEntryTypes.includes(type)) continue; \
    new PerformanceObserver(list => { for (const e of list.getEntries()) { \
      const scripts = e.scripts?.map(s => `${s.invoker} ${s.sourceFunctionName} ${Math.round(s.duration)}`); \
      const rest = e.styleAndLayoutStart ? [`style and layout ${Math.round(e.startTime + e.duration - e.styleAndLayoutStart)}`] : []; \
      console.debug('e2e task ' + JSON.stringify([performance.timeOrigin + e.startTime, e.duration, scripts?.concat(rest)])); \
    } }).observe({ type, buffered: true }); }";

/// Scripts of the journey itself keep the thread too: what runs between these two is not the page's.
pub(crate) const ASIDE: &str = "const e2eAside = performance.timeOrigin + performance.now(); \
    const e2eBack = () => console.debug('e2e task ' + JSON.stringify([e2eAside, performance.timeOrigin + performance.now() - e2eAside, 'aside']));";

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |passed| passed.as_secs_f64() * 1000.0)
}

/// Notes what the journey does now.
pub(crate) fn step(what: impl Into<String>) {
    STEPS.lock().expect("no panic").push((now(), what.into()));
}

/// The page is slowed down on purpose from now on, or no more.
pub(crate) fn slowed(slow: bool) {
    let mut turns = SLOW.lock().expect("no panic");
    if slow == turns.len().is_multiple_of(2) {
        turns.push(now());
    }
}

/// A journey begins: a page is busy on purpose, so that its end can tell whether long tasks are told at all.
pub(crate) async fn begin(window: &Window, page: &str) {
    STEPS.lock().expect("no panic").clear();
    SLOW.lock().expect("no panic").clear();
    window.client.goto(page).await.expect("the page opens");
    let busy = "const [long, done] = arguments; \
                setTimeout(() => { const until = performance.now() + long; while (performance.now() < until); setTimeout(done, 100) })";
    window.client.execute_async(busy, vec![Value::from(TRIAL)]).await.expect("the trial");
    step("begin");
}

/// A long task.
#[derive(Debug, PartialEq)]
pub(crate) struct Task {
    start: f64,
    duration: f64,
    /// How much of it the thread had a processor, where the trace tells: the rest is other work of the machine.
    busy: Option<f64>,
    what: String,
}

/// The long tasks of the journey, those that took most first. Reading a trace takes seconds: only where one took
/// twice the goal.
pub(crate) async fn found(journey: &str, window: &Window, console: &[(String, String)]) -> Vec<Task> {
    let told: Vec<Value> = console.iter().filter_map(|(_, text)| read(text)).collect();
    let (trials, mut tasks) = tasks(&told, &STEPS.lock().expect("no panic"));
    let slow = SLOW.lock().expect("no panic").clone();
    // Between an odd turn and the next.
    tasks.retain(|task| slow.iter().filter(|turn| **turn <= task.start).count().is_multiple_of(2));
    assert!(trials.iter().any(|task| task.duration >= TRIAL), "long tasks are not told: {trials:?}");
    if tasks.iter().any(|task| task.duration > 2.0 * GOAL) {
        let trace = window.trace().await;
        keep(journey, &trace);
        let traced = traced(&trace);
        for task in &mut tasks {
            task.busy = busy(&traced, task);
        }
        let first = |task: &Task| task.busy.unwrap_or(task.duration);
        tasks.sort_by(|a, b| first(b).total_cmp(&first(a)));
    }
    tasks
}

/// Prints the long tasks of the journey and holds them to the limit.
pub(crate) fn judge(journey: &str, tasks: &[Task]) {
    let traced: Vec<f64> = tasks.iter().filter_map(|task| task.busy).collect();
    let over = traced.iter().filter(|busy| **busy > GOAL).count();
    let over = if traced.is_empty() { String::new() } else { format!(", {over} by the processor") };
    println!("{journey}: {} tasks over 50 ms by the clock{over}", tasks.len());
    for task in tasks {
        let busy = task.busy.map_or("?".to_owned(), |busy| format!("{busy:.0}"));
        println!("  {busy} of {:.0} ms {}", task.duration, task.what);
    }
    for task in tasks {
        let (took, most) = task.busy.map_or((task.duration, UNKNOWN), |busy| (busy, LONGEST));
        assert!(took <= most, "{journey}: the page was busy for {took:.0} ms at a stretch: {}", task.what);
    }
}

/// Keeps a trace beside the pictures, as Chromium's own tools open it.
fn keep(journey: &str, trace: &[Value]) {
    if !trace.is_empty() {
        let path = environment::results().join(format!("{journey}.trace.json"));
        std::fs::write(path, json!({ "traceEvents": trace }).to_string()).expect("target can be written");
    }
}

/// Start and length by the clock, and time of the processor, of the tasks of all main threads; in milliseconds since 1970.
fn traced(trace: &[Value]) -> Vec<(f64, f64, f64)> {
    let clock = trace.iter().find_map(|event| {
        let at: f64 = event["name"].as_str()?.strip_prefix("e2e clock ")?.parse().ok()?;
        Some(at - event["ts"].as_f64()? / 1000.0)
    });
    let Some(clock) = clock else { return Vec::new() };
    let of = |event: &Value| {
        let is_it = event["name"] == "RunTask" && event["pid"] == event["tid"];
        let milliseconds = |part: &str| Some(event[part].as_f64()? / 1000.0);
        is_it.then_some(())?;
        Some((clock + milliseconds("ts")?, milliseconds("dur")?, milliseconds("tdur")?))
    };
    trace.iter().filter_map(of).collect()
}

/// The processor's time of the traced task that is this one: the one that fits best.
fn busy(traced: &[(f64, f64, f64)], task: &Task) -> Option<f64> {
    let apart = |(start, length, _): &(f64, f64, f64)| (start - task.start).abs() + (length - task.duration).abs();
    let best = traced.iter().min_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    (apart(best) < 0.5 * task.duration).then_some(best.2)
}

/// The console's line is `address line:column "text"`, the text as a string of JSON.
fn read(line: &str) -> Option<Value> {
    let text = &line[line.find('"')?..];
    let text: String = serde_json::from_str(text).ok()?;
    serde_json::from_str(text.strip_prefix(WORD)?).ok()
}

/// Those before the first step, then those of the journey, the longest first.
fn tasks(told: &[Value], steps: &[(f64, String)]) -> (Vec<Task>, Vec<Task>) {
    let span = |entry: &Value| Some((entry[0].as_f64()?, entry[1].as_f64()?));
    let of = |wanted: fn(&Value) -> bool| {
        told.iter().filter(move |entry| wanted(&entry[2])).filter_map(move |entry| Some((span(entry)?, entry)))
    };
    let meets = |(start, length): (f64, f64), (other, rest): (f64, f64)| start < other + rest && other < start + length;
    let mut all: Vec<Task> = of(Value::is_null)
        .filter(|(task, _)| !of(Value::is_string).any(|(aside, _)| meets(*task, aside)))
        .map(|((start, duration), _)| {
            let step = steps.iter().rev().find(|(at, _)| *at <= start + duration / 2.0).map_or("", |(_, what)| what);
            let scripts = of(Value::is_array)
                .filter(|(frame, _)| meets((start, duration), *frame))
                .map(|(_, entry)| entry[2].to_string());
            Task {
                start,
                duration,
                busy: None,
                what: format!("after `{step}`: {}", scripts.collect::<Vec<_>>().join(" ")),
            }
        })
        .collect();
    all.sort_by(|a, b| b.duration.total_cmp(&a.duration));
    let begun = steps.first().map_or(0.0, |(at, _)| *at);
    all.into_iter().partition(|task| task.start < begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_put_beside_steps_and_frames() {
        let line = r#"console-api 5:3 "e2e task [1000.5,60,null]""#;
        let told = [
            read(line).expect("a task"),
            json!([990.0, 100.0, ["onclick 55"]]),
            json!([700.0, 150.0, null]),
            json!([2000.0, 80.0, null]),
            json!([1990.0, 120.0, "aside"]),
        ];
        let steps = [(900.0, "click".to_owned()), (1100.0, "later".to_owned())];
        let wanted =
            Task { start: 1000.5, duration: 60.0, busy: None, what: "after `click`: [\"onclick 55\"]".to_owned() };
        let (trials, found) = tasks(&told, &steps);
        assert_eq!((trials.len(), trials[0].duration, found), (1, 150.0, vec![wanted]));
        assert_eq!(read("http://x 1:1 \"something else\""), None);
    }

    #[test]
    fn a_task_is_found_in_the_trace() {
        let event = |name: &str, tid: u32, ts: f64, dur: f64, tdur: f64| json!({"name": name, "pid": 7, "tid": tid, "ts": ts, "dur": dur, "tdur": tdur});
        let trace = [
            event("RunTask", 7, 6_001_000.0, 80_000.0, 30_000.0),
            event("e2e clock 1000", 7, 6_000_000.0, 0.0, 0.0),
            event("RunTask", 8, 6_000_500.0, 90_000.0, 90_000.0),
            event("RunTask", 7, 6_090_000.0, 1_000.0, 1_000.0),
        ];
        let traced = traced(&trace);
        assert_eq!(traced, [(1001.0, 80.0, 30.0), (1090.0, 1.0, 1.0)]);
        let task = |start, duration| Task { start, duration, busy: None, what: String::new() };
        assert_eq!((busy(&traced, &task(1000.0, 90.0)), busy(&traced, &task(2000.0, 90.0))), (Some(30.0), None));
    }
}
