//! What is on the board: zones, lines, boxes; and the list that stands first on a narrow screen.

use super::Board;
use super::standing::{BoxKey, Course, LineKey, Spot, box_keys, line_keys, renew};
use crate::platform::canvas;
use crate::state::Selection;
use crate::ui::later::{growing, growing_later};
use crate::view_model::layout::BOX;
use crate::view_model::system::ComponentView;
use crate::view_model::topology::{Line, fill, fills, spoken, spoken_line, widths, zones as frames};
use leptos::prelude::*;

/// Boxes or lines that one task draws: a large system comes in pieces.
const AT_ONCE: usize = 24;

impl Board {
    /// Selects a box, or adds it to what is selected.
    pub fn pick(self, id: &str, more: bool) {
        self.app.selection.update(|selection| *selection = selection.picked(id, more));
    }

    /// Selects the calls of a line, or lets go of them.
    pub fn pick_line(self, index: usize) {
        if let Some((from, to, asynchronous)) = self.ends(index) {
            self.stop.set(index);
            let line = Selection::Call { from, to, asynchronous };
            self.app.selection.update(|selection| *selection = selection.toggled(line));
        }
    }

    /// Moves boxes for good.
    pub fn commit(self, boxes: &[usize], by: (f64, f64)) {
        let places = self.picture.with_untracked(|picture| {
            let place = |(index, (view, at)): (usize, &(ComponentView, (f64, f64)))| {
                let moved = crate::view_model::canvas::snapped((at.0 + by.0, at.1 + by.1));
                (view.id.clone(), if boxes.contains(&index) { moved } else { *at })
            };
            picture.boxes.iter().enumerate().map(place).collect::<Vec<_>>()
        });
        // The view stays where it is while the drawing's edge moves.
        self.chosen.set(Some(self.view.get_untracked()));
        self.app.place(&places);
    }
}

/// Frames around the components of each zone.
pub fn zones(board: Board) -> AnyView {
    view! { <g inner_html=move || board.picture.with(frames)></g> }.into_any()
}

/// Lines with their labels.
pub fn lines(board: Board) -> AnyView {
    let app = board.app;
    let wide = Memo::new(move |_| {
        let projection = app.projection.get();
        board.picture.with(|picture| match &projection {
            Some(projection) => widths(projection, &picture.lines, app.growth.get()),
            None => vec![1.5; picture.lines.len()],
        })
    });
    // Boxes that are moved lead their lines elsewhere; the nodes stay.
    Effect::new(move |_| {
        board.picture.with(|picture| {
            board.standing.each_line(picture, &picture.lines, |course, line| {
                renew(course.path, &line.path);
                renew(course.middle, &line.middle);
            });
        });
    });
    Effect::new(move |_| {
        board.picture.with(|picture| {
            wide.with(|wide| board.standing.each_line(picture, wide, |course, width| renew(course.width, width)));
        });
    });
    // What is done for a class lights up all along.
    let way = Memo::new(move |_| {
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            app.selection.with(|selection| selection.way(root))
        })
    });
    let stop =
        Memo::new(move |_| board.stop.get().min(board.picture.with(|picture| picture.lines.len()).saturating_sub(1)));
    let drawn = move |(number, key): (usize, LineKey), line: Line, name: String| {
        let index = RwSignal::new(number);
        let ends = StoredValue::new((line.edge.from.clone(), line.edge.to.clone()));
        let asynchronous = line.edge.asynchronous;
        let hook = format!("line-{}-{}{}", line.edge.from, line.edge.to, if asynchronous { "-async" } else { "" });
        let selected = Memo::new(move |_| {
            ends.with_value(|(from, to)| app.selection.with(|selection| selection.is_call(from, to, asynchronous)))
        });
        let lit = move || {
            let met =
                ends.with_value(|(from, to)| app.selection.with(|selection| selection.has(from) || selection.has(to)));
            met || selected.get()
                || way.with(|way| way.as_ref().is_some_and(|way| ends.with_value(|ends| way.contains(ends))))
        };
        let click = move |event: leptos::ev::MouseEvent| {
            // A finger's taps and clicks of assistive technology; a mouse's are told apart from drags, and so are a finger's on the large board.
            if event.detail() == 0 || canvas::is_touch(&event) && !app.drawing.get_untracked() {
                board.pick_line(index.get_untracked());
            }
        };
        let width = wide.with_untracked(|wide| wide.get(number).copied().unwrap_or(1.5));
        let (path, middle, width) = (RwSignal::new(line.path), RwSignal::new(line.middle), RwSignal::new(width));
        board.standing.add_line(key, number, Course { number: index, path, middle, width });
        view! {
                <path id=move || format!("e-{}", index.get()) class="edge" class:async=asynchronous class:lit=lit d=path
                    stroke-width=width/>
                <path id=move || format!("f-{}", index.get()) class="flow" d=path/>
                <path id=move || format!("h-{}", index.get()) class="edge-hit" data-line=index d=path role="button" aria-label=name
                    aria-pressed=move || selected.get().to_string() tabindex=move || if stop.get() == index.get() { "0" } else { "-1" }
                    data-testid=hook on:click=click/>
                <text id=move || format!("l-{}", index.get()) class="edge-label" data-line=index x=move || middle.get().0 + 5.0 y=move || middle.get().1 + 3.0 on:click=click>{line.edge.label}</text>
        }
    };
    let shown = growing_later(move || board.picture.with(|picture| picture.lines.len()), AT_ONCE);
    let all = move || {
        board.picture.with(|picture| {
            let lines = picture.lines.iter().zip(line_keys(picture)).take(shown.get()).enumerate();
            lines
                .map(|(number, (line, key))| ((number, key), line.clone(), spoken_line(picture, line)))
                .collect::<Vec<_>>()
        })
    };
    // A line that leads from and to the same boxes stays, while these are called the same.
    let key = |((_, key), _, name): &((usize, LineKey), Line, String)| (key.clone(), name.clone());
    view! { <For each=all key=key let((which, line, name))>{drawn(which, line, name)}</For> }.into_any()
}

