//! The start page: drop files, take a template, begin empty, go on with a recent one.

use crate::platform::browser;
use crate::platform::browser::HtmlInputElement;
use crate::state::{App, Deed, KEPT, Recent};
use crate::text;
use crate::ui::Twice;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use worker::protocol::Example;

/// The three doors and what was open before.
#[component]
pub fn Start(app: App) -> impl IntoView {
    view! {
        <div class="start" data-testid="start">
            <h1 class="lead">{text::LEAD}</h1>
            <p class="sub">{text::LEAD_SUB}</p>
            <div class="doors">
                <DropZone app/>
                <div class="side">
                    <button class="door" data-testid="empty-canvas" on:click=move |_| app.act(Deed::Empty)>
                        <b>{text::EMPTY_DOOR}</b>
                        <span>{text::EMPTY_DOOR_SUB}</span>
                    </button>
                    <PasteDoor app/>
                </div>
            </div>
            <Show when=move || app.recent.with(|recent| !recent.is_empty())>
                <h2>{text::RECENT}</h2>
                <ul class="recent">
                    <For each=move || app.recent.get() key=|recent| (recent.key.clone(), recent.used() as u64, recent.unkept) let:recent>
                        <RecentRow app recent/>
                    </For>
                </ul>
                <p class="caption" data-testid="recent-limit">{text::recent_limit(KEPT)}</p>
            </Show>
            <Show when=move || app.gallery.with(|gallery| !gallery.is_empty())>
                <h2>{text::TEMPLATES}</h2>
                <div class="cards">
                    <For each=move || app.gallery.get() key=|example| example.id.clone() let:example>
                        <Card app example/>
                    </For>
                </div>
            </Show>
            <p class="caption"><a href="/validation.html">{text::VALIDATION}</a></p>
        </div>
    }
}

/// A field for who has no keys to paste with.
#[component]
fn PasteDoor(app: App) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let change = move |event: Targeted<Event, HtmlInputElement>| typed.set(event.target().value());
    let open = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked();
        if !text.trim().is_empty() {
            app.open_text(text);
        }
    };
    view! {
        <form class="door" on:submit=open>
            <label for="paste"><b>{text::PASTE_DOOR}</b></label>
            <span id="paste-sub">{text::PASTE_DOOR_SUB}</span>
            <div class="row">
                <input id="paste" class="grow" autocomplete="off" data-testid="paste-field" aria-describedby="paste-sub"
                    on:input:target=change/>
                <button class="plain" type="submit" data-testid="paste-open">{text::PASTE_OPEN}</button>
            </div>
        </form>
    }
}

#[component]
fn DropZone(app: App) -> impl IntoView {
    let choose = move |event: Targeted<Event, HtmlInputElement>| app.import(&browser::chosen_files(&event.target()));
    view! {
        <label class="drop" data-testid="drop-zone">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" aria-hidden="true">
                <path d="M12 15V4m0 0L8 8m4-4 4 4M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3"/>
            </svg>
            <b>{text::DROP_HERE}</b>
            <small>{text::DROP_KINDS}</small>
            <input class="hidden-input" type="file" multiple data-testid="file-input" aria-label=text::DROP_HERE
                on:change:target=choose/>
        </label>
    }
}

#[component]
fn RecentRow(app: App, recent: Recent) -> impl IntoView {
    let (open, forget) = (recent.key.clone(), recent.key.clone());
    let name = recent.name.clone();
    let twice = Twice::new();
    let forget = twice.press(move || app.forget(forget.clone()));
    let word = move || twice.word(text::FORGET, text::REALLY_FORGET);
    let state = match recent.unkept {
        true => text::ONLY_HERE.to_owned(),
        false => text::ago(browser::now() - recent.used()),
    };
    view! {
        <li>
            <button class="open" data-testid="recent" on:click=move |_| app.act(Deed::Reopen(open.clone()))>
                <span>{recent.name}</span>
                <span class="when">{text::components(recent.components)}" · "{state}</span>
            </button>
            <button class:asked=move || twice.asked() aria-label=move || format!("{} {name}", word()) title=word on:click=forget on:blur=twice.leave()>
                {move || twice.word("×", text::REALLY_FORGET)}
            </button>
        </li>
    }
}

#[component]
fn Card(app: App, example: Example) -> impl IntoView {
    let id = example.id.clone();
    view! {
        <button class="door" data-testid=format!("example-{}", example.id) on:click=move |_| app.open_example(id.clone())>
            <small class="topic">{example.topic}</small>
            <b>{example.title}</b>
            <span>{example.lesson}</span>
            <span>{text::components(example.components)}</span>
        </button>
    }
}
