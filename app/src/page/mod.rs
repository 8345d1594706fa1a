//! Whole screens.

mod bottlenecks;
mod compare;
mod data;
mod plan;
mod projection;
mod report;
mod root;
mod sensitivity;
mod simulation;
mod spend;
mod start;
mod timeline;
mod workbench;

pub use root::Root;
pub use workbench::screen;

use crate::state::{App, Tab};
use leptos::prelude::{AnyView, IntoAny};

/// A tab's content. The first tab is not among them: the workbench shows it by itself.
pub fn page(app: App, tab: Tab) -> AnyView {
    match tab {
        Tab::Projection => ().into_any(),
        Tab::Bottlenecks => bottlenecks::page(app),
        Tab::Spend => spend::page(app),
        Tab::Simulation => simulation::page(app),
        Tab::Sensitivity => sensitivity::page(app),
        Tab::Plan => plan::page(app),
        Tab::Data => data::page(app),
        Tab::Compare => compare::page(app),
        Tab::Report => report::page(app),
    }
}
