//! Texts of pulling measurements from a metrics server.

pub const TITLE: &str = "Pull from your metrics server";
pub const SUB: &str = "This server asks it; its address and credentials stay there.";
pub const TARGET: &str = "Metrics server";
pub const QUERY: &str = "Expression";
pub const QUERY_HINT: &str = "sum by (handler) (rate(http_requests_total[1m]))";
pub const LAST: &str = "The last";
pub const PULL: &str = "Pull";
pub const PULLING: &str = "Pulling";
pub const CHECK_QUERY: &str = "check the expression";

/// Windows to choose from: hours and what they are called.
pub const WINDOWS: [(f64, &str); 5] =
    [(1.0, "hour"), (6.0, "6 hours"), (24.0, "day"), (168.0, "week"), (720.0, "30 days")];
