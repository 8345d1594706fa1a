//! The golden answers do not move unless somebody means them to. After a deliberate change:
//! `cargo run -p engine --example golden > crates/engine/tests/data/golden.txt`.

#[test]
fn answers_have_the_bits_they_had() {
    let golden = include_str!("data/golden.txt");
    let now = engine::golden::golden();
    for (was, is) in golden.lines().zip(now.lines()) {
        assert_eq!(was, is);
    }
    assert_eq!(golden.lines().count(), now.lines().count());
}
