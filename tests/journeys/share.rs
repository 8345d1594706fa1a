//! Short links: made, opened by others, changed by two, presented, deleted.

use e2e::environment::fixture;
use e2e::{Ground, Look, Page, journey};

async fn open_shop(ground: &Ground) -> Page {
    let page = ground.open().await;
    page.choose_files(&[fixture("shop-stack/scenario.json")]).await;
    page.headline().await;
    page
}

/// Makes a short link of what is open; the dialog stays open.
async fn make(page: &Page) -> (String, String) {
    page.share().await;
    page.click("share-create").await;
    (page.value("read-link").await, page.value("edit-link").await)
}

async fn name(page: &Page) -> String {
    page.value("scenario-name").await
}

#[tokio::test]
async fn a_short_link_brings_the_same_figures_and_overwrites_nothing() {
    journey("share", Look::DESKTOP, |ground| async move {
        let page = open_shop(&ground).await;
        page.set_growth(3.0).await;
        page.tab("spend").await;
        page.share().await;
        page.says("share-left", "6 prices").await;
        page.window.screenshot("share-dialog").await;
        page.fill("version-name", "Before the sale").await;
        page.click("share-create").await;
        let read = page.value("read-link").await;
        assert!(!page.value("edit-link").await.is_empty() && read.contains("/#k="), "{read}");
        page.window.screenshot("share-made").await;
        page.click("share-close").await;
        let figures = page.figures().await;

        // The reader has work of their own, which stays as it is.
        let reader = ground.open_in_new_window(&ground.url).await;
        reader.click("home").await;
        reader.click("empty-canvas").await;
        reader.headline().await;
        reader.fill("scenario-name", "Work of my own").await;
        reader.says("saved", "saved").await;
        reader.run("location.href = arguments[0]", vec![read.clone().into()]).await;
        reader.until("the share is open", || async { (name(&reader).await == "Shop").then_some(()) }).await;
        reader.says("news", "Opened version 1").await;
        reader
            .until("the address names the copy; the key does not stay in it", || async {
                let hash = reader.run("return location.hash", vec![]).await;
                hash.as_str().is_some_and(|hash| hash.starts_with("#open=") && !hash.contains("k=")).then_some(())
            })
            .await;
        let tab = reader.find("tab-spend").await.attr("aria-selected").await.expect("attribute");
        assert_eq!(tab.as_deref(), Some("true"), "the tab travels");
        reader.headline().await;
        assert_eq!(reader.figures().await, figures);
        reader.click("home").await;
        reader
            .until("both are among the recent ones", || async {
                let text = reader.run("return document.body.innerText", vec![]).await.to_string();
                (text.contains("Work of my own") && text.contains("Shop")).then_some(())
            })
            .await;
    })
    .await;
}

#[tokio::test]
async fn two_editors_lose_nothing() {
    journey("share-merge", Look::DESKTOP, |ground| async move {
        let one = open_shop(&ground).await;
        let (_, edit) = make(&one).await;
        one.click("share-close").await;

        let two = ground.open_in_new_window(&edit).await;
        two.headline().await;
        two.fill("scenario-name", "Shop, renamed").await;
        two.share().await;
        two.fill("version-name", "A better name").await;
        two.click("share-publish").await;
        two.says("share-news", "Published").await;
        two.says("share-bound", "version 2").await;
        two.fill("comment-author", "Ada").await;
        two.fill("comment-text", "Is the pool <b>really</b> four?").await;
        two.click("comment-add").await;
        two.says("comment", "Is the pool <b>really</b> four?").await;
        two.says("version", "A better name").await;
        two.run("document.querySelectorAll('[data-testid=version-changes]')[1].click()", vec![]).await;
        two.says("changes", "Name Shop → Shop, renamed").await;
        two.window.screenshot("share-history").await;

        // The first editor began with version 1.
        ground.tolerate("status of 412");
        let one = ground.switch_to(0).await;
        one.fill("scenario-name", "Shop, mine").await;
        one.share().await;
        one.click("share-publish").await;
        one.says("clash-theirs", "Shop, renamed").await;
        one.says("clash-mine", "Shop, mine").await;
        one.says("clash-both", "changed by both").await;
        one.window.screenshot("share-clash").await;
        one.click("merge-theirs").await;
        one.says("share-news", "Merged and published").await;
        one.says("share-bound", "version 4").await;
        one.click("share-close").await;
        one.until("theirs is taken", || async { (name(&one).await == "Shop, renamed").then_some(()) }).await;

        // What is opened from the dialog leaves the focus where it was before.
        one.fill("scenario-name", "Shop, mine again").await;
        one.share().await;
        one.click("my-links").await;
        one.click("my-link-open").await;
        one.until("the link is open", || async { (name(&one).await == "Shop, renamed").then_some(()) }).await;
        assert_eq!(one.focus().await, "share");
    })
    .await;
}

#[tokio::test]
async fn bad_links_say_what_is_wrong() {
    journey("share-bad", Look::DESKTOP, |ground| async move {
        let page = open_shop(&ground).await;
        let (read, _) = make(&page).await;
        let present = page.value("present-link").await;

        // Its owner deletes it, in two steps.
        let headline = page.headline().await;
        let wrong = format!("{}{}", &read[..read.len() - 43], "A".repeat(43));
        let cut = read[..read.len() - 4].to_owned();
        page.click("share-close").await;
        for (link, says) in [(wrong, "The key in the link does not fit"), (cut, "the link was cut or changed")] {
            page.run("location.href = arguments[0]", vec![link.into()]).await;
            page.says("problem", says).await;
            assert_eq!(page.headline().await, headline, "what is open stays");
        }

        let shown = ground.open_in_new_window(&present).await;
        shown.headline().await;
        shown.says("presenting", "nothing can be changed").await;
        assert!(!shown.has("share").await && !shown.has("undo").await, "nothing to change it with");
        shown.fill("scenario-name", "Changed").await;
        assert_ne!(shown.run("return document.title", vec![]).await.as_str().unwrap_or_default(), "Changed · Headroom");

        ground.tolerate("status of 410");
        let page = ground.switch_to(0).await;
        page.share().await;
        page.click("my-links").await;
        page.says("my-link", "yours").await;
        page.click("share-delete").await;
        page.says("share-delete", "Delete for everybody").await;
        page.click("share-delete").await;
        page.says("share-news", "Deleted").await;
        page.click("share-close").await;
        page.run("location.href = arguments[0]", vec![read.into()]).await;
        page.says("problem", "deleted by its owner").await;
        assert_eq!(page.headline().await, headline, "what is open stays");
    })
    .await;
}
