//! Small dense symmetric systems, as the normal equations of a fit with a handful of parameters need them.

/// A symmetric positive definite matrix, factored by Cholesky after scaling its diagonal to 1 (parameters of a fit differ by
/// many powers of ten, which would otherwise cost all digits).
#[derive(Debug, Clone)]
pub struct Factored {
    size: usize,
    scale: Vec<f64>,
    lower: Vec<f64>,
}

impl Factored {
    /// Factors a row-major matrix; `None` when it is not positive definite (a direction that the data do not see).
    #[must_use]
    pub fn new(matrix: &[f64], size: usize) -> Option<Self> {
        let scale: Vec<f64> = (0..size).map(|i| matrix[i * size + i].sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite() || *s <= 0.0) {
            return None;
        }
        let mut lower = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let mut sum = matrix[i * size + j] / (scale[i] * scale[j]);
                for k in 0..j {
                    sum -= lower[i * size + k] * lower[j * size + k];
                }
                if i == j {
                    // 1e-13 of the unit diagonal is below what the products above can carry.
                    if sum.is_nan() || sum <= 1e-13 {
                        return None;
                    }
                    lower[i * size + i] = sum.sqrt();
                } else {
                    lower[i * size + j] = sum / lower[j * size + j];
                }
            }
        }
        Some(Self { size, scale, lower })
    }

    /// Solves matrix x = right.
    #[must_use]
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x: Vec<f64> = right.iter().zip(&self.scale).map(|(b, s)| b / s).collect();
        for i in 0..n {
            for k in 0..i {
                x[i] -= self.lower[i * n + k] * x[k];
            }
            x[i] /= self.lower[i * n + i];
        }
        for i in (0..n).rev() {
            for k in i + 1..n {
                x[i] -= self.lower[k * n + i] * x[k];
            }
            x[i] /= self.lower[i * n + i];
        }
        x.iter().zip(&self.scale).map(|(v, s)| v / s).collect()
    }

    /// The inverse, row-major.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.size;
        let mut inverse = vec![0.0; n * n];
        for column in 0..n {
            let mut unit = vec![0.0; n];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[row * n + column] = value;
            }
        }
        inverse
    }

    /// Multiplies the factor with a vector: turns independent standard normals into ones with this matrix as covariance.
    #[must_use]
    pub fn correlate(&self, independent: &[f64]) -> Vec<f64> {
        let n = self.size;
        (0..n).map(|i| self.scale[i] * (0..=i).map(|k| self.lower[i * n + k] * independent[k]).sum::<f64>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_inverts() {
        let matrix = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let factored = Factored::new(&matrix, 3).unwrap();
        let x = factored.solve(&[1.0, -2.0, 0.5]);
        for (row, want) in [1.0, -2.0, 0.5].into_iter().enumerate() {
            let got: f64 = (0..3).map(|k| matrix[row * 3 + k] * x[k]).sum();
            assert!((got - want).abs() < 1e-12);
        }
        let inverse = factored.inverse();
        let corner: f64 = (0..3).map(|k| matrix[k] * inverse[k * 3]).sum();
        assert!((corner - 1.0).abs() < 1e-12);
    }

    #[test]
    fn refuses_what_is_not_positive_definite() {
        assert!(Factored::new(&[1.0, 2.0, 2.0, 1.0], 2).is_none());
        assert!(Factored::new(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(Factored::new(&[0.0], 1).is_none());
    }
}
