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

/// What the bar offers is inside of the window and large enough to be hit.
async fn all_can_be_done(page: &Page) {
    let script = "return arguments[0].filter(hook => { \
                  const found = document.querySelector(`[data-testid=\"${hook}\"]`), place = found && found.getBoundingClientRect(); \
                  return !(place && place.width >= 24 && place.height >= 24 && place.left >= 0 && place.right <= window.innerWidth); })";
    let bar = serde_json::json!(["home", "scenario-name", "undo", "redo", "import", "save-file", "share", "theme"]);
    assert_eq!(page.run(script, vec![bar]).await, Value::Array(Vec::new()), "out of reach");
}

/// Tables whose rows become blocks on a narrow screen, and yet are wider than their place.
pub async fn nothing_is_cut_off(page: &Page) {
    let script = "return [...document.querySelectorAll('.stacks')] \
                  .filter(table => table.parentElement.scrollWidth > table.parentElement.clientWidth + 1) \
                  .map(table => table.dataset.testid)";
    assert_eq!(page.run(script, vec![]).await, Value::Array(Vec::new()), "tables that are cut off");
}

/// Each table of money ends in its sum, to the cent and the rounding of each row; the shop's bill has lines nobody explains.
async fn money_adds_up(page: &Page) {
    for hook in ["spend-table", "spend-drives", "bill-table"] {
        page.says(hook, "Total").await;
        let script = "const rows = [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"] tbody tr`)] \
                      .map(row => [...row.cells].slice(1).map(cell => Number(cell.textContent.replace('−', '-').replace(/[^0-9.-]/g, '')))); \
                      const total = rows.pop(); \
                      return total.map((sum, column) => Math.abs(sum - rows.reduce((all, row) => all + row[column], 0)))";
        let gaps = page.run(script, vec![hook.into()]).await;
        let gaps: Vec<f64> = gaps.as_array().expect("one per column").iter().filter_map(Value::as_f64).collect();
        let money = if hook == "bill-table" { 3 } else { 1 };
        assert!(gaps.len() >= money && gaps[..money].iter().all(|gap| *gap < 0.06), "{hook}: {gaps:?}");
    }
    for line in ["AmazonCloudWatch", "AWS Data Transfer", "no component explains it", "not on the bill"] {
        page.says("bill-table", line).await;
    }
}

#[tokio::test]
async fn on_a_phone_nothing_sticks_out_and_charts_can_be_read() {
    journey("phone", Look::PHONE, |ground| async move {
        let page = ground.open().await;
        page.find("drop-zone").await;
        nothing_sticks_out(&page).await;
        page.find("paste-field").await;
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
        all_can_be_done(&page).await;
        page.window.set_look(Look { width: 360, ..Look::PHONE }).await;
        all_can_be_done(&page).await;
        nothing_sticks_out(&page).await;
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
        if name == "phone" {
            nothing_is_cut_off(page).await;
        }
        if tab == "spend" {
            money_adds_up(page).await;
        }
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
