//! Nothing but the measurements in `benches/`: `cargo bench -p bench`.
