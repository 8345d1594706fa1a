//! A chart as a table and as CSV.

use crate::chart::spec::Spec;

/// Rows shown at most: the whole multiples of the grid, not every tenth.
const SHOWN: usize = 12;

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub head: Vec<String>,
    pub body: Vec<Vec<String>>,
}

/// The table view: every reading at about ten positions.
pub fn rows(spec: &Spec) -> Rows {
    let step = spec.xs.len().saturating_sub(1).div_ceil(SHOWN - 3).max(1);
    let head = std::iter::once(spec.x_name.clone()).chain(spec.readings.iter().map(|reading| reading.label.clone()));
    let line = |index: usize| {
        let cells = spec.readings.iter().map(|reading| reading.texts.get(index).cloned().unwrap_or_default());
        std::iter::once(spec.position(spec.xs[index])).chain(cells).collect()
    };
    Rows { head: head.collect(), body: (0..spec.xs.len()).step_by(step).map(line).collect() }
}

/// Every position, exact figures, unknown ones empty.
pub fn csv(spec: &Spec) -> String {
    let readings = || spec.readings.iter().filter(|reading| !reading.values.is_empty());
    let quote = |text: &str| {
        if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    let mut out = std::iter::once(quote(&spec.x_name))
        .chain(readings().map(|reading| quote(&reading.label)))
        .collect::<Vec<_>>()
        .join(",");
    for (index, x) in spec.xs.iter().enumerate() {
        out += &format!("\n{x}");
        for reading in readings() {
            out.push(',');
            if let Some(value) = reading.values.get(index).copied().flatten() {
                out += &value.to_string();
            }
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scale::Scale;
    use crate::chart::spec::Reading;

    #[test]
    fn a_chart_is_a_table() {
        let xs: Vec<f64> = (0..91).map(|step| 1.0 + f64::from(step) / 10.0).collect();
        let values: Vec<Option<f64>> = xs.iter().map(|x| (*x < 5.0).then_some(x * 2.0)).collect();
        let reading = Reading { label: "p95, ms".into(), texts: xs.iter().map(|x| x.to_string()).collect(), values };
        let spec = Spec {
            xs,
            x_name: "Growth".into(),
            readings: vec![reading],
            ..Spec::empty(Scale::linear(1.0, 10.0), Scale::linear(0.0, 1.0))
        };
        let table = rows(&spec);
        assert_eq!(table.body.len(), 10);
        assert_eq!(table.body[1][0], "×2");
        let csv = csv(&spec);
        assert!(csv.starts_with("Growth,\"p95, ms\"\n1,2\n"), "{csv}");
        assert!(csv.ends_with("10,\n"));
    }
}
