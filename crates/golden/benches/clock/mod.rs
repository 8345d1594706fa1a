//! Node's clock of processor time.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = process, js_name = cpuUsage)]
    fn cpu_usage() -> JsValue;
}

/// Seconds this process spent on a processor.
pub fn processor_time() -> f64 {
    let usage = cpu_usage();
    let part =
        |name: &str| js_sys::Reflect::get(&usage, &name.into()).ok().and_then(|v| v.as_f64()).unwrap_or(f64::NAN);
    1e-6 * (part("user") + part("system"))
}
