//! Bounded non-linear least squares: Levenberg–Marquardt with Marquardt's scaling, projected on the bounds, by several starts
//! where asked. The covariance is the usual RSS / (n - p) (JᵀJ)⁻¹ over the parameters that stand off their bounds.

use super::estimate::TooLittle;
use super::linear::Factored;

/// One parameter: where to start and where to stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// First guess, inside the bounds.
    pub start: f64,
    /// Least value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
}

/// The best parameters found.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// In the order asked.
    pub parameters: Vec<f64>,
    /// Standard errors; `None` for a parameter on its bound or one that the data do not determine.
    pub standard_errors: Vec<Option<f64>>,
    /// Covariance of all parameters, row-major; zero rows for those without a standard error.
    pub covariance: Vec<f64>,
    /// Sum of squared residuals.
    pub residual_sum: f64,
    /// Residuals minus free parameters; 0 when there is nothing left to judge the fit by.
    pub degrees_of_freedom: usize,
    /// Derivatives of the residuals at the parameters, one list per parameter.
    pub jacobian: Vec<Vec<f64>>,
    /// The residuals themselves.
    pub residuals: Vec<f64>,
}

/// Misfit (chi-square over degrees of freedom) that a handful of figures shows by chance.
const CHANCE: f64 = 1.5;

impl Fitted {
    /// Covariance of the parameters when the first `data` residuals are data and the rest a prior that holds what the data do
    /// not see in place: the sandwich H⁻¹ JᵀCJ H⁻¹, with C from `noise`, the covariance of two residuals. A prior residual with
    /// noise 0 adds no doubt of its own. Row-major; zero rows for parameters without a standard error. Beside it whether a misfit
    /// beyond chance widened it: then it rests on the residuals, and on as many degrees of freedom as they have.
    #[must_use]
    pub fn covariance_of_data(&self, data: usize, noise: impl Fn(usize, usize) -> f64) -> (Vec<f64>, bool) {
        let size = self.parameters.len();
        let mut covariance = vec![0.0; size * size];
        let free: Vec<usize> = (0..size).filter(|&j| self.standard_errors[j].is_some()).collect();
        let Some(factored) = Factored::new(&normal_matrix(&self.jacobian, &free), free.len()) else {
            return (covariance, false);
        };
        let columns: Vec<&[f64]> = free.iter().map(|&j| self.jacobian[j].as_slice()).collect();
        let count = self.residuals.len();
        let noisy: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| (0..count).map(|i| (0..count).map(|k| noise(i, k) * column[k]).sum()).collect())
            .collect();
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let middle: Vec<f64> = columns.iter().flat_map(|a| noisy.iter().map(move |b| dot(a, b))).collect();
        let inverse = factored.inverse();
        let n = free.len();
        let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
            (0..n * n).map(|ij| (0..n).map(|k| a[ij / n * n + k] * b[k * n + ij % n]).sum()).collect()
        };
        let sandwich = product(&product(&inverse, &middle), &inverse);
        let squares = sum_of_squares(&self.residuals[..data.min(self.residuals.len())]);
        // Errors stated too small show in a misfit beyond chance; stated too large they stand.
        let misfit = squares / (data as f64 - n as f64).max(1.0);
        let scale = if misfit > CHANCE { misfit } else { 1.0 };
        for (i, &fi) in free.iter().enumerate() {
            for (j, &fj) in free.iter().enumerate() {
                covariance[fi * size + fj] = scale * sandwich[i * n + j];
            }
        }
        (covariance, misfit > CHANCE)
    }

    /// What the parameters answer to first order when the residuals shift: -(JᵀJ)⁻¹ Jᵀ shift, the shift of the first residuals given
    /// and of the rest 0. Zero for parameters without a standard error.
    #[must_use]
    pub fn response(&self, shift: &[f64]) -> Vec<f64> {
        let mut response = vec![0.0; self.parameters.len()];
        let free: Vec<usize> = (0..response.len()).filter(|&j| self.standard_errors[j].is_some()).collect();
        let Some(factored) = Factored::new(&normal_matrix(&self.jacobian, &free), free.len()) else { return response };
        let pull: Vec<f64> =
            free.iter().map(|&j| -self.jacobian[j].iter().zip(shift).map(|(a, b)| a * b).sum::<f64>()).collect();
        for (&j, value) in free.iter().zip(factored.solve(&pull)) {
            response[j] = value;
        }
        response
    }
}

/// Minimises the sum of squares of `residuals(parameters)`.
///
/// # Errors
/// [`TooLittle`] when there are fewer residuals than parameters, or the residuals are not finite at the start.
pub fn minimize(residuals: impl Fn(&[f64]) -> Vec<f64>, parameters: &[Parameter]) -> Result<Fitted, TooLittle> {
    minimize_until(residuals, parameters, 1e-14)
}

