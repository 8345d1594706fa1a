//! Links: whole, long, cut, changed, hostile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use scenario::link::{LONG, TOO_LONG, View, decode, encode};
use scenario::{Scenario, parse};

fn shop() -> Scenario {
    parse(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap().scenario
}

fn with_draws(draws: usize) -> Scenario {
    let mut scenario = shop();
    let paths = ["app", "db", "payment", "redis"].map(|id| format!("components.{id}.failure_ratio")).to_vec();
    let draws = (0..draws).map(|i| (0..4).map(|k| (i as f64 + 0.1 * k as f64).sin().abs()).collect()).collect();
    scenario.fit = Some(scenario::v1::Fit { paths, draws });
    scenario
}

#[test]
fn a_link_brings_everything_back() {
    let view = View {
        multiple: Some(2.5),
        tab: Some("spend".into()),
        selected: Some("db".into()),
        seed: Some(u64::MAX),
        seconds: Some(600.0),
        replications: Some(5),
        read_only: true,
        more: serde_json::from_str(r#"{"log": true}"#).unwrap(),
        ..View::default()
    };
    let link = encode(&shop(), &view).unwrap();
    assert!(
        link.fragment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=')),
        "{}",
        link.fragment
    );
    assert!(link.fragment.len() < LONG && link.warning.is_none(), "the shop fits into a chat: {}", link.fragment.len());
    for text in [
        link.fragment.clone(),
        format!("https://example.org/headroom/#{}", link.fragment),
        format!("  <https://example.org/#tab=x&{}>. ", link.fragment),
        format!("{}\n{}", &link.fragment[..100], &link.fragment[100..]),
        link.fragment[2..].to_owned(),
    ] {
        let linked = decode(&text).unwrap();
        assert_eq!((linked.opened.scenario, &linked.view, linked.lost), (shop(), &view, None), "{text}");
        assert_eq!(linked.opened.problems, []);
    }
}

#[test]
fn draws_are_left_out_first() {
    let light = encode(&with_draws(20), &View::default()).unwrap();
    assert!(light.left_out.is_empty() && light.fragment.len() < TOO_LONG);
    let heavy = encode(&with_draws(200), &View::default()).unwrap();
    assert_eq!(heavy.left_out, ["fit.draws"]);
    assert!(heavy.fragment.len() < LONG);
    assert_eq!(decode(&heavy.fragment).unwrap().opened.scenario, shop());
}

#[test]
fn a_long_link_says_so() {
    let mut scenario = shop();
    // Text that does not compress.
    let mut state = 1_u64;
    let mut noise = |n: usize| -> String {
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b'!' + ((state >> 33) % 90) as u8)
            })
            .collect()
    };
    scenario.notes = noise(2_000);
    let link = encode(&scenario, &View::default()).unwrap();
    assert!(link.warning.unwrap().text.contains("over 2000 (Discord)"));
    scenario.notes = noise(9_000);
    let link = encode(&scenario, &View::default()).unwrap();
    assert!(link.warning.unwrap().text.contains("more than 8000"));
    scenario.notes = noise(9 << 20);
    assert!(encode(&scenario, &View::default()).unwrap_err().text.contains("a link holds 8388608"));
}

#[test]
fn broken_links_say_what_is_wrong() {
    let good = encode(&shop(), &View::default()).unwrap().fragment;
    let changed = |at: usize| {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let rows = [
        (String::new(), "holds nothing"),
        ("https://example.org/".into(), "no link to a scenario"),
        ("s=7abc".into(), "newer version"),
        ("s=1".into(), "missing"),
        (good.replace("s=1", "s=1*"), "does not belong there"),
        (good.replacen("s=1eN", "s=1", 1), "damaged"),
        (good[..40].to_owned(), "missing"),
    ];
    for (link, expected) in rows {
        let problem = decode(&link).unwrap_err();
        assert!(problem.text.contains(expected) && !problem.remedy.is_empty(), "{link}: {problem}");
    }
    // A changed character never gives other figures in silence.
    for at in (3..good.len()).step_by(7) {
        match decode(&changed(at)) {
            Err(_) => {}
            Ok(linked) => assert!(linked.lost.is_some(), "{at}"),
        }
    }
}

#[test]
fn a_cut_link_opens_with_what_came_through() {
    let good = encode(&shop(), &View { multiple: Some(3.0), ..View::default() }).unwrap().fragment;
    let linked = decode(&good[..good.len() * 3 / 4]).unwrap();
    assert!(linked.lost.unwrap().text.contains("end of the link is missing"));
    assert_eq!((linked.opened.scenario.name.as_str(), linked.view.multiple), ("Shop", Some(3.0)));
    assert!(linked.opened.scenario.components.len() >= 2);
    assert!(!linked.opened.problems.is_empty(), "what is missing is named");
}

#[test]
fn a_bomb_does_not_go_off() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 64 << 20], 9);
    let link = format!("s=1{}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bomb));
    assert!(decode(&link).unwrap_err().text.contains("more than 8388608 bytes"));
}

/// Any text of up to so many characters.
fn text(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..=longest).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_is_too_odd(text in text(200), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&text);
        let _ = decode(&format!("s=1{text}"));
        let _ = decode(&format!("s=1{}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)));
    }

    #[test]
    fn any_cut_is_survived(share in 0.0..1.0_f64) {
        let good = encode(&shop(), &View::default()).unwrap().fragment;
        let _ = decode(&good[..(good.len() as f64 * share) as usize]);
    }

    #[test]
    fn numbers_and_texts_come_back_to_the_bit(value in 1e-9..1e14_f64, name in text(60), multiple in 1e-3..1e3_f64) {
        let mut scenario = shop();
        scenario.name = name.chars().take(60).collect();
        scenario.components[0].failure_ratio = Some(scenario::v1::Quantity::bare(value.fract()));
        scenario.slos[0].latency_ms = Some(value);
        let view = View { multiple: Some(multiple), ..View::default() };
        let linked = decode(&encode(&scenario, &view).unwrap().fragment).unwrap();
        prop_assert_eq!((linked.opened.scenario, linked.view), (scenario, view));
    }
}
