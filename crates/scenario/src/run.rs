//! How long a simulated run must be to show what happens in it.

/// The longest run that may be asked for, seconds.
const LONGEST: f64 = 1.0e9;

/// Seconds a run takes where nobody says: `least` without events, with them at least as long again as the end of the last one,
/// so that what became of the system is seen. Events are their start and length in seconds; one without a length counts by its
/// start.
#[must_use]
pub fn run_seconds(least: f64, events: impl IntoIterator<Item = (f64, Option<f64>)>) -> f64 {
    let ends = events.into_iter().map(|(at, length)| at + length.unwrap_or(0.0));
    (2.0 * ends.fold(0.0, f64::max)).min(LONGEST).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_as_long_again_as_its_events() {
        let rows = [
            (300.0, &[][..], 300.0),
            (300.0, &[(100.0, Some(30.0))], 300.0),
            (300.0, &[(300.0, Some(300.0))], 1200.0),
            (600.0, &[(900.0, Some(60.0)), (60.0, Some(5.0))], 1920.0),
            (300.0, &[(900.0, None)], 1800.0),
            (300.0, &[(0.9e9, Some(1.0e9))], 1.0e9),
        ];
        for (least, events, wanted) in rows {
            assert_eq!(run_seconds(least, events.iter().copied()), wanted, "{events:?}");
        }
    }
}
