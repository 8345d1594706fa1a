#![allow(missing_docs, clippy::unwrap_used)]
fn main() {}
