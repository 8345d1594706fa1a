//! Versions of the open share, what each changed, and comments.

use crate::platform::browser;
use crate::platform::browser::HtmlInputElement;
use crate::state::App;
use crate::state::share::Past;
use crate::text::share as text;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Versions and comments, once asked for.
#[component]
pub fn History(app: App, id: String, may_comment: bool) -> impl IntoView {
    // Those of another share are none of this one.
    let shown = move || {
        match app.shares.past.get().filter(|past| past.id == id) {
        None => view! {
            <button class="plain" data-testid="share-history" disabled=move || app.shares.busy.get() on:click=move |_| app.load_past()>{text::LOAD_HISTORY}</button>
        }
        .into_any(),
        Some(past) => view! { <Versions app past/> }.into_any(),
    }
    };
    view! {
        {shown}
        {may_comment.then(|| view! { <Say app/> })}
    }
}

#[component]
fn Versions(app: App, past: Past) -> impl IntoView {
    let rows = past.entries.into_iter().map(|(entry, name)| {
        let day = browser::written_time(entry.created * 1000.0).get(..16).unwrap_or_default().replace('T', " ");
        let number = entry.number;
        let changed = (number > 1).then(|| {
            view! { <button class="plain" data-testid="version-changes" on:click=move |_| app.load_changes(number)>{text::CHANGES}</button> }
        });
        view! {
            <li data-testid="version"><span class="grow">{text::entry(number, &day, &name)}</span>{changed}
                <button class="plain" on:click=move |_| app.open_version(number)>{text::OPEN}</button></li>
        }
    });
    let changes = past.changes.map(|(number, difference)| {
        let none = difference.changes.is_empty().then_some(text::NO_CHANGES);
        view! {
            <div data-testid="changes"><b>{number}</b>
                <ul>
                    {none.map(|none| view! { <li>{none}</li> })}
                    {difference.changes.into_iter().map(|change| view! { <li>{change}</li> }).collect_view()}
                    {difference.figures.into_iter().map(|(what, before, after)| view! { <li>{text::figure(&what, &before, &after)}</li> }).collect_view()}
                </ul>
            </div>
        }
    });
    view! {
        <h4>{text::HISTORY}</h4>
        <ul class="versions">{rows.collect_view()}</ul>
        {changes}
        <ul class="comments">
            {past.comments.into_iter().map(|(head, words)| view! {
                <li data-testid="comment"><span class="caption">{head}</span><div>{words}</div></li>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Say(app: App) -> impl IntoView {
    let (author, words) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let add = move |_| {
        if !words.with_untracked(|words| words.trim().is_empty()) {
            let sent = words.get_untracked();
            let accepted = move || {
                if words.try_with_untracked(|now| *now == sent).unwrap_or(false) {
                    words.set(String::new());
                }
            };
            app.comment(author.get_untracked(), words.get_untracked(), accepted);
        }
    };
    let field = |name: &'static str, label: &'static str, value: RwSignal<String>| {
        let typed = move |event: Targeted<Event, HtmlInputElement>| value.set(event.target().value());
        view! { <input data-testid=name placeholder=label aria-label=label prop:value=value on:change:target=typed/> }
    };
    view! {
        <div class="row say">
            {field("comment-author", text::AUTHOR, author)}
            {field("comment-text", text::COMMENT_HINT, words)}
            <button data-testid="comment-add" disabled=move || app.shares.busy.get() on:click=add>{text::ADD_COMMENT}</button>
        </div>
    }
}
