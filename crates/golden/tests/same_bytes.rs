//! Every golden result comes out as committed: natively by `cargo test`, in wasm32 by wasm-bindgen's test runner.

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn golden_results_are_the_committed_bytes() {
    for case in golden::CASES {
        let computed = (case.compute)();
        if let Some((line, expected, got)) = golden::first_difference(case.expected, &computed) {
            panic!("{}, line {line}:\n  committed {expected}\n  computed  {got}", case.name);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_difference_is_found() {
    for (expected, computed, line) in [
        ("a\nb\n", "a\nb\n", None),
        ("a\nb\n", "a\nc\n", Some(2)),
        ("a\n", "a\nb\n", Some(2)),
        ("a\nb\n", "a\n", Some(2)),
    ] {
        assert_eq!(
            golden::first_difference(expected, computed).map(|found| found.0),
            line,
            "{expected:?} {computed:?}"
        );
    }
}
