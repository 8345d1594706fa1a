//! The main job: files in, headline read, slider moved, link opened in another window, same figures.

use crate::shop_files;
use e2e::{Look, journey};

#[tokio::test]
async fn from_files_to_a_link_with_the_same_figures() {
    journey("shop", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        let headline = page.headline().await;
        println!("headline: {headline}");
        page.window.screenshot("shop").await;

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
        println!("{figures:#?}");
        assert_eq!(figures.headline, headline, "the headline does not depend on the slider");
        page.window.screenshot("shop-bottlenecks").await;

        let link = page.link().await;
        println!("link: {} characters", link.len());
        let other = ground.open_in_new_window(&link).await;
        println!("first view of the link: {:.0} ms", other.first_view().await);
        other.set_growth(3.0).await;
        assert_eq!(other.figures().await, figures);

        let mut redraws = other.slider_redraws().await;
        redraws.sort_by(f64::total_cmp);
        let (median, longest) = (redraws[redraws.len() / 2], redraws[redraws.len() - 1]);
        println!("slider, move to second frame: median {median:.0} ms, longest {longest:.0} ms");
        assert_eq!(redraws.len(), 40);
    })
    .await;
}
