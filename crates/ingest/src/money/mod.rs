//! Bills: one module per provider's export.

pub mod cost_explorer;
