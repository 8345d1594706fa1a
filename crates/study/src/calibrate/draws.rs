//! Joint draws of everything fitted: independent findings each by their own error, what was fitted together by its covariance.
//! Every dimension is stratified (Latin hypercube), so that 200 draws carry as much as many more independent ones.

use super::apply::WIDEST_VARIATION;
use super::doubt::ONE_ERROR;
use super::finding::{Finding, Target};
use super::residual::Joint;
use engine::fit::estimate::{normal, student_t};
use engine::fit::linear::Factored;
use engine::math;

/// Draws kept in a scenario.
pub const DRAWS: usize = 200;

/// Share of a fitted time that a draw leaves at least.
const LEAST_SHARE: f64 = 0.05;

/// One column of draws per finding of `independent` and then of `joint`.
#[must_use]
pub fn columns(independent: &[Finding], joint: &Joint, seed: u64) -> Vec<Vec<f64>> {
    let mut random = Random(seed ^ 0x9e37_79b9_7f4a_7c15);
    let mut columns: Vec<Vec<f64>> =
        independent.iter().map(|finding| random.strata(DRAWS).into_iter().map(|p| finding.draw(p)).collect()).collect();
    let size = joint.findings.len();
    let moving: Vec<usize> =
        (0..size).filter(|&i| joint.covariance.get(i * size + i).is_some_and(|v| *v > 1e-18)).collect();
    let matrix: Vec<f64> =
        moving.iter().flat_map(|&i| moving.iter().map(move |&j| joint.covariance[i * size + j])).collect();
    let mut fitted: Vec<Vec<f64>> = joint.findings.iter().map(|f| vec![f.estimate.value; DRAWS]).collect();
    if let Some(factor) = Factored::new(&matrix, moving.len()).filter(|_| !moving.is_empty()) {
        let normals: Vec<Vec<f64>> =
            moving.iter().map(|_| random.strata(DRAWS).into_iter().map(normal).collect()).collect();
        // Where the errors rest on the residuals, few degrees of freedom widen all of a joint draw together, as the multivariate t does.
        let degrees = joint.findings.first().filter(|_| joint.by_misfit).map_or(1e6, |f| f.estimate.degrees_of_freedom);
        let widen = student_t(0.95, degrees) / normal(0.95);
        let errors: Vec<Vec<f64>> = independent.iter().zip(&columns).map(|(f, column)| in_errors(f, column)).collect();
        for draw in 0..DRAWS {
            let apart: Vec<f64> = normals.iter().map(|n| n[draw]).collect();
            for (&index, shift) in moving.iter().zip(factor.correlate(&apart)) {
                let most = match joint.findings[index].target {
                    Target::ServiceVariation(..) => WIDEST_VARIATION,
                    _ => f64::INFINITY,
                };
                let answered: f64 =
                    joint.responses.iter().zip(&errors).map(|(response, errors)| response[index] * errors[draw]).sum();
                let moved = (widen * shift + answered).clamp(-4.0, 4.0);
                // Times add: where only a sum is known, drawing their logarithms would let it grow.
                let factor = match joint.findings[index].target {
                    Target::ServiceMean(..) => (1.0 + moved).max(LEAST_SHARE),
                    _ => math::exp(moved),
                };
                fitted[index][draw] = (fitted[index][draw] * factor).min(most);
            }
        }
    }
    columns.append(&mut fitted);
    columns
}

/// The draws of a finding in standard errors from its value.
fn in_errors(finding: &Finding, column: &[f64]) -> Vec<f64> {
    let value = finding.estimate.value;
    let one = finding.draw(ONE_ERROR) - value;
    column.iter().map(|drawn| if one > 0.0 { (drawn - value) / one } else { 0.0 }).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, fixed, the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// One probability from each of `count` equal strata, in random order.
    pub fn strata(&mut self, count: usize) -> Vec<f64> {
        let mut all: Vec<f64> = (0..count).map(|i| (i as f64 + self.uniform()) / count as f64).collect();
        for i in (1..count).rev() {
            let j = (self.uniform() * (i + 1) as f64) as usize;
            all.swap(i, j.min(i));
        }
        all
    }
}
