//! What keys do on the board: everything that a pointer can.

use super::{Board, gesture};
use crate::platform::canvas::{self, Grip};
use crate::platform::focus;
use crate::state::Selection;
use crate::view_model::canvas::{direction, led_to};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;

/// How far Shift and an arrow move a box.
const STEP: f64 = 16.0;

/// Something on the board has the focus: Tab comes back to it, and who came to it by keys sees it.
pub fn focused(board: Board, event: &FocusEvent) {
    match canvas::grip(event) {
        Grip::Box(index) => {
            board.box_stop.set(index);
            if focus::is_by_keys(event) {
                board.bring(index);
            }
        }
        Grip::Line(index) => board.stop.set(index),
        Grip::Dot(_) | Grip::Ground => {}
    }
}

/// A key on a box or on a line.
pub fn pressed(board: Board, event: &KeyboardEvent) {
    let index = match canvas::grip(event) {
        Grip::Box(index) => index,
        Grip::Line(index) => return on_line(board, index, event),
        Grip::Dot(_) | Grip::Ground => return,
    };
    let Some(id) = board.id(index) else { return };
    let app = board.app;
    let key = event.key();
    let command = event.ctrl_key() || event.meta_key();
    match key.as_str() {
        "Enter" | " " => match board.connecting.get_untracked() {
            Some(from) => {
                board.connecting.set(None);
                if from != id {
                    app.connect(&from, &id);
                }
            }
            None => board.pick(&id, event.shift_key()),
        },
        "Escape" => {
            gesture::give_up(board);
            board.connecting.set(None);
            app.selection.set(Selection::Nothing);
        }
        "c" if !command => board.connecting.set(Some(id)),
        "a" if command => {
            let all =
                board.picture.with_untracked(|picture| picture.boxes.iter().map(|(view, _)| view.id.clone()).collect());
            app.selection.set(Selection::of(all));
        }
        "d" if command => app.duplicate(&chosen(board, &id)),
        "Delete" | "Backspace" => {
            app.delete(&chosen(board, &id));
            // The box goes with its focus, which another takes.
            let left = board.picture.with_untracked(|picture| picture.boxes.len());
            focus::give_later(format!("b-{}", index.min(left.saturating_sub(1))));
        }
        key => {
            let way = direction(key);
            let next = board.picture.with_untracked(|picture| led_to(picture, index, key));
            match (way.filter(|_| event.shift_key()), next) {
                (Some(way), _) => {
                    board.commit(&gesture::together(board, index), (way.0 * STEP, way.1 * STEP));
                    board.bring(index);
                }
                // Brought into sight before it has the focus, so that the page need not scroll to where it was.
                (None, Some(next)) => board.go(next),
                (None, None) if way.is_none() => return,
                (None, None) => {}
            }
        }
    }
    event.prevent_default();
}

/// A key on a line: the next one, or what can be done with its calls.
fn on_line(board: Board, index: usize, event: &KeyboardEvent) {
    let last = board.picture.with_untracked(|picture| picture.lines.len()).saturating_sub(1);
    let go = |to: usize| {
        board.stop.set(to);
        focus::give(&format!("h-{to}"));
    };
    match event.key().as_str() {
        "Enter" | " " => board.pick_line(index),
        "Escape" => board.app.selection.set(Selection::Nothing),
        "Delete" | "Backspace" => {
            if let Some((from, to, asynchronous)) = board.ends(index) {
                board.app.delete_calls(&from, &to, asynchronous);
                // Another line takes the focus, or the first box where there is none.
                let left = board.picture.with_untracked(|picture| picture.lines.len());
                let next = index.min(left.saturating_sub(1));
                board.stop.set(next);
                focus::give_later(if left == 0 { "b-0".into() } else { format!("h-{next}") });
            }
        }
        "ArrowRight" | "ArrowDown" => go(if index == last { 0 } else { index + 1 }),
        "ArrowLeft" | "ArrowUp" => go(if index == 0 { last } else { index - 1 }),
        "Home" => go(0),
        "End" => go(last),
        _ => return,
    }
    event.prevent_default();
}

/// What is selected, when the box with the focus is part of it; else that box alone.
fn chosen(board: Board, id: &str) -> Vec<String> {
    let selection = board.app.selection.get_untracked();
    if selection.has(id) { selection.ids() } else { vec![id.to_owned()] }
}
