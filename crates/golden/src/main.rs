//! Writes the golden files anew; `cargo xtask golden` calls it.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for case in golden::CASES {
        let computed = (case.compute)();
        let state = if golden::first_difference(case.expected, &computed).is_none() { "as before" } else { "changed" };
        println!("{}: {} lines, {state}", case.name, computed.lines().count());
        std::fs::write(folder.join(case.file), computed.trim_end().to_owned() + "\n")?;
    }
    Ok(())
}
