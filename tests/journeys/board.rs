//! The drawing board: template, move, connect, undo; by pointer and by keys; a hundred boxes.

use e2e::{Key, Look, Page, journey};
use serde_json::{Value, json};

async fn place(page: &Page, hook: &str) -> (f64, f64) {
    let script = "const r = document.querySelector(`[data-testid=\"${arguments[0]}\"] .box`).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]";
    let found = page.run(script, vec![json!(hook)]).await;
    (found[0].as_f64().expect("x"), found[1].as_f64().expect("y"))
}

/// Gives the drawing the whole page, and waits until it has taken the room: boxes move then.
async fn enlarge(page: &Page) {
    page.click("big-board").await;
    page.until("the board is large", || async {
        let width = "return document.querySelector('[data-testid=topology]').getBoundingClientRect().width";
        (page.run(width, vec![]).await.as_f64() > Some(700.0)).then_some(())
    })
    .await;
}

async fn drag(page: &Page, from: (f64, f64), to: (f64, f64)) {
    let mouse = |kind: &str, (x, y): (f64, f64)| json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1});
    page.window.devtools("Input.dispatchMouseEvent", mouse("mousePressed", from)).await;
    for step in 1..=10 {
        let share = f64::from(step) / 10.0;
        let at = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
        page.window.devtools("Input.dispatchMouseEvent", mouse("mouseMoved", at)).await;
    }
    page.window.devtools("Input.dispatchMouseEvent", mouse("mouseReleased", to)).await;
}

/// Adds an objective in the inspector, takes it away by its button, takes both back.
async fn objectives_come_and_go(page: &Page) {
    let button = "take-slos[1]";
    let gone = || async { (!page.has(button).await).then_some(()) };
    page.click("add-objective").await;
    let name = page.find(button).await.attr("aria-label").await.expect("an answer").unwrap_or_default();
    assert_eq!(name, "Take away objective requests p99 ≤ 200 ms");
    page.axe("board-objectives").await;
    page.click(button).await;
    page.until("the objective is gone", gone).await;
    page.click("undo").await;
    page.find("field-slos[1].latency_ms").await;
    page.click("undo").await;
    page.until("it was never there", gone).await;
}

#[tokio::test]
async fn template_edit_undo() {
    journey("board", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        objectives_come_and_go(&page).await;
        enlarge(&page).await;
        let before = place(&page, "node-db").await;
        drag(&page, before, (before.0 + 120.0, before.1 + 40.0)).await;
        let after = place(&page, "node-db").await;
        assert!((after.0 - before.0 - 120.0).abs() < 8.0 && (after.1 - before.1 - 40.0).abs() < 8.0, "{before:?} {after:?}");

        // A cache, called by drawing a line from the service's dot.
        let add = "const s = document.querySelector('[data-testid=add-component]'); s.value = 'cache'; s.dispatchEvent(new Event('change', {bubbles: true}))";
        page.run(add, vec![]).await;
        page.find("node-cache").await;
        let dot = page.run("const r = document.querySelector('[data-testid=node-api] .dot-out').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]", vec![]).await;
        let lines = page.run("return document.querySelectorAll('.edge').length", vec![]).await.as_u64().expect("a number");
        let cache = place(&page, "node-cache").await;
        drag(&page, (dot[0].as_f64().expect("x"), dot[1].as_f64().expect("y")), cache).await;
        page.until("a line more", || async {
            (page.run("return document.querySelectorAll('.edge').length", vec![]).await.as_u64() == Some(lines + 1)).then_some(())
        })
        .await;
        page.window.screenshot("board").await;
        page.axe("board").await;
        for _ in 0..3 {
            page.click("undo").await;
        }
        page.until("all is as it was", || async {
            let gone = page.all("node-cache").await.is_empty();
            (gone && page.headline().await == headline).then_some(())
        })
        .await;
        let back = place(&page, "node-db").await;
        assert!((back.0 - before.0).abs() < 130.0, "{back:?}");
    })
    .await;
}

#[tokio::test]
async fn the_board_by_keys() {
    journey("board-keys", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.tab_to("node-api").await;
        page.press(Key::Down).await;
        assert_eq!(page.focus().await, "node-db");
        page.press(Key::Enter).await;
        page.until("it is selected", || async {
            (page.find("node-db").await.attr("aria-pressed").await.ok()??.as_str() == "true").then_some(())
        })
        .await;
        page.press(Key::Delete).await;
        page.until("it is gone", || async { page.all("node-db").await.is_empty().then_some(()) }).await;
        page.window.screenshot("board-keys").await;
    })
    .await;
}

