//! Texts of plan, sensitivity, comparison, report and of what a chart can be saved as.

pub const TAB_SENSITIVITY: &str = "Sensitivity";
pub const TAB_PLAN: &str = "Plan";
pub const TAB_COMPARE: &str = "Compare";
pub const TAB_REPORT: &str = "Report";

pub fn because_of(what: &str) -> String {
    format!(" ({what}).")
}

pub fn fails_for(objective: &str, part: &str) -> String {
    format!("{objective} fails, because of the {part}")
}

/// A figure where nothing below it was looked at.
pub fn or_less(figure: &str) -> String {
    format!("{figure} or less")
}

pub const CHANGES: &str = "Run with";
pub const CHANGE: &str = "Change";
pub const AGAINST: &str = "Open one against it";
pub const P95: &str = "p95";
pub const NOTHING_TO_CHANGE: &str = "as it stands";
pub const NO_WAY_FOUND: &str = "no number of replicas, connections or consumers meets the objectives here";
pub const NOTHING_BREAKS_SHORT: &str = "all shown";
pub const BUDGET_ENDS_BEFORE: &str = "but the budget breaks before";
pub const BUDGET_BROKEN_TODAY: &str = "but the budget is broken at today's load";
pub const SEARCH_CUT: &str = "the cheapest of those tried; there may be a cheaper one";
pub const APPLY_TO_COPY: &str = "Apply to a copy";
pub const PLAN_TITLE: &str = "The cheapest way through";
pub const PLAN_CAPTION: &str =
    "At each multiple the cheapest change that meets every objective, checked by solving the changed system.";
pub const PLANNING: &str = "Looking for the cheapest way at each multiple …";
pub const PLAN_IS_STALE: &str = "The scenario has changed since: plan again for figures that fit it.";
pub const PLAN_AGAIN: &str = "Plan again";
pub const NO_PLAN: &str = "No plan can be made";
pub const OPTIONS_TITLE: &str = "One change alone";
pub const OPTIONS_CAPTION: &str = "What each single change would do to how far today's system can grow.";
pub const LASTS_TO_NUMBER: &str = "#Lasts to";
pub const ADDED_NUMBER: &str = "#Added a month";
pub const SAVINGS_TITLE: &str = "What may be smaller today";
pub const SAVINGS_CAPTION: &str = "Each alone still meets every objective.";
pub const DESIGNS_TITLE: &str = "Another design";
pub const DESIGNS_CAPTION: &str =
    "Changes that are more than a number, each solved; what they take or give up is yours to judge.";
pub const REGRET_CAPTION: &str = "Plans tried on many draws of what is uncertain. Regret is what a plan costs more than the best one of its draw, or that one's whole month where it fails.";
pub const HOLDS_IN_NUMBER: &str = "#Holds in";
pub const A_MONTH_NUMBER: &str = "#A month";
pub const REGRET: &str = "Mean regret";
pub const LATENCY_REACHED: &str = "Latency";
pub const FRONT_CAPTION: &str = "What a tighter or looser latency objective would cost: nothing cheaper is as fast.";
pub const REJECTED_TITLE: &str = "What is no way out";
pub const MULTIPLES: &str = "Growth multiples";
pub fn number_allowed(least: &str, most: &str, whole: bool) -> String {
    format!("a {}number from {least} to {most}", if whole { "whole " } else { "" })
}

pub const MULTIPLES_UNSURE: &str = "one and a half is written 1.5; one and five with a space, 1, 5";
pub const MULTIPLES_ALLOWED: &str = "up to 12 numbers above 0 and up to 1000, such as 1, 2, 5, 10";

pub fn plan_copy(name: &str, what: &str) -> String {
    format!("{name}, {what}")
}

pub const PLAN_APPLIED: &str = "A copy with these changes is open";
pub const PLAN_APPLIED_REMEDY: &str =
    "the original is kept among the recent ones; the Compare tab shows both side by side";

