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

/// What the page gives to be saved from now on, in place of a download: names, kinds, beginnings and lengths.
const CATCH: &str = "window.caught = []; const blobs = new Map(); const make = URL.createObjectURL.bind(URL); \
    URL.createObjectURL = blob => { const url = make(blob); blobs.set(url, blob); return url; }; \
    HTMLAnchorElement.prototype.click = function () { const blob = blobs.get(this.href), name = this.download; \
    blob.arrayBuffer().then(bytes => window.caught.push([name, blob.type, \
      new TextDecoder().decode(bytes.slice(0, 40000)), bytes.byteLength, Array.from(new Uint8Array(bytes.slice(0, 24)))])); };";

#[tokio::test]
async fn a_chart_is_saved_as_table_and_picture() {
    journey("chart-saved", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.find("plot-chart-latency").await;
        page.run(CATCH, vec![]).await;
        let saved = |kind: &'static str| {
            let page = &page;
            async move {
                page.run("window.caught.length = 0", vec![]).await;
                page.choose("save-chart-latency", kind).await;
                let found = page
                    .until("it is saved", || async {
                        let caught = page.run("return window.caught[0] ?? null", vec![]).await;
                        (!caught.is_null()).then_some(caught)
                    })
                    .await;
                let text = |index: usize| found[index].as_str().unwrap_or_default().to_owned();
                println!("{kind}: {} {} {}", found[0], found[1], found[3]);
                (text(0), text(1), text(2), found[4].clone())
            }
        };
        let (name, _, table, _) = saved("csv").await;
        assert!(name.ends_with(".csv"), "{name}");
        let mut lines = table.lines();
        let head = lines.next().expect("a head").split(',').count();
        assert!(head > 3, "{table}");
        // Every multiple that is drawn, of which the table view shows some.
        let rows: Vec<usize> = lines.map(|line| line.split(',').count()).collect();
        page.click("table-chart-latency").await;
        let shown = "return document.querySelectorAll('[data-testid=chart-latency] tbody tr').length";
        let shown = page.run(shown, vec![]).await.as_u64().expect("a number");
        assert!(rows.len() as u64 > shown && shown > 3 && rows.iter().all(|cells| *cells == head), "{table}");
        page.click("table-chart-latency").await;
        page.find("plot-chart-latency").await;

        let (name, kind, picture, _) = saved("svg").await;
        assert!(name.ends_with(".svg") && kind == "image/svg+xml" && picture.contains("<svg"), "{name} {kind}");
        // On its own it has no page whose colours it could take.
        assert!(!picture.contains("var(--"), "{picture}");

        let (name, kind, _, bytes) = saved("png").await;
        assert!(name.ends_with(".png") && kind == "image/png", "{name} {kind}");
        let bytes: Vec<u64> = bytes.as_array().expect("bytes").iter().filter_map(serde_json::Value::as_u64).collect();
        // PNG 1.2, section 3.1 and 4.1.1: the signature, then IHDR with width and height.
        assert_eq!(bytes[..8], [137, 80, 78, 71, 13, 10, 26, 10]);
        let size = |at: usize| bytes[at..at + 4].iter().fold(0, |sum, byte| sum * 256 + byte);
        assert!(size(16) >= 880 && size(20) >= 300, "{} x {}", size(16), size(20));
    })
    .await;
}
