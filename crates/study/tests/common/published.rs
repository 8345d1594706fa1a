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

include!("../../../engine/tests/data/usl.rs");

/// The published fits of the Universal Scalability Law beside the engine's: values, their standard errors, and the peak.
pub fn fits() -> Vec<Row> {
    let fit = |points: &[(f64, f64)]| engine::fit::usl::fit(points, engine::fit::usl::Law::Usl).unwrap();
    let (sdm, ray, made) = (fit(&SDM91), fit(&RAY_TRACER), fit(&SYNTHETIC));
    let (peak, top) = sdm.peak.unwrap();
    let number = |value: f64| serde_json::json!(value);
    let published = "SPEC SDM91, R package usl; cases 16";
    let bounded = "an unconstrained fit gives -0.000201; cases 17";
    let rows = [
        ("16 USL of SDM91", "contention", number(0.0277284), number(sdm.contention.value), 5e-7, published),
        ("16 USL of SDM91", "coherency", number(0.000104365), number(sdm.coherency.value), 2e-9, published),
        ("16 USL of SDM91", "scale", number(89.99516), number(sdm.scale.value), 1e-3, published),
        (
            "16 USL of SDM91",
            "standard error of contention",
            number(0.0091218),
            number(sdm.contention.standard_error),
            1e-5,
            published,
        ),
        (
            "16 USL of SDM91",
            "standard error of coherency",
            number(0.00001988),
            number(sdm.coherency.standard_error),
            2e-8,
            published,
        ),
        (
            "16 USL of SDM91",
            "standard error of scale",
            number(14.2136),
            number(sdm.scale.standard_error),
            0.014,
            published,
        ),
        ("16 USL of SDM91", "load at the peak", number(96.52), number(peak), 0.01, published),
        ("16 USL of SDM91", "throughput at the peak", number(1884.0), number(top), 1.0, published),
        ("17 USL of a ray tracer", "coherency, bounded", number(0.0), number(ray.coherency.value), 0.0, bounded),
        (
            "17 USL of a ray tracer",
            "a peak",
            serde_json::json!("none"),
            ray.peak.map_or(serde_json::json!("none"), |(load, _)| number(load)),
            0.0,
            bounded,
        ),
        (
            "18 USL as made",
            "contention",
            number(0.02),
            number(made.contention.value),
            1e-4,
            "rounded to four places; cases 18",
        ),
        (
            "18 USL as made",
            "coherency",
            number(0.02),
            number(made.coherency.value),
            1e-4,
            "rounded to four places; cases 18",
        ),
        ("18 USL as made", "scale", number(1.0), number(made.scale.value), 1e-3, "rounded to four places; cases 18"),
    ];
    let row = |(case, at, expected, got, tolerance, source): (&str, &str, Value, Value, f64, &str)| Row {
        case: case.to_owned(),
        at: at.to_owned(),
        multiple: 1.0,
        expected,
        got,
        tolerance,
        source: source.to_owned(),
    };
    rows.map(row).into()
}
