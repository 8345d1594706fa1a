//! The drawing board: template, move, connect, undo; by pointer and by keys; a hundred boxes.

use e2e::{Key, Look, Page, journey};
use serde_json::{Value, json};

async fn place(page: &Page, hook: &str) -> (f64, f64) {
    let script = "const r = document.querySelector(`[data-testid=\"${arguments[0]}\"] .box`).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]";
    page.find(hook).await;
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

async fn address(page: &Page) -> String {
    page.run("return location.hash", vec![]).await.as_str().unwrap_or_default().to_owned()
}

/// A place beside the middle of a line, by as much as a hand misses it.
async fn beside_line(page: &Page, hook: &str) -> (f64, f64) {
    let script = "const line = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); const m = line.getScreenCTM(); \
        const p = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(m); return [p.x + 4, p.y]";
    page.find(hook).await;
    let at = page.run(script, vec![json!(hook)]).await;
    (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"))
}

/// Presses and releases the mouse there.
async fn click_line(page: &Page, hook: &str) {
    let at = beside_line(page, hook).await;
    drag(page, at, at).await;
}

/// Taps there with a finger.
async fn tap_line(page: &Page, hook: &str) {
    let (x, y) = beside_line(page, hook).await;
    page.window
        .devtools("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}))
        .await;
    page.window.devtools("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []})).await;
}

/// Selects a call, a class and an objective; each is named in the address, and stands again after a reload.
async fn what_is_selected_is_named(page: &Page) {
    page.tab("bottlenecks").await;
    click_line(page, "line-api-db").await;
    page.says("selected-title", "api → db").await;
    page.find("take-components[0].calls[0]").await;
    page.says("inspector", "Calls served").await;
    let named = page
        .until("the call is named", || async {
            Some(address(page).await).filter(|hash| hash.contains("at=call:api:db"))
        })
        .await;
    assert!(named.starts_with("#open=") && named.contains("&tab=bottlenecks&"), "{named}");
    page.window.screenshot("board-line").await;
    page.axe("board-line").await;
    // As in a new tab: nothing but the address says what to open.
    page.run("sessionStorage.clear()", vec![]).await;
    page.window.client.refresh().await.expect("the page loads again");
    page.says("selected-title", "api → db").await;
    page.find("bottleneck-table").await;
    assert_eq!(address(page).await, named);

    tap_line(page, "line-api-db").await;
    page.until("a finger lets go of the call", || async { (!page.has("selected-title").await).then_some(()) }).await;
    tap_line(page, "line-api-db").await;
    page.says("selected-title", "api → db").await;

    page.click("pick-class-0").await;
    page.says("selected-title", "requests").await;
    page.find("field-traffic[0].arrivals.open.rate").await;
    page.window.screenshot("board-class").await;
    page.click("pick-objective-0").await;
    page.says("selected-title", "p95 ≤ 200 ms").await;
    // The limit stands in the title of its form: the form stays, and so does the focus that went on from the field.
    let limit = page.find_by("input[id='field-slos[0].latency_ms']").await;
    page.run(
        "const field = document.getElementById('field-slos[0].latency_ms'); field.focus(); field.select()",
        vec![],
    )
    .await;
    limit.send_keys(&format!("150{}", char::from(Key::Tab))).await.expect("keys arrive");
    page.says("selected-title", "p95 ≤ 150 ms").await;
    page.says("pick-objective-0", "150 ms").await;
    assert_eq!(page.focus().await, "take-slos[0]", "Tab goes on from the field");
    page.window.screenshot("board-objective").await;
    page.run("document.documentElement.dataset.theme = 'dark'", vec![]).await;
    page.axe("board-objective-dark").await;
    page.window.screenshot("board-objective-dark").await;
    page.run("delete document.documentElement.dataset.theme", vec![]).await;
    // Taken away by a key, it leaves the focus where the panel begins.
    page.press(Key::Enter).await;
    page.until("the focus is on the title", || async {
        let there = "return document.activeElement.id === 'inspector-title' && !document.querySelector('[data-testid=selected-title]')";
        page.run(there, vec![]).await.as_bool().filter(|there| *there)
    })
    .await;
    page.click("undo").await;
    page.click("undo").await;
    page.says("pick-objective-0", "200 ms").await;

    // What an address names and is not there (any more) is passed over; of a scenario that is not kept here it is said.
    let key = named.trim_start_matches("#open=").split('&').next().unwrap_or_default();
    page.run("location.hash = arguments[0]", vec![json!(format!("open={key}&tab=nowhere&at=call:db:api"))]).await;
    page.until("nothing is selected", || async { (address(page).await == format!("#open={key}")).then_some(()) }).await;
    assert!(page.messages().await.is_empty(), "and nothing is said");
    page.run("location.hash = arguments[0]", vec![json!("open=1-000001&at=db")]).await;
    page.says("news", "not kept in this browser").await;
    assert_eq!(address(page).await, format!("#open={key}"), "what is open stays open");
    page.find_by("[data-testid=news] button").await.click().await.expect("it is closed");
    page.click("tab-projection").await;
}

#[tokio::test]
async fn template_edit_undo() {
    journey("board", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        objectives_come_and_go(&page).await;
        what_is_selected_is_named(&page).await;
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
        // The choices of a field that stands follow what goes.
        page.click("pick-class-0").await;
        let choices = "const all = document.querySelectorAll(\"[id='field-traffic[0].entry'] option\"); \
            return Array.from(all, one => one.value + (one.selected ? '*' : '')).join()";
        page.until("the cache can be entered", || async { (page.run(choices, vec![]).await == ",api*,db,cache").then_some(()) }).await;
        for _ in 0..3 {
            page.click("undo").await;
        }
        page.until("it cannot any more", || async { (page.run(choices, vec![]).await == ",api*,db").then_some(()) }).await;
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

/// Shift and an arrow move every selected box, and one undo takes all of them back.
async fn all_that_is_selected_moves(page: &Page) {
    let both = || async { [place(page, "node-api").await, place(page, "node-db").await] };
    let moved = |from: [(f64, f64); 2], to: [(f64, f64); 2]| [to[0].0 - from[0].0, to[1].0 - from[1].0];
    page.press_with(2, "a", 65).await;
    let selected = "return document.querySelectorAll('.node[aria-pressed=true]').length";
    page.until("both are selected", || async { (page.run(selected, vec![]).await == 2).then_some(()) }).await;
    let before = both().await;
    page.press_with(8, "ArrowRight", 39).await;
    page.until("both have moved", || async {
        moved(before, both().await).iter().all(|by| (8.0..30.0).contains(by)).then_some(())
    })
    .await;
    assert_eq!(page.focus().await, "node-api");
    page.click("undo").await;
    page.until("both are back", || async { moved(before, both().await).iter().all(|by| by.abs() < 1.0).then_some(()) })
        .await;
    page.run("document.querySelector('[data-testid=node-api]').focus()", vec![]).await;
    page.press(Key::Escape).await;
}

/// Tab stops at one box of all; keys lead to the others, and the board shows what they lead to.
async fn one_stop_among_many(page: &Page, last: &str) {
    let stops = "return Array.from(document.querySelectorAll('.node[tabindex=\"0\"]'), one => one.dataset.testid)";
    let seen = "const board = document.querySelector('[data-testid=topology]').getBoundingClientRect(); \
        const r = document.activeElement.querySelector('.box').getBoundingClientRect(); \
        return r.left >= board.left - 1 && r.right <= board.right + 1 && r.top >= Math.max(board.top, 0) - 1 && r.bottom <= Math.min(board.bottom, innerHeight) + 1";
    page.run("document.querySelector('[data-testid=node-c1]').focus()", vec![]).await;
    for (key, wanted) in [
        (Key::End, last),
        (Key::PageDown, "node-c0"),
        (Key::PageUp, last),
        (Key::Home, "node-c0"),
        (Key::PageDown, "node-c1"),
    ] {
        page.press(key).await;
        assert_eq!(page.focus().await, wanted, "{key:?}");
        page.until(&format!("{wanted} is in sight"), || async {
            page.run(seen, vec![]).await.as_bool().filter(|seen| *seen)
        })
        .await;
        assert_eq!(page.run(stops, vec![]).await, json!([wanted]));
    }
}

#[tokio::test]
async fn the_board_by_keys() {
    journey("board-keys", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.tab_to("node-api").await;
        all_that_is_selected_moves(&page).await;
        page.tab_to("node-api").await;
        page.press(Key::Down).await;
        assert_eq!(page.focus().await, "node-db");
        // A call: selected, taken away, and back.
        page.tab_to("line-api-db").await;
        page.press(Key::Enter).await;
        page.says("selected-title", "api → db").await;
        assert_eq!(page.focus().await, "line-api-db");
        let name = page.find("line-api-db").await.attr("aria-label").await.expect("an answer");
        assert_eq!(name.as_deref(), Some("Call from api to db"));
        page.press(Key::Delete).await;
        page.until("it is gone", || async {
            (!page.has("line-api-db").await && !page.has("selected-title").await).then_some(())
        })
        .await;
        page.until("a box has the focus", || async { (page.focus().await == "node-api").then_some(()) }).await;
        page.click("undo").await;
        page.find("line-api-db").await;
        page.tab_to("node-api").await;
        page.press(Key::Down).await;
        page.press(Key::Enter).await;
        page.until("it is selected", || async {
            (page.find("node-db").await.attr("aria-pressed").await.ok()??.as_str() == "true").then_some(())
        })
        .await;
        // Its lines are called as it is.
        page.find("field-components[1].label").await;
        let rename = "const field = document.getElementById('field-components[1].label'); field.value = 'Orders'; \
            field.dispatchEvent(new Event('change', {bubbles: true}))";
        page.run(rename, vec![]).await;
        page.until("the line has the new name", || async {
            let name = page.find("line-api-db").await.attr("aria-label").await.ok()??;
            (name == "Call from api to Orders").then_some(())
        })
        .await;
        page.run("document.querySelector('[data-testid=node-db]').focus()", vec![]).await;
        page.press(Key::Delete).await;
        page.until("it is gone", || async { page.all("node-db").await.is_empty().then_some(()) }).await;
        page.until("another has the focus", || async { (page.focus().await == "node-api").then_some(()) }).await;
        page.window.screenshot("board-keys").await;

        // A scenario during whose opening the page died is not opened by its address either.
        page.says("saved", "saved").await;
        let address = address(&page).await;
        let key = address.trim_start_matches("#open=").split('&').next().unwrap_or_default();
        page.run("sessionStorage.setItem('opening', arguments[0])", vec![json!(key)]).await;
        page.window.client.refresh().await.expect("the page loads again");
        page.says("problem", "stopped while it opened").await;
        assert!(page.has("recent").await || page.has("drop-zone").await, "the start page");
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

/// What stands on the board is not drawn anew when something before it comes or goes.
#[tokio::test]
async fn boxes_stay_while_others_come_and_go() {
    journey("board-stays", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.find("node-db").await;
        page.run("document.querySelector('[data-testid=node-db]').marked = true", vec![]).await;
        let script = "const node = document.querySelector('[data-testid=node-db]'); return node && node.marked ? [node.id, node.dataset.box, node.querySelector('[data-dot]').dataset.dot] : []";
        let stands = |number: &'static str| {
            let page = &page;
            page.until("it stands at another place of the list", move || async move {
                let said = page.run(script, vec![]).await;
                (said == json!([format!("b-{number}"), number, number])).then_some(())
            })
        };
        stands("1").await;
        page.find("node-api").await.click().await.expect("chosen");
        page.click("delete").await;
        stands("0").await;
        page.click("undo").await;
        page.find("line-api-db").await;
        stands("1").await;
        // The line that came back is that of its boxes.
        click_line(&page, "line-api-db").await;
        page.says("selected-title", "api → db").await;
    })
    .await;
}

/// An undo takes a box away that is held: the page goes on, and so does the next drag.
#[tokio::test]
async fn taken_away_while_held() {
    journey("board-held", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.find("node-api").await.click().await.expect("chosen");
        page.click("duplicate").await;
        let (x, y) = place(&page, "node-api-2").await;
        let mouse =
            |kind: &str, x: f64| json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1});
        page.window.devtools("Input.dispatchMouseEvent", mouse("mousePressed", x)).await;
        page.window.devtools("Input.dispatchMouseEvent", mouse("mouseMoved", x + 30.0)).await;
        page.press_with(2, "z", 90).await;
        page.until("the copy is gone", || async { (!page.has("node-api-2").await).then_some(()) }).await;
        page.window.devtools("Input.dispatchMouseEvent", mouse("mouseMoved", x + 60.0)).await;
        page.window.devtools("Input.dispatchMouseEvent", mouse("mouseReleased", x + 60.0)).await;
        let before = place(&page, "node-api").await;
        drag(&page, before, (before.0 + 60.0, before.1 + 40.0)).await;
        page.until("it is elsewhere", || async {
            let now = place(&page, "node-api").await;
            (now.0 > before.0 + 20.0).then_some(())
        })
        .await;
    })
    .await;
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
        one_stop_among_many(&page, &format!("node-c{}", count - 1)).await;
        page.window.screenshot(&format!("{name}-keys")).await;
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
