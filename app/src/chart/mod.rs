//! Charts: what is shown ([`spec`]), where ([`scale`]), and its shapes ([`svg`]). The page's own nodes lie over them.

pub mod picture;
pub mod scale;
pub mod spec;
pub mod svg;
