//! Prints the golden answers: `cargo run -p engine --example golden`; the WebAssembly build must print the same bytes.
fn main() {
    print!("{}", engine::golden::golden());
}
