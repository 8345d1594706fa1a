//! Plan and apply, compare, sensitivity, and the report on paper.

use crate::shop_files;
use e2e::{Key, Look, Page, journey};
use fantoccini::wd::PrintConfigurationBuilder;

#[tokio::test]
async fn plan_and_apply_to_a_copy() {
    journey("plan", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        let headline = page.headline().await;
        page.tab("plan").await;
        // The last step has changes once the search is through.
        page.until("the plan is complete", || async {
            let stop = page.find("plan-stop").await.attr("disabled").await.ok()?;
            (stop.is_some() && page.texts("plan-table").await.first()?.contains('→')).then_some(())
        })
        .await;
        page.window.screenshot("plan").await;
        page.axe("plan").await;
        page.window.set_look(Look::PHONE).await;
        crate::looks::nothing_is_cut_off(&page).await;
        page.run("document.querySelector('[data-testid=plan-table]').scrollIntoView()", vec![]).await;
        page.window.screenshot("phone-plan-made").await;
        page.window.set_look(Look::DESKTOP).await;
        page.run("window.scrollTo(0, 0)", vec![]).await;
        let name = page.prop("scenario-name", "value").await;
        let applied = page.run("const all = document.querySelectorAll('[data-act^=\"step:\"]'); all[all.length - 1].click(); return all.length", vec![]).await;
        assert!(applied.as_u64() > Some(0), "{applied}");
        let changed = page
            .until("the copy answers differently", || async {
                let now = page.headline().await;
                (now != headline).then_some(now)
            })
            .await;
        println!("{headline} -> {changed}");
        assert_ne!(page.prop("scenario-name", "value").await, name);
        page.tab("data").await;
        page.find("import-more").await;
        assert!(!page.has("backtest-table").await, "what was measured was measured of the original");
        page.tab("compare").await;
        page.find("compare-answers").await;
        page.until("lines are drawn", || async { page.all("chart-compare").await.pop() }).await;
        page.window.screenshot("compare-plan").await;
        page.axe("compare").await;
        page.click("home").await;
        page.find("recent").await;
        assert_eq!(page.texts("recent").await.len(), 2, "the original is kept");
    })
    .await;
}

#[tokio::test]
async fn three_scenarios_side_by_side() {
    journey("compare", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        let first = page.find_by("[data-testid^=\"example-\"]").await;
        first.click().await.expect("it opens");
        page.headline().await;
        page.tab("compare").await;
        for count in 2..=3 {
            let add = "const select = document.querySelector('[data-testid=compare-add]'); \
                       const ready = [...select.querySelectorAll('option')].filter(o => o.value.startsWith('g:')); \
                       select.value = ready[arguments[0]].value; select.dispatchEvent(new Event('change', {bubbles: true}));";
            page.run(add, vec![count.into()]).await;
            page.until("a column more", || async {
                let columns = page.run("return document.querySelectorAll('[data-testid=compare-answers] th').length", vec![]).await;
                (columns.as_u64() == Some(count)).then_some(())
            })
            .await;
        }
        page.until("lines are drawn", || async { page.all("chart-compare").await.pop() }).await;
        page.window.screenshot("compare").await;
        page.axe("compare").await;
    })
    .await;
}

/// Types into a field as a person does, and leaves it by Tab.
async fn typed(page: &Page, id: &str, text: &str) {
    let field = page.find_by(&format!("input[id='{id}']")).await;
    let select = "const field = document.getElementById(arguments[0]); field.focus(); field.select()";
    page.run(select, vec![id.into()]).await;
    field.send_keys(&format!("{text}{}", char::from(Key::Tab))).await.expect("keys arrive");
}

