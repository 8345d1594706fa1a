//! Traffic classes.

use super::Lowering;
use crate::path::Path;
use crate::v1::{Arrivals, Profile, ProfileShape, Traffic};
use engine::model;

const HOUR: f64 = 3600.0;

impl Lowering<'_> {
    pub(super) fn class(&mut self, traffic: &Traffic, path: &Path) -> model::Class {
        model::Class {
            id: traffic.id.clone(),
            entry: self.station_id(&traffic.entry, &path.key("entry")).unwrap_or_default(),
            arrivals: self.arrivals(&traffic.arrivals, &path.key("arrivals")),
            priority: traffic.priority.unwrap_or(0),
            growth: self.number_or(traffic.growth.as_ref(), 1.0, &path.key("growth")),
            profile: traffic.profile.as_ref().map(|p| self.profile(p, &path.key("profile"))),
            active_users: self.optional(traffic.active_users.as_ref(), &path.key("active_users")),
        }
    }

    fn arrivals(&mut self, arrivals: &Arrivals, path: &Path) -> model::Arrivals {
        match arrivals {
            Arrivals::Open { rate, cv } => {
                let path = path.key("open");
                model::Arrivals::Open {
                    rate: self.number(rate, &path.key("rate")),
                    cv: self.number_or(cv.as_ref(), 1.0, &path.key("cv")),
                }
            }
            Arrivals::Closed { users, think_time_s } => {
                let path = path.key("closed");
                model::Arrivals::Closed {
                    users: self.number(users, &path.key("users")),
                    think_time: self.number(think_time_s, &path.key("think_time_s")),
                }
            }
        }
    }

    fn profile(&mut self, profile: &Profile, path: &Path) -> model::Profile {
        match profile {
            // Both lengths are hourly: a day or a week.
            Profile::Factors(factors) => model::Profile::Periodic {
                step: HOUR,
                factors: factors.iter().enumerate().map(|(i, &f)| self.finite(f, &path.index(i))).collect(),
            },
            Profile::Shape(ProfileShape::Spike { at_s, ramp_s, hold_s, factor }) => {
                let path = path.key("spike");
                model::Profile::Spike {
                    at: self.finite(*at_s, &path.key("at_s")),
                    ramp: self.finite(*ramp_s, &path.key("ramp_s")),
                    hold: self.finite(*hold_s, &path.key("hold_s")),
                    factor: self.finite(*factor, &path.key("factor")),
                }
            }
            Profile::Shape(ProfileShape::Recorded(points)) => {
                let path = path.key("recorded");
                model::Profile::Recorded(
                    points
                        .iter()
                        .enumerate()
                        .map(|(i, &(t, f))| (self.finite(t, &path.index(i)), self.finite(f, &path.index(i))))
                        .collect(),
                )
            }
        }
    }
}
