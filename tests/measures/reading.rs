//! How fast files are read in the browser, from the drop to the model: bytes a second of the wall's clock.

use e2e::{Look, journey};
use serde_json::json;

/// Makes a file of so many megabytes, drops it, and gives megabytes a second between a tenth and nine tenths of it: what is loaded
/// before and fitted after is not reading.
const DROP: &str = "const done = arguments[arguments.length - 1], [kind, megabytes, sample] = arguments; (async () => { \
    const two = n => String(n).padStart(2, '0'); \
    const clock = i => { const s = Math.floor(i / 500) % 3600; return `2026-11-21T20:${two(Math.floor(s / 60))}:${two(s % 60)}.${String(i * 1999993 % 1e9).padStart(9, '0')}Z` }; \
    const names = ['products', 'cart', 'checkout'], took = i => 5 + (i * 7919) % 400 / 10; \
    const metrics = ['http_reqs', 'http_req_duration', 'http_req_blocked', 'http_req_connecting', 'http_req_tls_handshaking', \
      'http_req_sending', 'http_req_waiting', 'http_req_receiving', 'http_req_failed', 'data_sent', 'data_received']; \
    const rows = { \
      jtl: i => `${1795294657200 + Math.floor(i / 2)},${Math.floor(took(i))},GET ${names[i % 3]},200,OK,\"Shop, users 1-${i % 20}\",text,true,399,20,20,http://127.0.0.1:18080/api/products,${Math.floor(took(i))},vm,0\\n`, \
      k6: i => metrics.map(m => `{\"metric\":\"${m}\",\"type\":\"Point\",\"data\":{\"time\":\"${clock(i)}\",\"value\":${m === 'http_req_duration' ? took(i) : 0.017391},\"tags\":{\"expected_response\":\"true\",\"group\":\"::browse\",\"method\":\"GET\",\"name\":\"${names[i % 3]}\",\"proto\":\"HTTP/1.1\",\"scenario\":\"default\",\"status\":\"200\",\"url\":\"${names[i % 3]}\"}}}\\n`).join(''), \
    }; \
    const cut = sample.indexOf('\\n') + 1, parts = [sample.slice(0, cut)]; let size = 0, i = 0; \
    while (size < megabytes * 1e6) { \
      let text = ''; while (text.length < 1e6) text += rows[kind] ? rows[kind](i++) : sample.slice(cut); \
      const blob = new Blob([text]); size += blob.size; parts.push(blob); await new Promise(rest => setTimeout(rest)); } \
    const file = new File(parts, kind === 'k6' ? 'k6.json' : `${kind}.csv`), held = new DataTransfer(); held.items.add(file); \
    for (const type of ['dragenter', 'dragover', 'drop']) window.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: held})); \
    let first = null; const look = () => { const bar = document.querySelector('.progress progress'); const share = bar ? bar.value : 0; \
      if (!first && share >= 0.1) first = [performance.now(), share]; \
      if (first && (share >= 0.9 || !bar)) { const [at, from] = first; return done((share - from) * file.size / 1e3 / (performance.now() - at)) } \
      setTimeout(look, 1) }; look() })()";

const JTL: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,grpThreads,allThreads,URL,\
                   Latency,Hostname,IdleTime\n";

#[tokio::test]
async fn files_are_read() {
    journey("reading", Look::DESKTOP, |ground| async move {
        let bill = include_str!("../../crates/ingest/tests/fixtures/money/aws_cur1.csv");
        for (kind, sample, goal) in [("jtl", JTL, 150.0), ("k6", "", 200.0), ("cur", bill, 100.0)] {
            let page = ground.open().await;
            page.until("the page stands", || async {
                (page.has("drop-zone").await || page.has("headline").await).then_some(())
            })
            .await;
            // The best of three: what else the machine does only takes time away.
            let mut best: f64 = 0.0;
            for _ in 0..3 {
                let speed = page.run_async(DROP, vec![json!(kind), json!(300.0), json!(sample)]).await;
                best = best.max(speed.as_f64().expect("megabytes a second"));
                page.until_within(std::time::Duration::from_secs(60), "the model stands", || async {
                    (!page.has("cancel-progress").await).then_some(())
                })
                .await;
            }
            println!("{kind} in Chromium {best:.0} MB/s, wanted {goal}");
            assert!(best >= goal, "{kind}: {best} MB/s");
        }
    })
    .await;
}
