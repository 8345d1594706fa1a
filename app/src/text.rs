//! Every text of the page, in one place.

mod board;
mod figures;
pub mod pull;
pub mod share;
mod studies;
mod system;

pub use board::*;
pub use figures::*;
pub use studies::*;
pub use system::*;

pub const NAME: &str = "Headroom";
pub const LEAD: &str = "How far can your system grow, what breaks first, and what will it cost?";
pub const LEAD_SUB: &str = "Drop a load test, your metrics and a bill. Headroom fits a queueing model to them and answers in one sentence, with the uncertainty it really has. Everything stays in this browser.";
pub const DROP_HERE: &str = "Drop your files here, or choose them";
pub const DROP_KINDS: &str = "k6, Locust, JMeter, Gatling, wrk, Prometheus, Redis, AWS, FOCUS … several at once, with or without a scenario.json";
pub const DROP_ANYWHERE: &str = "Drop to import";
pub const EMPTY_DOOR: &str = "Empty canvas";
pub const EMPTY_DOOR_SUB: &str = "Draw a system: one service and one database to begin with.";
pub const PASTE_DOOR: &str = "Paste a link or a scenario";
pub const PASTE_DOOR_SUB: &str = "A Headroom link or scenario JSON: here, or with Ctrl+V anywhere on this page.";
pub const TEMPLATES: &str = "Ready scenarios";
pub const RECENT: &str = "Recent, kept in this browser";
pub const FORGET: &str = "Forget";
pub const REALLY_FORGET: &str = "Forget for good";
pub const IMPORT: &str = "Import";
pub const SHARE: &str = "Share";
pub const UNDO: &str = "Undo";
pub const REDO: &str = "Redo";
pub const THEME: &str = "Light or dark";
pub const EXPORT: &str = "Save";
pub const EXPORT_HINT: &str = "Save the scenario as a file";
pub const START: &str = "All scenarios";
pub const SCENARIO_NAME: &str = "Scenario name";
pub const SAVED_HERE: &str = "saved here";
pub const SAVING: &str = "saving …";
pub const NOT_SAVED: &str = "not saved";
pub const SAVE_A_FILE: &str =
    "save it as a file, or forget old scenarios on the start page; until then it is in this tab only";
pub const ONLY_HERE: &str = "not saved: in this tab only";
/// What the list of recent ones says of itself.
pub fn recent_limit(kept: usize) -> String {
    format!(
        "The {kept} used last are kept. Beyond that, ready scenarios opened and never changed go first, then what was not used for longest."
    )
}

pub const CLOSE: &str = "Close";
pub const CANCEL: &str = "Cancel";
pub const PART_COMING: &str = "Loading this part of Headroom …";
pub const PART_MISSING: &str = "A part of Headroom did not arrive.";
pub const PART_MISSING_SUB: &str = "Nothing that is open is lost. Try again once the network is there; if that does not help, the server has a newer version: load the page anew.";
pub const TRY_AGAIN: &str = "Try again";
pub const RELOAD: &str = "Load the page anew";
pub const WORKER_GONE: &str = "A background worker does not start.";
pub const WORKER_GONE_SUB: &str = "It was tried several times. Nothing that is open is lost, but nothing new can be worked out. Try again once the network is there; if that does not help, the server has a newer version: load the page anew.";
pub const READING: &str = "Reading";
pub const CALIBRATE: &str = "Calibrate";
pub const GROWTH: &str = "Growth";
pub const GROW_TO: &str = "You can grow ";
pub const GROW_AT_LEAST: &str = "You can grow at least ";
pub const NOTHING_BREAKS: &str = ": nothing fills up and every objective holds.";
pub const NOTHING_BREAKS_FROM_TODAY: &str = ": from today's load on nothing fills up and every objective holds.";
pub const HOLDS_UP_TO: &str = "Every objective holds up to ";
pub const HOLDS_FROM_TODAY: &str = "From today's load on every objective holds up to ";
pub const HOLDS_BUT: &str = ", but ";
pub const REFUSED_BEYOND: &str = ": what comes beyond it is refused.";
pub const WAITED_BEYOND: &str = ": more users get no more through, they only wait longer.";
pub const GROWTH_NOT_KNOWN: &str = "How far you can grow is not known";
pub const NO_LIMIT: &str = ": nothing in the model has a limit. Measure at higher load, or say how many slots, cores or connections there are.";
pub const NO_LOAD: &str =
    ": no load comes in. Add a traffic class under the drawing, or say how many requests or users there are.";
