//! A worker that hangs is replaced, one that does not start is not tried for ever; the page says so and goes on.

use e2e::{Look, journey};
use serde_json::json;
use std::time::{Duration, Instant};

/// The page asks every 10 s and gives a worker a minute; the rest is a busy machine's.
const REPLACED_WITHIN: Duration = Duration::from_secs(150);

#[tokio::test]
async fn a_solver_that_hangs_is_replaced() {
    journey("solver-hangs", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        page.window.hang_worker("worker_loader").await;
        let begun = Instant::now();
        // Whatever the page can do by itself it goes on doing.
        page.set_growth(2.0).await;
        page.until("the slider's figure follows", || async {
            page.text("growth-value").await.contains('2').then_some(())
        })
        .await;
        // What needs the solver waits.
        page.run(TEN_TIMES, vec![]).await;
        page.until_within(REPLACED_WITHIN, "the page says that its solver broke", || async {
            page.has("solver-broke").await.then_some(())
        })
        .await;
        println!("replaced after {:.0} s", begun.elapsed().as_secs_f64());
        assert_eq!(page.headline().await, headline, "the figures of before stay");
        page.window.screenshot("solver-hangs").await;
        page.axe("solver-hangs").await;
        page.click("solve-again").await;
        page.until("it is answered", || async {
            (!page.has("solver-broke").await && page.headline().await != headline).then_some(())
        })
        .await;
        page.click("undo").await;
        page.until("all is as it was", || async { (page.headline().await == headline).then_some(()) }).await;
    })
    .await;
}

/// Types ten times the rate of arrivals.
const TEN_TIMES: &str = "const field = document.getElementById('field-traffic[0].arrivals.open.rate'); \
    field.value = '500'; field.dispatchEvent(new Event('change', {bubbles: true}))";

#[tokio::test]
async fn a_solver_that_does_not_start_is_not_tried_for_ever() {
    journey("solver-gone", Look::DESKTOP, |ground| async move {
        // The browser says so of each of them.
        ground.tolerate("nowhere");
        // While `barred` is noted in the tab, the solver's script is one that is not there.
        let bar = "const Real = Worker; window.Worker = function (url, options) { \
                   const barred = sessionStorage.getItem('barred') !== 'no' && url.includes('/worker_'); \
                   if (barred) sessionStorage.setItem('tried', 1 + Number(sessionStorage.getItem('tried'))); \
                   return new Real(barred ? '/nowhere.js' : url, options); };";
        ground.window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": bar })).await;
        let page = ground.open().await;
        page.find("worker-gone").await;
        let tried = "return sessionStorage.getItem('tried')";
        let count = page.run(tried, vec![]).await;
        page.window.screenshot("solver-gone").await;
        page.axe("solver-gone").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(page.run(tried, vec![]).await, count, "nobody asked again");
        page.click("empty-canvas").await;
        page.until("the open document says so too", || async { page.has("worker-gone").await.then_some(()) }).await;
        page.run("sessionStorage.setItem('barred', 'no')", vec![]).await;
        page.click("start-again").await;
        page.headline().await;
        assert!(!page.has("worker-gone").await);
        page.click("home").await;
        page.find_by("[data-testid^=\"example-\"]").await;
    })
    .await;
}

#[tokio::test]
async fn what_runs_stops_with_its_document() {
    journey("analyst-stops", Look::DESKTOP, |ground| async move {
        let count = "const Real = Worker; window.told = 0; window.Worker = function (url, options) { \
                     const made = new Real(url, options); \
                     if (url.includes('/analyst_')) made.addEventListener('message', said => { window.told += said.data.length ? 1 : 0; }); \
                     return made; };";
        ground.window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": count })).await;
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.tab("simulation").await;
        page.run("const i = document.querySelectorAll('.controls input')[0]; i.value = 1000000; i.dispatchEvent(new Event('change', {bubbles: true}))", vec![]).await;
        page.click("simulate").await;
        let told = || async { page.run("return window.told", vec![]).await.as_u64().expect("a number") };
        let begun = told().await;
        page.until("the simulation tells how it goes", || async { (told().await > begun + 3).then_some(()) }).await;
        page.click("home").await;
        page.find("empty-canvas").await;
        // What was on its way.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let closed = told().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(told().await, closed, "nobody waits for it any more");
    })
    .await;
}
