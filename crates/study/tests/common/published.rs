//! Published and exact results, each through a whole scenario file and the result document. Every entry of `data/cases.json`
//! names its source.

use serde_json::Value;

/// One figure of a published case beside the model's.
pub struct Row {
    /// Name of the case.
    pub case: String,
    /// Where the figure stands below the point of this multiple, as a JSON pointer.
    pub at: String,
    /// Growth multiple.
    pub multiple: f64,
    /// The published figure.
    pub expected: Value,
    /// The model's.
    pub got: Value,
    /// Largest difference that the source's own rounding or method allows.
    pub tolerance: f64,
    /// Where it is published, or how it is exact.
    pub source: String,
}

impl Row {
    /// Difference of two numbers.
    pub fn error(&self) -> Option<f64> {
        Some(self.got.as_f64()? - self.expected.as_f64()?)
    }

    /// Whether the figure is right.
    pub fn right(&self) -> bool {
        self.error().map_or(self.got == self.expected, |error| error.abs() <= self.tolerance)
    }
}

/// All cases.
pub fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/cases.json")).unwrap()
}

/// The figures of a case, solved.
pub fn rows(case: &Value) -> Vec<Row> {
    let name = case["name"].as_str().unwrap();
    let text = case["scenario"].to_string();
    let scenario = scenario::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems:?}")).scenario;
    let doc = study::solve::solve(&scenario, &[]).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    let doc = serde_json::to_value(&doc).unwrap();
    let points = doc["points"].as_array().unwrap();
    let row = |wanted: &Value| {
        let multiple = wanted["multiple"].as_f64().unwrap();
        let point = points.iter().find(|point| point["multiple"] == multiple).unwrap();
        let at = wanted["at"].as_str().unwrap();
        Row {
            case: name.to_owned(),
            at: at.to_owned(),
            multiple,
            expected: wanted["value"].clone(),
            got: point.pointer(at).cloned().unwrap_or(Value::Null),
            tolerance: wanted["tolerance"].as_f64().unwrap_or(0.0),
            source: case["source"].as_str().unwrap_or_default().to_owned(),
        }
    };
    case["expect"].as_array().unwrap().iter().map(row).collect()
}
