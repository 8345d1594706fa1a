//! A file of 2 GB: how far it is, a way out, and what becomes of one that would have to be held whole.

use e2e::{Look, Page, journey};
use serde_json::json;

/// Drops a file made of one piece over and over: the browser holds the piece once, and reads 2 GB.
async fn drop_large(page: &Page, name: &str, start: &str, row: &str) {
    page.find("drop-zone").await;
    let script = "const [name, start, row] = arguments; \
                  const piece = new Blob([row.repeat(Math.floor(2 ** 20 / row.length))]); \
                  const file = new File([start, ...Array(Math.ceil(2 ** 31 / piece.size)).fill(piece)], name); \
                  const held = new DataTransfer(); held.items.add(file); \
                  for (const kind of ['dragenter', 'dragover', 'drop']) \
                    window.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: held})); \
                  return file.size";
    let size = page.run_aside(script, vec![json!(name), json!(start), json!(row)]).await;
    assert!(size.as_f64() >= Some(2f64.powi(31)), "{size}");
}

#[tokio::test]
async fn two_gigabytes() {
    journey("large-file", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        let rows = "2026-11-03T10:00:00Z,12.5,200,/browse\n2026-11-03T10:00:01Z,13.5,200,/browse\n";
        drop_large(&page, "requests.csv", "time,duration_ms,status,endpoint\n", rows).await;
        let said = page.says("pace", " left").await;
        println!("requests.csv: {said}");
        assert!(said.contains(" of 2.1 GB, ") && said.contains(" a second, "), "{said}");
        page.window.screenshot("large-file").await;
        page.axe("large-file").await;
        // News of the worker waits while this task runs, and comes after the click.
        let late = "const until = performance.now() + 400; while (performance.now() < until) {} \
                    document.querySelector('[data-testid=cancel-progress]').click()";
        page.run_aside(late, Vec::new()).await;
        page.until("the bar is gone", || async { (!page.has("pace").await).then_some(()) }).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert!(!page.has("pace").await, "it does not come back");

        drop_large(&page, "one.json", "{\"list\":[", "1234567,").await;
        let refusal = page.says("problem", "48 MB").await;
        println!("one.json: {refusal}");
        page.window.screenshot("large-file-refused").await;
        assert!(!page.has("pace").await, "it was not read to its end");
    })
    .await;
}
