//! Opens, checks and projects documents.

use super::project::Projecting;
use super::{Desk, Session, open, share, troubles};
use crate::protocol::{Request, Response};

/// Answers for the open document; a newer generation drops the work on an older one.
#[derive(Default)]
pub struct Solver {
    desk: Desk,
    projecting: Option<Projecting>,
}

impl Session for Solver {
    fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn handle(&mut self, request: Request) {
        let answer = match request {
            Request::Document { generation, text } => {
                self.projecting = None;
                match Projecting::new(generation, &text) {
                    Ok(projecting) => {
                        self.projecting = Some(projecting);
                        return;
                    }
                    Err(problems) => Response::Refused { generation, problems: troubles("", &problems) },
                }
            }
            Request::OpenText(text) => open::text(&text),
            Request::OpenLink(fragment) => open::link(&fragment),
            Request::Gallery => Response::Gallery(open::examples()),
            Request::OpenExample(id) => open::example(&id),
            Request::Sharing { number, step } => Response::Shared { number, answer: share::opened(step) },
            other => return self.misunderstood(&format!("{} is not the solver's", other.name())),
        };
        self.desk.say(answer);
    }

    fn step(&mut self) -> bool {
        if let Some(projecting) = &mut self.projecting {
            if let Some(answer) = projecting.step() {
                self.desk.say(answer);
            }
            if projecting.is_done() {
                self.projecting = None;
            }
        }
        self.projecting.is_some()
    }
}
