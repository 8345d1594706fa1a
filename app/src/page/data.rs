//! What each file gave, what was fitted, and how well; names that were taken for the wrong thing are corrected here.

use crate::platform::browser::{self, HtmlInputElement};
use crate::state::App;
use crate::text;
use crate::ui::{Pull, chosen, html};
use crate::view_model::data;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// The data tab.
pub fn page(app: App) -> AnyView {
    let source = Signal::derive(move || {
        let (files, fit) = (app.files.get(), app.fit_of_open());
        app.document
            .with(|open| open.as_ref().map_or_else(String::new, |open| data::page(&open.root, &files, fit.as_deref())))
    });
    let choose = Callback::new(move |(act, value): (String, String)| app.correct_map(&act, &value));
    let click = Callback::new(move |act: String| {
        if let Some(id) = act.strip_prefix("component:") {
            app.show_component(id);
        } else if let Some((file, choice)) = act.strip_prefix("answer:").and_then(|rest| rest.split_once(':'))
            && let (Ok(file), Ok(choice)) = (file.parse(), choice.parse())
        {
            app.answer(file, choice);
        }
    });
    let files = move |event: Targeted<Event, HtmlInputElement>| app.import(&browser::chosen_files(&event.target()));
    view! {
        <label class="button plain-button">{text::IMPORT_FILES}
            <input class="hidden-input" type="file" multiple data-testid="import-more" aria-label=text::IMPORT_FILES on:change:target=files/>
        </label>
        {chosen(html(source, click), choose)}
        <Pull app/>
    }
    .into_any()
}
