//! What the page shows, computed from the document and the projection: no signals, no browser.

pub mod address;
pub mod bottlenecks;
pub mod canvas;
pub mod compare;
pub mod data;
pub mod events;
pub mod facts;
pub mod fit;
pub mod form;
pub mod format;
pub mod headline;
pub mod html;
pub mod latency;
pub mod layout;
pub mod level;
pub mod marks;
pub mod objectives;
pub mod plan;
pub mod report;
pub mod sensitivity;
pub mod share;
pub mod simulation;
pub mod spend;
pub mod system;
pub mod table;
pub mod topology;
