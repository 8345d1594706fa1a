//! Texts of figures: what boxes say, the bill beside the model, bands without an upper end, notices.

pub const NO_WAIT: &str = "no wait";
pub const WAITS_WITHOUT_END: &str = "waits without end";

/// How many replicas there are at the slider's multiple, where it is another number than at the first.
pub fn replicas_now(count: f64) -> String {
    format!("{} now", crate::view_model::format::amount(count))
}

pub const MEAN: &str = "mean latency";
pub const ERROR_SHARE: &str = "the error share";
pub const UTILIZATION: &str = "utilization";

/// An objective that is missed.
pub fn passes(figure: &str, of: &str, limit: &str) -> String {
    format!("{figure} of {of} passes {limit}")
}

pub const SPEND_A_MONTH_AT: &str = "spend a month at ";
pub const AT_NUMBER: &str = "#At";
pub const MOVES_TITLE: &str = "How it moves with growth";
pub const PART: &str = "Part";
pub const CREDITS: &str = "credits";
pub const BILL_TITLE: &str = "Against the imported bill";
pub const NO_BILL: &str = "No bill is imported yet: drop one to see what the model does not explain.";
pub const BILLED: &str = "Billed";
pub const MODEL_LESS_BILL: &str = "Model − bill";
pub const UNEXPLAINED: &str = "no component explains it";
pub const NOT_ON_THE_BILL: &str = "not on the bill";
pub const BILL_LINE: &str = "Component or bill line";

/// Under the heading of the bill: which files, what it comes to and what of it is not explained.
pub fn bill_caption(files: &str, all: &str, rest: &str, share: &str) -> String {
    let rest = if rest.is_empty() {
        "components explain all of it".to_owned()
    } else {
        format!("{rest} of it ({share}) no component explains")
    };
    format!("A mean month of {files} comes to {all}; {rest}.")
}

/// The same where only lines that components explain are kept of some bills: once no others were, whether there were any or not.
pub fn kept_caption(files: &str, all: &str, rest: &str, share: &str, part: &str) -> String {
    let rest = if rest.is_empty() {
        "components explain all of them".to_owned()
    } else {
        format!("{rest} of it ({share}) no component explains")
    };
    format!(
        "The lines kept of {files} come to {all} in a mean month; {rest}. Where {part} has others, importing it again shows them."
    )
}

/// Over the model's column.
pub fn modelled_at(multiple: &str) -> String {
    format!("Model at {multiple}")
}

/// Lines that are too small for a row each.
pub fn smaller_lines(count: usize) -> String {
    if count == 1 { "1 smaller line".into() } else { format!("{count} smaller lines") }
}

pub const NO_UPPER_END: &str = "no upper end";
pub const NO_UPPER_END_KNOWN: &str = "no upper end known";

/// Why a band has no upper end.
pub fn draws_overload(share: &str) -> String {
    format!("{share} of draws overload")
}

/// The band of a figure that has a lower end only, with the share of draws that are the reason, if they are.
pub fn open_band(low: &str, share: Option<&str>) -> String {
    match share {
        Some(share) => format!("{low} – {NO_UPPER_END}: {}", draws_overload(share)),
        None => format!("{low} – {NO_UPPER_END_KNOWN}"),
    }
}

/// Name of a table for whoever does not see it: what stands over its columns.
pub fn table_of(names: &[&str]) -> String {
    if names.is_empty() { super::SHOW_TABLE.to_owned() } else { format!("{}: {}", super::SHOW_TABLE, names.join(", ")) }
}

pub const MEASURED_HEAD: &str = "Measured";
pub const NOTHING_FITTED: &str = "Nothing could be fitted from these files: what is missing is said below.";
pub const NO_RESIDUALS: &str =
    "No measured latency stands beside the model: none was measured, or the model calls each level overloaded.";

pub const PASTE_OPEN: &str = "Open";
pub const CLOSE_ALL: &str = "Close all";

/// Over many messages.
pub fn messages(count: usize) -> String {
    format!("{count} messages")
}

/// How often the same was said.
pub fn repeated(count: usize) -> String {
    format!("×{count}")
}

/// Less load than today's may be worse.
pub fn fails_below(least: &str, most: &str) -> String {
    if least == most {
        format!("With less load than today's it does not hold: at {least}.")
    } else {
        format!("With less load than today's it does not always hold: not from {least} to {most}.")
    }
}

/// What holds as the figures stand does not within their doubt: up to the end `most` of what was looked at.
pub fn doubtful(most: &str, share: &str, from: &str) -> String {
    format!(
        "Within the uncertainty of its figures something breaks up to {most} in {share} of the draws, and below {from} in 5 %."
    )
}

pub const COLLAPSES: &str = "Retries can hold it in collapse after a disturbance.";

pub fn unsettled(at: &str) -> String {
    format!("At {at} the solver did not settle: simulate before relying on it.")
}

pub fn unsettled_between(count: usize, first: &str, last: &str) -> String {
    format!("At {count} multiples from {first} to {last} the solver did not settle: simulate before relying on them.")
}

/// An objective of carrying losses that fails.
pub fn not_survived(what: &str) -> String {
    format!("the loss of one {what} could not be carried")
}

/// What the worker calls the figures of a comparison, before the multiple: matched, so that it is as there in every language.
pub const ERROR_SHARE_AT: &str = " error share at ";
pub const MS_AT: &str = " ms at ";
pub const P95_AT: &str = " p95 ms at ";
pub const MONTH_AT: &str = "a month at ";

pub const KNOW: &str = "What to know";

/// Over all warnings of an answer.
pub fn know(count: usize) -> String {
    format!("{KNOW}: {count} {}", if count == 1 { "warning" } else { "warnings" })
}

pub const FIGURES_ARE_OLD: &str = "The scenario was changed and cannot be solved as it stands: these figures are of the last version that could, the assumptions below of the one that cannot.";
pub const FIGURES_ARE_WORKED_OUT: &str = "The scenario was just changed and is being worked out: these figures are of the version before, the assumptions below of the new one.";
pub const FIGURES_STOPPED: &str =
    "The background worker stopped: these figures may be of an earlier version than the assumptions below.";

pub const SENSITIVITY_IS_STALE: &str =
    "The scenario has changed since: these figures are of the version before. New ones come once it is worked out.";
pub const LOSSES_ARE_STALE: &str = "The scenario has changed since: lose each component again for figures that fit it.";
pub const LOSSES_STOPPED: &str = "Stopped by hand: what is not in the table was not played.";
