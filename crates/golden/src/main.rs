//! Writes the golden files anew; `cargo xtask golden` calls it.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for case in golden::CASES {
        let computed = (case.compute)();
        let state = if computed == case.expected { "as before" } else { "changed" };
        println!("{}: {} lines, {state}", case.name, computed.lines().count());
        std::fs::write(folder.join(format!("{}.txt", case.name)), computed)?;
    }
    Ok(())
}
