//! Means over independent replications with 95 % intervals by Student's t.

use serde::{Deserialize, Serialize};

/// A mean over replications.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the 95 % interval; absent with a single replication.
    pub half_width: Option<f64>,
}

/// 97.5 % points of Student's t for 1 to 30 degrees of freedom (Abramowitz & Stegun, table 26.10).
const T: [f64; 30] = [
    12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139,
    2.200_985, 2.178_813, 2.160_369, 2.144_787, 2.131_450, 2.119_905, 2.109_816, 2.100_922, 2.093_024, 2.085_963,
    2.079_614, 2.073_873, 2.068_658, 2.063_899, 2.059_539, 2.055_529, 2.051_831, 2.048_407, 2.045_230, 2.042_272,
];

/// 97.5 % point of Student's t; beyond the table by Cornish and Fisher's expansion (Abramowitz & Stegun 26.7.5).
#[must_use]
pub fn student_t(degrees: usize) -> f64 {
    match degrees {
        0 => f64::INFINITY,
        n if n <= T.len() => T[n - 1],
        n => {
            let (z, n) = (1.959_963_985, n as f64);
            let z3 = z * z * z;
            z + (z3 + z) / (4.0 * n) + (5.0 * z3 * z * z + 16.0 * z3 + 3.0 * z) / (96.0 * n * n)
        }
    }
}

/// The mean of independent values and its interval; `None` without values.
#[must_use]
pub fn estimate(values: &[f64]) -> Option<Estimate> {
    let n = values.len() as f64;
    let first = *values.first()?;
    // Around the first value, so that equal values give exactly no width.
    let mean = first + values.iter().map(|x| x - first).sum::<f64>() / n;
    let half_width = (values.len() > 1).then(|| {
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        student_t(values.len() - 1) * (squares / (n - 1.0) / n).sqrt()
    });
    Some(Estimate { mean, half_width })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_of_student() {
        // Abramowitz & Stegun, table 26.10.
        for (degrees, want) in [(1, 12.706), (9, 2.262), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980)] {
            assert!((student_t(degrees) - want).abs() < 6e-4, "{degrees}");
        }
    }

    #[test]
    fn a_known_interval() {
        let e = estimate(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((e.mean - 2.5).abs() < 1e-15);
        assert!((e.half_width.unwrap() - 3.182_446 * (5.0_f64 / 12.0).sqrt()).abs() < 1e-9);
        assert_eq!(estimate(&[]), None);
        assert_eq!(estimate(&[7.0]).unwrap().half_width, None);
        assert_eq!(estimate(&[0.1, 0.1, 0.1]).unwrap().half_width, Some(0.0));
    }
}
