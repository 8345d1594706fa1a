//! "Lose each component once", as text.

use super::Table;
use super::number::{milliseconds, percent, significant};
use study::simulate::{Loss, Losses, Verdict};

/// One row per component and multiple: errors and response before, during and after, and what becomes of it.
pub(crate) fn table(cells: &[Loss], options: &Losses, name: &str) -> String {
    let mut out = if name.is_empty() { String::new() } else { format!("{name}\n\n") };
    out.push_str(&format!(
        "Each component loses a replica (or all it has when it is one) for {} s, {} s after the start.\n\n",
        significant(options.during),
        significant(options.before)
    ));
    let mut table = Table::new(["lost", "growth", "errors before", "during", "after", "mean before", "after", "then"]);
    for cell in cells {
        let [before, during, after] = cell.error_ratio.map(percent);
        let [quiet, _, later] = cell.mean_ms.map(milliseconds);
        let then = match (&cell.verdict, cell.stopped_by.as_deref()) {
            (Some(found), _) => verdict(found),
            (None, Some("in_flight")) => "piles up without end".to_owned(),
            (None, Some("window")) => "not known: a rate limit counts over more than an hour".to_owned(),
            (None, Some("load")) => "not known: the load rises in the meantime".to_owned(),
            (None, Some(_)) => "not known: the budget of events ended it".to_owned(),
            (None, None) => String::new(),
        };
        table.row([
            cell.component.clone(),
            format!("×{}", significant(cell.multiple)),
            before,
            during,
            after,
            quiet,
            later,
            then,
        ]);
    }
    table.write("", &mut out);
    out
}

/// What becomes of a system after its trigger.
pub(super) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Recovers { after } if *after <= 0.0 => "comes back at once".to_owned(),
        Verdict::Recovers { after } => format!("comes back after {} s", significant(*after)),
        Verdict::Draining { left } => format!("comes back in {} s more", significant(*left)),
        Verdict::Metastable => "stays down although the load is back (metastable)".to_owned(),
    }
}
