//! Sealed shares: everything comes back, and nothing without the key.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::link::View;
use scenario::parse;
use scenario::seal::{About, Comment, Cover, KEY_BYTES, Key, NONCE_BYTES, open, seal};

#[test]
fn a_share_comes_back_whole() {
    let scenario = parse(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap().scenario;
    let view = View { multiple: Some(4.0), ..View::default() };
    let comment = Comment {
        author: "Ada".into(),
        at: "2026-11-03T10:00:00Z".into(),
        version: Some(1),
        path: "components.db".into(),
        text: "<b>?".into(),
    };
    let cover =
        Cover { name: "Before the sale".into(), forked_from: Some(("abcd".into(), 2)), comments: vec![comment] };
    let about = About { id: "0123456789abcdef0123456789abcdef".into(), version: 1, expires: None };
    let key = Key::new([42; KEY_BYTES]);
    let sealed = seal(&scenario, &view, &cover, &about, &key, [1; NONCE_BYTES]).unwrap();
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains("Shop") && !text.contains("Ada"));
    let unsealed = open(&sealed, &about, &key).unwrap();
    assert_eq!((unsealed.opened.scenario, unsealed.view, unsealed.cover), (scenario, view, cover));
    assert_eq!(unsealed.opened.problems, []);
    let problem = open(&sealed, &About { version: 2, ..about }, &key).unwrap_err();
    assert!(problem.text.contains("does not fit") && !problem.remedy.is_empty());
}