pub const NOT_KNOWN: &str = "not known";
pub const ALREADY_OVER: &str = "Already over: the system holds ";
pub const OVER_AT_LEAST: &str = "Already over, and so is ";
pub const OF_IT: &str = " of today's load: ";
pub const EVERY_REQUEST_FAILS: &str = "every request of a class fails";

/// A queue whose messages are never handled well.
pub fn backlog_grows(queue: &str) -> String {
    format!("the backlog of {queue} grows: what handles its messages fails")
}

pub const OF_TODAY: &str = " of today's load before ";
pub const BEFORE: &str = " before ";
pub const AN_OBJECTIVE_FAILS: &str = "an objective fails";
pub const LIMITED_BY: &str = "What runs out: ";
pub const ABOUT: &str = "about ";
/// The same at the start of a sentence.
pub const ABOUT_FIRST: &str = "About ";
pub const NEXT_LIMIT: &str = "Next limit: ";
pub const WORKING: &str = "Working it out …";
pub const REFUSED: &str = "This scenario cannot be solved yet";
pub const REFUSED_SUB: &str = "The figures below are those of the last version that could.";
pub const SPEND_AT: &str = "Spend at";
pub const A_MONTH: &str = " / month";
pub const TRUST: &str = "Trust";
pub const FIT_WITHIN: &str = "worst residual of the fit";
pub const VALIDATION: &str = "How far the figures can be trusted: every check, with its numbers";
pub const NO_TRUST: &str = "do not rely on it";
pub const NOT_CALIBRATED: &str = "assumed";
pub const NOT_CALIBRATED_SUB: &str = "no measurements yet: import some";
pub const SYSTEM: &str = "System at";
pub const SYSTEM_CAPTION: &str = "Colour and figure: the fullest part. Line width: requests a second.";
pub const TAB_PROJECTION: &str = "Projection";
pub const TAB_BOTTLENECKS: &str = "Bottlenecks";
pub const TAB_SPEND: &str = "Spend";
pub const TAB_DATA: &str = "Data";
pub const NO_CLASS: &str = "Choose a traffic class.";
pub const NO_LATENCY: &str = "The model gives no such figure for this class.";
pub const OVERLOADED_EVERYWHERE: &str = "This class is overloaded at every multiple shown: its latency has no bound.";
pub const NO_PRICES_YET: &str = "no component has a price yet";
pub fn zone(name: &str) -> String {
    format!("zone {name}")
}

pub const NO_PRICES: &str = "No component has a price yet: give one a price, or import a bill.";
pub const OVERLOADED: &str = "overloaded";
pub const MEASURED: &str = "measured";
pub const UNKNOWN: &str = "–";
pub const THROUGHPUT: &str = "Throughput";
pub const TOTAL: &str = "Total";
pub const SMALLER_ONES: &str = "smaller ones";
pub const OTHER_COSTS: &str = "other costs";
pub const FIXED: &str = "Fixed";
pub const STEPPED: &str = "In steps";
pub const USAGE: &str = "By usage";
pub const SHOW_TABLE: &str = "Table";
pub const LOG_AXIS: &str = "Log";
pub const LATENCY_CAPTION: &str = "Dots: measured. Drag, or press + and -, for a closer look.";
pub const SPEND_TITLE: &str = "Spend a month";
pub const SPEND_CAPTION: &str = "By component, at the scenario's prices.";
pub const BOTTLENECK_TITLE: &str = "What fills up, in which order";
pub const BOTTLENECK_CAPTION: &str = "Shares at the slider's multiple; full at: where nothing is left.";
pub const RESOURCE: &str = "Resource";
pub const BUSY: &str = "Busy";
pub const WAIT: &str = "Mean wait";
pub const FULL_AT: &str = "Full at";
pub const NEXT_TITLE: &str = "After each fix, the next limit";
pub const WATERFALL_TITLE: &str = "Where a request's mean time goes";
pub const NO_WATERFALL: &str = "No breakdown here: the class is overloaded at this multiple.";
pub const DATA_TITLE: &str = "Imported files";
pub const DATA_NONE: &str =
    "Nothing imported in this session. Drop files anywhere on the page: load tests, metrics, bills.";