#[tokio::test]
async fn a_chart_that_is_read_stays_while_answers_come() {
    journey("compare-kept", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        // What could be two numbers is none, and stays to be written otherwise.
        page.click("pick-class-0").await;
        let rate = "field-traffic[0].arrivals.open.rate";
        typed(&page, rate, "1.000,5").await;
        page.says(rate, "1000.5 or 1,000.5").await;
        let kept = page.find_by(&format!("input[id='{rate}']")).await.prop("value").await.expect("a value");
        assert_eq!(kept.as_deref(), Some("1.000,5"));
        page.window.screenshot("refused-number").await;
        typed(&page, rate, "100").await;
        page.until("it is taken", || async {
            page.find_by("[data-testid=undo]:enabled").await.is_enabled().await.ok()
        })
        .await;

        page.tab("compare").await;
        let add = "const select = document.querySelector('[data-testid=compare-add]'); \
                   select.value = [...select.querySelectorAll('option')].find(o => o.value.startsWith('g:')).value; \
                   select.dispatchEvent(new Event('change', {bubbles: true}));";
        page.run(add, vec![]).await;
        // The class of the open scenario; the first one is the other's.
        page.find_by("[data-testid=chart-compare] option[value=requests]").await;
        let class = "const list = document.querySelector('[data-testid=chart-compare] .tools select'); \
                     list.value = 'requests'; list.dispatchEvent(new Event('change', {bubbles: true}))";
        page.run(class, vec![]).await;
        page.says("chart-compare", "requests").await;
        page.find_by("[data-testid=plot-chart-compare] svg polyline").await;
        let lines = "return Array.from(document.querySelectorAll('[data-testid=plot-chart-compare] polyline'), one => one.getAttribute('points')).join(' ')";
        let before = page.run(lines, vec![]).await;
        let plot = "const plot = document.querySelector('[data-testid=plot-chart-compare]'); plot.kept = true; plot.focus()";
        page.run(plot, vec![]).await;
        page.press_with(2, "z", 90).await;
        page.until("the lines are others", || async { (page.run(lines, vec![]).await != before).then_some(()) }).await;
        assert_eq!(page.focus().await, "plot-chart-compare");
        let kept = "return document.querySelector('[data-testid=plot-chart-compare]').kept === true";
        assert_eq!(page.run(kept, vec![]).await, true, "the chart is the one it was");
        page.window.screenshot("compare-kept").await;
    })
    .await;
}

#[tokio::test]
async fn what_moves_the_headline() {
    journey("sensitivity", Look::DARK, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.tab("sensitivity").await;
        let rows = page.text("tornado").await;
        assert!(rows.lines().count() > 3, "{rows}");
        page.find("next-measurements").await;
        page.until("the bands are drawn", || async { page.all("certainty").await.pop() }).await;
        page.window.screenshot("sensitivity").await;
        page.axe("sensitivity").await;
    })
    .await;
}

#[tokio::test]
async fn the_report_is_short() {
    journey("report", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.drop_files(&shop_files()).await;
        page.headline().await;
        page.tab("plan").await;
        page.until("the plan is complete", || async {
            let stop = page.find("plan-stop").await.attr("disabled").await.ok()?;
            (stop.is_some() && page.texts("plan-table").await.first()?.contains('→')).then_some(())
        })
        .await;
        page.tab("report").await;
        let text = page.text("report").await;
        for wanted in ["You can grow", "not modelled"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        page.find("report-backtest").await;
        page.window.screenshot("report").await;
        page.axe("report").await;
        // A4 and Letter, in centimetres.
        for (paper, width, height) in [("A4", 21.0, 29.7), ("Letter", 21.59, 27.94)] {
            let size = fantoccini::wd::PrintSize { width, height };
            let margins = fantoccini::wd::PrintMargins { top: 1.0, bottom: 1.0, left: 1.0, right: 1.0 };
            let printed = PrintConfigurationBuilder::default()
                .size(size)
                .margins(margins)
                .background(true)
                .build()
                .expect("a paper");
            let pdf = page.window.client.print(printed).await.expect("a PDF");
            let text = String::from_utf8_lossy(&pdf);
            let pages = text.matches("/Type /Page").count() - text.matches("/Type /Pages").count();
            std::fs::write(e2e::environment::results().join(format!("report-{paper}.pdf")), &pdf)
                .expect("target can be written");
            assert_eq!(pages, 1, "{paper}: a meeting reads one sheet");
        }
    })
    .await;
}
