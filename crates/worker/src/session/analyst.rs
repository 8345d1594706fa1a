//! What a person asks for beside the figures, and waits for: plans, comparisons, what moves the headline, simulations, links.

use super::compare::Comparing;
use super::lose::Losing;
use super::plan::Planning;
use super::simulate::{self, Simulating, Wanted};
use super::{Desk, Session, no_study, plan, sensitivity, share};
use crate::protocol::{Request, Response, Study};
use scenario::Problem;

/// Works on one of each kind at a time; a newer one drops the older.
#[derive(Default)]
pub struct Analyst {
    desk: Desk,
    now: f64,
    simulating: Option<Simulating>,
    losing: Option<Losing>,
    planning: Option<Planning>,
    sensing: Option<(u64, String)>,
    comparing: Option<Comparing>,
}

impl Session for Analyst {
    fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::Simulate { run, part, document, multiple, seconds, replications, seed } => {
                let wanted = Wanted { run, part, multiple, seconds, replications, seed };
                self.simulating = self.started(Simulating::new(&document, wanted));
            }
            Request::SimulationParts { run, found } => {
                let put = self.simulating.as_mut().map_or(Ok(()), |playing| playing.put_together(run, &found));
                if let Err(error) = put {
                    self.simulating = None;
                    self.misunderstood(&error);
                }
            }
            Request::LoseEach { document, seed } => self.losing = self.started(Losing::new(&document, seed)),
            Request::Plan { asked, generation, document, multiples } => {
                let made = Planning::new(asked, generation, &document, &multiples);
                self.planning = self.begun(Study::Plan, made);
            }
            Request::Change { document, edit, what } => {
                let answer = plan::changed(&document, &edit, what);
                self.desk.say(answer.unwrap_or_else(|problems| simulate::refused(&problems)));
            }
            Request::Sensitivity { generation, document } => self.sensing = Some((generation, document)),
            Request::Compare(items) => {
                let made = Comparing::new(&items);
                self.comparing = self.begun(Study::Compare, made);
            }
            Request::Share { document, leave_out, view } => self.desk.say(share::link(&document, leave_out, &view)),
            Request::Sharing { number, step } => {
                self.desk.say(Response::Shared { number, answer: share::prepared(step) });
            }
            Request::Cancel => {
                self.simulating = None;
                self.losing = None;
                self.planning = None;
                self.sensing = None;
                self.comparing = None;
            }
            other => self.misunderstood(&format!("{} is not the analyst's", other.name())),
        }
    }

    fn now(&mut self, milliseconds: f64) {
        self.now = milliseconds;
    }

    fn step(&mut self) -> bool {
        if let Some((generation, document)) = self.sensing.take() {
            self.desk.say(sensitivity::answer(generation, &document));
        } else if let Some(planning) = &mut self.planning {
            self.desk.say(planning.step());
            if planning.is_done() {
                self.planning = None;
            }
        } else if let Some(comparing) = &mut self.comparing {
            self.desk.say(comparing.step());
            if comparing.is_done() {
                self.comparing = None;
            }
        } else if let Some(simulating) = self.simulating.as_mut().filter(|it| it.has_work()) {
            if let Some(answer) = simulating.step(self.now) {
                self.desk.say(answer);
            }
            if simulating.is_done() {
                self.simulating = None;
            }
        } else if let Some(losing) = &mut self.losing {
            if let Some(answer) = losing.step(self.now) {
                self.desk.say(answer);
            }
            if losing.is_done() {
                self.losing = None;
            }
        }
        self.has_work()
    }
}

impl Analyst {
    fn begun<T>(&mut self, what: Study, made: Result<T, Vec<Problem>>) -> Option<T> {
        made.map_err(|problems| self.desk.say(no_study(what, &problems))).ok()
    }

    fn started<T>(&mut self, made: Result<T, Vec<Problem>>) -> Option<T> {
        made.map_err(|problems| self.desk.say(simulate::refused(&problems))).ok()
    }

    fn has_work(&self) -> bool {
        self.simulating.as_ref().is_some_and(Simulating::has_work)
            || self.losing.is_some()
            || self.planning.is_some()
            || self.sensing.is_some()
            || self.comparing.is_some()
    }
}
