//! Parts of screens.

mod chart;
mod field;
mod header;
mod headline;
mod html;
mod inspector;
mod later;
mod notices;
mod parts;
mod pull;
mod share;
mod slider;
mod topology;
mod twice;

pub use chart::{Chart, Drawn, drawn, picture_of};
pub use header::{Header, bar};
pub use headline::Headline;
pub use html::{chosen, html};
pub use inspector::{Inspector, add_event, focus_title};
pub use later::later;
pub use notices::{Notices, Progress};
pub use parts::Parts;
pub use pull::Pull;
pub use share::share_dialog;
pub use slider::Slider;
pub use topology::Topology;
pub use twice::Twice;
