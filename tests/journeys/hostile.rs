//! Markup in every text of a scenario, of imported files and of comments: it is shown as text and never runs.

use e2e::environment::fixture;
use e2e::{Look, journey};
use serde_json::{Value, json};

const MARKUP: &str = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script><svg/onload=window.ran=1>\"'><a href=javascript:window.ran=1>x</a>";

/// The shop with markup in every text that may hold any.
fn hostile_shop() -> Value {
    let text = std::fs::read_to_string(fixture("shop-stack/scenario.json")).expect("the fixture");
    let mut shop: Value = serde_json::from_str(&text).expect("JSON");
    let short: String = MARKUP.chars().take(60).collect();
    shop["name"] = json!(MARKUP);
    shop["notes"] = json!(format!("{MARKUP}\n\n[x](javascript:window.ran=1)"));
    for list in ["components", "traffic"] {
        for entry in shop[list].as_array_mut().expect("a list") {
            entry["label"] = json!(short);
        }
    }
    shop["zones"] = json!([short]);
    shop["imports"] = json!([{
        "id": "hostile", "kind": "k6-summary", "file": MARKUP, "at": "2026-11-03T10:00:00Z",
        "points": [{"traffic": "browse", "multiple": 1.0, "rps": 24.0, "latency_ms": {"p95": 24.0}}],
    }]);
    shop["map"] = json!({"endpoints": {MARKUP: "browse"}, "costs": {MARKUP: "db"}});
    shop
}

#[tokio::test]
async fn no_text_runs() {
    journey("hostile", Look::DESKTOP, |ground| async move {
        let folder = tempfile::tempdir().expect("folder");
        let scenario = folder.path().join("shop.json");
        std::fs::write(&scenario, hostile_shop().to_string()).expect("written");
        let escaped = MARKUP.replace('"', "\"\"");
        let stats = std::fs::read_to_string(fixture("shop-stack/shop_stats.csv")).expect("the fixture");
        let mut lines: Vec<String> = stats.lines().map(str::to_owned).collect();
        let cells: Vec<&str> = stats.lines().nth(1).expect("a row").splitn(3, ',').collect();
        lines[1] = format!("{},\"{escaped}\",{}", cells[0], cells[2]);
        let imported = folder.path().join("stats <b onmouseover=window.ran=1>.csv");
        std::fs::write(&imported, lines.join("\n")).expect("written");

        // Reports of the content policy, from before the first script on.
        let listen = "window.reports = []; document.addEventListener('securitypolicyviolation', \
                      event => window.reports.push(event.violatedDirective + ' ' + event.blockedURI));";
        ground.window.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": listen })).await;
        let page = ground.open().await;
        page.choose_files(&[scenario, imported]).await;
        page.headline().await;
        let tabs: Vec<Value> = page
            .run("return Array.from(document.querySelectorAll('[role=tab]'), tab => tab.dataset.testid.slice(4))", vec![])
            .await
            .as_array()
            .expect("a list")
            .clone();
        assert!(tabs.len() >= 5, "{tabs:?}");
        for tab in &tabs {
            page.tab(tab.as_str().expect("a name")).await;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            page.window.screenshot(&format!("hostile-{}", tab.as_str().expect("a name"))).await;
        }
        page.tab("projection").await;
        page.share().await;
        page.fill("version-name", MARKUP).await;
        page.click("share-create").await;
        let read = page.value("read-link").await;
        page.fill("comment-author", MARKUP).await;
        page.fill("comment-text", MARKUP).await;
        page.click("comment-add").await;
        page.says("comment", "window.ran=1").await;
        page.click("my-links").await;
        page.window.screenshot("hostile-share").await;
        page.click("share-close").await;
        // A link opened by somebody else, and the list of recent scenarios.
        let other = ground.open_at(&read).await;
        other.headline().await;
        other.click("home").await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;

        let found = other.run("return [window.ran ?? null, window.reports, document.querySelectorAll('img[src=x], svg[onload], a[href^=javascript]').length]", vec![]).await;
        assert_eq!(found, json!([null, [], 0]), "nothing ran, nothing had to be stopped, nothing became an element");
    })
    .await;
}
