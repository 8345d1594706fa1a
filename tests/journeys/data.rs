//! Imports: names corrected, back-test seen; a simulation with a spike, cancelled; copies in two tabs; offline.

use crate::shop_files;
use e2e::{Look, Page, journey};
use serde_json::json;

#[tokio::test]
async fn correct_a_mapping_and_see_the_backtest() {
    journey("data", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.tab("data").await;
        let tested = page.text("backtest-table").await;
        assert!(tested.lines().count() > 1, "{tested}");
        page.axe("data").await;
        page.window.screenshot("data").await;
        let change = "const s = document.querySelector('[data-act=\"endpoint:0\"]'); s.focus(); \
                      s.value = [...s.options].map(o => o.value).find(v => v && v !== s.value); \
                      s.dispatchEvent(new Event('change', {bubbles: true})); return s.value";
        let chosen = page.run(change, vec![]).await;
        println!("the first endpoint is now {chosen}");
        // The endpoint's levels now belong to another class, and the back-test is another one.
        page.until("the back-test is made anew", || async {
            (page.text("backtest-table").await != tested).then_some(())
        })
        .await;
        let focus =
            page.run("return document.activeElement.dataset.act ?? document.activeElement.tagName", vec![]).await;
        assert_eq!(focus, "endpoint:0", "whoever corrects the names by keys goes on from there");
    })
    .await;
}