pub const AT_ITS_LOW: &str = "At its low";
pub const AT_ITS_HIGH: &str = "At its high";
pub const HEADROOM: &str = "Can grow";
pub const BUSIEST: &str = "Busiest part";
pub const SHARE_OF_DOUBT: &str = "Share of the doubt";
pub const TRIED: &str = "tried: nobody measured it";
pub const TORNADO_TITLE: &str = "What moves the headline most";
pub const TORNADO_CAPTION: &str =
    "How far the system can grow with each quantity at its low and at its high end, all others as they stand.";
pub const TORNADO_CAPTION_BUSY: &str =
    "Nothing breaks in the range shown; the bars say how busy the busiest part gets at its end.";
pub const ENDS_OF_THE_SEARCH: &str =
    "An arrow: the search ended there, and the figure lies farther on; the share of the doubt counts the way to there.";
pub const NOTHING_MOVES: &str = "No uncertain quantity moves the headline: none has an interval, or none matters.";
pub const MEASURE_NEXT: &str = "What to measure next";
pub const MEASURE_NEXT_CAPTION: &str = "By how much knowing it exactly would narrow the band.";
pub const A_LOAD_LEVEL: &str = "A load test";
pub const CERTAINTY_TITLE: &str = "How sure each objective is";
pub const CERTAINTY_CAPTION: &str = "Share of the draws of all uncertain quantities in which it holds.";
pub const OBJECTIVE: &str = "Objective";

pub fn narrows(share: &str) -> String {
    format!("narrows it by {share}")
}

pub const COMPARE_TITLE: &str = "Side by side";
pub const COMPARE_CHOOSE: &str = "Choose one to three scenarios to set beside the open one: recent ones or ready ones.";
pub const COMPARE_ADD: &str = "Set beside …";
pub const COMPARE_RECENT: &str = "Recent";
pub const COMPARE_READY: &str = "Ready scenarios";
pub const COMPARE_REMOVE: &str = "Take away";
pub const COMPARE_ANSWERS: &str = "The answer of each";
pub const COMPARE_FIGURES: &str = "Figures that differ";
pub const COMPARE_FIGURES_CAPTION: &str = "The largest relative difference first.";
pub const SEVERAL_CURRENCIES: &str =
    "The scenarios are in different currencies: amounts are not set against each other.";
pub const COMPARE_INPUTS: &str = "Numbers that differ";
pub const COMPARE_OTHERS: &str = "What else is not as in the open one";
pub const NO_DIFFERENCE: &str = "None.";
pub const LIMITED: &str = "Because";
pub const REACHED: &str = "Reached";
pub const COMPARE_LATENCY: &str = "p95 over growth";
pub const COMPARE_SPEND: &str = "Spend a month over growth";

pub fn and_more(count: usize) -> String {
    format!("and {count} more")
}

pub const REPORT_PRINT: &str = "Print or save as PDF";
pub const REPORT_SAVE: &str = "Save as HTML";
pub const ASSUMPTIONS: &str = "What it rests on";
pub const NO_OBJECTIVES: &str = "No objective is set.";
pub const COMPONENT_NAME: &str = "Component";
pub const PER_MILLION: &str = "Per million requests";
pub const NOT_PLANNED: &str = "Not planned yet: the Plan tab looks for the cheapest changes.";
pub const GROWTH_A_MONTH: &str = "Growth a month";
pub const NOTHING_MEASURED: &str = "Nothing measured was imported: every figure follows from assumptions.";
pub const CALIBRATED_SENTENCE: &str =
    "The model was fitted to imported measurements; too few levels to hold one out for a back-test.";
pub const SOURCES: &str = "Sources";
pub const NOT_MODELLED: &str = "What is not modelled";
/// As in `docs/model.md`.
pub const NOT_MODELLED_LINES: [&str; 4] = [
    "The curves answer for a steady load at each multiple; spikes, losses and warm-up are the simulation's.",
    "Waits at different parts are taken as independent of each other; a request that waited in a pool tends to wait behind it too.",
    "Memory limits, disk operations, network loss, replication lag and transactions are not in the model.",
    "Beyond the measured levels the service times are taken as they were fitted.",
];

pub fn spend_over_growth() -> String {
    format!("{} over growth", super::SPEND_TITLE)
}

