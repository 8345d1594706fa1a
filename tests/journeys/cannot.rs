//! Browsers that cannot run the page, and programs that do not arrive: the shell says so instead of standing there empty.

use e2e::{Look, Page, journey};
use serde_json::json;

/// What the shell says of why there is no more than it.
async fn said(page: &Page) -> String {
    page.until("the shell says why nothing comes", || async {
        let shown = "return Array.from(document.querySelectorAll('#shell .cannot:not([hidden])'), p => p.innerText)";
        let shown = page.run(shown, vec![]).await;
        let all = shown.as_array().expect("a list");
        assert!(all.len() < 2, "one reason is enough: {shown}");
        all.first()?.as_str().map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn a_browser_without_webassembly_is_told() {
    journey("no-wasm", Look::DESKTOP, |ground| async move {
        ground.tolerate("WebAssembly is not defined");
        let source = "delete globalThis.WebAssembly";
        ground.window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
        let page = ground.open().await;
        let said = said(&page).await;
        assert!(said.contains("needs WebAssembly") && said.contains("headroom command"), "{said}");
        page.window.screenshot("no-wasm").await;
        page.axe("no-wasm").await;
        page.window.set_look(Look::PHONE).await;
        page.window.screenshot("phone-no-wasm").await;
    })
    .await;
}

#[tokio::test]
async fn a_program_that_does_not_arrive_is_missed() {
    journey("no-program", Look::DARK, |ground| async move {
        // The browser and Trunk's loader say so of what was kept from them.
        ground.tolerate("ERR_BLOCKED_BY_CLIENT");
        ground.tolerate("Failed to fetch");
        ground.window.devtools("Network.enable", json!({})).await;
        ground.window.devtools("Network.setBlockedURLs", json!({ "urls": ["*_bg.wasm"] })).await;
        let page = ground.open().await;
        let said = said(&page).await;
        assert!(said.contains("did not start"), "{said}");
        page.window.screenshot("no-program").await;
        page.axe("no-program").await;
        // Once it arrives, the page it leads to works.
        ground.window.devtools("Network.setBlockedURLs", json!({ "urls": [] })).await;
        page.run("document.querySelector('#no-start button').click()", vec![]).await;
        page.click("empty-canvas").await;
        page.headline().await;
    })
    .await;
}