/// A tree of services, three calls each, as a file in a folder.
fn tree(folder: &std::path::Path, count: usize) -> std::path::PathBuf {
    let components: Vec<Value> = (0..count)
        .map(|n| {
            let calls: Vec<Value> =
                (1..=3).map(|k| 3 * n + k).filter(|to| *to < count).map(|to| json!({"to": format!("c{to}")})).collect();
            json!({"id": format!("c{n}"), "kind": "service", "concurrency": 32, "service": {"mean_ms": 1}, "calls": calls})
        })
        .collect();
    let document = json!({"format": "headroom/1", "name": format!("Tree of {count}"), "components": components,
        "traffic": [{"id": "all", "entry": "c0", "arrivals": {"open": {"rate": 20}}}]});
    let path = folder.join(format!("tree-{count}.json"));
    std::fs::write(&path, document.to_string()).expect("written");
    path
}

/// Milliseconds between frames while a box is dragged.
async fn frames_of_a_drag(page: &Page) -> Vec<f64> {
    let script = "const done = arguments[0]; const board = document.querySelector('[data-testid=topology]'); \
        const box = document.querySelector('[data-testid=node-c1] .box'); const r = box.getBoundingClientRect(); \
        const send = (kind, x, y) => (kind === 'pointerdown' ? box : board).dispatchEvent(new PointerEvent(kind, \
          {bubbles: true, cancelable: true, isPrimary: true, button: 0, buttons: 1, pointerId: 1, clientX: x, clientY: y})); \
        let x = r.x + r.width / 2, y = r.y + r.height / 2, n = 0, last = performance.now(); const times = []; \
        try { send('pointerdown', x, y); } catch (e) {} \
        const go = () => { const now = performance.now(); times.push(now - last); last = now; \
          if (n++ > 90) { send('pointerup', x, y); return done(times.slice(2)); } \
          x += 2; y += 1; send('pointermove', x, y); requestAnimationFrame(go); }; requestAnimationFrame(go);";
    let found = page.run_async(script, vec![]).await;
    let mut times: Vec<f64> = found.as_array().expect("times").iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Waits until every box is drawn: a large system comes in pieces.
async fn all_drawn(page: &Page, count: usize) {
    page.until("every box is drawn", || async {
        let drawn = page.run("return document.querySelectorAll('.node').length", vec![]).await;
        (drawn.as_u64() == Some(count as u64)).then_some(())
    })
    .await;
}

/// Opens a tree and drags a box of it; the median frame may take this long.
async fn dragged_smoothly(count: usize, most: f64) {
    let name: &'static str = if count == 100 { "board-hundred" } else { "board-five-hundred" };
    journey(name, Look::DESKTOP, move |ground| async move {
        let folder = tempfile::tempdir().expect("folder");
        let page = ground.open().await;
        page.choose_files(&[tree(folder.path(), count)]).await;
        let begun = std::time::Instant::now();
        page.headline().await;
        enlarge(&page).await;
        all_drawn(&page, count).await;
        println!("{count} boxes: headline and drawing after {:.1} s", begun.elapsed().as_secs_f64());
        // As the board opens, and from so near that every text is drawn.
        for near in [false, true] {
            if near {
                // The wheel, about the box that is dragged then.
                let wheel = "const box = document.querySelector('[data-testid=node-c1] .box'); \
                    for (let n = 0; n < 5; n++) { const r = box.getBoundingClientRect(); box.dispatchEvent(new WheelEvent('wheel', \
                      {bubbles: true, cancelable: true, deltaY: -250, clientX: r.x + r.width / 2, clientY: r.y + r.height / 2})); }";
                page.run(wheel, vec![]).await;
            } else if count > 100 {
                page.says("board-caption", &format!("{count} components from afar")).await;
            }
            page.window.screenshot(&format!("{name}{}", if near { "-near" } else { "" })).await;
            let times = frames_of_a_drag(&page).await;
            let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
            println!("dragging among {count} boxes, near {near}: median frame {median:.1} ms, longest {longest:.1} ms");
            assert!(median < most, "{median} ms");
        }
        page.axe(name).await;
    })
    .await;
}

#[tokio::test]
async fn a_hundred_boxes_are_dragged_smoothly() {
    dragged_smoothly(100, 34.0).await;
}

#[tokio::test]
async fn five_hundred_boxes_are_dragged() {
    dragged_smoothly(500, 68.0).await;
}