pub const SAVE_AS: &str = "Save";
pub const SAVE_SVG: &str = "SVG picture";
pub const SAVE_PNG: &str = "PNG picture";
pub const COPY_PNG: &str = "Copy as picture";
pub const SAVE_TABLE: &str = "CSV table";

pub const MEDIAN: &str = "median";
pub const BAND_OF_DRAWS: &str = "5–95 % band";
pub const LATENCY_BOUND: &str = "bound of the mean, whatever waits";
pub const MEAN_AT_LEAST: &str = "mean at least";
pub const MEAN_AT_MOST: &str = "mean at most";
pub const THROUGHPUT_AT_MOST: &str = "At most";
pub const THROUGHPUT_AT_LEAST: &str = "At least";
pub const OFFERED: &str = "Offered";
pub const GOODPUT: &str = "Goodput";
pub const THROUGHPUT_CAPTION: &str = "Goodput: without error and within the objectives.";

/// The line of the model.
pub fn modelled(percentile: &str) -> String {
    format!("{percentile} of the model")
}

pub fn throughput_title(class: &str) -> String {
    format!("Throughput of {class}")
}

/// How far a large file is.
pub fn read_so_far(done: &str, all: &str) -> String {
    format!("{done} of {all}")
}

/// The same sentence, once the pace is known.
pub fn read_pace(pace: &str, left: &str) -> String {
    format!(", {pace} a second, {left} left")
}

/// Under a drawing looked at from so far that its texts are left out.
pub fn from_afar(count: usize) -> String {
    format!(
        "{count} components from afar: colour says how full each is. Look nearer to read them; Ctrl and the wheel, or the + button."
    )
}

pub const CHART_ZOOM_IN: &str = "A shorter stretch of the axis";
/// Name of a tool of one of several charts.
pub fn of_chart(what: &str, chart: &str) -> String {
    format!("{what}: {chart}")
}

pub const CHART_ZOOM_OUT: &str = "A longer stretch of the axis";
pub const CHART_ZOOM_RESET: &str = "Reset zoom";

/// What a chart is called by whoever reaches it by keys.
pub fn chart_keys(title: &str) -> String {
    format!("{title}. Arrow keys read the figures, + and - zoom, Escape shows all.")
}

pub const MOVE: &str = "Move";
pub const PASTE: &str = "Paste";
pub const ARRANGE: &str = "Arrange by calls";
pub const ZOOM_IN: &str = "Nearer";
pub const ZOOM_OUT: &str = "Farther";
pub const ZOOM_FIT: &str = "Show all";
pub const BIG_BOARD: &str = "Large drawing";
pub const CONNECT_HINT: &str = "Which one does it call? Go there with the arrow keys and press Enter; Escape leaves.";
pub const SEVERAL_SELECTED: &str = "Drag one to move all; copy and paste take them to another scenario.";

pub const CHOOSE: &str = "choose …";
pub const AN_ENDPOINT: &str = "endpoint";
pub const A_SERIES: &str = "series";
pub const A_BILL_LINE: &str = "bill line";
pub const MATCHES_NOTHING: &str = "matches nothing";
pub const MAPPING_CAPTION: &str = "Wrong? Choose what it is, and everything is fitted again.";
pub const BACKTEST_TITLE: &str = "Back-test: the highest level held out, predicted from the lower ones";

pub const EVENTS_TITLE: &str = "What happens during the run";
pub const EVENTS_CAPTION: &str =
    "Drag a bar to move it, its end to stretch it; arrow keys move it, with Shift they stretch it.";
pub const EVENTS_NONE: &str = "Nothing happens: the load is steady. Add a spike, a lost replica, a flushed cache …";
pub const ADD_EVENT: &str = "Add an event";
pub const REMOVE_EVENT: &str = "Take it away";
pub const TO_THE_END: &str = "to the end";
pub const BEYOND_THE_RUN: &str = "beyond the run";
pub const VERDICT_METASTABLE: &str =
    "It does not recover: the load is back to what it was, the system is not (a metastable failure).";

pub fn at_second(at: &str) -> String {
    format!("at {at} s")
}

pub fn for_seconds(length: &str) -> String {
    format!("for {length} s")
}

