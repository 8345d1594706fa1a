//! The browser, and nothing but the browser: the only user of `web-sys` and `js-sys`.

pub mod browser;
pub mod canvas;
pub mod crypto;
pub mod dropped;
pub mod focus;
pub mod folder;
pub mod keys;
pub mod net;
pub mod picture;
pub mod size;
pub mod storage;
pub mod turns;
pub mod worker;
