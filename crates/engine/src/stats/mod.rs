//! Statistics both engines share: moments of sums and mixtures, transforms and their inversion.

mod moments;

pub use moments::Moments;
