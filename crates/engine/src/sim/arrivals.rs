//! Sources of requests: open renewal processes, also with a rate that moves over time, and closed populations.
//!
//! A moving rate is played exactly by running the renewal process in operational time: gaps are drawn at the peak rate, and
//! the clock runs at the factor of the moment.

use super::intensity::Intensity;
use super::rng::Rng;
use super::sampler::{Points, Sampler, Ziggurat};

/// A source of one class.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Gaps at the peak rate, or think times.
    pub gap: Sampler,
    /// Users of a closed class.
    pub users: u32,
    /// Whether it is a closed class.
    pub closed: bool,
    /// Next arrival of an open class; infinite when there is none.
    pub next: f64,
    /// How the load moves over time.
    pub intensity: Intensity,
    /// Users in the loop now, those about to leave included.
    pub active: u32,
    /// Users that leave instead of thinking again, because the load went down.
    pub leaving: u32,
    pub rng: Rng,
}

impl Source {
    /// Draws the next arrival after now.
    #[inline(always)]
    pub(crate) fn schedule(&mut self, now: f64, ziggurat: &Ziggurat, points: &Points) {
        let gap = self.gap.sample(&mut self.rng, ziggurat, points);
        self.next = if self.intensity.is_constant() { now + gap } else { self.intensity.after(now, gap) };
    }

    /// Users of a closed class that the load asks for at an instant.
    pub(crate) fn wanted(&self, now: f64) -> u32 {
        (f64::from(self.users) * self.intensity.at(now)).round() as u32
    }

    /// Whether whoever thought leaves instead of asking again: of all in the loop, those about to leave are any.
    pub(crate) fn leaves(&mut self) -> bool {
        if self.leaving == 0 || self.rng.uniform() * f64::from(self.active) >= f64::from(self.leaving) {
            return false;
        }
        self.leave();
        true
    }

    /// One of those about to leave is gone.
    pub(crate) fn leave(&mut self) {
        self.leaving -= 1;
        self.active -= 1;
    }

    /// A think time.
    pub(crate) fn think(&mut self, ziggurat: &Ziggurat, points: &Points) -> f64 {
        self.gap.sample(&mut self.rng, ziggurat, points)
    }
}
