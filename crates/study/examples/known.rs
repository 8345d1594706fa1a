//! Every published case as a row of a table: expected, got, error, source. `cargo run --release -p study --example known`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/published.rs"]
mod published;

fn main() {
    println!("| case | figure | expected | got | error | allowed | source |");
    println!("|---|---|---|---|---|---|---|");
    let (mut all, mut right) = (0, 0);
    let solved = published::cases().iter().map(published::rows).collect::<Vec<_>>();
    for rows in solved.into_iter().chain([published::fits()]) {
        for row in rows {
            let number = |value: &serde_json::Value| value.as_f64().map_or_else(|| value.to_string(), short);
            let error = row.error().map_or_else(String::new, short);
            all += 1;
            right += usize::from(row.right());
            println!(
                "| {} | `{}` at ×{} | {} | {} | {error} | {} | {} |",
                row.case,
                row.at,
                row.multiple,
                number(&row.expected),
                number(&row.got),
                short(row.tolerance),
                row.source
            );
        }
    }
    println!("\n{right} of {all} figures lie within what their source allows.");
}

/// A number with at most six significant digits.
fn short(value: f64) -> String {
    if value.abs() < 1e-12 {
        return "0".into();
    }
    let digits = (5.0 - value.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
