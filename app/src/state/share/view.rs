//! What is set on the screen, as it travels with a link.

use crate::state::{App, Tab};
use leptos::prelude::*;
use scenario::link::View;
use serde_json::{Map, Value};

impl App {
    /// What is set on the screen: `scenario::link::View` as JSON.
    pub fn view(self) -> String {
        let mut more = Map::new();
        if let Some(class) = self.class.get_untracked() {
            more.insert("class".into(), class.into());
        }
        more.insert("percentile".into(), self.percentile.get_untracked().into());
        let run = self.run_settings;
        let view = View {
            multiple: Some(self.growth.get_untracked()),
            tab: Some(self.tab.get_untracked().slug().to_owned()),
            selected: self.selected_name(),
            seed: Some(run.seed.get_untracked() as u64),
            seconds: run.typed.get_untracked(),
            replications: Some(run.replications.get_untracked() as u32),
            more,
            ..View::default()
        };
        serde_json::to_string(&view).unwrap_or_default()
    }

    /// Sets the screen as a link says; what it does not say, or what is not here, stays.
    pub fn show_as(self, view: &str) {
        let Ok(view) = serde_json::from_str::<View>(view) else { return };
        if let Some(multiple) = view.multiple.filter(|multiple| (0.1..=1000.0).contains(multiple)) {
            self.growth.set(multiple);
        }
        if let Some(tab) = view.tab.and_then(|slug| Tab::ALL.into_iter().find(|tab| tab.slug() == slug)) {
            self.tab.set(tab);
        }
        if let Some(name) = view.selected {
            self.select_named(&name);
        }
        let set = |setting: RwSignal<f64>, value: Option<f64>| value.into_iter().for_each(|value| setting.set(value));
        let run = self.run_settings;
        set(run.seed, view.seed.map(|seed| seed as f64));
        if view.seconds.is_some() {
            run.typed.set(view.seconds);
        }
        set(run.replications, view.replications.map(f64::from));
        let word = |key: &str| view.more.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(class) = word("class") {
            self.class.set(Some(class));
        }
        if let Some(percentile) = word("percentile") {
            self.percentile.set(percentile);
        }
        self.presenting.set(view.read_only);
    }
}
