//! The frame: start page or workbench, and what works everywhere (dropping, pasting).

use super::start::Start;
use crate::platform::{browser, folder, keys};
use crate::state::{App, Deed};
use crate::text;
use crate::ui::{Header, Notices, Parts, Progress, later};
use leptos::ev;
use leptos::prelude::*;

/// Everything.
#[component]
pub fn Root(app: App) -> impl IntoView {
    let open = Memo::new(move |_| app.document.with(Option::is_some));
    listen(app);
    Effect::new(move |_| {
        let name = app.document.with(|open| open.as_ref().map(|document| document.name().to_owned()));
        browser::set_title(&name.map_or(text::NAME.to_owned(), |name| format!("{name} · {}", text::NAME)));
    });
    view! {
        <Header app/>
        <Progress app/>
        <Parts app/>
        <main>
            // What was done to open it, and taking the start page away, are a task; building the screen is the next.
            {move || if open.get() { later(move || app.screen().into_any()) } else { view! { <Start app/> }.into_any() }}
        </main>
        <Show when=move || app.dragging_files.get()><div class="veil">{text::DROP_ANYWHERE}</div></Show>
        {move || app.sharing.get().then(|| app.share_dialog()).flatten()}
        <Notices app/>
    }
}

fn listen(app: App) {
    let over = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        if !app.dragging_files.get_untracked() && browser::carries_files(&event) {
            app.dragging_files.set(true);
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            app.dragging_files.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        app.dragging_files.set(false);
        if let Some(entries) = folder::with_folders(&event) {
            return app.import_folders(entries);
        }
        let files = browser::dropped_files(&event);
        if files.is_empty() {
            if let Some(text) = browser::dropped_text(&event) {
                app.open_text(text);
            }
        } else {
            app.import(&files);
        }
    });
    let paste = window_event_listener(ev::paste, move |event| {
        if let Some(text) = keys::pasted_outside_fields(&event) {
            if app.document.with_untracked(Option::is_some) {
                app.act(Deed::Paste(text));
            } else {
                app.open_text(text);
            }
        }
    });
    let hash = window_event_listener(ev::hashchange, move |_| {
        let fragment = browser::fragment();
        if !fragment.is_empty() {
            app.open_link(fragment);
        }
    });
    on_cleanup(move || {
        for listener in [over, leave, drop] {
            listener.remove();
        }
        paste.remove();
        hash.remove();
    });
}
