//! Two tabs on one scenario: neither overwrites the other.

use e2e::{Look, Page, journey};
use serde_json::json;

async fn rename(page: &Page, name: &str) {
    page.find("scenario-name").await;
    let script = "const i = document.querySelector('[data-testid=scenario-name]'); i.value = arguments[0]; i.dispatchEvent(new Event('change', {bubbles: true}))";
    page.run(script, vec![json!(name)]).await;
    // The pause before a change is kept, and the keeping.
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
}

#[tokio::test]
async fn two_tabs_keep_what_each_has() {
    journey("tabs", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        let first = page.window.client.window().await.expect("a window");
        page.click("empty-canvas").await;
        page.headline().await;
        rename(&page, "From the first").await;
        let other = ground.open_in_new_window(&ground.url).await;
        other.click("recent").await;
        other.headline().await;
        rename(&other, "From the second").await;
        page.window.client.switch_to_window(first).await.expect("the first window");
        rename(&page, "Still the first").await;
        page.click("home").await;
        let kept = page
            .until("both are kept", || async {
                let kept = page.texts("recent").await;
                (kept.len() == 2).then_some(kept)
            })
            .await;
        for name in ["From the second", "Still the first"] {
            assert!(kept.iter().any(|line| line.contains(name)), "{name} in {kept:?}");
        }
        page.window.screenshot("tabs").await;
    })
    .await;
}

#[tokio::test]
async fn a_tab_that_changed_nothing_keeps_nothing() {
    journey("tabs-unedited", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        rename(&page, "Before").await;
        let other = ground.open_in_new_window(&ground.url).await;
        other.click("recent").await;
        other.headline().await;
        let page = ground.switch_to(0).await;
        rename(&page, "Changed").await;
        let other = ground.switch_to(1).await;
        // As a browser does when the tab is left, and when it is closed.
        other.run("document.dispatchEvent(new Event('visibilitychange', {bubbles: true})); dispatchEvent(new Event('pagehide'))", vec![]).await;
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        assert!(!other.has("news").await, "{:?}", other.messages().await);
        other.click("home").await;
        other.find("recent").await;
        let kept = other.texts("recent").await;
        assert!(kept.len() == 1 && kept[0].contains("Changed"), "{kept:?}");
    })
    .await;
}
