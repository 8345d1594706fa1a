//! Reading and writing parts of a document.

use crate::v1::{Arrivals, Call, Component, HitRatio, PriceBookRow, Profile, Purchase, Service, Slo};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_str, to_string, to_value};

/// What is written after reading a text, or why it cannot be read.
fn again<T: Serialize + DeserializeOwned>(text: &str) -> String {
    match from_str::<T>(text) {
        Ok(part) => {
            let written = to_string(&part).unwrap();
            assert_eq!(from_str::<Value>(&written).unwrap(), to_value(&part).unwrap());
            written
        }
        Err(error) => error.to_string(),
    }
}

/// A kind, what is read, and what is written of it; nothing where it is the same.
type Row = (fn(&str) -> String, &'static str, &'static str);

#[test]
fn parts_are_read_and_written() {
    let rows: &[Row] = &[
        (again::<Call>, r#"{"to":"db","per_request":2.0,"mode":"sync","classes":[]}"#, ""),
        (
            again::<Call>,
            r#"{"to":"db","retry":{"max":3.0},"kb":null,"unknown":1}"#,
            r#"{"to":"db","retry":{"max":3.0}}"#,
        ),
        (again::<Call>, r#"{"on_miss":[]}"#, "missing field `to`"),
        (again::<Call>, r#"{"to":"db","retry":{"max":"3"}}"#, "retry.max: expected a number"),
        (again::<Call>, r#"{"to":"db","mode":"later"}"#, "mode: expected one of sync, parallel, async"),
        (again::<Call>, r#"{"to":"db","kb":{"value":1.0,"low":0.5,"high":2.0,"source":"fitted","from":"a"}}"#, ""),
        (again::<Call>, "[1]", "expected an object"),
        (again::<Purchase>, r#"{"share":1.0}"#, r#"{"share":1.0,"discount":0.0}"#),
        (
            again::<PriceBookRow>,
            r#"{"provider":"p","region":"r","type":"t","vcpu":2,"mem_gib":4,"usd_per_hour":0.1,"as_of":"d","source":"s"}"#,
            r#"{"provider":"p","region":"r","type":"t","vcpu":2.0,"mem_gib":4.0,"usd_per_hour":0.1,"as_of":"d","source":"s"}"#,
        ),
        (again::<Slo>, "{}", ""),
        (again::<Arrivals>, r#"{"open":{"rate":80.0}}"#, ""),
        (again::<Arrivals>, r#"{"closed":{"users":80.0,"think_time_s":1.5}}"#, ""),
        (again::<Arrivals>, r#"{"open":{"rate":80.0},"closed":{}}"#, "expected an object of one key"),
        (again::<Arrivals>, r#"{"burst":{}}"#, "expected `open` or `closed`"),
        (again::<Profile>, "[1.0,0.5]", ""),
        (again::<Profile>, r#"{"spike":{"at_s":1.0,"ramp_s":2.0,"hold_s":3.0,"factor":4.0}}"#, ""),
        (again::<Profile>, r#"{"recorded":[[0.0,1.0],[60.0,0.5]]}"#, ""),
        (again::<Profile>, r#"{"recorded":[[0.0]]}"#, "expected a list of two"),
        // Classes may be called like the keys of what is given for all of them.
        (again::<Service>, r#"{"mean_ms":5.0,"points":[[1.0,1.0]]}"#, ""),
        (again::<Service>, r#"{"mean_ms":{"cv":1.0}}"#, ""),
        (again::<Service>, r#"{"*":{},"browse":{"mean_ms":5.0}}"#, ""),
        (again::<Service>, r#"{"browse":5.0}"#, "browse: expected an object"),
        (again::<Service>, r#"{"browse":{"mean_ms":5.0,"p95":9.0}}"#, "browse: unknown field `p95`"),
        (
            again::<Component>,
            r#"{"id":"a","kind":"service","service":{"*":{"p95":9.0}}}"#,
            "service.*: unknown field `p95`",
        ),
        (again::<HitRatio>, "0.9", ""),
        (again::<HitRatio>, r#"{"value":0.9,"source":"measured"}"#, ""),
        (again::<HitRatio>, r#"{"keys":100.0,"capacity_items":10.0,"eviction":"lru"}"#, ""),
        (again::<HitRatio>, r#"{"browse":0.9,"keys":0.5}"#, ""),
    ];
    for (again, text, written) in rows {
        assert_eq!(again(text), if written.is_empty() { *text } else { *written }, "{text}");
    }
}