pub const FILE: &str = "File";
pub const KIND: &str = "Kind";
pub const FOUND: &str = "What it gave";
pub const FIT_TITLE: &str = "Fitted quantities";
pub const QUANTITY: &str = "Quantity";
pub const VALUE: &str = "Value";
pub const INTERVAL: &str = "5–95 %";
pub const SOURCE: &str = "Source";
pub const FROM: &str = "From";
pub const RESIDUALS_TITLE: &str = "Measured against the model";
pub const FIGURE: &str = "Figure";
pub const MODEL: &str = "Model";
pub const GAP: &str = "Gap";
pub const MAPPING_TITLE: &str = "What each name was taken for";
pub const NAME_IN_FILE: &str = "Name";
pub const MEANS: &str = "Means";
pub const GUESSED: &str = "guessed";
pub const STATED: &str = "stated";
pub const WARNINGS: &str = "What to know";
pub const HOLDS_NOTHING: &str = "holds no measurements";
pub const BROKEN: &str = "could not be read";
pub const A_SCENARIO: &str = "scenario";
pub const A_MAP: &str = "map of names";
pub const SHARE_TITLE: &str = "Share by link";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";
pub const LINK: &str = "Link";
pub const CRASHED: &str = "The page stopped while it opened your last scenario, so it was not opened again by itself";
pub const CRASHED_REMEDY: &str = "it is still among the recent ones; save it as a file and report the fault";
pub const WORKER_BROKE: &str = "The background worker stopped";
pub const SOLVER_BROKE_SUB: &str = "It broke, or did not answer for a minute; a new one stands ready. Nothing you had open is lost. If it happens again, change what you did last.";
pub const SOLVER_BROKE_OLD: &str = "The figures shown are those of its last answer.";
pub const WORKER_BROKE_REMEDY: &str =
    "a new one was started; change the scenario or import again. Nothing you had open is lost";
pub const SHOWN_ONLY: &str = "What is open is only shown, and is not changed";
pub const SHOWN_ONLY_REMEDY: &str = "what the files gave is open as a copy of your own";
pub const CHANGED_MEANWHILE: &str = "The scenario was changed while the files were read";
pub const CHANGED_MEANWHILE_REMEDY: &str =
    "what they gave is open as a copy; yours is among the recent ones as you left it";
pub const NOT_FITTED: &str = "The open scenario has problems, so these files could not be fitted to it";
pub const NOT_FITTED_COPY: &str = "a scenario drawn from the files alone is open as a copy; yours is among the recent ones as you left it: mend it and drop the files again";
pub const NOT_FITTED_REMEDY: &str = "mend it and drop the files again";
pub const IMPORTED_AGAIN_REMEDY: &str = "the new one counts in its place; to keep both, name them differently";
pub const OPENED_COPY: &str = "Opened as a copy of your own";
pub const OPENED_COPY_REMEDY: &str = "what you change stays in this browser";
pub const CLASS: &str = "Class";
pub const PERCENTILE: &str = "Percentile";
pub const OBJECTIVES_TITLE: &str = "Objectives";

