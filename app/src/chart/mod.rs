//! Charts: what is shown ([`spec`]), where ([`scale`]), what of it ([`zoom`]), and its shapes ([`svg`]). The page's own nodes lie over them.

pub mod picture;
pub mod scale;
pub mod spec;
pub mod svg;
pub mod zoom;
