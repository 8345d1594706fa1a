//! Bills and prices: one module per provider's export.
//!
//! All tables end in a [`bill::Bill`]: amounts are summed per service, category, currency and month, so memory is bounded by the
//! number of services. A line's `amount` is what is invoiced; its `monthly` is the run rate, with upfront payments spread over
//! their term where the file says how, scaled to [`MONTH_HOURS`].

pub mod aws_cur;
pub mod azure;
pub mod bill;
pub mod cost_explorer;
pub mod cost_explorer_csv;
pub mod dates;
pub mod focus;
pub mod gcp;
pub mod infracost;
pub mod kube_cost;
pub mod ledger;
pub mod loose_json;
pub mod plain;
pub mod price_book;
pub mod rows;

/// Hours of a month in which prices are compared.
pub const MONTH_HOURS: f64 = 730.0;
