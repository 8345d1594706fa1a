//! Service demands by the utilization law: busy servers = arrival rate x service demand, so demand = busy time / visits.
//!
//! Ratios of sums over blocks of time (the ratio estimator of survey sampling): unbiased to first order whatever the load of
//! each block. The standard error is the spread between blocks, where the shape of the single times is known pooled with the
//! sampling law sqrt(scv / visits) and never below it: few blocks alone would often look surer than they can be, or less sure.

use super::estimate::{Estimate, TooLittle};
use super::linear::Factored;
use super::nonnegative;

/// One block of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// What was used in it, such as seconds of service, or hits.
    pub amount: f64,
    /// What it is divided by, such as visits.
    pub count: f64,
}

/// Spread between blocks over the sampling law's up to which chance explains it.
const CHANCE: f64 = 2.0;
/// Degrees of freedom that a known sampling law is worth beside the blocks.
const WORTH: f64 = 8.0;

/// Amount per count over all blocks, with what is known of the squared coefficient of variation of a single amount.
///
/// # Errors
/// [`TooLittle`] without any count, or with amounts and counts beyond numbers.
pub fn ratio(blocks: &[Block], scv: Option<f64>) -> Result<Estimate, TooLittle> {
    let amount: f64 = blocks.iter().map(|b| b.amount).sum();
    let count: f64 = blocks.iter().map(|b| b.count).sum();
    if !(count > 0.0 && count.is_finite() && amount.is_finite() && amount >= 0.0) {
        return Err(TooLittle::new("nothing was counted in the steady levels; measure under load"));
    }
    let value = amount / count;
    let used: Vec<&Block> = blocks.iter().filter(|b| b.count > 0.0).collect();
    // The variance of a block is in proportion to its count, whatever its load.
    let squares: f64 = used.iter().map(|b| (b.amount - value * b.count) * (b.amount - value * b.count)).sum();
    let counts: f64 = used.iter().map(|b| b.count * b.count).sum();
    // Nothing is left where one block has all the counts, up to rounding: then there is no spread to see.
    let left = count - counts / count;
    let between = (used.len() > 1 && left > 1.0e-12 * count).then(|| (squares / left / count).sqrt());
    let sampling = scv.map(|scv| value * (scv / count).sqrt());
    Ok(match (between, sampling) {
        (Some(between), Some(sampling)) if between > sampling => {
            let degrees = (used.len() - 1) as f64;
            // No more than chance explains: a few blocks and a known law say more together than either.
            let weight = if between < CHANCE * sampling { WORTH } else { 0.0 };
            let variance = (degrees * between * between + weight * sampling * sampling) / (degrees + weight);
            Estimate { value, standard_error: variance.sqrt(), degrees_of_freedom: degrees + weight }
        }
        (_, Some(sampling)) => Estimate { value, standard_error: sampling, degrees_of_freedom: count.max(1.0) },
        (Some(between), None) => {
            Estimate { value, standard_error: between, degrees_of_freedom: (used.len() - 1) as f64 }
        }
        // A single block whose spread nobody knows: as wide as exponential times would make it.
        (None, None) => Estimate { value, standard_error: value / count.sqrt(), degrees_of_freedom: 1.0 },
    })
}

/// A share (hits of visits): binomial, for that is its law as long as chance explains the spread between blocks; else that spread.
///
/// # Errors
/// [`TooLittle`] without any count.
pub fn share(blocks: &[Block]) -> Result<Estimate, TooLittle> {
    let plain = ratio(blocks, None)?;
    let p = plain.value.clamp(0.0, 1.0);
    let count: f64 = blocks.iter().map(|b| b.count).sum();
    let sampling = (p * (1.0 - p) / count).sqrt();
    if blocks.iter().filter(|b| b.count > 0.0).count() > 1 && plain.standard_error > CHANCE * sampling {
        return Ok(plain);
    }
    Ok(Estimate { value: plain.value, standard_error: sampling, degrees_of_freedom: count.max(1.0) })
}

