//! What people bring besides files: a folder, a link, a scenario's text, boxes from the clipboard.

use crate::shop_files;
use e2e::{Ground, Look, Page, journey};
use serde_json::{Value, json};
use std::path::Path;

/// Drops what lies at a path from outside of the browser, as a file manager does.
async fn drag_in(page: &Page, path: &Path) {
    page.find("drop-zone").await;
    let data = json!({"items": [], "files": [path.to_str().expect("utf-8")], "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver", "drop"] {
        let event = json!({"type": kind, "x": 400, "y": 300, "data": data});
        page.window.devtools("Input.dispatchDragEvent", event).await;
    }
}

#[tokio::test]
async fn a_folder_is_all_that_is_in_it() {
    journey("folder", Look::DESKTOP, |ground| async move {
        let made = tempfile::tempdir().expect("a folder");
        let (run, empty) = (made.path().join("shop run"), made.path().join("nothing in it"));
        std::fs::create_dir_all(run.join("metrics/of prometheus")).expect("folders");
        std::fs::create_dir_all(empty.join("nor here")).expect("folders");
        std::fs::write(run.join(".DS_Store"), "hidden").expect("a file");
        let files = shop_files();
        for (index, file) in files.iter().enumerate() {
            let folder = ["", "metrics", "metrics/of prometheus"][index % 3];
            let name = file.file_name().expect("a name");
            std::fs::copy(file, run.join(folder).join(name)).expect("a copy");
        }
        let page = ground.open().await;
        drag_in(&page, &empty).await;
        page.until("it says that nothing is in it", || async {
            page.messages().await.iter().any(|said| said.contains("no file that can be read")).then_some(())
        })
        .await;
        page.window.screenshot("folder-empty").await;
        drag_in(&page, &run).await;
        let headline = page.headline().await;
        page.tab("data").await;
        page.until("every file counts, and no hidden one", || async {
            let rows = page.texts("import-row").await;
            (rows.len() == files.len() && !rows.iter().any(|row| row.contains("DS_Store"))).then_some(())
        })
        .await;
        page.window.screenshot("folder").await;
        // The same answer as from the files themselves.
        let page = start(&ground).await;
        page.drop_files(&files).await;
        assert_eq!(page.headline().await, headline);
    })
    .await;
}

/// The start page, from what was open.
async fn start(ground: &Ground) -> Page {
    let page = ground.open().await;
    page.until("the page is there", || async {
        (page.has("home").await || page.has("paste-field").await).then_some(())
    })
    .await;
    if page.has("home").await {
        page.click("home").await;
    }
    page.find("paste-field").await;
    page
}

/// Pastes text where the focus is, as Ctrl+V does.
async fn paste(page: &Page, text: &str) {
    let script = "const held = new DataTransfer(); held.setData('text/plain', arguments[0]); \
                  const to = document.activeElement ?? document.body; \
                  to.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true, clipboardData: held}))";
    page.run(script, vec![json!(text)]).await;
}

/// What Ctrl+C puts on the clipboard.
async fn copied(page: &Page) -> String {
    let script = "const held = new DataTransfer(); const from = document.activeElement ?? document.body; \
                  from.dispatchEvent(new ClipboardEvent('copy', {bubbles: true, cancelable: true, clipboardData: held})); \
                  return held.getData('text/plain')";
    page.run(script, vec![]).await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_pasted_link_and_a_pasted_scenario_open() {
    journey("pasted", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("example-cache-flush").await;
        let headline = page.headline().await;
        let link = page.link().await;
        page.click("share-close").await;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/scenario/gallery/cache-flush.json");
        let typed = std::fs::read_to_string(file).expect("the ready scenario");

        for (what, text) in
            [("a link", link.as_str()), ("JSON", typed.as_str()), ("JSON between blanks", &format!("\n\n {typed}\n"))]
        {
            let page = start(&ground).await;
            paste(&page, text).await;
            assert_eq!(page.headline().await, headline, "{what}");
        }
        // By the field and its button.
        let page = start(&ground).await;
        page.fill("paste-field", &link).await;
        page.click("paste-open").await;
        assert_eq!(page.headline().await, headline);

        // What cannot be read is said, and nothing opens.
        let page = start(&ground).await;
        paste(&page, &typed[..typed.len() / 2]).await;
        let said = page
            .until("it is said what is wrong", || async {
                let said = page.messages().await.join("\n");
                (!said.is_empty()).then_some(said)
            })
            .await;
        assert!(said.contains("JSON") && !page.has("headline").await, "{said}");
        // Of what can be read in part the rest is named.
        let page = start(&ground).await;
        paste(&page, "{\"format\": \"headroom/1\", \"components\": 5, \"traffic\": []}").await;
        page.until("what was lost is named", || async {
            page.messages().await.iter().any(|said| said.contains("components: 5")).then_some(())
        })
        .await;
        page.window.screenshot("pasted-broken").await;
    })
    .await;
}

/// How many boxes stand on the board.
async fn boxes(page: &Page) -> usize {
    let found = page.run("return document.querySelectorAll('[data-testid^=node-]').length", vec![]).await;
    found.as_u64().and_then(|count| count.try_into().ok()).unwrap_or(0)
}

#[tokio::test]
async fn boxes_are_copied_pasted_and_duplicated() {
    journey("clipboard", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        // The headline may stand before the boxes do.
        page.find("node-api").await;
        page.run("document.querySelector('[data-testid=node-api]').focus()", vec![]).await;
        // Both boxes, by keys.
        page.press_with(2, "a", 65).await;
        page.says("several-title", "2").await;
        let text = copied(&page).await;
        let held: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(held.as_object().map(|object| object.len()), Some(1), "{text}");
        paste(&page, &text).await;
        page.until("copies of both stand there", || async { (boxes(&page).await == 4).then_some(()) }).await;
        // The copies call each other, not what was copied.
        let lines = "return Array.from(document.querySelectorAll('[data-testid^=line-]'), l => l.dataset.testid)";
        let lines = page.run(lines, vec![]).await;
        assert_eq!(lines.as_array().map(Vec::len), Some(2), "{lines}");
        page.window.screenshot("clipboard").await;
        page.click("undo").await;
        page.until("they are gone", || async { (boxes(&page).await == 2).then_some(()) }).await;
        assert_eq!(page.headline().await, headline);
        // By the button of the inspector.
        page.run("document.querySelector('[data-testid=node-db]').focus()", vec![]).await;
        page.press(e2e::Key::Enter).await;
        page.click("duplicate").await;
        page.until("a copy stands there", || async { (boxes(&page).await == 3).then_some(()) }).await;
    })
    .await;
}