#[tokio::test]
async fn a_calibration_is_taken_back() {
    journey("calibrate-undo", Look::DESKTOP, |ground| async move {
        let is_scenario = |path: &&std::path::PathBuf| path.ends_with("scenario.json");
        let files = shop_files();
        let page = ground.open().await;
        let scenario: Vec<_> = files.iter().filter(is_scenario).cloned().collect();
        page.choose_files(&scenario).await;
        let (headline, trust) = (page.headline().await, page.text("tile-trust").await);
        let before = headline.clone();
        let measured: Vec<_> = files.iter().filter(|path| !is_scenario(path)).cloned().collect();
        page.drop_on_page(&measured).await;
        // The fit's own figure, and the headline that follows from it.
        let (fitted, after) = page
            .until("the files have been used", || async {
                let (now, headline) = (page.text("tile-trust").await, page.headline().await);
                (now.starts_with('±') && headline != before).then_some((now, headline))
            })
            .await;
        println!("{headline} ({trust}) -> {after} ({fitted})");
        page.click("undo").await;
        page.until("all is as it was", || async {
            (page.text("tile-trust").await == trust && page.headline().await == headline).then_some(())
        })
        .await;
        page.window.screenshot("calibrate-undo").await;
        page.click("redo").await;
        page.until("it is calibrated again", || async {
            (page.text("tile-trust").await == fitted && page.headline().await == after).then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn each_component_lost_once() {
    journey("lose-each", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.tab("simulation").await;
        page.click("lose-each").await;
        // A service and a database; a column for what it is called, one per multiple.
        let table = page
            .until("every loss was played", || async {
                let again = page.find("lose-each").await.attr("disabled").await.ok()?.is_none();
                let table = page.texts("losses").await.pop().filter(|table| table.lines().count() > 2)?;
                again.then_some(table)
            })
            .await;
        println!("{table}");
        let cells = "return Array.from(document.querySelectorAll('[data-testid=losses] tbody tr'), r => Array.from(r.cells, c => c.innerText))";
        let rows = page.run(cells, vec![]).await;
        let rows = rows.as_array().expect("rows");
        assert_eq!(rows.len(), 2, "{rows:?}");
        for row in rows {
            let row = row.as_array().expect("cells");
            assert!(row.len() > 1 && row.iter().all(|cell| cell.as_str().is_some_and(|text| !text.trim().is_empty())), "{row:?}");
        }
        page.window.screenshot("lose-each").await;
        page.axe("lose-each").await;
        page.window.set_look(Look::PHONE).await;
        crate::looks::nothing_is_cut_off(&page).await;
        page.run("document.querySelector('[data-testid=losses]').scrollIntoView()", vec![]).await;
        page.window.screenshot("phone-lose-each").await;
    })
    .await;
}

/// Drags the bar of the first event to the right, then back by its undo; and stretches it at its end.
async fn drag_its_bar(page: &Page) {
    let name = || async {
        let name =
            page.run("return document.querySelector('[data-event=\"0\"]').getAttribute('aria-label')", vec![]).await;
        name.as_str().unwrap_or_default().to_owned()
    };
    let pulled = |grip: &'static str, by: f64| async move {
        let script = "const bar = document.querySelector(arguments[0]); bar.scrollIntoView({block: 'center'}); \
                      const r = bar.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]";
        // The page grows above it while its figures come in.
        let at = page
            .until("the bar stands still", || async {
                let before = page.run(script, vec![json!(grip)]).await;
                tokio::time::sleep(std::time::Duration::from_millis(400)).await;
                Some(page.run(script, vec![json!(grip)]).await).filter(|at| *at == before)
            })
            .await;
        let (x, y) = (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
        for (kind, x) in
            [("mousePressed", x), ("mouseMoved", x + by / 2.0), ("mouseMoved", x + by), ("mouseReleased", x + by)]
        {
            let event = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1});
            page.window.devtools("Input.dispatchMouseEvent", event).await;
        }
    };
    for (grip, by) in [("[data-event=\"0\"] rect.lane-bar", 60.0), ("[data-event=\"0\"] [data-stretch]", -40.0)] {
        let before = name().await;
        pulled(grip, by).await;
        page.until("the bar says its new times", || async { (name().await != before).then_some(()) }).await;
        let after = name().await;
        println!("{before}: {after}");
        // `…, at 60 s for 60 s`: what was dragged begins later, what was stretched lasts for another time.
        let of = |text: &str| text.rsplit_once(" for ").map(|(start, length)| (start.to_owned(), length.to_owned()));
        let ((start, length), (new_start, new_length)) = (of(&before).expect("times"), of(&after).expect("times"));
        assert_eq!((start == new_start, length == new_length), (by < 0.0, by > 0.0), "{before}: {after}");
        page.click("undo").await;
        page.until("it is where it was", || async { (name().await == before).then_some(()) }).await;
        page.click("redo").await;
        page.until("and there again", || async { (name().await == after).then_some(()) }).await;
    }
}

#[tokio::test]
async fn simulate_a_spike_and_cancel() {
    journey("simulate", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.tab("simulation").await;
        let add = "const s = document.querySelector('[data-testid=add-event]'); s.value = 'traffic_spike'; s.dispatchEvent(new Event('change', {bubbles: true}))";
        page.run(add, vec![]).await;
        page.until("its bar is there", || async { page.window.client.find(fantoccini::Locator::Css("[data-event=\"0\"]")).await.ok() }).await;
        drag_its_bar(&page).await;
        page.click("simulate").await;
        page.until("it is over", || async {
            let stop = page.find("stop-simulation").await.attr("disabled").await.ok()?;
            (stop.is_some() && !page.texts("simulation-table").await.is_empty()).then_some(())
        })
        .await;
        // What became of it, how it went, and what the slowest requests waited for.
        let verdict = page.text("verdict").await;
        assert!(verdict.contains("recover") || verdict.contains("back"), "{verdict}");
        let falls = page.texts("slow-requests").await;
        assert!(falls.iter().any(|fall| fall.contains(" ms")), "{falls:?}");
        assert!(page.texts("simulation-table").await.iter().any(|table| table.contains(" – ")), "its intervals");
        page.window.screenshot("simulate").await;
        page.axe("simulate").await;
        // A number of replications that cannot be played: it stays as typed, and what may stand there is said.
        let typed = "const i = document.querySelectorAll('.controls input')[1]; i.value = arguments[0]; i.dispatchEvent(new Event('change', {bubbles: true}))";
        let field = "const i = document.querySelectorAll('.controls input')[1]; return [i.value, i.getAttribute('aria-invalid'), i.closest('label').nextElementSibling.innerText]";
        let before = page.run(field, vec![]).await;
        page.run(typed, vec!["2.5".into()]).await;
        let refused = page.run(field, vec![]).await;
        assert_eq!((&refused[0], &refused[1]), (&"2.5".into(), &"true".into()), "{refused}");
        assert!(refused[2].as_str().is_some_and(|said| said.contains("100,000")), "{refused}");
        page.run(typed, vec![before[0].clone()]).await;
        assert_eq!(page.run(field, vec![]).await, before);
        page.run("const i = document.querySelectorAll('.controls input')[0]; i.value = 100000; i.dispatchEvent(new Event('change', {bubbles: true}))", vec![]).await;
        page.click("simulate").await;
        page.until("it runs", || async { page.find("stop-simulation").await.attr("disabled").await.ok()?.is_none().then_some(()) }).await;
        page.click("stop-simulation").await;
        page.until("it can be started again", || async { page.find("simulate").await.attr("disabled").await.ok()?.is_none().then_some(()) }).await;
    })
    .await;
}

#[tokio::test]
async fn without_a_network_it_goes_on() {
    journey("offline", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        page.until("it is kept", || async { page.text("saved").await.contains("saved").then_some(()) }).await;
        let ready = "const done = arguments[0]; navigator.serviceWorker.ready.then(r => { \
                     const see = () => r.active && r.active.state === 'activated' ? done(true) : setTimeout(see, 50); see(); })";
        page.run_async(ready, vec![]).await;
        ground.tolerate("ERR_CONNECTION_REFUSED");
        ground.lose_network().await;
        page.window.client.refresh().await.expect("a reload");
        assert_eq!(page.headline().await, headline);
        // A part of the page that was never opened, and a worker that was never needed.
        page.tab("plan").await;
        page.until("a plan", || async { (!page.texts("plan-table").await.is_empty()).then_some(()) }).await;
        page.window.screenshot("offline").await;
    })
    .await;
}
