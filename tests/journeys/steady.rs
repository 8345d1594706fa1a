//! A system of thirty components whose every time is an interval: the slider is dragged, and it is edited five hundred times.

use e2e::{Look, Page, journey};
use serde_json::{Value, json};

const COMPONENTS: usize = 30;

/// A tree of services as a file; each is uncertain by a fifth.
fn uncertain(folder: &std::path::Path) -> std::path::PathBuf {
    let interval = |value: f64| json!({"value": value, "low": value * 0.8, "high": value * 1.2, "source": "assumed"});
    let components: Vec<Value> = (0..COMPONENTS)
        .map(|n| {
            let below = (1..=3).map(|k| 3 * n + k).filter(|to| *to < COMPONENTS);
            let calls: Vec<Value> = below.map(|to| json!({"to": format!("c{to}")})).collect();
            json!({"id": format!("c{n}"), "kind": "service", "concurrency": 64, "service": {"mean_ms": interval(5.0)}, "calls": calls})
        })
        .collect();
    let document = json!({"format": "headroom/1", "name": "Thirty", "components": components,
        "traffic": [{"id": "all", "entry": "c0", "arrivals": {"open": {"rate": interval(20.0)}}}]});
    let path = folder.join("thirty.json");
    std::fs::write(&path, document.to_string()).expect("written");
    path
}

/// Milliseconds between frames, in order of size, while the slider is moved once in each.
async fn frames_of_a_slide(page: &Page) -> Vec<f64> {
    let script = "const done = arguments[0], slider = document.querySelector('[data-testid=growth-slider]'); \
        let n = 0, last = performance.now(); const times = []; \
        const go = () => { const now = performance.now(); times.push(now - last); last = now; \
          if (n++ > 120) return done(times.slice(2)); \
          slider.value = 1 + (n % 90) / 10; slider.dispatchEvent(new Event('input', {bubbles: true})); requestAnimationFrame(go) }; \
        requestAnimationFrame(go)";
    let found = page.run_async(script, vec![]).await;
    let mut times: Vec<f64> = found.as_array().expect("times").iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Does a hundred edits: two fields in turns, and now and then a component that is taken back.
async fn edit(page: &Page) {
    let script = "const [done] = arguments, by = id => document.querySelector(`[data-testid=\"${id}\"]`); let n = 0, waits = 0; \
        const put = (input, value) => { input.value = value; input.dispatchEvent(new Event('change', {bubbles: true})) }; \
        const go = () => { if (n >= 100) return setTimeout(done, 300); \
          const now = n % 25, input = document.getElementById(`field-components[1].${n % 2 ? 'concurrency' : 'service.mean_ms'}`); \
          if (now === 10) put(by('add-component'), 'cache'); else if (now === 14) by('undo').click(); \
          else if (now < 10 || now > 14) { \
            if (by('node-c1').ariaPressed !== 'true') by('node-c1').dispatchEvent(new MouseEvent('click', {bubbles: true})); \
            if (!input) return waits++ < 1000 ? setTimeout(go, 8) : done('the field does not come'); put(input, 8 + n % 7) } \
          n += 1; setTimeout(go, 8) }; go()";
    let said = page.run_async(script, vec![]).await;
    assert!(said.is_null(), "{said}");
}

/// Nodes, listeners and bytes that the page holds once what nobody needs is gone, and bytes of the app's own memory.
async fn held(page: &Page) -> [f64; 4] {
    for _ in 0..2 {
        page.window.devtools("HeapProfiler.collectGarbage", json!({})).await;
    }
    let found = page.window.devtools("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let all = found["metrics"].as_array().expect("a list");
        all.iter().find(|metric| metric["name"] == name).and_then(|metric| metric["value"].as_f64()).expect("a figure")
    };
    let own = page.run("return e2eMemory.buffer.byteLength", vec![]).await.as_f64().expect("bytes");
    [metric("Nodes"), metric("JSEventListeners"), metric("JSHeapUsedSize"), own]
}

/// Keeps hold of the app's memory.
const MEMORY: &str = "for (const name of ['instantiate', 'instantiateStreaming']) { const own = WebAssembly[name]; \
    WebAssembly[name] = async (...given) => { const made = await own.apply(WebAssembly, given); \
      const memory = (made.instance ?? made).exports.memory; if (memory) window.e2eMemory = memory; return made } }";

#[tokio::test]
async fn slides_smoothly_and_holds_no_more_after_many_edits() {
    journey("steady", Look::DESKTOP, |ground| async move {
        let folder = tempfile::tempdir().expect("folder");
        ground.window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": MEMORY })).await;
        ground.window.devtools("Performance.enable", json!({})).await;
        let page = ground.open().await;
        page.choose_files(&[uncertain(folder.path())]).await;
        page.headline().await;
        page.find_by("[data-testid=chart-latency] polygon").await;

        let times = frames_of_a_slide(&page).await;
        let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{COMPONENTS} components with bands, slider: median frame {median:.1} ms, longest {longest:.1} ms");
        assert!(median < 50.0, "{median} ms");

        // The history fills up and the browser settles during the first ones.
        for _ in 0..2 {
            edit(&page).await;
        }
        let before = held(&page).await;
        for _ in 0..5 {
            edit(&page).await;
        }
        let after = held(&page).await;
        let [nodes, listeners, heap, own] = [0, 1, 2, 3].map(|figure| after[figure] - before[figure]);
        println!("500 edits: {nodes} nodes, {listeners} listeners, {:.2} MB of JavaScript, {:.2} MB of the app more; {before:?} {after:?}", heap / 1e6, own / 1e6);
        assert!(nodes <= 100.0 && listeners <= 30.0, "{before:?} {after:?}");
        // Leptos keeps some hundred bytes for every row of a list that there ever was.
        assert!(heap <= 1e6 && own <= 2e6, "{before:?} {after:?}");
    })
    .await;
}
