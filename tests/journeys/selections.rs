//! Prices, autoscalers and events are selected as components are: from where they belong and back, named in the address, added
//! and taken away with undo, the focus going along.

use e2e::{Key, Look, Page, journey};

async fn address_ends(page: &Page, end: &str) {
    page.until(&format!("the address ends with {end}"), || async {
        page.run("return location.hash", vec![]).await.as_str()?.ends_with(end).then_some(())
    })
    .await;
}

/// Whether the focus is on the title of the inspector.
async fn on_the_title(page: &Page) {
    page.until("the focus is on the title", || async {
        page.run("return document.activeElement.id === 'inspector-title'", vec![])
            .await
            .as_bool()
            .filter(|there| *there)
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

/// From the component to its price and back.
async fn price(page: &Page) {
    page.click("node-api").await;
    page.says("to-price", "Add a price").await;
    page.click("to-price").await;
    page.says("selected-title", "api · price").await;
    on_the_title(page).await;
    address_ends(page, "&at=price:api").await;
    typed(page, "field-components[0].price.per_replica_hour", "0.5").await;
    // Two replicas for 730 hours.
    page.says("inspector", "$730").await;
    page.window.screenshot("selected-price").await;
    page.axe("selected-price").await;
    page.run("sessionStorage.clear()", vec![]).await;
    page.window.client.refresh().await.expect("the page loads again");
    page.says("selected-title", "api · price").await;
    page.says("inspector", "$730").await;
    page.click("take-components[0].price").await;
    page.says("to-price", "Add a price").await;
    page.click("undo").await;
    page.says("to-price", "Price").await;
}

/// An autoscaler, taken away and brought back by keys.
async fn autoscaler(page: &Page) {
    page.says("to-autoscaler", "Add an autoscaler").await;
    page.click("to-autoscaler").await;
    page.says("selected-title", "api · autoscaler").await;
    address_ends(page, "&at=autoscaler:api").await;
    assert_eq!(
        page.find_by("input[id='field-components[0].autoscale.max']")
            .await
            .prop("value")
            .await
            .ok()
            .flatten()
            .as_deref(),
        Some("4")
    );
    page.says("inspector", "At its most").await;
    page.window.screenshot("selected-autoscaler").await;
    page.axe("selected-autoscaler").await;
    page.tab_to("take-components[0].autoscale").await;
    page.press(Key::Enter).await;
    page.says("to-autoscaler", "Add an autoscaler").await;
    on_the_title(page).await;
    page.click("undo").await;
    page.click("more-picks").await;
    page.click("pick-autoscaler-0").await;
    page.says("selected-title", "api · autoscaler").await;
    page.click("pick-price-0").await;
    page.says("selected-title", "api · price").await;
    page.window.screenshot("selected-picks").await;
    page.click("clear-selection").await;
}

/// An event, from the inspector and on the timeline.
async fn event(page: &Page) {
    page.choose("add-event-here", "slow_down").await;
    page.says("selected-title", "slow down · api · 3").await;
    on_the_title(page).await;
    address_ends(page, "&at=event:slow_down.api").await;
    typed(page, "field-events[0].at_s", "42").await;
    page.says("selected-title", "at 42 s").await;
    page.click("to-simulation").await;
    page.find("event-settings").await;
    page.find_by("[data-event='0'].chosen").await;
    page.window.screenshot("selected-event").await;
    page.axe("selected-event").await;
    page.click("event-settings").await;
    on_the_title(page).await;
    page.choose("add-event", "traffic_spike").await;
    page.says("selected-title", "traffic spike").await;
    page.click("take-events[1]").await;
    page.until("the spike is gone", || async { (!page.has("selected-title").await).then_some(()) }).await;
    page.click("undo").await;
    page.find_by("[data-event='1']").await;
    page.click("undo").await;
    page.click("tab-projection").await;
}

#[tokio::test]
async fn prices_autoscalers_and_events() {
    journey("selections", Look::DESKTOP, |ground| async move {
        let page = ground.open().await;
        page.click("empty-canvas").await;
        page.headline().await;
        price(&page).await;
        autoscaler(&page).await;
        event(&page).await;
        // What is added is what is selected.
        for (button, title) in
            [("add-class", "requests-2 · traffic class"), ("add-objective", "requests-2 p95 ≤ 200 ms")]
        {
            if page.has("clear-selection").await {
                page.click("clear-selection").await;
            }
            page.click(button).await;
            page.says("selected-title", title).await;
            on_the_title(&page).await;
        }
    })
    .await;
}