pub const VERDICT_RECOVERS_AT_ONCE: &str = "It recovers as soon as the last event is over.";

pub fn verdict_recovers(after: &str) -> String {
    format!("It recovers {after} s after the last event.")
}

pub fn verdict_draining(left: &str) -> String {
    format!("Not yet back at the end of the run; at its pace in {left} s.")
}

pub const OTHER_TAB: &str = "Another tab changed this scenario too";
pub const OTHER_TAB_REMEDY: &str = "this tab goes on with a copy of its own; both are among the recent ones";

pub const LEFT_COPY: &str = "A change made just before a tab was closed is kept as a copy";
pub const LEFT_COPY_REMEDY: &str = "another tab changed the same scenario after it; both are among the recent ones";

pub const FILE_GONE: &str = "This file was dropped before the page was loaded anew";
pub const FILE_GONE_REMEDY: &str = "drop it again";

pub const FOLDER: &str = "The folder";
pub const FOLDER_EMPTY: &str = "It holds no file that can be read";
pub const FOLDER_EMPTY_REMEDY: &str = "drop the files of the run, or the folder they are in; hidden files are left out";
pub const FOLDER_MORE_REMEDY: &str = "drop the folder of one run, or the files themselves";
pub const FOLDER_UNREAD_REMEDY: &str = "may this browser read them? drop them by themselves";

pub fn folder_more(read: usize, most: usize) -> String {
    format!("It holds more than was looked at: {read} files are read, at most {most} are")
}

pub fn folder_unread(unread: usize) -> String {
    format!("{unread} of what it holds could not be read")
}

pub const LOSE_EACH: &str = "Lose each component once";
pub const LOSSES_TITLE: &str = "Each component lost once";
pub const LOSSES_CAPTION: &str = "One replica, or the whole component where it has one, away for a minute: what happens meanwhile, and whether the system comes back.";
pub const LOSS_EXPLODES: &str = "grows without end";
pub const LOSS_UNKNOWN: &str = "not known: too much to play";
pub const LOSS_STAYS: &str = "stays down";

pub fn loss_drains(left: &str) -> String {
    format!("drains for {left} s")
}

pub fn loss_back(after: &str) -> String {
    if after == "0" { "back at once".to_owned() } else { format!("back after {after} s") }
}

pub fn loss_fails(share: &str) -> String {
    format!("{share} fail")
}

pub fn loss_slower(before: &str, during: &str) -> String {
    format!("{before} → {during}")
}

pub fn simulated_cost(monthly: &str, run: &str) -> String {
    format!("{monthly} a month at this pace; the simulated time itself {run}.")
}

pub const SIMULATION_IS_STALE: &str = "The scenario has changed since: simulate again for figures that fit it.";

/// What ended a simulation before its time.
pub fn cut_short(by: &str) -> Option<String> {
    let by = match by {
        "events" => "by the budget of events",
        "in_flight" => "by the limit of requests in flight (a backlog or a retry storm without end)",
        "cancelled" => "by hand",
        _ => return None,
    };
    Some(format!("Cut short {by}: the figures are of what was played until then."))
}

/// How many of the series are drawn.
pub fn some_series(drawn: usize, all: usize) -> String {
    format!("{drawn} of {all} are drawn: those with the largest values.")
}

pub const SLOW_TITLE: &str = "What the slowest requests waited for";

pub fn slow_caption(requests: u32, from: &str) -> String {
    let many = if requests == 1 { "request" } else { "requests" };
    format!("Mean of {requests} followed {many} at or above the 99th percentile, from {from} on.")
}

pub const IMPORT_FILES: &str = "Import files …";

/// Which change comes before.
pub fn after(what: &str) -> String {
    format!("after {what}")
}

/// The largest regret.
pub fn at_worst(regret: &str) -> String {
    format!("{regret} at worst")
}

/// Heading of the choice under uncertainty.
pub fn least_regret(at: &str) -> String {
    format!("The safest choice at {at}")
}

/// Heading of money against latency.
pub fn front_at(at: &str) -> String {
    format!("Money against latency at {at}")
}
