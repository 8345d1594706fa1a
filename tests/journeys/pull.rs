//! A window of measurements from a metrics server that the operator lists.

use e2e::environment::fixture;
use e2e::{Look, journey_at};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// How long it takes to answer the expression `slow`.
const SLOW: Duration = Duration::from_secs(2);

/// A server that answers every request with recorded metrics.
async fn metrics_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    let body = std::fs::read(fixture("shop-stack/prom_pg_rate.json")).expect("the fixture");
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let body = body.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let _ = stream.read(&mut request).await;
                if String::from_utf8_lossy(&request).contains("query=slow") {
                    tokio::time::sleep(SLOW).await;
                }
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_pulled_and_imported() {
    let port = metrics_server().await;
    let options = ["--prometheus".to_owned(), format!("shop=http://127.0.0.1:{port}")];
    journey_at("pull", Look::DESKTOP, &options, |ground| async move {
        let page = ground.open().await;
        page.choose_files(&[fixture("shop-stack/scenario.json")]).await;
        page.headline().await;
        page.tab("data").await;
        // What was cancelled does not come in later, nor into a document that was opened meanwhile.
        page.fill("pull-query", "slow").await;
        page.click("pull-go").await;
        page.click("cancel-progress").await;
        tokio::time::sleep(SLOW + Duration::from_secs(1)).await;
        let rows = page.texts("import-row").await;
        assert!(!rows.iter().any(|row| row.contains("slow")), "{rows:?}");
        page.click("pull-go").await;
        page.find("cancel-progress").await;
        page.click("home").await;
        page.click("empty-canvas").await;
        page.headline().await;
        tokio::time::sleep(SLOW + Duration::from_secs(1)).await;
        page.tab("data").await;
        assert!(!page.has("import-row").await && !page.has("cancel-progress").await, "{:?}", page.messages().await);
        page.click("home").await;
        page.choose_files(&[fixture("shop-stack/scenario.json")]).await;
        page.headline().await;
        page.tab("data").await;
        page.fill("pull-query", "rate(pg_queries[1m])").await;
        page.click("pull-go").await;
        page.says("import-row", "shop rate(pg_queries[1m]).json").await;
        page.window.screenshot("pull").await;
        let bare = "return [...document.querySelectorAll('#panel tbody')].filter(body => !body.rows.length).length";
        assert_eq!(page.run(bare, vec![]).await.as_u64(), Some(0), "tables of nothing but headings");
    })
    .await;
}
