//! What a person asks for beside the figures, and waits for: plans, comparisons, what moves the headline, simulations, links.

use super::compare::Comparing;
use super::lose::Losing;
use super::plan::Planning;
use super::simulate::{self, Simulating, Wanted};
use super::{Desk, Session, no_study, not_done, plan, sensitivity, share};
use crate::protocol::{Request, Response, Study, Work};
use scenario::Problem;

/// A sensitivity waiting for its slice.
struct Sensing {
    asked: u32,
    generation: u64,
    document: String,
}

/// Works on one of each kind at a time; a newer one drops the older.
#[derive(Default)]
pub struct Analyst {
    desk: Desk,
    now: f64,
    simulating: Option<Simulating>,
    losing: Option<Losing>,
    planning: Option<Planning>,
    sensing: Option<Sensing>,
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
                let made = Simulating::new(&document, wanted);
                self.simulating = made.map_err(|problems| self.desk.say(simulate::refused(run, &problems))).ok();
            }
            Request::SimulationParts { run, found } => {
                let put = self.simulating.as_mut().map_or(Ok(()), |playing| playing.put_together(run, &found));
                if let Err(error) = put {
                    self.simulating = None;
                    self.desk.say(simulate::unplayed(run, error, "simulate again"));
                }
            }
            Request::LoseEach { asked, document, seed } => {
                let made = Losing::new(asked, &document, seed);
                self.losing = self.begun(Study::Losses, asked, made);
            }
            Request::Plan { asked, generation, document, multiples } => {
                let made = Planning::new(asked, generation, &document, &multiples);
                self.planning = self.begun(Study::Plan, asked, made);
            }
            Request::Change { document, edit, what } => {
                let answer = plan::changed(&document, &edit, what);
                self.desk.say(answer.unwrap_or_else(|problems| not_done(&problems)));
            }
            Request::Sensitivity { asked, generation, document } => {
                self.sensing = Some(Sensing { asked, generation, document });
            }
            Request::Compare { asked, items } => {
                let made = Comparing::new(asked, &items);
                self.comparing = self.begun(Study::Compare, asked, made);
            }
            Request::Share { asked, document, leave_out, view } => {
                self.desk.say(share::link(asked, &document, leave_out, &view));
            }
            Request::Sharing { number, step } => {
                self.desk.say(Response::Shared { number, answer: share::prepared(step) });
            }
            Request::Cancel(what) => self.stop(what),
            other => self.misunderstood(&format!("{} is not the analyst's", other.name())),
        }
    }

    fn now(&mut self, milliseconds: f64) {
        self.now = milliseconds;
    }

    fn step(&mut self) -> bool {
        if let Some(Sensing { asked, generation, document }) = self.sensing.take() {
            self.desk.say(sensitivity::answer(asked, generation, &document));
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
    fn stop(&mut self, what: Work) {
        self.simulating.take_if(|_| what.covers(Work::Simulation));
        self.losing.take_if(|_| what.covers(Work::Study(Study::Losses)));
        self.planning.take_if(|_| what.covers(Work::Study(Study::Plan)));
        self.sensing.take_if(|_| what.covers(Work::Study(Study::Sensitivity)));
        self.comparing.take_if(|_| what.covers(Work::Study(Study::Compare)));
    }

    fn begun<T>(&mut self, what: Study, asked: u32, made: Result<T, Vec<Problem>>) -> Option<T> {
        made.map_err(|problems| self.desk.say(no_study(what, asked, &problems))).ok()
    }

    fn has_work(&self) -> bool {
        self.simulating.as_ref().is_some_and(Simulating::has_work)
            || self.losing.is_some()
            || self.planning.is_some()
            || self.sensing.is_some()
            || self.comparing.is_some()
    }
}
