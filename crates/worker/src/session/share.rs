//! Sharing: the link that holds everything, and what a stored share needs.

use super::troubles;
use crate::protocol::{Difference, LeaveOut, Merged, Response, Shared, Sharing, Trouble, Unpacked};
use scenario::compare::compare;
use scenario::link::{View, encode};
use scenario::merge::{Prefer, merge};
use scenario::redact::{self, Redacted, redact};
use scenario::seal::{self, Cover};
use scenario::{Problem, Scenario};

type Refused = Vec<Trouble>;

/// The link of a document.
pub(super) fn link(asked: u32, document: &str, leave_out: LeaveOut, view: &str) -> Response {
    let linked = less(document, leave_out).and_then(|redacted| {
        let link = encode(&redacted.scenario, &seen(view, leave_out)).map_err(|problem| troubles("", &[problem]))?;
        Ok((link, redacted.left))
    });
    match linked {
        Ok((link, left)) => {
            let out = link.left_out.iter().map(|path| format!("{path} was left out to keep the link short"));
            let losses = out.chain(link.warning.map(|warning| warning.to_string())).collect();
            Response::Link { asked, fragment: link.fragment, losses, left }
        }
        Err(problems) => Response::NotDone { problems },
    }
}

/// The solver's step of sharing: a share that is opened is what its visitor waits for.
pub(super) fn opened(sharing: Sharing) -> Result<Shared, Refused> {
    match sharing {
        Sharing::Unpack(bytes) => unpack(&bytes).map(|unpacked| Shared::Unpacked(Box::new(unpacked))),
        _ => Err(misdirected()),
    }
}

/// The analyst's steps of sharing.
pub(super) fn prepared(sharing: Sharing) -> Result<Shared, Refused> {
    match sharing {
        Sharing::Pack { document, leave_out, view, cover } => {
            let scenario = less(&document, leave_out)?.scenario;
            let cover = Cover::from_json(&cover);
            seal::pack(&scenario, &seen(&view, leave_out), &cover).map(Shared::Packed).map_err(|p| troubles("", &[p]))
        }
        Sharing::Compare { before, after } => Ok(Shared::Compared(difference(&read(&before)?, &read(&after)?))),
        Sharing::Merge { base, mine, theirs, prefer_mine } => {
            let prefer = if prefer_mine { Prefer::Mine } else { Prefer::Theirs };
            let merged = together(&read(&base)?, &read(&mine)?, &read(&theirs)?, prefer)?;
            Ok(Shared::Merged(Box::new(merged)))
        }
        _ => Err(misdirected()),
    }
}

fn misdirected() -> Refused {
    troubles("", &[Problem::new("", "this step of sharing is another worker's", "reload the page")])
}

/// What is set on the screen; what is selected there and the class that is looked at are names.
fn seen(view: &str, leave_out: LeaveOut) -> View {
    let mut view = View::from_json(view);
    if leave_out.names {
        view.selected = None;
        view.more.remove("class");
    }
    view
}

/// The document without what its sender wants to keep.
fn less(document: &str, leave_out: LeaveOut) -> Result<Redacted, Refused> {
    let LeaveOut { money, names, notes, imports } = leave_out;
    Ok(redact(&read(document)?, redact::LeaveOut { money, names, notes, imports }))
}

fn read(document: &str) -> Result<Scenario, Refused> {
    scenario::open(document).map(|opened| opened.scenario).map_err(|problems| troubles("", &problems))
}

fn unpack(bytes: &[u8]) -> Result<Unpacked, Refused> {
    let unsealed = seal::unpack(bytes).map_err(|problem| troubles("", &[problem]))?;
    let losses = unsealed.opened.problems.iter().chain(&unsealed.opened.notes).map(ToString::to_string).collect();
    Ok(Unpacked {
        text: unsealed.opened.scenario.to_json(),
        losses,
        view: unsealed.view.to_json(),
        cover: unsealed.cover.to_json(),
    })
}

/// What changed in words, and the answers that differ by it over the older one's growth, how far it can grow first.
fn difference(before: &Scenario, after: &Scenario) -> Difference {
    let changes = compare(before, after).into_iter().map(|change| change.text).collect();
    // A version that cannot be solved has no figures; the words are there all the same.
    let compared = study::compare(&[before.clone(), after.clone()], &[]).unwrap_or_default();
    let shown =
        |value: Option<&Option<f64>>| value.copied().flatten().map_or_else(|| "–".to_owned(), study::text::short);
    let rows = compared.figures.into_iter().map(|(what, values)| (what, shown(values.first()), shown(values.get(1))));
    let mut figures: Vec<_> = rows.filter(|(_, before, after)| before != after).collect();
    figures.sort_by_key(|(what, _, _)| what != "headroom");
    figures.truncate(12);
    Difference { changes, figures }
}

fn together(base: &Scenario, mine: &Scenario, theirs: &Scenario, prefer: Prefer) -> Result<Merged, Refused> {
    let merged = merge(base, mine, theirs, prefer).map_err(|problem| troubles("", &[problem]))?;
    let words = |after: &Scenario| compare(base, after).into_iter().map(|change| change.text).collect();
    Ok(Merged {
        text: merged.scenario.to_json(),
        mine: words(mine),
        theirs: words(theirs),
        conflicts: merged.conflicts.iter().map(|conflict| format!("{}: {}", conflict.path, conflict.text)).collect(),
    })
}
