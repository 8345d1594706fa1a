//! Everything without a mouse: start, move the slider, change the tab; files, a plan, a copy that has it, a link.

use crate::shop_files;
use e2e::{Key, Look, Page, journey};

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

/// Presses Tab until an element that does something like this has the focus.
async fn tab_to_deed(page: &Page, deed: &str) {
    for _ in 0..60 {
        page.press(Key::Tab).await;
        let act = page.run("return document.activeElement?.dataset.act ?? ''", vec![]).await;
        if act.as_str().is_some_and(|act| act.starts_with(deed)) {
            return;
        }
    }
    panic!("Tab never reaches `{deed}`");
}

#[tokio::test]
async fn from_files_to_a_link_by_keyboard() {
    journey("keyboard-plan", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        // The dialog that chooses files is the system's own.
        page.tab_to("file-input").await;
        page.choose_files(&shop_files()).await;
        let headline = page.headline().await;

        page.tab_to("tab-projection").await;
        for tab in ["bottlenecks", "spend", "simulation", "sensitivity", "plan"] {
            page.press(Key::Right).await;
            assert_eq!(page.focus().await, format!("tab-{tab}"));
        }
        page.until("the plan is complete", || async {
            let stop = page.find("plan-stop").await.attr("disabled").await.ok()?;
            (stop.is_some() && page.texts("plan-table").await.first()?.contains('→')).then_some(())
        })
        .await;
        tab_to_deed(&page, "step:").await;
        page.press(Key::Enter).await;
        page.until("the copy answers differently", || async { (page.headline().await != headline).then_some(()) })
            .await;

        page.tab_to("share").await;
        page.press(Key::Enter).await;
        page.find("share-close").await;
        page.tab_to("share-create").await;
        page.press(Key::Enter).await;
        assert!(page.value("read-link").await.contains("/#k="));
        page.window.screenshot("keyboard-share").await;
        page.press(Key::Escape).await;
        page.until("the dialog is closed", || async { (!page.has("share-close").await).then_some(()) }).await;
        assert_eq!(page.focus().await, "share", "the focus is where it was");
        page.press(Key::Enter).await;
        page.find("share-close").await;
        page.tab_to("share-close").await;
        page.press(Key::Enter).await;
        page.until("its button closes it", || async { (!page.has("share-close").await).then_some(()) }).await;
        assert_eq!(page.focus().await, "share", "the focus is where it was");
    })
    .await;
}
