//! The system as a drawing board: looked at, zoomed, moved about and connected; on a narrow screen a list stands first.

mod gesture;
mod keys;
mod parts;
mod picks;
mod standing;

use super::later::later;
use crate::platform::browser::HtmlSelectElement;
use crate::platform::{focus, size};
use crate::state::edits::add_component;
use crate::state::{App, Selection};
use crate::text;
use crate::view_model::canvas::View;
use crate::view_model::format::times;
use crate::view_model::topology::{Drawing, drawing};
use gesture::Gesture;
use leptos::ev::{Event, Targeted};
use leptos::html::Div;
use leptos::prelude::*;
use scenario::catalogue::KINDS;

/// Height of the board at most while it stands beside the charts.
const TALL: f64 = 640.0;
/// Size below which texts are left out: they could not be read, and cost most of the drawing's time.
const FAR: f64 = 0.4;
/// Height of the board when it has the place of the charts.
const WIDE_TALL: f64 = 720.0;

/// The board: what is drawn, from where, and what a pointer or a key is doing.
#[derive(Clone, Copy)]
pub(super) struct Board {
    pub app: App,
    pub picture: Memo<Drawing>,
    /// Width in CSS pixels.
    pub width: RwSignal<f64>,
    /// Where a person moved the view; none while it follows the drawing.
    pub chosen: RwSignal<Option<View>>,
    pub view: Memo<View>,
    pub gesture: StoredValue<Option<Gesture>>,
    standing: standing::Standing,
    /// The component that a line is being drawn from by keys.
    pub connecting: RwSignal<Option<String>>,
    /// The box that Tab stops at; keys go on from there.
    pub box_stop: RwSignal<usize>,
    /// The line that Tab stops at; arrow keys go on from there.
    pub stop: RwSignal<usize>,
}

impl Board {
    fn new(app: App) -> Self {
        let width = RwSignal::new(0.0);
        let chosen = RwSignal::new(None::<View>);
        // About as many boxes beside each other as fit; on the large board more. Nothing before it is known how wide that is.
        let fitting = Memo::new(move |_| {
            Some(width.get()).filter(|width| *width > 0.0).map(|width| ((width / 178.0) as usize).max(2))
        });
        let picture = Memo::new(move |_| {
            let Some(fitting) = fitting.get() else { return Drawing::default() };
            app.document.with(|open| open.as_ref().map_or_else(Drawing::default, |open| drawing(&open.root, fitting)))
        });
        let view = Memo::new(move |_| {
            let height = if app.drawing.get() { WIDE_TALL } else { TALL };
            chosen.get().unwrap_or_else(|| {
                picture.with(|picture| {
                    if app.drawing.get() {
                        View::fit(picture, (width.get(), height))
                    } else {
                        View::readable(picture, (width.get(), height))
                    }
                })
            })
        });
        let (gesture, standing) = (StoredValue::new(None), standing::Standing::new());
        Self {
            app,
            picture,
            width,
            chosen,
            view,
            gesture,
            standing,
            connecting: RwSignal::new(None),
            box_stop: RwSignal::new(0),
            stop: RwSignal::new(0),
        }
    }

    /// Its height: of the drawing, within limits.
    pub fn height(self) -> f64 {
        let scale = self.view.get().scale;
        let high = self.picture.with(|picture| (picture.height + 8.0) * scale);
        if self.app.drawing.get() { WIDE_TALL } else { high.clamp(160.0, TALL) }
    }

    /// The id of a box.
    pub fn id(self, index: usize) -> Option<String> {
        self.picture.with_untracked(|picture| picture.boxes.get(index).map(|(view, _)| view.id.clone()))
    }

    /// Caller and callee of a line, and whether the one does not wait for the other.
    pub fn ends(self, index: usize) -> Option<(String, String, bool)> {
        self.picture.with_untracked(|picture| {
            picture.lines.get(index).map(|line| (line.edge.from.clone(), line.edge.to.clone(), line.edge.asynchronous))
        })
    }

    /// Whether it is looked at from so far that no text on it can be read.
    fn is_far(self) -> bool {
        self.view.get().scale < FAR
    }

    /// Pushes the view along until a box is on the board, and scrolls the page until the box is in the window.
    fn bring(self, index: usize) {
        let Some(place) = self.picture.with_untracked(|picture| picture.boxes.get(index).map(|(_, place)| *place))
        else {
            return;
        };
        let view = self.view.get_untracked();
        let shown = view.showing(place, (self.width.get_untracked(), untrack(|| self.height())));
        if shown != view {
            self.chosen.set(Some(shown));
        }
        focus::show_later(format!("b-{index}"));
    }

    /// Gives a box the focus.
    fn go(self, index: usize) {
        self.bring(index);
        focus::stay(&format!("b-{index}"));
    }

    fn zoom(self, factor: f64) {
        let middle = (self.width.get_untracked() / 2.0, untrack(|| self.height()) / 2.0);
        self.chosen.set(Some(self.view.get_untracked().zoomed(factor, middle)));
    }

    fn fit(self) {
        let board = (self.width.get_untracked(), untrack(|| self.height()));
        self.chosen.set(Some(self.picture.with_untracked(|picture| View::fit(picture, board))));
    }
}

