//! `headroom pull`: the scenario behind a link.

use crate::arguments::Pull;
use crate::failure::{Done, Failure, note_line};
use crate::{input, output, share};
use scenario::Problem;
use scenario::link::{self, Short};
use scenario::seal::Unsealed;
use serde_json::json;

/// Fetches, opens and writes it.
pub(crate) fn run(arguments: &Pull) -> Result<Done, Failure> {
    let link = if arguments.link == "-" { input::any_text("-")?.trim().to_owned() } else { arguments.link.clone() };
    let (unsealed, version, expires) = match Short::read(&link) {
        Some(_) => {
            let (api, short) = share::short(&link)?;
            let read = api.read(&short)?;
            (read.unsealed, Some(read.version), Some(read.expires))
        }
        None => (whole(&link)?, None, None),
    };
    let Unsealed { opened, cover, .. } = unsealed;
    opened.problems.iter().chain(&opened.notes).for_each(|problem| note_line(&problem.to_string()));
    let answer = if arguments.json {
        let name = &cover.name;
        json!({ "scenario": opened.scenario, "version": version, "expires": expires, "name": name, "comments": cover.comments })
    } else {
        json!(opened.scenario)
    };
    output::to(arguments.output.as_deref(), &output::to_json(&answer)?)?;
    Ok(Done::Fine)
}

/// The link that holds everything needs no server.
fn whole(text: &str) -> Result<Unsealed, Failure> {
    let linked =
        link::decode(text).map_err(|problem| Failure::Input(vec![Problem { path: "LINK".into(), ..problem }]))?;
    if let Some(lost) = &linked.lost {
        note_line(&lost.to_string());
    }
    Ok(Unsealed { opened: linked.opened, view: linked.view, cover: scenario::seal::Cover::default() })
}
