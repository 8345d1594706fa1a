//! The main job: files in, headline read, slider moved, link opened in another window, same figures.

use e2e::environment::fixture;
use e2e::{Look, journey};
use std::path::PathBuf;

/// Everything a team would drop: the topology as they draw it, what means what, and what they measured. Not `levels.json`,
/// the truth that a projection is compared with.
fn shop_files() -> Vec<PathBuf> {
    let folder = fixture("shop-stack");
    let names = std::fs::read_dir(&folder).expect("the fixture").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "levels.json" && name != "README.md");
    names.sort();
    names.iter().map(|name| folder.join(name)).collect()
}

#[tokio::test]
async fn from_files_to_a_link_with_the_same_figures() {
    journey("shop", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        let headline = page.text("headline").await;
        println!("headline: {headline}");
        page.window.screenshot("shop-projection").await;

        let before = page.text("growth-value").await;
        page.set_growth(3.0).await;
        let growth = page
            .until("the slider's figure follows", || async {
                let now = page.text("growth-value").await;
                (now != before).then_some(now)
            })
            .await;
        assert!(growth.contains('3'), "{growth}");

        let figures = page.figures().await;
        page.window.screenshot("shop-bottlenecks").await;
        let link = page.link().await;
        println!("link: {} characters", link.len());
        let other = ground.open_in_new_window(&link).await;
        assert_eq!(other.figures().await, figures);
    })
    .await;
}