/// The board under its heading.
#[component]
pub fn Topology(app: App) -> impl IntoView {
    let board = Board::new(app);
    let place = NodeRef::<Div>::new();
    let narrow = size::is_narrow();
    // Deleted or undone: no call starts from what is gone.
    Effect::new(move |_| {
        let gone = board.connecting.with(|from| {
            from.as_ref().is_some_and(|from| {
                board.picture.with(|picture| !picture.boxes.iter().any(|(view, _)| view.id == *from))
            })
        });
        if gone {
            board.connecting.set(None);
        }
    });
    let boxes = Memo::new(move |_| {
        board.picture.with(|picture| picture.boxes.iter().map(|(view, _)| view.id.clone()).collect::<Vec<_>>())
    });
    Effect::new(move |_| {
        boxes.track();
        gesture::lose_hold(board);
    });
    Effect::new(move |_| {
        if let Some(element) = place.get() {
            size::follow_width(&element, board.width);
        }
    });
    view! {
        <div class="row between"><h2>{text::SYSTEM}" "{move || times(app.growth.get())}</h2>{tools(board)}</div>
        <p class="caption" data-testid="board-caption">{move || if board.is_far() {
            text::from_afar(board.picture.with(|picture| picture.boxes.len()))
        } else {
            text::SYSTEM_CAPTION.to_owned()
        }}</p>
        {picks::classes(app)}
        {move || narrow.get().then(|| later(move || parts::list(board)))}
        <div class="board" node_ref=place>{later(move || drawn(board))}</div>
        {picks::objectives(app)}
        {picks::others(app)}
        <p class="caption" role="status" data-testid="board-state">{move || match board.connecting.get() {
            Some(_) => text::CONNECT_HINT.to_owned(),
            None if app.drawing.get() => text::BOARD_HINT.to_owned(),
            None => String::new(),
        }}</p>
    }
}

fn drawn(board: Board) -> AnyView {
    view! {
        <svg class="topology" role="group" aria-label=text::SYSTEM aria-describedby="board-keys" data-testid="topology" class:far=move || board.is_far()
            width=move || board.width.get() height=move || board.height()
            on:pointerdown=move |event| gesture::begin(board, &event) on:pointermove=move |event| gesture::go_on(board, &event)
            on:pointerup=move |event| gesture::end(board, &event) on:pointercancel=move |_| gesture::give_up(board)
            on:wheel=move |event| gesture::wheel(board, &event) on:keydown=move |event| keys::pressed(board, &event)
            on:focusin=move |event| keys::focused(board, &event)>
            <desc id="board-keys">{text::BOARD_KEYS}</desc>
            <g transform=move || board.view.get().transform()>
                {parts::zones(board)}
                {parts::lines(board)}
                {parts::nodes(board)}
                <path id="draft" class="draft" d=""/>
            </g>
            <rect id="rubber" class="rubber" width="0" height="0"/>
        </svg>
    }
    .into_any()
}

/// A small line drawing.
fn icon(shape: &'static str) -> AnyView {
    view! { <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d=shape/></svg> }.into_any()
}

/// Adding, zooming, arranging, and the large board.
fn tools(board: Board) -> AnyView {
    let app = board.app;
    let add = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        let made = app.document.with_untracked(|open| {
            add_component(&open.as_ref()?.root, &kind, &format!("{} {}", text::ADD_COMPONENT, text::kind_word(&kind)))
        });
        if let Some((command, new)) = made {
            app.run(&command);
            app.select(Selection::Component(new));
        }
    };
    let button = |name: &'static str, label: &'static str, shape: &'static str, act: fn(Board)| {
        view! { <button class="icon" title=label aria-label=label data-testid=name on:click=move |_| act(board)>{icon(shape)}</button> }
            .into_any()
    };
    view! {
        <span class="board-tools">
            {button("board-farther", text::ZOOM_OUT, "M3 8h10", |board| board.zoom(1.0 / 1.25))}
            {button("board-nearer", text::ZOOM_IN, "M3 8h10M8 3v10", |board| board.zoom(1.25))}
            {button("board-fit", text::ZOOM_FIT, "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", Board::fit)}
            {button("board-arrange", text::ARRANGE, "M6 2h4v3H6zM2 11h4v3H2zM10 11h4v3h-4zM8 5v3M4 11V8h8v3", |board| {
                board.chosen.set(None);
                board.app.arrange();
            })}
            <button class="icon" title=text::BIG_BOARD aria-label=text::BIG_BOARD data-testid="big-board"
                aria-pressed=move || app.drawing.get().to_string()
                on:click=move |_| { board.chosen.set(None); app.drawing.update(|on| *on = !*on); }>{icon("M2 3h12v10H2zM10 3v10")}</button>
            <select class="add" aria-label=text::ADD_HINT data-testid="add-component" on:change:target=add>
                <option value="">{text::ADD_COMPONENT}" …"</option>
                {KINDS.iter().map(|kind| view! { <option value=kind.name title=kind.about>{text::kind_word(kind.name)}</option> }).collect_view()}
            </select>
        </span>
    }
    .into_any()
}
