//! Queueing formulas: one family, one file, each with its assumptions, units and source.
