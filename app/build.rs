//! Whether the page is to be cut into parts: `cargo xtask dist` says so, since only it cuts them (`xtask/src/dist/split.rs`).

/// Set by `cargo xtask dist`.
const ASKED: &str = "HEADROOM_SPLIT";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(split)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={ASKED}");
    let for_browser = std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if for_browser && std::env::var_os(ASKED).is_some() {
        println!("cargo::rustc-cfg=split");
        // Who calls whom must still be known after linking.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