/// Boxes.
pub fn nodes(board: Board) -> AnyView {
    let app = board.app;
    let far = Memo::new(move |_| board.is_far());
    Effect::new(move |_| {
        board.picture.with(|picture| {
            board.standing.each_box(picture, &picture.boxes, |spot, (_, place)| renew(spot.place, place));
        });
    });
    Effect::new(move |_| {
        board.picture.with(|picture| {
            let found = app.projection.with(|projection| Some(fills(projection.as_ref()?, picture, app.growth.get())));
            let figures =
                found.map_or_else(|| vec![None; picture.boxes.len()], |fills| fills.into_iter().map(Some).collect());
            board.standing.each_box(picture, figures, |spot, figure| renew(spot.figure, &figure));
        });
    });
    let stop = Memo::new(move |_| {
        board.box_stop.get().min(board.picture.with(|picture| picture.boxes.len()).saturating_sub(1))
    });
    let shown = growing_later(move || board.picture.with(|picture| picture.boxes.len()), AT_ONCE);
    let all = move || {
        board.picture.with(|picture| {
            let boxes = picture.boxes.iter().zip(box_keys(picture)).take(shown.get());
            boxes.map(|((view, at), key)| (key, view.clone(), *at)).collect::<Vec<_>>()
        })
    };
    // A box stays while it says the same, whatever comes or goes before it.
    view! {
        <For each=all key=|(key, view, _)| (key.1, view.clone().key()) let((key, view, at))>
            {node(board, (key, view), at, far, stop)}
        </For>
    }
    .into_any()
}

/// Room for a label beside its figure, or where it has none, and for the line under them; width of a sign in each.
const LABEL: (f64, f64) = (88.0, 8.4);
const LABEL_ALONE: (f64, f64) = (BOX.0 - 24.0, LABEL.1);
/// Width of a sign of a long label.
const LABEL_SMALL: f64 = 7.2;
const DETAIL: (f64, f64) = (BOX.0 - 24.0, 6.2);

/// Text that is a little too long is squeezed; one that is much too long is cut at its end.
fn squeezed(text: &str, (room, sign): (f64, f64)) -> Option<String> {
    let wide = text.chars().count() as f64 * sign;
    (wide > room).then(|| format!("{:.0}", room.max(wide * 0.74)))
}

