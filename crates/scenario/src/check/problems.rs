//! Collecting problems: all of them, but not without end.

use crate::Problem;
use crate::path::Path;

/// More problems than anybody reads; beyond, they are only counted.
const MOST: usize = 1000;

/// The problems and notes of one document.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    uncounted: usize,
    /// Comparisons left for suggesting names; a huge broken document gets no suggestions rather than a long wait.
    pub(super) suggestions: Suggestions,
}

impl Findings {
    /// Something that keeps the document from being used.
    pub(crate) fn problem(&mut self, path: &Path, text: impl Into<String>, remedy: impl Into<String>) {
        if self.problems.len() < MOST {
            self.problems.push(Problem::new(path.to_string(), text, remedy));
        } else {
            self.uncounted += 1;
        }
    }

    /// Something a reader should know that keeps nothing from being used.
    pub(crate) fn note(&mut self, path: &Path, text: impl Into<String>, remedy: impl Into<String>) {
        if self.notes.len() < MOST {
            self.notes.push(Problem::new(path.to_string(), text, remedy));
        }
    }

    /// Problems so far.
    pub(crate) const fn count(&self) -> usize {
        self.problems.len()
    }

    /// Problems and notes, in the order of the document's parts.
    pub(crate) fn into_parts(mut self) -> (Vec<Problem>, Vec<Problem>) {
        if self.uncounted > 0 {
            let text = format!("there are {} more problems", self.uncounted);
            self.problems.push(Problem::new("", text, "mend those above first"));
        }
        (self.problems, self.notes)
    }
}

/// Suggests the known word nearest to an unknown one, by edit distance, within a budget of comparisons.
#[derive(Debug)]
pub(crate) struct Suggestions {
    left: usize,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { left: 100_000 }
    }
}

impl Suggestions {
    /// The nearest candidate, when one is near enough to be meant.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        if word.len() > 64 {
            return None;
        }
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            self.left = self.left.checked_sub(1)?;
            let allowed = 1 + word.len().max(candidate.len()) / 4;
            // A forgotten unit (`mean` for `mean_ms`) is the commonest slip.
            let unit_forgotten = candidate.strip_prefix(word).is_some_and(|rest| rest.starts_with('_'));
            let distance = if unit_forgotten { 1 } else { distance(word, candidate) };
            if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// Edit distance with swaps of neighbours (optimal string alignment), over bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(!a[i - 1].eq_ignore_ascii_case(&b[j - 1]));
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near() {
        let known = ["concurrency", "cores", "cpu_cores", "calls"];
        let rows = [
            ("conurrency", Some("concurrency")),
            ("Cores", Some("cores")),
            ("cals", Some("calls")),
            ("clals", Some("calls")),
            ("cpu-cores", Some("cpu_cores")),
            ("cpu", Some("cpu_cores")),
            ("banana", None),
        ];
        for (word, expected) in rows {
            assert_eq!(Suggestions::default().nearest(word, known.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn edit_distances() {
        for (a, b, d) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("same", "same", 0)] {
            assert_eq!(distance(a, b), d, "{a} {b}");
        }
    }
}
