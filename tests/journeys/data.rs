//! Imports: names corrected, back-test seen; a simulation with a spike, cancelled; copies in two tabs; offline.

use crate::shop_files;
use e2e::{Look, journey};

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
        let change = "const s = document.querySelector('[data-act=\"endpoint:0\"]'); \
                      s.value = [...s.options].map(o => o.value).find(v => v && v !== s.value); \
                      s.dispatchEvent(new Event('change', {bubbles: true})); return s.value";
        let chosen = page.run(change, vec![]).await;
        println!("the first endpoint is now {chosen}");
        // The endpoint's levels now belong to another class, and the back-test is another one.
        page.until("the back-test is made anew", || async {
            (page.text("backtest-table").await != tested).then_some(())
        })
        .await;
    })
    .await;
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
        page.click("simulate").await;
        page.until("it is over", || async {
            let stop = page.find("stop-simulation").await.attr("disabled").await.ok()?;
            (stop.is_some() && !page.texts("simulation-table").await.is_empty()).then_some(())
        })
        .await;
        page.window.screenshot("simulate").await;
        page.axe("simulate").await;
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
        let offline = serde_json::json!({"offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        page.window.devtools("Network.enable", serde_json::json!({})).await;
        page.window.devtools("Network.emulateNetworkConditions", offline).await;
        page.window.client.refresh().await.expect("a reload");
        assert_eq!(page.headline().await, headline);
        // A part of the page that was never opened, and a worker that was never needed.
        page.tab("plan").await;
        page.until("a plan", || async { (!page.texts("plan-table").await.is_empty()).then_some(()) }).await;
        page.window.screenshot("offline").await;
        let online = serde_json::json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        page.window.devtools("Network.emulateNetworkConditions", online).await;
    })
    .await;
}