/// Demands per class from busy servers and the rates of all classes, block by block (non-negative least squares).
///
/// # Errors
/// [`TooLittle`] with fewer blocks than classes plus one, with a block that lacks a figure, or when the classes always came in the
/// same mix: then only their sum can be told.
pub fn by_class(rates: &[Vec<f64>], busy: &[f64]) -> Result<Vec<Estimate>, TooLittle> {
    let classes = rates.first().map_or(0, Vec::len);
    if classes == 0 || busy.len() <= classes {
        return Err(TooLittle::new(format!(
            "{} blocks cannot tell {classes} classes apart; measure more levels with different mixes",
            busy.len()
        )));
    }
    let whole = |row: &Vec<f64>| row.len() == classes && row.iter().all(|rate| rate.is_finite());
    if rates.len() != busy.len() || !rates.iter().all(whole) || !busy.iter().all(|busy| busy.is_finite()) {
        return Err(TooLittle::new("some blocks lack the rate of a class or the busy servers; leave those blocks out"));
    }
    let mut normal = vec![0.0; classes * classes];
    for row in rates {
        for i in 0..classes {
            for j in 0..classes {
                normal[i * classes + j] += row[i] * row[j];
            }
        }
    }
    let inverse = Factored::new(&normal, classes).map(|f| f.inverse());
    // Correlation of two columns above 0.999 leaves less than three digits to tell them apart.
    let telling =
        inverse.filter(|inverse| (0..classes).all(|i| inverse[i * classes + i] * normal[i * classes + i] < 1000.0));
    let Some(inverse) = telling else {
        return Err(TooLittle::new(
            "all classes came in the same mix at every level; measure one level with another mix to tell them apart",
        ));
    };
    let demands = nonnegative::solve(rates, busy);
    let degrees_of_freedom = (busy.len() - classes) as f64;
    let squares: f64 = rates
        .iter()
        .zip(busy)
        .map(|(row, b)| {
            let rest = b - row.iter().zip(&demands).map(|(r, d)| r * d).sum::<f64>();
            rest * rest
        })
        .sum();
    let variance = squares / degrees_of_freedom;
    Ok(demands
        .iter()
        .enumerate()
        .map(|(i, &value)| Estimate {
            value,
            standard_error: (variance * inverse[i * classes + i]).sqrt(),
            degrees_of_freedom,
        })
        .collect())
}

