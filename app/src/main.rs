//! The page: what people open. `state` knows, `view_model` says, `chart` draws, `ui` and `page` show, `platform` is the browser.

mod chart;
mod page;
mod part;
mod platform;
mod state;
mod text;
mod ui;
mod view_model;

use leptos::prelude::*;

fn main() {
    let app = state::App::new();
    leptos::mount::mount_to_body(move || view! { <page::Root app/> });
    platform::browser::remove_shell();
    app.start();
    platform::browser::restore_theme();
    platform::browser::keep_offline();
}
