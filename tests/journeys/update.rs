//! An update of the app: kept for later only as a whole, and nothing that another tab may still need is let go.

use e2e::{Look, Page, environment, journey};
use serde_json::{Value, json};
use std::path::Path;

/// The built app with one more file named in its page, which may be there or not.
fn version(folder: &Path, named: &str, there: bool) {
    for entry in std::fs::read_dir(environment::app()).expect("the app") {
        let entry = entry.expect("an entry");
        // The server makes the compressed forms itself.
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".br") && !name.ends_with(".gz") {
            std::fs::copy(entry.path(), folder.join(name)).expect("copied");
        }
    }
    let page = std::fs::read_to_string(folder.join("index.html")).expect("the page");
    let page = page.replace("</head>", &format!("<link rel=\"alternate\" href=\"/{named}\"></head>"));
    assert!(page.contains(named));
    std::fs::write(folder.join("index.html"), page).expect("written");
    if there {
        std::fs::write(folder.join(named), "").expect("written");
    }
}

/// Files with this word in their address that are kept for later.
async fn kept(page: &Page, word: &str) -> Vec<String> {
    let script = "const [word, done] = arguments; (async () => { const cache = await caches.open('headroom-1'); \
                  const paths = (await cache.keys()).map(request => new URL(request.url).pathname); \
                  done(paths.filter(path => path.includes(word))); })()";
    serde_json::from_value(page.run_async(script, vec![json!(word)]).await).expect("a list")
}

async fn once_kept(page: &Page, word: &str) {
    page.until("it is kept for later", || async { kept(page, word).await.pop() }).await;
}

/// The page's own text as the browser got it.
async fn names(page: &Page, word: &str) -> bool {
    let script = "return document.head.innerHTML.includes(arguments[0])";
    page.run(script, vec![json!(word)]).await == Value::Bool(true)
}

/// What stands before a server that is down answers in its place: the app that is kept opens all the same.
#[tokio::test]
async fn a_gateway_without_its_server_hides_nothing() {
    journey("update-gateway", Look::DESKTOP, |ground| async move {
        ground.tolerate("502");
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        once_kept(&page, "needed").await;
        ground.lose_server().await;
        let page = ground.open().await;
        assert_eq!(page.headline().await, headline);
        // It was the gateway that answered.
        let asked = "const done = arguments[0]; fetch('/api/v1').then(answer => done(answer.status), () => done(0))";
        assert_eq!(page.run_async(asked, vec![]).await, json!(502));
    })
    .await;
}

#[tokio::test]
async fn an_update_is_kept_as_a_whole_or_not_at_all() {
    let [first, torn, second] = [0; 3].map(|_| tempfile::tempdir().expect("a folder"));
    version(first.path(), "first-00000000000000a1.css", true);
    version(torn.path(), "torn-00000000000000b2.css", false);
    version(second.path(), "second-00000000000000c3.css", true);
    journey("update", Look::DESKTOP, |ground| async move {
        ground.tolerate("ERR_CONNECTION_REFUSED");
        ground.update(first.path()).await;
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        once_kept(&page, "first-").await;
        once_kept(&page, "needed").await;

        // A version of which a file does not arrive is shown, but without a network there is the one of before.
        ground.update(torn.path()).await;
        let page = ground.open().await;
        assert!(names(&page, "torn-").await);
        assert_eq!(page.headline().await, headline);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        ground.lose_network().await;
        let page = ground.open().await;
        assert_eq!(page.headline().await, headline);
        assert!(names(&page, "first-").await && !names(&page, "torn-").await);

        // A whole one is kept. What only the older page needs stays while that page is open.
        let old = page.window.client.window().await.expect("a window");
        ground.update(second.path()).await;
        let page = ground.open_in_new_window(&ground.url).await;
        once_kept(&page, "second-").await;
        page.find("drop-zone").await;
        page.window.client.refresh().await.expect("a reload");
        page.find("drop-zone").await;
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        assert_eq!(kept(&page, "first-").await.len(), 1, "the other tab may need it");
        let new = page.window.client.window().await.expect("a window");
        page.window.client.switch_to_window(old).await.expect("the older tab");
        page.window.client.close_window().await.expect("it closes");
        page.window.client.switch_to_window(new).await.expect("the newer tab");
        page.window.client.refresh().await.expect("a reload");
        page.until("what nobody needs is let go", || async { kept(&page, "first-").await.is_empty().then_some(()) })
            .await;
        page.window.screenshot("update").await;
    })
    .await;
}
