//! Formula families of queueing theory, one per file; each says what it computes, its assumptions, units and source.

pub mod amva;
pub mod attempts;
pub mod bounds;
pub mod cache;
pub mod convolution;
pub mod dispatch;
pub mod dispersion;
pub mod erlang;
pub mod function;
pub mod gimc;
pub mod holder;
pub mod join;
pub mod limiter;
pub mod mgc;
pub mod mixed;
pub mod mmc;
pub mod mmck;
pub mod mva;
pub mod mva_classes;
pub mod one_class;
pub mod patience;
pub mod priority;
pub mod ps;
pub mod two_lines;
pub mod usl;
pub mod zipf;
