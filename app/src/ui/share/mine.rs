//! The links this browser knows.

use crate::platform::{browser, focus};
use crate::state::App;
use crate::text::share as text;
use crate::ui::Twice;
use crate::view_model::share::Known;
use leptos::prelude::*;

/// Every link made or opened here.
#[component]
pub fn Mine(app: App) -> impl IntoView {
    let links = move || app.shares.links.get();
    view! {
        <Show when=move || app.shares.unkept.get()><p class="warning" role="alert">{text::UNKEPT}</p></Show>
        <details>
            <summary data-testid="my-links">{text::MINE}</summary>
            <p class="caption">{text::MINE_SUB}" "{move || links().is_empty().then_some(text::NO_LINKS)}</p>
            <ul class="versions">
                {move || links().into_iter().map(|known| view! { <Line app known/> }).collect_view()}
            </ul>
        </details>
    }
}

#[component]
fn Line(app: App, known: Known) -> impl IntoView {
    let day = browser::written_time(known.expires * 1000.0).get(..10).unwrap_or_default().to_owned();
    let said = format!("{} · {}", known.name, text::bound(known.role(), known.version, &day));
    let kept = StoredValue::new(known.clone());
    let open = move |_| {
        focus::close_dialog();
        kept.with_value(|known| app.open_share(known.link(true, false)));
    };
    // With an owner's link the right to delete it goes.
    let (letting_go, deleting) = (Twice::new(), Twice::new());
    let forget = letting_go.press(move || app.forget_link(&kept.get_value()));
    let owner = known.owner.is_some().then(|| {
        let delete = deleting.press(move || app.delete_share(kept.get_value()));
        view! {
            <button class="plain" data-testid="share-delete" on:click=delete on:blur=deleting.leave()>
                {move || deleting.word(text::DELETE, text::REALLY_DELETE)}
            </button>
        }
    });
    view! {
        <li data-testid="my-link"><span class="grow">{said}</span>
            <button class="plain" data-testid="my-link-open" on:click=open>{text::OPEN}</button>
            <button class="plain" data-testid="share-forget" on:click=forget on:blur=letting_go.leave()>
                {move || letting_go.word(text::FORGET, text::REALLY_FORGET)}
            </button>
            {owner}</li>
    }
}
