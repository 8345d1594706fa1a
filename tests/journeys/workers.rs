//! A worker that hangs is replaced; the page says so and goes on.

use e2e::{Look, journey};
use std::time::{Duration, Instant};

/// The page asks every 10 s and gives a worker a minute; the rest is a busy machine's.
const REPLACED_WITHIN: Duration = Duration::from_secs(150);

#[tokio::test]
async fn a_solver_that_hangs_is_replaced() {
    journey("solver-hangs", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        let headline = page.headline().await;
        page.window.hang_worker("worker_loader").await;
        let begun = Instant::now();
        // Whatever the page can do by itself it goes on doing.
        page.set_growth(2.0).await;
        page.until("the slider's figure follows", || async {
            page.text("growth-value").await.contains('2').then_some(())
        })
        .await;
        page.until_within(REPLACED_WITHIN, "the page says that its solver broke", || async {
            page.has("solver-broke").await.then_some(())
        })
        .await;
        println!("replaced after {:.0} s", begun.elapsed().as_secs_f64());
        assert_eq!(page.headline().await, headline, "the figures of before stay");
        page.window.screenshot("solver-hangs").await;
        page.axe("solver-hangs").await;
        page.click("solve-again").await;
        page.until("it is answered", || async { (!page.has("solver-broke").await).then_some(()) }).await;
        assert_eq!(page.headline().await, headline);
        page.fill("scenario-name", "After it").await;
        page.until("it is kept", || async { page.text("saved").await.contains("saved").then_some(()) }).await;
    })
    .await;
}
