//! What a reader does is kept: while it is being kept, in the last moment, and where the browser's store refuses.

use e2e::{Look, Page, journey};
use serde_json::json;
use std::time::Duration;

/// Types a name; for use in a script.
const NAMED: &str = "const named = name => { const field = document.querySelector('[data-testid=scenario-name]'); \
                     field.value = name; field.dispatchEvent(new Event('change', {bubbles: true})); };";

/// The store takes what it is given, and then has no room for it.
const FULL: &str = "window.put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...given) { \
                    const taken = window.put.apply(this, given); \
                    taken.addEventListener('success', () => this.transaction.abort()); return taken; };";

/// Whether the browser would ask before it closes the page.
async fn is_asked(page: &Page) -> bool {
    let ask = "const going = new Event('beforeunload', {cancelable: true}); dispatchEvent(going); return going.defaultPrevented";
    page.run(ask, vec![]).await.as_bool().expect("yes or no")
}

async fn recent(page: &Page, count: usize) -> Vec<String> {
    page.click("home").await;
    page.until("the recent ones are listed", || async {
        let recent = page.texts("recent").await;
        (recent.len() >= count).then_some(recent)
    })
    .await
}

#[tokio::test]
async fn the_last_edit_is_kept() {
    journey("kept", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.says("saved", "saved here").await;
        // The second edit comes while the first is being kept: it is the same document, not another tab's.
        let twice = format!(
            "{NAMED} for (const name of ['First', 'Second']) {{ named(name); dispatchEvent(new Event('pagehide')); }}"
        );
        page.run(&twice, vec![]).await;
        page.says("saved", "saved here").await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let kept = recent(&page, 1).await;
        assert!(kept.len() == 1 && kept[0].contains("Second"), "{kept:?}");
        // The page goes in the same moment.
        page.click("recent").await;
        page.headline().await;
        page.run(&format!("{NAMED} named('In the last moment'); location.reload()"), vec![]).await;
        page.until("what was typed is there", || async {
            // A page that is on its way answers nothing.
            let name = "return document.querySelector('[data-testid=scenario-name]')?.value ?? ''";
            let found = page.window.client.execute(name, vec![]).await.ok()?;
            (found == json!("In the last moment")).then_some(())
        })
        .await;
        let kept = recent(&page, 1).await;
        assert!(kept.len() == 1 && kept[0].contains("In the last moment"), "{kept:?}");
        assert_eq!(
            page.run("return Object.keys(localStorage).filter(word => word.startsWith('left:')).length", vec![]).await,
            json!(0),
            "nothing is left behind for ever"
        );
    })
    .await;
}

#[tokio::test]
async fn it_is_saved_when_the_store_says_so() {
    journey("not-kept", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.says("saved", "saved here").await;
        assert!(!is_asked(&page).await, "all is kept");
        page.run(FULL, vec![]).await;
        page.run(&format!("{NAMED} named('Too much')"), vec![]).await;
        page.says("saved", "not saved").await;
        page.says("problem", "save it as a file").await;
        page.window.screenshot("not-kept").await;
        assert!(is_asked(&page).await, "it would be lost");
        page.run("IDBObjectStore.prototype.put = window.put", vec![]).await;
        page.run(&format!("{NAMED} named('Room again')"), vec![]).await;
        page.says("saved", "saved here").await;
        assert!(!is_asked(&page).await);
        let kept = recent(&page, 1).await;
        assert!(kept.len() == 1 && kept[0].contains("Room again"), "{kept:?}");
    })
    .await;
}

/// What the message says helps: the start page does not lose what was not saved, and forgetting another one makes room for it.
#[tokio::test]
async fn what_was_not_saved_is_still_there() {
    journey("not-lost", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.run(&format!("{NAMED} named('Old one')"), vec![]).await;
        page.says("saved", "saved here").await;
        recent(&page, 1).await;
        page.click("empty-canvas").await;
        page.headline().await;
        page.says("saved", "saved here").await;
        // There is room again once something was forgotten.
        let until_forgotten = "const forget = IDBObjectStore.prototype.delete; \
                               IDBObjectStore.prototype.delete = function (...given) { \
                               IDBObjectStore.prototype.put = window.put; return forget.apply(this, given); }";
        page.run(&format!("{FULL} {until_forgotten}"), vec![]).await;
        page.run(&format!("{NAMED} named('Refused')"), vec![]).await;
        page.says("saved", "not saved").await;
        let listed = || async {
            let recent = page.texts("recent").await;
            (recent.len() == 2 && recent[0].contains("Refused") && recent[0].contains("not saved")).then_some(())
        };
        page.click("home").await;
        page.until("it is listed, and that it is not saved", listed).await;
        page.window.screenshot("not-lost").await;
        assert!(is_asked(&page).await, "it would be lost with the page");
        // It opens from there, and another one may be looked at meanwhile.
        page.click("recent").await;
        page.headline().await;
        assert_eq!(page.prop("scenario-name", "value").await, "Refused");
        page.click("home").await;
        page.until("it is listed again", listed).await;
        // The first press asks.
        page.run("document.querySelector('[aria-label=\"Forget Old one\"]').click()", vec![]).await;
        page.find_by("[aria-label='Forget for good Old one']").await.click().await.expect("the second press");
        page.until("it is saved", || async {
            let recent = page.texts("recent").await;
            (recent.len() == 1 && recent[0].contains("Refused") && !recent[0].contains("not saved")).then_some(())
        })
        .await;
        assert!(!is_asked(&page).await, "all is kept");
        page.window.client.refresh().await.expect("the page comes anew");
        page.click("recent").await;
        page.headline().await;
        assert_eq!(page.prop("scenario-name", "value").await, "Refused");
    })
    .await;
}
