//! Which control is the same one when a block of HTML is made anew: it keeps the focus.

/// What a control is known by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Control {
    /// Name of its element.
    pub tag: String,
    /// Its action; empty where it has none.
    pub act: String,
    /// What it is called.
    pub label: String,
}

/// Where the control that stood at a place stands among those there are now: it does the same, else it is called the same (a
/// name that nothing was known of is, once it is known, an entry of its own), else it has come to that place.
pub fn again(was: &Control, place: usize, now: &[Control]) -> Option<usize> {
    let like = |one: &Control| one.tag == was.tag;
    let does = now.iter().position(|one| like(one) && !one.act.is_empty() && one.act == was.act);
    let called = || now.iter().position(|one| like(one) && !one.label.is_empty() && one.label == was.label);
    does.or_else(called).or_else(|| now.len().checked_sub(1).map(|last| place.min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(act: &str, label: &str) -> Control {
        Control { tag: "SELECT".into(), act: act.into(), label: label.into() }
    }

    #[test]
    fn a_control_is_found_again() {
        let table = Control { tag: "DIV".into(), label: "Table: File".into(), ..Control::default() };
        let before =
            [table.clone(), select("endpoint:0", "/a"), select("new-endpoint:/b", "/b"), select("is:0", "cpu")];
        // The name that matched nothing is an endpoint now, and a series has gone.
        let after = [table, select("endpoint:0", "/a"), select("endpoint:1", "/b")];
        for (place, wanted) in [(0, 0), (1, 1), (2, 2), (3, 2)] {
            assert_eq!(again(&before[place], place, &after), Some(wanted), "{:?}", before[place]);
        }
        let moved = [select("endpoint:0", "/a"), select("is:0", "cpu")];
        assert_eq!(again(&before[3], 3, &moved), Some(1));
        assert_eq!(again(&before[0], 0, &[]), None);
        let button = Control { tag: "BUTTON".into(), act: "endpoint:0".into(), label: "/a".into() };
        assert_eq!(again(&before[1], 1, &[button, select("endpoint:1", "/a")]), Some(1), "of the same kind");
    }
}
