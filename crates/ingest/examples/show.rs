//! Prints what each file gives, one JSON document a line: `cargo run -p ingest --example show -- FILE…`.

use ingest::{Outcome, import_bytes};

fn main() {
    for file in std::env::args().skip(1) {
        let outcome = match std::fs::read(&file) {
            Ok(bytes) => import_bytes(&file, &bytes),
            Err(error) => {
                eprintln!("{file}: {error}");
                continue;
            }
        };
        match outcome {
            Outcome::Measured(found) => println!("{}", serde_json::to_string(&found).unwrap_or_default()),
            other => eprintln!("{}", serde_json::to_string(&other).unwrap_or_default()),
        }
    }
}
