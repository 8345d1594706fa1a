//! Everything without a mouse: start, move the slider, change the tab.

use e2e::{Key, Look, journey};

#[tokio::test]
async fn by_keyboard_only() {
    journey("keyboard", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.find("empty-canvas").await;
        page.tab_to("empty-canvas").await;
        page.press(Key::Enter).await;
        page.headline().await;

        page.tab_to("growth-slider").await;
        let before = page.text("growth-value").await;
        page.press(Key::Right).await;
        page.until("the arrow key moves the slider", || async {
            (page.text("growth-value").await != before).then_some(())
        })
        .await;

        page.tab_to("tab-projection").await;
        page.press(Key::Right).await;
        page.press(Key::Enter).await;
        page.find("bottleneck-table").await;
        page.window.screenshot("keyboard").await;
    })
    .await;
}
