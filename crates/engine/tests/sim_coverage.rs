//! How often the 95 % intervals hold the exact value: 60 seeds each, none selected. With a true coverage of 95 % the count lies
//! from 51 to 60 with probability 0.997 (binomial). The full study of 400 seeds is `examples/sim_coverage`.

#[path = "../examples/sim_coverage/cases.rs"]
mod cases;
mod sim_support;

#[test]
fn intervals_hold_the_exact_value_as_often_as_they_say() {
    for case in cases::all() {
        let (mean, p95) = cases::coverage(&case, 60);
        assert!((51..=60).contains(&mean), "{}: {mean} of 60 means", case.name);
        assert!(case.p95.is_none() || (51..=60).contains(&p95), "{}: {p95} of 60 percentiles", case.name);
    }
}