pub fn misses(cause: &str) -> String {
    cause.to_owned()
}

pub fn is_full(what: &str) -> String {
    let plural = ["slots ", "processor cores ", "consumers ", "request units ", "connections "];
    let verb = if plural.iter().any(|start| what.starts_with(start)) { "are" } else { "is" };
    format!("the {what} {verb} full")
}

pub fn full_from(what: &str, from: &str) -> String {
    format!("{} from {from} on", is_full(what))
}

pub fn fail_at(share: &str, class: &str, at: &str) -> String {
    format!("{share} of {class} fail at {at}, which no objective is about.")
}

pub fn band(low: &str, high: &str) -> String {
    format!("Band {low} to {high}")
}

pub fn at_rate(rate: &str) -> String {
    format!(" at {rate} a month")
}

pub fn breaks_at(multiple: &str) -> String {
    format!("breaks at {multiple}")
}

pub fn objective_rule(percentile: &str, limit: &str) -> String {
    format!("objective: {} ≤ {limit}", percentile.replace('_', "."))
}

pub fn measured_point(latency: &str, rate: &str, from: &str) -> String {
    format!("measured {latency} at {rate} ({from})")
}

pub fn band_of(percentile: &str) -> String {
    format!("{percentile} band")
}

pub fn per_million(price: &str) -> String {
    format!("{price} per million requests")
}

pub fn below(multiple: &str) -> String {
    format!("below {multiple}")
}

pub fn beyond(multiple: &str) -> String {
    format!("beyond {multiple}")
}

pub fn waiting_at(component: &str) -> String {
    format!("queue at {component}")
}

pub fn network_to(component: &str) -> String {
    format!("network from {component}")
}

pub fn waiting_for(resource: &str) -> String {
    format!("wait for the {resource}")
}

pub fn latency_title(class: &str, percentile: &str) -> String {
    format!("Latency of {class} over growth, {}", percentile.replace('_', "."))
}

pub fn latency_tile(class: &str, percentile: &str, at: &str) -> String {
    format!("{} {class} at {at}", percentile.replace('_', "."))
}

pub fn problems(count: usize) -> String {
    if count == 1 { "1 problem".into() } else { format!("{count} problems") }
}

pub fn after_fixing(what: &str) -> String {
    format!("with {what} out of the way")
}

pub fn components(count: usize) -> String {
    if count == 1 { "1 component".into() } else { format!("{count} components") }
}

/// How long ago, in words.
pub fn ago(milliseconds: f64) -> String {
    let minutes = milliseconds / 60_000.0;
    if minutes < 1.5 {
        "just now".into()
    } else if minutes < 90.0 {
        format!("{minutes:.0} minutes ago")
    } else if minutes < 36.0 * 60.0 {
        format!("{:.0} hours ago", minutes / 60.0)
    } else {
        format!("{:.0} days ago", minutes / 1440.0)
    }
}

pub const MARK_OBJECTIVE: &str = "objective";
pub const MARK_FULL: &str = "full";
pub const MARK_NEXT: &str = "next limit";
pub const CALIBRATED: &str = "fitted";
pub const CALIBRATED_SUB: &str = "to the measured points shown";

pub const HOLD_NOTHING_REMEDY: &str = "everything else was read; the data tab lists each file";

pub fn measured_only(names: &str) -> String {
    format!("Your files measured {names} at each level; choose that to see the points.")
}

pub fn hold_nothing(files: &str) -> String {
    format!("No measurements in {files}")
}

pub fn imported_again(files: &str) -> String {
    format!("Imported before under the same name: {files}")
}

pub fn back_test(multiple: &str) -> String {
    format!("back-test on {multiple}, held out")
}

pub const HOLDS: &str = "holds";
pub const MISSED: &str = "missed";

pub fn sure(share: &str) -> String {
    format!(", {share} of draws")
}

pub fn holds_to(multiple: &str) -> String {
    format!("holds to {multiple}")
}

