//! What the answers mean for growth: objectives, the headroom, what breaks next, and why.

mod explain;
mod fix;
mod headroom;
mod objectives;

pub use explain::{percentile_name, resource_name};
pub use headroom::{Break, Headroom, Next, Search, headroom, headroom_with, next_bottlenecks};
pub use objectives::{Verdict, feasible, objectives};
