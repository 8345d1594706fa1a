//! What the answers mean for growth: objectives, the headroom, what breaks next, why, and the cheapest way on.

mod balance;
mod breaks;
mod explain;
mod fix;
mod headroom;
mod lever;
pub mod loss;
mod objectives;
mod scan;
mod search;
mod sizing;

pub use balance::{Split, best_split};
pub use breaks::breaks;
pub use explain::{percentile_name, resource_name};
pub use headroom::{Break, Headroom, Next, Search, headroom, headroom_with, next_bottlenecks};
pub use lever::{Lever, Machine, What, levers, widen};
pub use objectives::{Verdict, feasible, objectives, piling_up, unanswered};
pub use search::{Found, Question, cheapest};
pub use sizing::{
    Effort, Sized, Sizing, Staffing, connections, connections_taken, over_connected, size, staffing, unhindered,
};
