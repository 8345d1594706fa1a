//! Charts: bounds, and a closer look at a stretch of the axis by mouse, keys and buttons.

use crate::shop_files;
use e2e::{Key, Look, Page, journey};
use serde_json::json;

/// Texts along the x axis of a chart.
async fn axis(page: &Page, chart: &str) -> Vec<String> {
    let script = "return Array.from(document.querySelectorAll(`[data-testid=\"${arguments[0]}\"] text.axis`), t => t.textContent).filter(t => t.startsWith('×'))";
    let found = page.run(script, vec![json!(chart)]).await;
    found.as_array().expect("a list").iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

async fn axis_changes(page: &Page, chart: &str, before: &[String]) -> Vec<String> {
    page.until("the axis is another one", || async {
        let now = axis(page, chart).await;
        (now != before && !now.is_empty()).then_some(now)
    })
    .await
}

#[tokio::test]
async fn a_closer_look_and_back() {
    journey("charts", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.find("plot-chart-latency").await;
        let all = axis_changes(&page, "chart-latency", &[]).await;
        assert_eq!((all.first().map(String::as_str), all.last().map(String::as_str)), (Some("×1"), Some("×10")));

        // The bound: a dashed line, its name in the legend, its figures in the table.
        for (chart, words, head) in [
            ("chart-latency", "bound of the mean", "mean at least"),
            ("chart-throughput", "At most", "At most"),
        ] {
            page.says(chart, words).await;
            let dashed = "return document.querySelectorAll(`[data-testid=\"${arguments[0]}\"] polyline[stroke-dasharray]:not([stroke-linecap])`).length";
            assert!(page.run(dashed, vec![json!(chart)]).await.as_u64() > Some(0), "{chart}");
            page.click(&format!("table-{chart}")).await;
            let table = page.says(chart, head).await;
            assert!(table.lines().count() > 8, "{table}");
            page.click(&format!("table-{chart}")).await;
            page.find(&format!("plot-{chart}")).await;
        }
        page.window.screenshot("charts").await;

        // By mouse: the charts along growth share the stretch.
        page.drag_across("plot-chart-latency", 0.2, 0.5).await;
        let near = axis_changes(&page, "chart-latency", &all).await;
        let spend = axis_changes(&page, "chart-spend", &all).await;
        assert_eq!(near, spend);
        assert!(!near.contains(&"×1".to_owned()) && !near.contains(&"×10".to_owned()), "{near:?}");
        page.set_growth(3.0).await;
        page.window.screenshot("charts-near").await;
        page.axe("charts-near").await;
        page.click("zoom-reset-chart-latency").await;
        assert_eq!(axis_changes(&page, "chart-latency", &near).await, all);

        // The button is let go outside of the page, which no event tells the chart: nothing is dragged from then on.
        let strayed = "const e = document.querySelector('[data-testid=plot-chart-latency]'), r = e.getBoundingClientRect(); \
            const send = (kind, share, buttons) => e.dispatchEvent(new PointerEvent(kind, {bubbles: true, isPrimary: true, pointerType: 'mouse', \
              button: 0, buttons, clientX: r.x + share * r.width, clientY: r.y + r.height / 2})); \
            send('pointerdown', 0.3, 1); send('pointermove', 0.5, 0); send('pointerup', 0.5, 0);";
        page.run(strayed, vec![]).await;
        page.says("chart-latency", "Growth ×").await;
        assert_eq!(axis(&page, "chart-latency").await, all, "no stretch was chosen");

        // By keys, with the chart focused.
        page.tab_to("plot-chart-latency").await;
        page.type_sign('+').await;
        let nearer = axis_changes(&page, "chart-latency", &all).await;
        page.press(Key::Right).await;
        page.says("chart-latency", "Growth ×3.1").await;
        page.says("said-chart-latency", "Growth ×3.1, ").await;
        page.type_sign('-').await;
        assert_eq!(axis_changes(&page, "chart-latency", &nearer).await, all);
        page.type_sign('+').await;
        axis_changes(&page, "chart-latency", &all).await;
        page.press(Key::Escape).await;
        assert_eq!(axis_changes(&page, "chart-latency", &nearer).await, all);

        // By buttons.
        page.click("zoom-in-chart-spend").await;
        let nearer = axis_changes(&page, "chart-spend", &all).await;
        page.click("zoom-out-chart-spend").await;
        assert_eq!(axis_changes(&page, "chart-spend", &nearer).await, all);
    })
    .await;
}
