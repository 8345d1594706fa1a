//! The fit's tables.

use super::format::{milliseconds, percent, significant};
use crate::text;
use serde_json::Value;
use worker::protocol::{FitReport, Residual};

/// The measurements that a document was fitted to.
pub fn imports(root: &Value) -> &Value {
    root.get("imports").unwrap_or(&Value::Null)
}

/// Whether a fit that came with these imports is of the document: one that was taken back, or is of other measurements, is not.
pub fn is_of(fitted: &Value, root: &Value) -> bool {
    let none = |imports: &Value| imports.as_array().is_none_or(Vec::is_empty);
    let open = imports(root);
    fitted == open || none(fitted) && none(open)
}

/// A fitted quantity as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantityRow {
    pub path: String,
    pub value: String,
    pub interval: String,
    pub source: String,
    pub from: String,
}

/// A figure in the unit that its path ends in.
pub fn in_unit(path: &str, value: f64) -> String {
    if path.ends_with("_ms") {
        milliseconds(value)
    } else if path.ends_with("_ratio") || path.contains("ratio") {
        percent(value)
    } else {
        significant(value, 3)
    }
}

/// All fitted quantities.
pub fn quantities(report: &FitReport) -> Vec<QuantityRow> {
    let row = |quantity: &worker::protocol::FittedQuantity| {
        let ends = quantity.low.zip(quantity.high);
        let interval =
            ends.map(|(low, high)| format!("{} – {}", in_unit(&quantity.path, low), in_unit(&quantity.path, high)));
        QuantityRow {
            value: in_unit(&quantity.path, quantity.value),
            interval: interval.unwrap_or(text::UNKNOWN.into()),
            path: quantity.path.clone(),
            source: quantity.source.clone(),
            from: quantity.from.clone(),
        }
    };
    report.quantities.iter().map(row).collect()
}

/// A residual as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualRow {
    pub what: String,
    pub measured: String,
    pub modelled: String,
    pub gap: String,
    pub class: &'static str,
}

/// All residuals; a gap over 20 % is hot, over 10 % a warning.
pub fn residuals(list: &[Residual]) -> Vec<ResidualRow> {
    let row = |residual: &Residual| {
        let gap = if residual.measured == 0.0 { 0.0 } else { residual.modelled / residual.measured - 1.0 };
        let class = if gap.abs() > 0.2 {
            "level-hot"
        } else if gap.abs() > 0.1 {
            "level-warn"
        } else {
            "level-ok"
        };
        let sign = if gap < 0.0 { "−" } else { "+" };
        ResidualRow {
            what: residual.what.clone(),
            measured: milliseconds(residual.measured),
            modelled: milliseconds(residual.modelled),
            gap: format!("{sign}{}", percent(gap.abs())),
            class,
        }
    };
    list.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_is_of_the_measurements_it_came_with() {
        use serde_json::json;
        let (low, high) = (json!([{"id": "low"}]), json!([{"id": "low"}, {"id": "high"}]));
        for (fitted, root, wanted) in [
            (&high, json!({"imports": high}), true),
            (&high, json!({"imports": low}), false),
            (&high, json!({}), false),
            (&Value::Null, json!({"imports": []}), true),
        ] {
            assert_eq!(is_of(fitted, &root), wanted, "{fitted} {root}");
        }
    }

    #[test]
    fn units_follow_the_path() {
        let rows = [("db.service.mean_ms", 12.1, "12 ms"), ("redis.hit_ratio", 0.7, "70 %"), ("db.cores", 4.0, "4")];
        for (path, value, wanted) in rows {
            assert_eq!(in_unit(path, value), wanted);
        }
    }

    #[test]
    fn large_gaps_stand_out() {
        let list = [
            (100.0, 105.0, "+5 %", "level-ok"),
            (100.0, 85.0, "−15 %", "level-warn"),
            (100.0, 150.0, "+50 %", "level-hot"),
        ];
        for (measured, modelled, gap, class) in list {
            let row = &residuals(&[Residual { what: String::new(), measured, modelled }])[0];
            assert_eq!((row.gap.as_str(), row.class), (gap, class));
        }
    }
}
