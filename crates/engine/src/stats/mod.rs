//! Statistics both engines share: moments of sums and mixtures, transforms and their inversion.

mod law;
mod moments;
mod quantile;
pub mod transform;
pub mod truncated;

pub use law::{Law, Shape};
pub use moments::Moments;
pub(crate) use moments::balanced_share;
pub use quantile::TailSearch;
