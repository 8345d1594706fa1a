//! Texts of what is selected on the board, and of its address.

pub const A_CALL: &str = "call";
pub const A_CLASS: &str = "traffic class";
pub const AN_OBJECTIVE: &str = "objective";
pub const TRAFFIC: &str = "Traffic";
pub const OBJECTIVES: &str = "Objectives";
pub const ERRORS: &str = "Errors";
pub const VERDICT: &str = "This objective";
pub const HOW_FAR: &str = "How far";
pub const BOARD_HINT: &str = "Drag boxes to move them, the dot under a box to draw a call, the ground to look elsewhere; Shift and drag frames several; click a line for its calls. Keys on a box: arrows, Shift and arrows move, C calls, Delete. Keys on a line: arrows, Enter, Delete.";
pub const BOARD_KEYS: &str = "On a component: Enter selects, arrow keys go to the next one, Shift and arrow keys move it, C draws a call, Delete deletes, Control D duplicates, Control A selects all. On a call: Enter selects, arrow keys go to the next one, Delete deletes.";
pub const NOT_KEPT_HERE: &str = "The scenario of this address is not kept in this browser";
pub const NOT_KEPT_HERE_REMEDY: &str = "Share makes a link that opens anywhere";

pub fn delete_calls(to: &str) -> String {
    format!("Delete calls to {to}")
}

/// What a screen reader says of a line.
pub fn spoken_call(from: &str, to: &str, label: &str) -> String {
    let label = if label.is_empty() { String::new() } else { format!(", {label}") };
    format!("Call from {from} to {to}{label}")
}

/// An objective that is missed at the slider's multiple.
pub fn missed_there(objective: &str) -> String {
    format!("{objective} · missed")
}
