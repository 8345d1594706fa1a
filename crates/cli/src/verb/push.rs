//! `headroom push`: a scenario as a share.

use crate::arguments::{Part, Push};
use crate::failure::{Done, Failure};
use crate::share::{self, Api};
use crate::{input, output};
use scenario::Scenario;
use scenario::link::{Short, View};
use scenario::redact::{LeaveOut, redact};
use scenario::seal::{Comment, Cover};
use serde_json::json;

/// How often a version is tried again after somebody else's.
const TRIES: u32 = 5;

/// Stores the scenario, as a share of its own or as a version of one.
pub(crate) fn run(arguments: &Push) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let scenario = redact(&scenario, leave_out(&arguments.leave_out)).scenario;
    let comment = arguments.comment.as_deref().map(input::any_text).transpose()?;
    match &arguments.to {
        Some(link) => append(arguments, &scenario, comment, link),
        None => create(arguments, &scenario, comment),
    }
}

fn leave_out(parts: &[Part]) -> LeaveOut {
    let has = |part| parts.contains(&part);
    LeaveOut { money: has(Part::Money), names: has(Part::Names), notes: has(Part::Notes), imports: has(Part::Imports) }
}

fn remark(arguments: &Push, text: Option<String>, version: u64) -> Option<Comment> {
    let at = share::written_now();
    text.map(|text| Comment {
        author: arguments.author.clone(),
        at,
        version: Some(version),
        text,
        ..Comment::default()
    })
}

fn create(arguments: &Push, scenario: &Scenario, comment: Option<String>) -> Result<Done, Failure> {
    let remedy = "give --server URL for a new share, or --to LINK for a version of one";
    let server = arguments.server.as_deref().ok_or_else(|| Failure::input("--server", "is missing", remedy))?;
    let api = Api::new(server)?;
    let cover = Cover {
        name: arguments.name.clone(),
        comments: remark(arguments, comment, 1).into_iter().collect(),
        ..Cover::default()
    };
    let made = api.create(scenario, &View::default(), &cover, arguments.days)?;
    let read = Short { edit: None, ..made.link.clone() };
    let (read, edit) = (api.address(&read), api.address(&made.link));
    if arguments.json {
        let answer = json!({
            "id": made.link.id, "version": 1, "expires": made.expires, "read": read, "edit": edit, "owner_token": made.owner,
        });
        output::json(&answer)?;
    } else {
        output::text(&format!("read:  {read}\nedit:  {edit}\nowner: {}\n", made.owner))?;
    }
    Ok(Done::Fine)
}

fn append(arguments: &Push, scenario: &Scenario, comment: Option<String>, link: &str) -> Result<Done, Failure> {
    let (api, link) = share::short(link)?;
    if link.edit.is_none() {
        return Err(Failure::input("--to", "is a link to read", "give the link to edit"));
    }
    for _ in 0..TRIES {
        let newest = api.read(&Short { version: None, ..link.clone() })?;
        let next = newest.version + 1;
        let mut cover = Cover { name: arguments.name.clone(), ..newest.unsealed.cover };
        cover.comments.extend(remark(arguments, comment.clone(), next));
        if !api.append(&link, scenario, &newest.unsealed.view, &cover, next, newest.expires)? {
            continue;
        }
        let read = api.address(&Short { edit: None, version: None, present: false, ..link.clone() });
        if arguments.json {
            output::json(&json!({ "id": link.id, "version": next, "expires": newest.expires, "read": read }))?;
        } else {
            output::text(&format!("version {next}: {read}\n"))?;
        }
        return Ok(Done::Fine);
    }
    Err(Failure::input("--to", "others add versions faster than this", "try again"))
}
