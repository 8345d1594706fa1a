//! Figures of the simulator and of reading in the browser, end to end: `cargo xtask bench --browser`. Each is printed and held to its goal.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a failed step of a journey is its failure")]

mod reading;

use e2e::{Look, Page, journey};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The second standard workload: balancer, app, cache and, for a fifth, database; 4.2 events a request, 500 requests a second.
fn workload() -> PathBuf {
    let service = |id: &str, concurrency: u32, service: Value| json!({"id": id, "kind": "service", "concurrency": concurrency, "service": service});
    let calls = [("lb", 1.0), ("app", 1.0), ("cache", 1.0), ("db", 0.2)]
        .map(|(to, per_request)| json!({"to": to, "per_request": per_request, "mode": "sync"}));
    let scenario = json!({
        "format": "headroom/1", "name": "W2", "currency": "USD",
        "traffic": [{"id": "web", "entry": "client", "arrivals": {"open": {"rate": 500, "cv": 1.0}}}],
        "components": [
            {"id": "client", "kind": "service", "service": {"mean_ms": 0, "cv": 0}, "calls": calls},
            service("lb", 1, json!({"mean_ms": 0.1, "cv": 1})),
            service("app", 8, json!({"mean_ms": 10, "cv": 1})),
            service("cache", 4, json!({"mean_ms": 0.5, "cv": 1})),
            service("db", 20, json!({"dist": "lognormal", "mean_ms": 5, "cv": 1.5})),
        ],
    });
    let file = e2e::environment::results().join("w2.json");
    std::fs::write(&file, scenario.to_string()).expect("target can be written");
    file.canonicalize().expect("it was written")
}

/// Millions of events in a simulated second of it.
const EVENTS_A_SECOND: f64 = 500.0 * 4.2 * 1e-6;

/// Seconds and replications of the next run.
async fn settings(page: &Page, seconds: f64, replications: f64) {
    let set = "const i = document.querySelectorAll('.controls input'); \
               [arguments[0], arguments[1]].forEach((v, n) => { i[n].value = v; i[n].dispatchEvent(new Event('change', {bubbles: true})) })";
    page.run(set, vec![json!(seconds), json!(replications)]).await;
}

/// Clicks and waits for the end inside the page: seconds it took, and how often the page said something new meanwhile.
const PLAY: &str = "const done = arguments[arguments.length - 1], by = id => document.querySelector(`[data-testid=${id}]`); \
    const begun = performance.now(); let said = 0, seen = false, last = ''; by('simulate').click(); \
    const look = () => { const text = by('simulation-state').textContent; if (text !== last) { said += 1; last = text } \
      if (!by('stop-simulation').disabled) seen = true; \
      if (seen && by('stop-simulation').disabled) return done([(performance.now() - begun) / 1000, said]); \
      setTimeout(look, 5) }; look()";

async fn play(page: &Page) -> (f64, f64) {
    let measured = page.run_async(PLAY, vec![]).await;
    (measured[0].as_f64().expect("seconds"), measured[1].as_f64().expect("a number"))
}

/// Memory in megabytes and processor time of every renderer of this machine's browsers.
fn renderers() -> Vec<(u32, f64, u64)> {
    let read = |pid: u32| {
        let file = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
        if !file("cmdline")?.contains("--type=renderer") {
            return None;
        }
        let resident = file("status")?.lines().find_map(|line| line.strip_prefix("VmRSS:").map(str::to_owned))?;
        let kilobytes: f64 = resident.trim().trim_end_matches(" kB").parse().ok()?;
        let stat = file("stat")?;
        let ticks = stat.rsplit(") ").next()?.split(' ').nth(11)?.parse().ok()?;
        Some((pid, kilobytes / 1024.0, ticks))
    };
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| read(entry.file_name().to_str()?.parse().ok()?)).collect()
}

#[tokio::test]
async fn the_simulator_end_to_end() {
    journey("measures", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&[workload()]).await;
        page.headline().await;
        page.tab("simulation").await;
        // The optimizing compiler takes over during the first run.
        settings(&page, 400.0, 1.0).await;
        play(&page).await;

        // The best of some: what else the machine does only takes time away.
        let (mut speed, mut drawn): (f64, f64) = (0.0, 0.0);
        for _ in 0..6 {
            settings(&page, 8000.0, 1.0).await;
            let (seconds, said) = play(&page).await;
            speed = speed.max(8000.0 * EVENTS_A_SECOND / seconds);
            drawn = drawn.max(said / seconds);
        }
        println!("one worker: {speed:.1} million events/s from click to figures; drawn at most {drawn:.1} times a second");

        let cores = page.run("return navigator.hardwareConcurrency", vec![]).await;
        let mut all: f64 = 0.0;
        for _ in 0..4 {
            settings(&page, 8000.0, 4.0).await;
            let (seconds, _) = play(&page).await;
            all = all.max(4.0 * 8000.0 * EVENTS_A_SECOND / seconds);
        }
        println!("{cores} cores, 4 replications: {all:.1} million events/s");

        // Stopped, and something else played at once: what it takes until that is done is more than the stopping took.
        settings(&page, 1e6, 1.0).await;
        page.click("simulate").await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let stop = "const done = arguments[arguments.length - 1], by = id => document.querySelector(`[data-testid=${id}]`); \
            const i = document.querySelectorAll('.controls input')[0]; i.value = 1; i.dispatchEvent(new Event('change', {bubbles: true})); \
            const begun = performance.now(); by('stop-simulation').click(); \
            const again = () => by('simulate').disabled ? setTimeout(again, 1) : (by('simulate').click(), setTimeout(end, 1)); \
            const end = () => by('simulate').disabled ? setTimeout(end, 1) : done(performance.now() - begun); again()";
        let milliseconds = page.run_async(stop, vec![]).await.as_f64().expect("milliseconds");
        println!("stopped and played something else within {milliseconds:.0} ms");

        // A day at 500 a second: 43 million requests.
        settings(&page, 86_400.0, 1.0).await;
        let begun = std::time::Instant::now();
        page.click("simulate").await;
        let mut samples: Vec<(f64, Vec<(u32, f64, u64)>)> = Vec::new();
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            samples.push((begun.elapsed().as_secs_f64(), renderers()));
            if page.find("stop-simulation").await.attr("disabled").await.ok().flatten().is_some() {
                break;
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        let (early, late) = (&samples[samples.len() / 5].1, &samples[samples.len() - 2].1);
        let busiest = late.iter().filter_map(|now| early.iter().find(|was| was.0 == now.0).map(|was| (now.2 - was.2, was.1, now.1)));
        let (_, before, after) = busiest.max_by_key(|found| found.0).expect("the page's own process");
        println!("a day, 43.2 million requests: {seconds:.1} s; its process held {before:.0} MB after a fifth, {after:.0} MB at the end");
        assert!(speed >= 8.0, "{speed} million events a second");
        assert!(drawn <= 10.0, "drawn {drawn} times a second");
        assert!(milliseconds <= 100.0, "stopping took {milliseconds} ms");
        // A single byte a request would be 43 MB; the browser's own heap goes up and down by some.
        assert!(after <= before + 20.0, "{before} to {after} MB");
    })
    .await;
}
