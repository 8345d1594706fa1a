//! Non-negative least squares by the active-set method of Lawson and Hanson (Solving Least Squares Problems, ch. 23):
//! minimise |A x - b| over x >= 0. A busy server's time is a sum of demands times rates, and no demand is negative.

use super::linear::Factored;

/// Solves min |A x - b| with x >= 0; `rows` are the rows of A.
///
/// Columns that the rows cannot tell apart share arbitrarily; the fit itself is still the best one.
#[must_use]
pub fn solve(rows: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let size = rows.first().map_or(0, Vec::len);
    let mut solution = vec![0.0; size];
    let mut passive = vec![false; size];
    let scale = (0..size).map(|j| rows.iter().map(|r| r[j] * r[j]).sum::<f64>().sqrt()).collect::<Vec<_>>();
    let tolerance = 1e-12 * right.iter().map(|b| b * b).sum::<f64>().sqrt();
    for _ in 0..10 * size + 10 {
        let gradient = gradient(rows, right, &solution);
        let Some(entering) = (0..size)
            .filter(|&j| !passive[j] && scale[j] > 0.0 && gradient[j] > tolerance * scale[j])
            .max_by(|&a, &b| (gradient[a] / scale[a]).total_cmp(&(gradient[b] / scale[b])))
        else {
            break;
        };
        passive[entering] = true;
        loop {
            let Some(trial) = restricted(rows, right, &passive) else {
                passive[entering] = false;
                return solution;
            };
            if (0..size).all(|j| !passive[j] || trial[j] > 0.0) {
                solution = trial;
                break;
            }
            let step = (0..size)
                .filter(|&j| passive[j] && trial[j] <= 0.0)
                .map(|j| solution[j] / (solution[j] - trial[j]))
                .fold(1.0, f64::min);
            for j in 0..size {
                solution[j] += step * (trial[j] - solution[j]);
                if passive[j] && solution[j] <= 1e-14 {
                    passive[j] = false;
                    solution[j] = 0.0;
                }
            }
        }
    }
    solution
}

/// Transposed rows times the residual: how much each column would still reduce the error.
fn gradient(rows: &[Vec<f64>], right: &[f64], solution: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; solution.len()];
    for (row, b) in rows.iter().zip(right) {
        let residual = b - row.iter().zip(solution).map(|(a, x)| a * x).sum::<f64>();
        for (g, a) in gradient.iter_mut().zip(row) {
            *g += a * residual;
        }
    }
    gradient
}

/// The unconstrained solution over the passive columns, zero elsewhere; `None` when they are linearly dependent.
fn restricted(rows: &[Vec<f64>], right: &[f64], passive: &[bool]) -> Option<Vec<f64>> {
    let columns: Vec<usize> = (0..passive.len()).filter(|&j| passive[j]).collect();
    let size = columns.len();
    let mut normal = vec![0.0; size * size];
    let mut projected = vec![0.0; size];
    for (row, b) in rows.iter().zip(right) {
        for (i, &ci) in columns.iter().enumerate() {
            projected[i] += row[ci] * b;
            for (j, &cj) in columns.iter().enumerate() {
                normal[i * size + j] += row[ci] * row[cj];
            }
        }
    }
    let part = Factored::new(&normal, size)?.solve(&projected);
    let mut solution = vec![0.0; passive.len()];
    for (&column, value) in columns.iter().zip(part) {
        solution[column] = value;
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows() {
        // The true demands are non-negative: found exactly. The second row set would want a negative one: bounded at zero, and
        // the other is then the plain one-column fit (6 + 2 x 1) / (1 + 4) by hand.
        let exact = solve(&[vec![24.0, 6.0], vec![48.0, 13.0], vec![70.0, 18.0]], &[0.9, 1.83, 2.64]);
        assert!((exact[0] - 0.03).abs() < 1e-9 && (exact[1] - 0.03).abs() < 1e-9, "{exact:?}");
        let bounded = solve(&[vec![1.0, 1.0], vec![2.0, 5.0]], &[6.0, 1.0]);
        assert!((bounded[0] - 8.0 / 5.0).abs() < 1e-12 && bounded[1] == 0.0, "{bounded:?}");
        assert_eq!(solve(&[vec![1.0], vec![1.0]], &[-1.0, -2.0]), vec![0.0]);
    }

    #[test]
    fn dependent_columns_do_not_break_it() {
        let shared = solve(&[vec![1.0, 2.0], vec![2.0, 4.0]], &[3.0, 6.0]);
        let fit = shared[0] + 2.0 * shared[1];
        assert!((fit - 3.0).abs() < 1e-9, "{shared:?}");
    }
}
