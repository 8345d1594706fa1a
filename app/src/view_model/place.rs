//! A place in this browser, as the address bar names it: which of the kept scenarios, which tab, and what is selected.
//!
//! `open=KEY&tab=spend&at=call:api:db` behind the `#`, which no server ever sees. The key is the random name under which this
//! browser keeps the scenario; the scenario itself is not in it. Links that hold or open one (`s=`, `k=`) are something else.

/// A place. Whatever it does not name stays as it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The scenario's name in the browser's store.
    pub open: String,
    /// The tab's name.
    pub tab: Option<String>,
    /// The name of what is selected.
    pub at: Option<String>,
}

impl Place {
    /// Reads a fragment without its `#`; `None` where it is none of a place, but a link.
    pub fn read(fragment: &str) -> Option<Self> {
        let mut parts = fragment.split('&').filter_map(|part| part.split_once('='));
        let open = parts.next().filter(|(key, value)| *key == "open" && !value.is_empty())?.1.to_owned();
        let mut place = Self { open, ..Self::default() };
        for (key, value) in parts {
            match key {
                "tab" => place.tab = Some(value.to_owned()),
                "at" => place.at = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(place)
    }

    /// The fragment, without `#`.
    pub fn fragment(&self) -> String {
        let part =
            |key: &str, value: &Option<String>| value.as_ref().map_or(String::new(), |value| format!("&{key}={value}"));
        format!("open={}{}{}", self.open, part("tab", &self.tab), part("at", &self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(tab: Option<&str>, at: Option<&str>) -> Place {
        Place { open: "179-042".into(), tab: tab.map(str::to_owned), at: at.map(str::to_owned) }
    }

    #[test]
    fn places_are_told_from_links() {
        let rows = [
            ("open=179-042", place(None, None)),
            ("open=179-042&tab=spend", place(Some("spend"), None)),
            ("open=179-042&tab=spend&at=call:api:db", place(Some("spend"), Some("call:api:db"))),
            ("open=179-042&at=%C3%9C%26", place(None, Some("%C3%9C%26"))),
        ];
        for (fragment, wanted) in rows {
            assert_eq!(wanted.fragment(), fragment);
            assert_eq!(Place::read(fragment), Some(wanted));
        }
        let newer = Place::read("open=179-042&new=thing&at=db&flag");
        assert_eq!(newer, Some(place(None, Some("db"))), "what a newer version adds is passed over");
        for link in [
            "",
            "s=1eJyr",
            "k=aaaa.bbbb&present",
            "open=",
            "tab=spend",
            "k=aaaa.bbbb&open=1",
            "opened=1",
            "{\"open\":1}",
        ] {
            assert_eq!(Place::read(link), None, "{link}");
        }
    }
}