fn node(
    board: Board,
    (key, view): (BoxKey, ComponentView),
    at: (f64, f64),
    far: Memo<bool>,
    stop: Memo<usize>,
) -> AnyView {
    let app = board.app;
    let index = RwSignal::new(view.index);
    let id = StoredValue::new(view.id.clone());
    let fill = app.projection.with_untracked(|projection| {
        projection.as_ref().map(|projection| fill(projection, &view.id, app.growth.get_untracked()))
    });
    let (figure, place) = (RwSignal::new(fill), RwSignal::new(at));
    board.standing.add_box(key, view.index, Spot { number: index, place, figure });
    let level = move || figure.get().map_or("none", |figure| figure.level.class());
    let selected = Memo::new(move |_| id.with_value(|id| app.selection.with(|selection| selection.has(id))));
    let label = view.clone();
    let title = view.label.clone();
    let has_figure =
        Memo::new(move |_| figure.with(|figure| figure.as_ref().is_some_and(|figure| !figure.figure.is_empty())));
    let room = move || if has_figure.get() { LABEL } else { LABEL_ALONE };
    // A long name is written smaller before it is squeezed.
    let signs = view.label.chars().count() as f64;
    let long = Memo::new(move |_| signs * room().1 > room().0);
    let fits = move || (room().0, if long.get() { LABEL_SMALL } else { room().1 });
    let click = move |event: leptos::ev::MouseEvent| {
        // A click without a pointer comes from assistive technology; the pointer's own are told apart from drags.
        if event.detail() == 0 {
            id.with_value(|id| board.pick(id, false));
        }
    };
    // The texts are its name, in their order with spaces between; from afar, where they are left out, it has one that says the same.
    view! {
        <g id=move || format!("b-{}", index.get()) data-box=index class=move || format!("node {}", level()) class:selected=selected
            class:from=move || id.with_value(|id| board.connecting.with(|from| from.as_ref() == Some(id))) role="button" tabindex=move || if stop.get() == index.get() { "0" } else { "-1" }
            data-testid=format!("node-{}", view.id) aria-pressed=move || selected.get().to_string()
            aria-label=move || far.get().then(|| figure.with(|figure| spoken(&label, figure.as_ref())))
            transform=move || { let (x, y) = place.get(); format!("translate({x:.1},{y:.1})") } on:click=click>
            <rect class="box" width=BOX.0 height=BOX.1 rx="8"/>
            <rect class="fill" x="1" y=BOX.1 - 5.0 height="4" rx="2" width=move || figure.get().map_or(0.0, |figure| figure.share * (BOX.0 - 2.0))/>
            <svg x="12" y="6" width=move || room().0 height="22"><text class="title" class:long=long y="17" textLength=move || squeezed(&title, fits())
                lengthAdjust="spacingAndGlyphs">{view.label.clone()}</text></svg>" "
            <svg x="12" y="28" width=DETAIL.0 height="20"><text class="detail" y="14" textLength=squeezed(&view.detail, DETAIL)
                lengthAdjust="spacingAndGlyphs">{view.detail.clone()}</text></svg>" "
            <text class="detail" x="12" y="60" textLength=move || figure.with(|figure| squeezed(figure.as_ref().map_or("", |figure| &figure.wait), DETAIL))
                lengthAdjust="spacingAndGlyphs">{move || figure.get().map(|figure| figure.wait)}</text>" "
            <text class="figure" x=BOX.0 - 12.0 y="23" text-anchor="end">{move || figure.get().map(|figure| figure.figure)}</text>
            <circle class="dot-out" data-dot=index cx=BOX.0 / 2.0 cy=BOX.1 r="6"/>
        </g>
    }
    .into_any()
}

/// The same as a list.
pub fn list(board: Board) -> AnyView {
    let shown = growing(move || board.picture.with(|picture| picture.boxes.len()), AT_ONCE);
    let all = move || board.picture.with(|picture| picture.boxes.iter().take(shown.get()).cloned().collect::<Vec<_>>());
    view! {
        <ul class="node-list">
            <For each=all key=|(view, _)| view.clone().key() let((view, _))>
                <li>{row(board, view)}</li>
            </For>
        </ul>
    }
    .into_any()
}

fn row(board: Board, view: ComponentView) -> AnyView {
    let app = board.app;
    let id = StoredValue::new(view.id.clone());
    let figure = Memo::new(move |_| {
        app.projection.get().map(|projection| id.with_value(|id| fill(&projection, id, app.growth.get())))
    });
    let level = move || format!("level-{}", figure.get().map_or("none", |figure| figure.level.class()));
    let toggle = move |_| {
        let again = id.with_value(|id| app.selection.with_untracked(|selection| selection.has(id)));
        app.selection.set(if again { Selection::Nothing } else { Selection::Component(id.get_value()) });
    };
    view! {
        <button on:click=toggle>
            <span>{view.label}</span>
            <span class=level>{move || figure.get().map(|figure| figure.figure)}</span>
            <span class="detail">{view.detail}</span>
            <span class="detail">{move || figure.get().map(|figure| figure.wait)}</span>
        </button>
    }
    .into_any()
}
