//! How fast files are read in V8, built as the page's importer is: `cargo xtask bench --wasm`. Natively: `cargo bench -p ingest`.
#![cfg(target_arch = "wasm32")]

mod clock;
#[path = "../../ingest/benches/rows/mod.rs"]
mod rows;

use clock::processor_time;
use ingest::{Import, Options, Outcome};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

/// Bytes handed over at a time, as the worker's shell does.
const CHUNK: usize = 1024 * 1024;
/// Bytes of each file.
const BYTES: usize = 64 * 1024 * 1024;

#[wasm_bindgen_test]
fn megabytes_a_second() {
    for row in rows::ROWS {
        let mut import = Import::new(row.name, Options::default());
        import.push(row.header.as_bytes()).expect("a header is read");
        let (mut done, mut seconds, mut block) = (row.header.len(), 0.0, 0);
        while done < BYTES {
            let mut text = String::new();
            while text.len() < 8 * CHUNK {
                text.push_str(&(row.block)(block));
                block += 1;
            }
            let start = processor_time();
            text.as_bytes().chunks(CHUNK).for_each(|chunk| import.push(chunk).expect("a chunk is read"));
            seconds += processor_time() - start;
            done += text.len();
        }
        let start = processor_time();
        assert!(matches!(import.finish(), Outcome::Measured(_)), "{}: not measured", row.name);
        seconds += processor_time() - start;
        console_log!("{:14} {:7.0} MB/s, wanted {}", row.name, done as f64 / 1e6 / seconds, 0.5 * row.target_mb_per_s);
    }
}
