//! Bad files: each is said with its place, and nothing that is loaded is lost.

use crate::shop_files;
use e2e::environment::fixture;
use e2e::{Look, journey};

#[tokio::test]
async fn bad_files_are_said_and_nothing_is_lost() {
    journey("bad-files", Look::DESKTOP, |ground| async move {
        let folder = tempfile::tempdir().expect("folder");
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        let headline = page.headline().await;
        page.tab("data").await;
        let scenario = std::fs::read_to_string(fixture("shop-stack/scenario.json")).expect("the fixture");
        let prometheus = std::fs::read(fixture("shop-stack/prom_cpu.json")).expect("the fixture");
        let misspelt = scenario.replace("\"hit_ratio\"", "\"hit_ration\"");
        // name, content, what the message says besides the name
        let rows: [(&str, &[u8], &str); 5] = [
            ("truncated.json", &prometheus[..prometheus.len() / 2], ""),
            ("unknown.bin", b"\x7fELF\x02\x01\x01\x00 no measurements", ""),
            ("empty.csv", b"", "empty"),
            ("cut-scenario.json", &scenario.as_bytes()[..scenario.len() / 2], ""),
            ("misspelt.json", misspelt.as_bytes(), "hit_ration"),
        ];
        for (name, content, says) in rows {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("written");
            let before = page.messages().await;
            page.choose_files(&[path]).await;
            // The file's row and its message need not come in one turn of the page.
            let about_it = |message: &String| message.contains(name) || !says.is_empty() && message.contains(says);
            let new = page
                .until(&format!("a message about {name} that says {says:?}"), || async {
                    let now = page.messages().await;
                    let new: Vec<String> = now.into_iter().filter(|message| !before.contains(message)).collect();
                    let said = says.is_empty() || new.iter().any(|message| message.contains(says));
                    (said && new.iter().any(about_it)).then_some(new)
                })
                .await;
            println!("{name}: {new:?}");
            assert_eq!(page.headline().await, headline, "after {name}");
        }
        page.window.screenshot("bad-files").await;
        // Many messages leave the page to be read, each can be reached, and all go at once.
        let covers = "const place = document.querySelector('[data-testid=notices]').getBoundingClientRect(); \
                      return place.width * place.height / (innerWidth * innerHeight)";
        let share = page.run(covers, vec![]).await.as_f64().expect("a number");
        assert!(share < 0.16, "messages cover {share} of the window");
        page.axe("bad-files").await;
        page.click("close-notices").await;
        page.until("they are gone", || async { page.all("problem").await.is_empty().then_some(()) }).await;
    })
    .await;
}