pub const SETTINGS: &str = "Settings";
pub const CALLS: &str = "Calls";
pub const CALLS_ON_MISS: &str = "On a miss it calls";
pub const OTHER_CLASSES: &str = "other classes";
pub const NEEDED: &str = "this is needed";
pub const PERCENT_RANGE: &str = "0 % to 100 %";
pub const NUMBER_FORM: &str = "not sure which number this is: write it as 1000.5 or 1,000.5, with a dot before decimals and commas between thousands";
pub const WHOLE_NUMBER: &str = "a whole number is needed";
pub const MORE_FIELDS: &str = "More";
pub const NOTHING_SELECTED: &str = "Traffic and objectives";
pub const NOTHING_SELECTED_SUB: &str = "Select a component, a call, a class or an objective in the drawing for its own settings; prices, autoscalers and events stand below it where there are any.";
pub const DUPLICATE: &str = "Duplicate";
pub const DELETE: &str = "Delete";
pub const ADD_COMPONENT: &str = "Add";
pub const CONNECT_TO: &str = "Call another …";
pub const FIGURES_AT: &str = "At";
pub const VISITS: &str = "Visits";
pub const RESIDENCE: &str = "Wait and own time";
pub const HOLD: &str = "With its calls";
pub const MONTHLY_COST: &str = "A month";
pub const REPLICAS: &str = "Replicas";
pub const HITS: &str = "Hits";
pub const BACKLOG: &str = "Backlog";
pub const ADD_CLASS: &str = "Add a class";
pub const ADD_OBJECTIVE: &str = "Add an objective";
pub const TAKE_AWAY: &str = "Take away";
pub const TAKE_CALL: &str = "Take away this call";
pub const CLEAR_SELECTION: &str = "Back to traffic and objectives";

pub fn traffic_of(class: &str) -> String {
    format!("Traffic: {class}")
}

pub fn take_class(class: &str) -> String {
    format!("{TAKE_AWAY} class {class}")
}

pub fn take_objective(objective: &str) -> String {
    format!("{TAKE_AWAY} objective {objective}")
}

pub fn take_call(to: &str) -> String {
    format!("{TAKE_CALL} to {to}")
}

pub fn from_import(import: &str) -> String {
    format!("from {import}")
}

pub fn at_most(most: usize) -> String {
    format!("at most {most} characters")
}

pub fn allowed(range: &str) -> String {
    format!("allowed: {range}")
}

pub fn pool_of(name: &str) -> String {
    format!("Pool {name}")
}

pub const SLOTS_HELD: &str = "Slots held";
pub const ADD_HINT: &str = "Add a component";

pub fn waits(time: &str) -> String {
    format!("waits {time}")
}

pub const TAB_SIMULATION: &str = "Simulation";
pub const SIMULATE: &str = "Simulate";
pub const STOP: &str = "Stop";
pub const SECONDS: &str = "Seconds";
pub const REPLICATIONS: &str = "Replications";
pub const SEED: &str = "Seed";
pub const NOT_SIMULATED: &str = "Not simulated yet: every request is played one by one, off this page's own thread.";
pub const NO_SERIES: &str = "No such series yet.";
pub const SIMULATED_TIME: &str = "Time";
pub const SERIES_TITLE: &str = "Over simulated time";
pub const SERIES_CAPTION: &str = "The first replication, after its warm-up.";
pub const BOTH_TITLE: &str = "Simulated beside the formulas";
pub const BOTH_CAPTION: &str = "A gap outside the interval says where the formulas simplify.";
pub const SIMULATED: &str = "Simulated";
pub const INTERVAL_95: &str = "95 % interval";
pub const FORMULAS: &str = "Formulas";

pub fn simulated(multiple: &str, replications: u32, events: &str) -> String {
    let many = if replications == 1 { "replication" } else { "replications" };
    format!("{multiple}: {replications} {many}, {events} events")
}
