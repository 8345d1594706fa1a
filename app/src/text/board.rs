//! Texts of what is selected on the board, and of its address.

pub const A_CALL: &str = "call";
pub const AN_ASYNC_CALL: &str = "call that is not waited for";
pub const A_PRICE: &str = "price";
pub const AN_AUTOSCALER: &str = "autoscaler";
pub const AN_EVENT: &str = "event";
pub const PRICE: &str = "Price";
pub const AUTOSCALER: &str = "Autoscaler";
pub const ADD_PRICE: &str = "Add a price";
pub const ADD_AUTOSCALER: &str = "Add an autoscaler";
pub const PRICES: &str = "Prices";
pub const AUTOSCALERS: &str = "Autoscalers";
pub const EVENTS: &str = "Events";
pub const MORE_PICKS: &str = "Prices, autoscalers, events";
pub const EVENT_SETTINGS: &str = "Its settings";
pub const ONLY_SIMULATED: &str = "Only the simulation plays it; the other tabs know nothing of it.";
pub const TO_SIMULATION: &str = "To the simulation";
pub const OF_ALL_SPEND: &str = "Of all spend";
pub const AT_ITS_MOST: &str = "At its most";
pub const CALLS_SERVED: &str = "Calls served";
pub const VISITS_BY_ALL: &str = "Visits there, by all callers";
pub const CALLS_PER_VISIT: &str = "Per visit of the caller";
pub const WAIT_THERE: &str = "Mean wait there";
pub const ANSWER_TAKES: &str = "Its answer takes";
pub const A_CLASS: &str = "traffic class";
pub const AN_OBJECTIVE: &str = "objective";
pub const TRAFFIC: &str = "Traffic";
pub const OBJECTIVES: &str = "Objectives";
pub const ERRORS: &str = "Errors";
pub const VERDICT: &str = "This objective";
pub const HOW_FAR: &str = "How far";
pub const BOARD_HINT: &str = "Drag boxes to move them, the dot under a box to draw a call, the ground to look elsewhere; Shift and drag frames several; click a line for its calls. Keys on a box: arrows, Home, End and the page keys, Shift and arrows move, C calls, Delete. Keys on a line: arrows, Enter, Delete.";
pub const BOARD_KEYS: &str = "On a component: Enter selects, arrow keys go to the next one, Page Down and Page Up to each in turn, Home and End to the first and the last, Shift and arrow keys move it with all that is selected with it, C draws a call, Delete deletes, Control D duplicates, Control A selects all. On a call: Enter selects, arrow keys go to the next one, Delete deletes.";
pub const NOT_KEPT_HERE: &str = "The scenario of this address is not kept in this browser";
pub const NOT_KEPT_HERE_REMEDY: &str = "Share makes a link that opens anywhere";

/// From which multiple on an autoscaler has no replica left to add.
pub fn at_its_most_from(multiple: &str) -> String {
    format!("from {multiple}")
}

/// The same where it does not come to that.
pub fn never_up_to(multiple: &str) -> String {
    format!("not up to {multiple}")
}

/// What a call is to the mean of a class: waits and work at the component that is called.
pub fn of_the_mean_of(class: &str) -> String {
    format!("Of the mean of {class}")
}

/// Over the form of a call: what it is, to whom, for which classes where not for all.
pub fn calls_to(word: &str, to: &str, classes: &str, asynchronous: bool) -> String {
    let of = if classes.is_empty() { String::new() } else { format!(" for {classes}") };
    let mode = if asynchronous { ", async" } else { "" };
    format!("{word} {to}{of}{mode}")
}

pub fn take_price(component: &str) -> String {
    format!("{TAKE_PRICE} of {component}")
}

pub fn take_autoscaler(component: &str) -> String {
    format!("{TAKE_AUTOSCALER} of {component}")
}

pub fn take_event(event: &str) -> String {
    format!("{TAKE_EVENT}: {event}")
}

pub const TAKE_PRICE: &str = "Take away the price";
pub const TAKE_AUTOSCALER: &str = "Take away the autoscaler";
pub const TAKE_EVENT: &str = "Take away this event";

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
