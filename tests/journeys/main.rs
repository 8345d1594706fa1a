//! The journeys: one file each.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a failed step of a journey is its failure")]

mod shop;
