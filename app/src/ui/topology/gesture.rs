//! What a pointer does on the board. While it moves, nodes are written to directly; the document changes once, at the end.

use super::Board;
use crate::platform::canvas::{self, Grip};
use crate::state::Selection;
use crate::view_model::canvas::{Change, Point, View, dragged, framed, hit, resting, straight};
use crate::view_model::layout::path;
use leptos::ev::{PointerEvent, WheelEvent};
use leptos::prelude::*;

/// Pixels a pointer may shake before it drags.
const SLACK: f64 = 3.0;

/// What is going on.
#[derive(Debug, Clone, PartialEq)]
pub enum Gesture {
    /// Boxes are dragged; the first is the one under the pointer.
    Move { boxes: Vec<usize>, from: Point, going: bool },
    /// The view is pushed along, or the line picked that the pointer went down on.
    Pan { from: Point, view: View, line: Option<usize>, going: bool },
    /// A line is drawn from a box.
    Connect { from: usize },
    /// A frame is drawn around boxes.
    Frame { from: Point },
}

/// A pointer goes down.
pub fn begin(board: Board, event: &PointerEvent) {
    if event.button() != 0 || !event.is_primary() {
        return;
    }
    let at = canvas::place(event);
    let gesture = match canvas::grip(event) {
        Grip::Dot(from) => Gesture::Connect { from },
        Grip::Box(index) => Gesture::Move { boxes: together(board, index), from: at, going: false },
        Grip::Ground | Grip::Line(_) if event.shift_key() => Gesture::Frame { from: at },
        // A finger on the ground scrolls the page.
        Grip::Ground | Grip::Line(_) if event.pointer_type() == "touch" && !board.app.drawing.get_untracked() => return,
        grip => {
            let line = if let Grip::Line(line) = grip { Some(line) } else { None };
            Gesture::Pan { from: at, view: board.view.get_untracked(), line, going: false }
        }
    };
    canvas::hold(event);
    board.gesture.set_value(Some(gesture));
}

/// The box, with all others that are selected when it is one of them.
pub fn together(board: Board, index: usize) -> Vec<usize> {
    let chosen = board.app.selection.get_untracked();
    let all = board.picture.with_untracked(|picture| {
        let list = picture.boxes.iter().enumerate().filter(|(_, (view, _))| chosen.has(&view.id));
        list.map(|(index, _)| index).collect::<Vec<_>>()
    });
    if all.contains(&index) {
        std::iter::once(index).chain(all.into_iter().filter(|other| *other != index)).collect()
    } else {
        vec![index]
    }
}

/// A pointer moves.
pub fn go_on(board: Board, event: &PointerEvent) {
    let Some(gesture) = board.gesture.get_value() else { return };
    let at = canvas::place(event);
    match gesture {
        Gesture::Move { boxes, from, going } => {
            if going || far(from, at) {
                write(&board.picture.with_untracked(|picture| dragged(picture, &boxes, apart(board, from, at))));
                board.gesture.set_value(Some(Gesture::Move { boxes, from, going: true }));
            }
        }
        Gesture::Pan { from, view, line, going } => {
            if going || far(from, at) {
                board.chosen.set(Some(view.shifted(at.0 - from.0, at.1 - from.1)));
                board.gesture.set_value(Some(Gesture::Pan { from, view, line, going: true }));
            }
        }
        Gesture::Connect { from } => {
            let place = board.picture.with_untracked(|picture| picture.boxes.get(from).map(|(_, place)| *place));
            let Some(place) = place else { return };
            let line = [straight(place, place)[0], board.view.get_untracked().inside(at)];
            canvas::write("draft", &[("d", &path(&line))]);
        }
        Gesture::Frame { from } => frame(from, at),
    }
}

fn far(from: Point, at: Point) -> bool {
    (from.0 - at.0).abs().max((from.1 - at.1).abs()) > SLACK
}

fn apart(board: Board, from: Point, at: Point) -> Point {
    let scale = board.view.get_untracked().scale;
    ((at.0 - from.0) / scale, (at.1 - from.1) / scale)
}