/// Whether levels agree on one ratio: the probability of a spread as large as seen if they did, one estimate a level, each with
/// its own error known as well as its degrees of freedom say (Welch, Biometrika 38, 1951; with errors known for certain it is the
/// chi-square test). `None` with fewer than two levels that have one, or beyond the range of numbers.
#[must_use]
pub fn homogeneity(levels: &[Estimate]) -> Option<f64> {
    let has_error = |e: &&Estimate| e.value.is_finite() && e.standard_error.is_finite() && e.standard_error > 0.0;
    let known: Vec<&Estimate> = levels.iter().filter(has_error).collect();
    if known.len() < 2 {
        return None;
    }
    // Beside the surest one: squares of the errors alone may leave the range of numbers.
    let surest = known.iter().map(|e| e.standard_error).fold(f64::INFINITY, f64::min);
    let weight = |e: &Estimate| (surest / e.standard_error) * (surest / e.standard_error);
    let total: f64 = known.iter().map(|e| weight(e)).sum();
    let mean = known.iter().map(|e| weight(e) * e.value).sum::<f64>() / total;
    let away = |e: &Estimate| (e.value - mean) / e.standard_error;
    let chi: f64 = known.iter().map(|e| away(e) * away(e)).sum();
    let unsure: f64 = known
        .iter()
        .map(|e| (1.0 - weight(e) / total) * (1.0 - weight(e) / total) / e.degrees_of_freedom.max(1.0))
        .sum();
    let (count, between) = (known.len() as f64, known.len() as f64 - 1.0);
    let within = (count * count - 1.0) / (3.0 * unsure);
    if chi.is_infinite() {
        return Some(0.0);
    }
    if within.is_infinite() {
        return statrs::function::gamma::checked_gamma_ur(between / 2.0, chi / 2.0).ok();
    }
    let f = chi / between / (1.0 + 2.0 * (count - 2.0) / (count * count - 1.0) * unsure);
    let below = (within / (within + between * f)).clamp(0.0, 1.0);
    statrs::function::beta::checked_beta_reg(within / 2.0, between / 2.0, below).ok().filter(|p| p.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_of_sums() {
        // Three blocks by hand: 6 seconds over 200 visits; residuals 0, -0.5, +0.5; 200 - (50² + 100² + 50²) / 200 = 125, so between
        // = sqrt(0.5 / 125 / 200).
        let blocks = [(1.5, 50.0), (2.5, 100.0), (2.0, 50.0)].map(|(amount, count)| Block { amount, count });
        let fit = ratio(&blocks, None).unwrap();
        assert!((fit.value - 0.03).abs() < 1e-12);
        assert!((fit.standard_error - 0.00002f64.sqrt()).abs() < 1e-12, "{fit:?}");
        assert_eq!(fit.degrees_of_freedom, 2.0);
        // Known exponential times: 0.03 / sqrt(200) is less than the spread; with scv 9 it is more.
        assert_eq!(ratio(&blocks, Some(1.0)).unwrap(), fit);
        assert!((ratio(&blocks, Some(16.0)).unwrap().standard_error - 0.03 * (16.0f64 / 200.0).sqrt()).abs() < 1e-12);
        assert!(ratio(&[Block { amount: 0.0, count: 0.0 }], None).is_err());
    }

    #[test]
    fn hits_are_binomial_as_long_as_chance_allows() {
        let binomial = (0.21f64 / 300.0).sqrt();
        // Beyond chance: residuals of 20, so sqrt(800 / (300 - 50,000 / 300) / 300).
        let spread = (800.0f64 / (300.0 - 50_000.0 / 300.0) / 300.0).sqrt();
        for (first, error, degrees) in [(70.0, binomial, 300.0), (75.0, binomial, 300.0), (90.0, spread, 1.0)] {
            let blocks = [(first, 100.0), (210.0 - first, 200.0)].map(|(amount, count)| Block { amount, count });
            let fit = share(&blocks).unwrap();
            assert!((fit.value - 0.7).abs() < 1e-12);
            assert!(
                (fit.standard_error - error).abs() < 1e-12 && fit.degrees_of_freedom == degrees,
                "{first}: {fit:?}"
            );
        }
    }

    #[test]
    fn classes_are_told_apart_only_by_their_mix() {
        let rates = [vec![10.0, 1.0], vec![20.0, 5.0], vec![15.0, 9.0], vec![30.0, 2.0]];
        let busy: Vec<f64> = rates.iter().map(|r| 0.02 * r[0] + 0.1 * r[1]).collect();
        let fit = by_class(&rates, &busy).unwrap();
        assert!((fit[0].value - 0.02).abs() < 1e-9 && (fit[1].value - 0.1).abs() < 1e-9);
        let same = [vec![10.0, 1.0], vec![20.0, 2.0], vec![30.0, 3.0], vec![40.0, 4.0]];
        assert!(by_class(&same, &busy).is_err());
        assert!(by_class(&rates[..2], &busy[..2]).is_err());
    }

    #[test]
    fn blocks_that_hold_nothing_say_nothing() {
        let block = |amount, count| Block { amount, count };
        let of = |blocks: &[Block]| {
            [ratio(blocks, None), ratio(blocks, Some(1.0)), share(blocks)].map(|found| found.map_err(|_| ()))
        };
        let alone = of(&[block(100.0, 100.0)]);
        // Empty blocks beside one, in front and behind; one with all the counts up to rounding.
        for blocks in [
            vec![block(100.0, 100.0), block(0.0, 0.0)],
            vec![block(0.0, 0.0), block(100.0, 100.0), block(0.0, 0.0)],
            vec![block(100.0, 100.0), block(0.0, 1e-30)],
        ] {
            assert_eq!(of(&blocks)[..2], alone[..2], "{blocks:?}");
        }
        assert_eq!(of(&[block(100.0, 100.0), block(0.0, 0.0)])[2], alone[2]);
        assert_eq!(alone[2].unwrap().standard_error, 0.0, "all hits of one block: what is binomial says so");
        for blocks in [
            vec![],
            vec![block(0.0, 0.0); 3],
            vec![block(1.0, f64::INFINITY), block(1.0, 1.0)],
            vec![block(f64::NAN, 1.0)],
            vec![block(1.0, f64::NAN)],
        ] {
            assert_eq!(of(&blocks), [Err(()), Err(()), Err(())], "{blocks:?}");
        }
        let rates = [vec![10.0, 1.0], vec![20.0, 5.0], vec![15.0, 9.0], vec![30.0, 2.0]];
        let changed = |at: usize, row: Vec<f64>| {
            let mut rates = rates.to_vec();
            rates[at] = row;
            rates
        };
        for (rates, busy) in [
            (vec![], vec![1.0]),
            (vec![vec![]; 4], vec![1.0; 4]),
            (changed(2, vec![1.0]), vec![1.0; 4]),
            (changed(2, vec![1.0, 2.0, 3.0]), vec![1.0; 4]),
            (changed(2, vec![1.0, f64::NAN]), vec![1.0; 4]),
            (rates.to_vec(), vec![1.0; 3]),
            (rates.to_vec(), vec![1.0, f64::NAN, 1.0, 1.0]),
            (vec![vec![0.0; 2]; 4], vec![0.0; 4]),
        ] {
            assert!(by_class(&rates, &busy).is_err(), "{rates:?} {busy:?}");
        }
    }

    #[test]
    fn contradicting_levels_are_seen() {
        let at = |value| Estimate { value, standard_error: 0.001, degrees_of_freedom: 100.0 };
        assert!(homogeneity(&[at(0.030), at(0.0305), at(0.0297)]).unwrap() > 0.5);
        assert!(homogeneity(&[at(0.030), at(0.040)]).unwrap() < 1e-6);
        assert_eq!(homogeneity(&[at(0.030)]), None);
        // Welch's test by hand, its tails by integration: t = 1.6641 with 3.798 degrees; F = 1.2067 with 2 and 4.444.
        let few = |value, standard_error, degrees_of_freedom| Estimate { value, standard_error, degrees_of_freedom };
        let two = homogeneity(&[few(10.0, 1.0, 4.0), few(13.0, 1.5, 2.0)]).unwrap();
        assert!((two - 0.175_210_2).abs() < 1e-6, "{two}");
        let three = homogeneity(&[few(10.0, 1.0, 4.0), few(13.0, 1.5, 2.0), few(11.0, 0.5, 6.0)]).unwrap();
        assert!((three - 0.381_410_9).abs() < 1e-6, "{three}");
        // Errors known for certain: chi-square of 9 / (1 + 2.25) with one degree, erfc(sqrt(chi / 2)).
        let certain = |value, standard_error| few(value, standard_error, f64::INFINITY);
        let two = homogeneity(&[certain(10.0, 1.0), certain(13.0, 1.5)]).unwrap();
        assert!((two - 0.096_092_1).abs() < 1e-6, "{two}");
        // No figure leaves the range of numbers: errors of nothing, of everything, and levels further apart than squares can say.
        for (levels, wanted) in [
            (vec![certain(1.0, 1e-200), certain(2.0, 1e-200)], Some(0.0)),
            (vec![few(1.0, 1e-200, 4.0), few(1.0, 1e200, 4.0)], Some(1.0)),
            (vec![few(1.0, f64::NAN, 4.0), few(1.0, 1.0, 4.0)], None),
            (vec![few(1.0, f64::INFINITY, 4.0), few(1.0, 1.0, 4.0)], None),
            (vec![few(f64::NAN, 1.0, 4.0), few(1.0, 1.0, 4.0)], None),
            (vec![few(1.0, 1.0, f64::NAN), few(1.0, 1.0, 4.0)], Some(1.0)),
            (vec![], None),
        ] {
            assert_eq!(homogeneity(&levels), wanted, "{levels:?}");
        }
    }
}