/// [`minimize`] that stops as soon as a step gains less than this share of the sum of squares: for residuals that are dear to
/// compute and noisy anyway.
///
/// # Errors
/// As [`minimize`].
pub fn minimize_until(
    residuals: impl Fn(&[f64]) -> Vec<f64>,
    parameters: &[Parameter],
    settled: f64,
) -> Result<Fitted, TooLittle> {
    let mut point: Vec<f64> = parameters.iter().map(|p| p.start.clamp(p.low, p.high)).collect();
    let mut values = residuals(&point);
    let mut error = sum_of_squares(&values);
    if values.len() < parameters.len() {
        return Err(TooLittle::new(format!(
            "{} figures cannot determine {} parameters; measure more levels",
            values.len(),
            parameters.len()
        )));
    }
    if !error.is_finite() {
        return Err(TooLittle::new("the model has no finite answer at the starting values"));
    }
    let mut damping = 1e-3;
    for _ in 0..300 {
        let jacobian = jacobian(&residuals, &point, &values, parameters);
        let free = free_parameters(&jacobian, &values, &point, parameters);
        let Some(step) = step(&jacobian, &values, &free, damping) else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
            continue;
        };
        let trial: Vec<f64> =
            point.iter().zip(&step).zip(parameters).map(|((x, s), p)| (x + s).clamp(p.low, p.high)).collect();
        let trial_values = residuals(&trial);
        let trial_error = sum_of_squares(&trial_values);
        if trial_error.is_finite() && trial_error <= error {
            let gain = (error - trial_error) / error.max(f64::MIN_POSITIVE);
            let moved = point.iter().zip(&trial).any(|(a, b)| (a - b).abs() > 1e-10 * (a.abs() + 1e-12));
            (point, values, error) = (trial, trial_values, trial_error);
            damping = (damping / 10.0).max(1e-14);
            if !moved || gain < settled || error == 0.0 {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    Ok(describe(&residuals, point, &values, error, parameters))
}

/// The fit with the covariance of its free parameters.
fn describe(
    residuals: &impl Fn(&[f64]) -> Vec<f64>,
    point: Vec<f64>,
    values: &[f64],
    error: f64,
    parameters: &[Parameter],
) -> Fitted {
    let size = parameters.len();
    let jacobian = jacobian(residuals, &point, values, parameters);
    let free: Vec<usize> =
        (0..size).filter(|&j| point[j] > parameters[j].low && point[j] < parameters[j].high).collect();
    let degrees_of_freedom = values.len() - free.len();
    let mut covariance = vec![0.0; size * size];
    let mut standard_errors = vec![None; size];
    if degrees_of_freedom > 0
        && let Some(factored) = Factored::new(&normal_matrix(&jacobian, &free), free.len())
    {
        let variance = error / degrees_of_freedom as f64;
        let inverse = factored.inverse();
        for (i, &fi) in free.iter().enumerate() {
            for (j, &fj) in free.iter().enumerate() {
                covariance[fi * size + fj] = variance * inverse[i * free.len() + j];
            }
            standard_errors[fi] = Some(covariance[fi * size + fi].max(0.0).sqrt());
        }
    }
    Fitted {
        parameters: point,
        standard_errors,
        covariance,
        residual_sum: error,
        degrees_of_freedom,
        jacobian,
        residuals: values.to_vec(),
    }
}

fn sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum()
}

/// Columns of derivatives by central differences, one-sided at a bound.
fn jacobian(
    residuals: &impl Fn(&[f64]) -> Vec<f64>,
    point: &[f64],
    values: &[f64],
    parameters: &[Parameter],
) -> Vec<Vec<f64>> {
    (0..point.len())
        .map(|j| {
            let range = parameters[j].high - parameters[j].low;
            let small = 1e-6 * point[j].abs().max(if range.is_finite() { 1e-3 * range } else { 1e-3 });
            let (mut up, mut down) = (point.to_vec(), point.to_vec());
            up[j] = (point[j] + small).min(parameters[j].high);
            down[j] = (point[j] - small).max(parameters[j].low);
            let width = up[j] - down[j];
            let high = if up[j] > point[j] { residuals(&up) } else { values.to_vec() };
            let low = if down[j] < point[j] { residuals(&down) } else { values.to_vec() };
            high.iter().zip(&low).map(|(h, l)| if width > 0.0 { (h - l) / width } else { 0.0 }).collect()
        })
        .collect()
}

/// Parameters that may move: not those on a bound which the gradient pushes further out.
fn free_parameters(jacobian: &[Vec<f64>], values: &[f64], point: &[f64], parameters: &[Parameter]) -> Vec<usize> {
    (0..point.len())
        .filter(|&j| {
            let downhill: f64 = -jacobian[j].iter().zip(values).map(|(d, v)| d * v).sum::<f64>();
            !(point[j] <= parameters[j].low && downhill < 0.0 || point[j] >= parameters[j].high && downhill > 0.0)
        })
        .collect()
}

fn normal_matrix(jacobian: &[Vec<f64>], free: &[usize]) -> Vec<f64> {
    let size = free.len();
    let mut normal = vec![0.0; size * size];
    for (i, &fi) in free.iter().enumerate() {
        for (j, &fj) in free.iter().enumerate() {
            normal[i * size + j] = jacobian[fi].iter().zip(&jacobian[fj]).map(|(a, b)| a * b).sum();
        }
    }
    normal
}

/// The damped Gauss–Newton step; zero for parameters that are not free.
fn step(jacobian: &[Vec<f64>], values: &[f64], free: &[usize], damping: f64) -> Option<Vec<f64>> {
    let size = free.len();
    let mut normal = normal_matrix(jacobian, free);
    for i in 0..size {
        normal[i * size + i] = normal[i * size + i].max(1e-300) * (1.0 + damping);
    }
    let downhill: Vec<f64> =
        free.iter().map(|&j| -jacobian[j].iter().zip(values).map(|(d, v)| d * v).sum::<f64>()).collect();
    let part = if size == 0 { Vec::new() } else { Factored::new(&normal, size)?.solve(&downhill) };
    let mut step = vec![0.0; jacobian.len()];
    for (&j, s) in free.iter().zip(part) {
        step[j] = s;
    }
    Some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line through three points, 2 + 3x at 0, 1, 2: least squares is linear in the data, so data that are higher by (0, 0, 6) give
    /// a slope higher by 3 and a start lower by 1 (the textbook formulas).
    #[test]
    fn parameters_answer_to_shifted_data() {
        let data = [2.0, 5.1, 7.9];
        let line = |p: &[f64]| (0..3).map(|i| p[0] + p[1] * i as f64 - data[i]).collect::<Vec<_>>();
        let anywhere = Parameter { start: 1.0, low: -100.0, high: 100.0 };
        let fitted = minimize(line, &[anywhere, anywhere]).unwrap();
        let response = fitted.response(&[0.0, 0.0, -6.0]);
        assert!((response[0] + 1.0).abs() < 1e-6 && (response[1] - 3.0).abs() < 1e-6, "{response:?}");
    }

    /// NIST StRD, Misra1a (lower difficulty), certified: b1 = 238.94212918, b2 = 5.5015643181E-04, standard errors
    /// 2.7070075241 and 7.2668688436E-06, residual sum 0.12455138894.
    #[test]
    fn misra1a() {
        let x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0];
        let y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78];
        let residuals = |b: &[f64]| -> Vec<f64> {
            x.iter().zip(y).map(|(x, y)| b[0] * (1.0 - crate::math::exp(-b[1] * x)) - y).collect()
        };
        let free = |start| Parameter { start, low: 0.0, high: 1e6 };
        let fit = minimize(residuals, &[free(500.0), Parameter { high: 1.0, ..free(1e-4) }]).unwrap();
        assert!((fit.parameters[0] / 238.942_129_18 - 1.0).abs() < 1e-6, "{fit:?}");
        assert!((fit.parameters[1] / 5.501_564_318_1e-4 - 1.0).abs() < 1e-6);
        assert!((fit.standard_errors[0].unwrap() / 2.707_007_524_1 - 1.0).abs() < 1e-4);
        assert!((fit.standard_errors[1].unwrap() / 7.266_868_843_6e-6 - 1.0).abs() < 1e-4);
        assert!((fit.residual_sum / 0.124_551_388_94 - 1.0).abs() < 1e-6);
    }

    /// One datum on a sum, a prior on each part: the sum is as sure as the datum, the parts follow the prior.
    #[test]
    fn a_prior_adds_no_doubt() {
        let parameter = Parameter { start: 0.0, low: -9.0, high: 9.0 };
        let residuals = |b: &[f64]| vec![(b[0] + b[1] - 2.0) / 0.1, b[0] / 10.0, b[1] / 10.0];
        let fit = minimize(residuals, &[parameter; 2]).unwrap();
        let c = fit.covariance_of_data(1, |i, j| f64::from(i == j && i == 0)).0;
        let sum = c[0] + c[1] + c[2] + c[3];
        assert!((sum.sqrt() / 0.1 - 1.0).abs() < 1e-3, "{c:?}");
        assert!((c[0].sqrt() / 0.05 - 1.0).abs() < 1e-3, "{c:?}");
    }

    #[test]
    fn a_bound_holds_and_has_no_standard_error() {
        let fit = minimize(
            |b| vec![b[0] + b[1] + 1.0, b[0] - b[1] - 3.0, b[0] - 1.0],
            &[Parameter { start: 0.5, low: 0.0, high: 9.0 }, Parameter { start: 1.0, low: 0.0, high: 9.0 }],
        )
        .unwrap();
        assert_eq!(fit.parameters[1], 0.0);
        assert_eq!(fit.standard_errors[1], None);
        assert!((fit.parameters[0] - 1.0).abs() < 1e-9);
        assert!(minimize(|_| vec![1.0], &[Parameter { start: 0.0, low: 0.0, high: 1.0 }; 2]).is_err());
    }
}
