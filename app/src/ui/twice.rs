//! What cannot be taken back is asked about: the first press asks, the second does it, and who looks elsewhere has not asked.

use leptos::ev::{FocusEvent, MouseEvent};
use leptos::prelude::*;

/// A press that is asked about.
#[derive(Clone, Copy)]
pub struct Twice(RwSignal<bool>);

impl Twice {
    /// Nobody has pressed yet.
    pub fn new() -> Self {
        Self(RwSignal::new(false))
    }

    /// Whether the next press does it.
    pub fn asked(self) -> bool {
        self.0.get()
    }

    /// The word on the button: what it does, or what a second press does.
    pub fn word(self, first: &'static str, second: &'static str) -> &'static str {
        if self.asked() { second } else { first }
    }

    /// A press: asks, or does it.
    pub fn press(self, act: impl Fn() + 'static) -> impl Fn(MouseEvent) + 'static {
        move |_| {
            if self.0.get_untracked() {
                act();
            }
            self.0.set(true);
        }
    }

    /// The focus goes elsewhere.
    pub fn leave(self) -> impl Fn(FocusEvent) + 'static {
        move |_| self.0.set(false)
    }
}
