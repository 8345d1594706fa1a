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

/// Makes the one kept scenario one that cannot be solved, as a version of the app that checked less would have left it.
const SPOIL: &str = "const done = arguments[0]; const opening = indexedDB.open('headroom', 1); opening.onsuccess = () => { \
    const over = opening.result.transaction('documents', 'readwrite'), store = over.objectStore('documents'); \
    over.oncomplete = () => { opening.result.close(); done(true); }; \
    store.openCursor().onsuccess = found => { const at = found.target.result, root = JSON.parse(at.value); \
      root.traffic[0].arrivals = {open: {rate: -24}}; at.update(JSON.stringify(root)); }; };";

#[tokio::test]
async fn files_are_not_fitted_to_what_cannot_be_solved() {
    journey("not-fitted", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.choose_files(&[fixture("shop-stack/scenario.json")]).await;
        page.headline().await;
        page.says("saved", "saved here").await;
        page.click("home").await;
        page.find("recent").await;
        page.run_async(SPOIL, vec![]).await;
        page.click("recent").await;
        page.find_by("[role=alert].refused").await;
        let name = page.prop("scenario-name", "value").await;
        page.drop_on_page(&[fixture("shop-stack/shop_stats_history.csv")]).await;
        let said = page.says("problem", "could not be fitted").await;
        assert!(said.contains("open as a copy") && said.contains("among the recent ones"), "{said}");
        page.text("headline").await;
        assert_ne!(page.prop("scenario-name", "value").await, name);
        page.window.screenshot("not-fitted").await;
        page.click("home").await;
        let kept = page
            .until("both are kept", || async {
                let kept = page.texts("recent").await;
                (kept.len() == 2).then_some(kept)
            })
            .await;
        assert!(kept.iter().any(|line| line.contains(&name)), "{name} in {kept:?}");
    })
    .await;
}

#[tokio::test]
async fn files_of_one_name_all_count() {
    journey("one-name", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.choose_files(&[fixture("shop-stack/scenario.json")]).await;
        page.headline().await;
        page.tab("data").await;
        let folder = tempfile::tempdir().expect("folder");
        let measured = |place: &str| {
            let file = folder.path().join(place).join("shop_stats_history.csv");
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::copy(fixture("shop-stack/shop_stats_history.csv"), &file).expect("copied");
            file
        };
        let files = [measured("monday"), measured("tuesday")];
        page.choose_files(&files).await;
        page.says("import-row", "shop_stats_history (2).csv").await;
        let named = |row: &&String| row.contains("shop_stats_history");
        assert_eq!(page.texts("import-row").await.iter().filter(named).count(), 2);
        // One lot after the other: the later one counts, and that is said.
        page.choose_files(&files[..1]).await;
        page.says("news", "Imported before under the same name: shop_stats_history.csv").await;
        page.says("import-row", "counts in its place").await;
        page.window.screenshot("one-name").await;
    })
    .await;
}
