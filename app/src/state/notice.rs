//! Messages in the corner: the same one again is counted, and there are never more than a dozen.

use worker::protocol::Trouble;

/// A hundred problems of one file help nobody more than the first dozen.
const MOST: usize = 12;

/// A message in the corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its number.
    pub id: u64,
    pub trouble: Trouble,
    /// News rather than a problem.
    pub calm: bool,
    /// How often it was said.
    pub times: usize,
}

/// Adds a message as the newest; one that says the same goes, and counts.
pub fn add(notices: &mut Vec<Notice>, id: u64, trouble: Trouble, calm: bool) {
    let before = notices.iter().position(|notice| notice.trouble == trouble).map(|place| notices.remove(place).times);
    notices.push(Notice { id, trouble, calm, times: before.unwrap_or(0) + 1 });
    if notices.len() > MOST {
        notices.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_is_counted_and_stands_last() {
        let said = |text: &str| Trouble { text: text.into(), ..Trouble::default() };
        let mut notices = Vec::new();
        for (id, text) in ["a", "b", "a", "a"].into_iter().enumerate() {
            add(&mut notices, id as u64, said(text), false);
        }
        let found: Vec<(&str, usize, u64)> =
            notices.iter().map(|notice| (notice.trouble.text.as_str(), notice.times, notice.id)).collect();
        assert_eq!(found, [("b", 1, 1), ("a", 3, 3)]);
        for number in 0..20 {
            add(&mut notices, 10 + number, said(&number.to_string()), true);
        }
        assert_eq!((notices.len(), notices[0].trouble.text.as_str()), (MOST, "8"));
    }
}