/// Writes places and paths to the nodes.
pub fn write(changes: &[Change]) {
    for change in changes {
        match change {
            Change::Box(index, (x, y)) => {
                canvas::write(&format!("b-{index}"), &[("transform", &format!("translate({x:.1},{y:.1})"))]);
            }
            Change::Line(index, path, (x, y)) => {
                canvas::write(&format!("e-{index}"), &[("d", path)]);
                canvas::write(&format!("f-{index}"), &[("d", path)]);
                canvas::write(&format!("h-{index}"), &[("d", path)]);
                canvas::write(
                    &format!("l-{index}"),
                    &[("x", &format!("{:.1}", x + 5.0)), ("y", &format!("{:.1}", y + 3.0))],
                );
            }
        }
    }
}

fn frame(from: Point, at: Point) {
    let (x, y) = (from.0.min(at.0), from.1.min(at.1));
    let (width, height) = ((from.0 - at.0).abs(), (from.1 - at.1).abs());
    let texts = [x, y, width, height].map(|value| format!("{value:.0}"));
    canvas::write("rubber", &[("x", &texts[0]), ("y", &texts[1]), ("width", &texts[2]), ("height", &texts[3])]);
}

/// A pointer goes up.
pub fn end(board: Board, event: &PointerEvent) {
    let Some(gesture) = board.gesture.get_value() else { return };
    give_up(board);
    let at = canvas::place(event);
    let app = board.app;
    match gesture {
        Gesture::Move { boxes, from, going: true } => board.commit(&boxes, apart(board, from, at)),
        Gesture::Move { boxes, .. } => {
            if let Some(id) = boxes.first().and_then(|index| board.id(*index)) {
                board.pick(&id, event.shift_key() || event.ctrl_key() || event.meta_key());
            }
        }
        Gesture::Pan { line: Some(line), going: false, .. } => board.pick_line(line),
        Gesture::Pan { going: false, .. } => app.selection.set(Selection::Nothing),
        Gesture::Pan { .. } => {}
        Gesture::Connect { from } => {
            let inside = board.view.get_untracked().inside(at);
            let to = board.picture.with_untracked(|picture| hit(picture, inside));
            if let Some((from, to)) = board.id(from).zip(to.and_then(|to| board.id(to))).filter(|(from, to)| from != to)
            {
                app.connect(&from, &to);
            }
        }
        Gesture::Frame { from } => {
            let view = board.view.get_untracked();
            let inside = board.picture.with_untracked(|picture| framed(picture, view.inside(from), view.inside(at)));
            app.selection.set(Selection::of(inside.into_iter().filter_map(|index| board.id(index)).collect()));
        }
    }
}

/// Other boxes than those that were taken hold of: what goes on is about none of them.
pub fn lose_hold(board: Board) {
    if board.gesture.with_value(Option::is_some) {
        give_up(board);
    }
}

/// Nothing is going on any more; what was drawn for it goes, and boxes stand where they stood.
pub fn give_up(board: Board) {
    if let Some(Gesture::Move { boxes, going: true, .. }) = board.gesture.get_value() {
        write(&board.picture.with_untracked(|picture| resting(picture, &boxes)));
    }
    board.gesture.set_value(None);
    canvas::write("draft", &[("d", "")]);
    canvas::write("rubber", &[("width", "0"), ("height", "0")]);
}

/// The wheel with Ctrl zooms (and a pinch, which browsers send as that); alone it scrolls the page, but on the large board.
pub fn wheel(board: Board, event: &WheelEvent) {
    if !(event.ctrl_key() || event.meta_key() || board.app.drawing.get_untracked()) {
        return;
    }
    event.prevent_default();
    let at = canvas::board_place(event, f64::from(event.client_x()), f64::from(event.client_y()));
    let factor = (-event.delta_y() * 0.002).clamp(-0.5, 0.5).exp();
    board.chosen.set(Some(board.view.get_untracked().zoomed(factor, at)));
}
