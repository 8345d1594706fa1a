//! A phone, and dark colours.

use crate::shop_files;
use e2e::{Look, Page, journey};
use serde_json::Value;

/// Text that is drawn smaller than this many pixels cannot be read.
const READABLE: f64 = 8.0;

async fn nothing_sticks_out(page: &Page) {
    let script = "return [document.documentElement.scrollWidth, window.innerWidth]";
    let widths: Vec<f64> =
        page.run(script, vec![]).await.as_array().expect("two").iter().filter_map(Value::as_f64).collect();
    assert!(widths[0] <= widths[1], "the page is {} wide in a window of {}", widths[0], widths[1]);
}

#[tokio::test]
async fn on_a_phone_nothing_sticks_out_and_charts_can_be_read() {
    journey("phone", Look::PHONE, |ground| async move {
        let page = ground.open().await;
        page.find("drop-zone").await;
        nothing_sticks_out(&page).await;
        page.window.screenshot("phone-start").await;
        page.choose_files(&shop_files()).await;
        page.headline().await;
        nothing_sticks_out(&page).await;
        let script = "return Array.from(document.querySelectorAll('svg text')) \
                      .filter(text => !text.closest('[data-testid=topology]')) \
                      .map(text => [text.getBoundingClientRect().height, text.textContent]) \
                      .filter(([height]) => height > 0 && height < arguments[0]) \
                      .map(([height, text]) => `${text} (${height.toFixed(1)} px)`)";
        let small = page.run(script, vec![READABLE.into()]).await;
        page.window.screenshot("phone").await;
        assert_eq!(small, Value::Array(Vec::new()), "text in a chart that cannot be read");
    })
    .await;
}

#[tokio::test]
async fn dark_where_the_system_is_dark() {
    journey("dark", Look::DARK, |ground| async move {
        let page = ground.open().await;
        page.choose_files(&shop_files()).await;
        page.headline().await;
        let script = "const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number); \
                      return 0.2126 * r + 0.7152 * g + 0.0722 * b";
        let brightness = page.run(script, vec![]).await.as_f64().expect("a number");
        assert!(brightness < 64.0, "the background's brightness is {brightness} of 255");
        page.window.screenshot("dark").await;
    })
    .await;
}

/// Every tab, with a picture of each; nothing sticks out and axe finds nothing.
async fn every_tab(page: &Page, name: &str) {
    page.choose_files(&shop_files()).await;
    page.headline().await;
    for tab in ["projection", "bottlenecks", "spend", "simulation", "sensitivity", "plan", "data", "compare", "report"]
    {
        page.run(
            "document.getElementById(arguments[0]).click(); window.scrollTo(0, 0)",
            vec![format!("tab-{tab}").into()],
        )
        .await;
        // What a tab asks of the worker comes a moment later.
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        let above = "const panel = document.getElementById('panel'); window.scrollTo(0, panel.getBoundingClientRect().top + scrollY - 110)";
        page.run(above, vec![]).await;
        page.window.screenshot(&format!("{name}-{tab}")).await;
        nothing_sticks_out(page).await;
        page.axe(&format!("{name}, {tab}")).await;
    }
}

#[tokio::test]
async fn every_tab_on_a_phone() {
    journey("phone-tabs", Look::PHONE, |ground| async move { every_tab(&ground.open().await, "phone").await }).await;
}

#[tokio::test]
async fn every_tab_in_the_dark() {
    journey("dark-tabs", Look::DARK, |ground| async move { every_tab(&ground.open().await, "dark").await }).await;
}

#[tokio::test]
async fn the_start_page_is_clean() {
    journey("start", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.find_by("[data-testid^=\"example-\"]").await;
        page.window.screenshot("start").await;
        page.axe("start").await;
    })
    .await;
}
