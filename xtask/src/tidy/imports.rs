//! Who may name what: a scan of the paths and method calls in each folder's product code.

use super::Violation;
use super::source::{Mention, Source};

/// Names that a folder's code must not use.
struct Rule {
    /// Folders it holds in.
    within: &'static [&'static str],
    /// Files and folders it does not hold in.
    except: &'static [&'static str],
    /// Paths, as whole segments, anywhere in a mentioned path.
    forbidden: &'static [&'static str],
    why: &'static str,
}

const PURE: &[&str] =
    &["crates/engine/src", "crates/scenario/src", "crates/ingest/src", "crates/study/src", "crates/worker/src"];

const RULES: &[Rule] = &[
    Rule {
        within: &["crates/engine/src"],
        except: &[],
        forbidden: &["std::time", "std::thread", "std::fs", "std::net", "std::env", "std::process", "std::io"],
        why: "the engine is pure: take time, randomness and data as arguments",
    },
    Rule {
        within: &["crates/engine/src"],
        except: &[],
        forbidden: &["HashMap", "HashSet", "RandomState", "StdRng", "thread_rng"],
        why: "same seed, same bits: use a BTreeMap, a Vec by index, or the engine's own generator",
    },
    Rule {
        within: &["crates/scenario/src", "crates/ingest/src", "crates/study/src", "crates/worker/src"],
        except: &[],
        forbidden: &["std::thread", "std::fs", "std::net", "std::env", "std::process", "Instant", "SystemTime"],
        why: "no clock, threads or files here: take them as arguments from the command, the app or the worker's shell",
    },
    Rule {
        within: &["crates/engine/src"],
        except: &["crates/engine/src/math.rs"],
        forbidden: &["libm"],
        why: "engine::math is the only user of libm",
    },
    Rule {
        within: &["crates", "app/src", "server/src"],
        except: &[
            "crates/engine/src/model/kind.rs",
            "crates/scenario/src/v1/component.rs",
            "crates/scenario/src/catalogue/component.rs",
            "crates/scenario/src/lower/kind.rs",
        ],
        forbidden: &["Kind::Storage", "ComponentKind::Storage"],
        why: "a kind made of behaviours that are there is named in four files only: ask engine::model::Kind for the behaviour",
    },
    Rule {
        within: PURE,
        except: &[],
        forbidden: &["web_sys", "js_sys", "wasm_bindgen", "leptos", "gloo", "tokio", "axum", "plotters"],
        why: "this part runs natively and in the browser alike: the app, the worker's shell and the server do the rest",
    },
    Rule {
        within: &["app/src"],
        except: &["app/src/platform", "app/src/platform.rs"],
        forbidden: &[
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "wasm_bindgen_futures",
            "gloo",
            "gloo_net",
            "gloo_storage",
            "gloo_timers",
            "gloo_utils",
            "gloo_events",
            "gloo_file",
            "gloo_worker",
        ],
        why: "only app/src/platform talks to the browser: add a small function there",
    },
    Rule {
        within: &["app/src"],
        except: &["app/src/chart/svg.rs"],
        forbidden: &["plotters", "plotters_svg", "plotters_backend"],
        why: "only app/src/chart/svg.rs draws with plotters: describe the chart in chart::spec",
    },
    Rule {
        within: &[
            "app/src/view_model",
            "app/src/view_model.rs",
            "app/src/chart/spec",
            "app/src/chart/spec.rs",
            "app/src/chart/scale",
            "app/src/chart/scale.rs",
        ],
        except: &[],
        forbidden: &[
            "leptos",
            "leptos_router",
            "leptos_meta",
            "crate::page",
            "crate::ui",
            "crate::platform",
            "crate::state",
        ],
        why: "view models and chart shapes are plain functions from results to figures and words, tested natively",
    },
    Rule {
        within: &["app/src"],
        except: &[],
        forbidden: &[
            "engine::sim",
            "study::simulate",
            "study::import",
            "study::calibrate",
            "ingest::import",
            "ingest::read",
            "ingest::sniff",
        ],
        why: "simulation, fitting and parsing run in the worker: send it a request",
    },
    Rule {
        within: &["server/src"],
        except: &[],
        forbidden: &["engine", "scenario", "ingest", "study", "worker", "leptos"],
        why: "the server stores and serves ciphertext; it knows no scenario",
    },
];

/// Methods of `f64` whose last bit differs between processors and browsers.
const INEXACT: &[&str] = &[
    "ln", "ln_1p", "log", "log2", "log10", "exp", "exp2", "exp_m1", "powf", "powi", "cbrt", "hypot", "sin", "cos",
    "tan", "sin_cos", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
];

/// Checks one file.
pub fn check(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| holds(rule, &source.path)).collect();
    let mentions = source.mentions();
    for rule in rules {
        for mention in &mentions {
            if let Some(name) = rule.forbidden.iter().find(|name| names(mention, name)) {
                violations.push(violation(source, mention.line, format!("names `{name}`"), rule.why));
            }
        }
    }
    violations.extend(inexact_maths(source, &mentions));
    violations
}

fn inexact_maths<'a>(source: &'a Source, mentions: &'a std::collections::BTreeSet<Mention>) -> Vec<Violation> {
    if !PURE.iter().any(|folder| is_within(&source.path, folder)) {
        return Vec::new();
    }
    let called = source.method_calls().into_iter().filter(|(_, method)| INEXACT.contains(&method.as_str()));
    let named = mentions.iter().filter_map(|mention| match mention.segments.as_slice() {
        [float, method] if float == "f64" && INEXACT.contains(&method.as_str()) => Some((mention.line, method.clone())),
        _ => None,
    });
    let why = "std's version differs in its last bit between native and wasm32: use the function of this name in engine::math";
    called.chain(named).map(|(line, method)| violation(source, line, format!("calls f64's `{method}`"), why)).collect()
}

fn violation(source: &Source, line: usize, what: String, why: &str) -> Violation {
    Violation { path: source.path.clone(), line, what, remedy: why.to_owned() }
}

fn holds(rule: &Rule, path: &str) -> bool {
    let within = |folders: &[&str]| folders.iter().any(|folder| is_within(path, folder));
    within(rule.within) && !within(rule.except)
}

fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the path uses `name`. A single lower-case name is a crate: it counts at the start of a longer path, and behind
/// `leptos`, which hands on the browser's crates. Any other name is a run of segments, wherever it stands.
fn names(mention: &Mention, name: &str) -> bool {
    let segments: Vec<&str> = mention.segments.iter().map(String::as_str).collect();
    let wanted: Vec<&str> = name.split("::").collect();
    let is_crate = wanted.len() == 1 && name.starts_with(|first: char| first.is_lowercase());
    if is_crate {
        // A bare word may be a variable; a path or an import says a crate.
        return segments.len() > 1 && (segments[0] == name || (segments[0] == "leptos" && segments[1] == name));
    }
    segments.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the scan says about `text` in `path`, as `line what`.
    fn said(path: &str, text: &str) -> Vec<String> {
        check(&Source::new(path, text))
            .iter()
            .map(|violation| format!("{} {}", violation.line, violation.what))
            .collect()
    }

    #[test]
    fn forbidden_names_are_found_in_their_folder() {
        for (path, text, expected) in [
            ("crates/engine/src/sim/runner.rs", "use std::time::Instant;", "1 names `std::time`"),
            ("crates/engine/src/a.rs", "use std::{\n    fs,\n};", "2 names `std::fs`"),
            ("crates/engine/src/a.rs", "fn a() { std::thread::spawn(b); }", "1 names `std::thread`"),
            ("crates/engine/src/a.rs", "use std::collections::HashMap;", "1 names `HashMap`"),
            ("crates/engine/src/a.rs", "fn a() { libm::log(1.0) }", "1 names `libm`"),
            ("crates/engine/src/a.rs", "fn a(x: f64) -> f64 { x.ln() }", "1 calls f64's `ln`"),
            ("crates/engine/src/a.rs", "let a = b.map(f64::exp);", "1 calls f64's `exp`"),
            ("crates/study/src/a.rs", "fn a(x: f64) -> f64 {\n    x.powi(2)\n}", "2 calls f64's `powi`"),
            ("crates/study/src/a.rs", "use std::time::{Duration, SystemTime};", "1 names `SystemTime`"),
            ("crates/worker/src/a.rs", "use web_sys::Worker;", "1 names `web_sys`"),
            ("app/src/page/start.rs", "use leptos::web_sys::window;", "1 names `web_sys`"),
            ("app/src/page/start.rs", "fn a() { plotters::prelude::b() }", "1 names `plotters`"),
            ("app/src/view_model/table.rs", "use leptos::prelude::*;", "1 names `leptos`"),
            ("app/src/view_model/table.rs", "use crate::state::App;", "1 names `crate::state`"),
            ("app/src/chart/scale.rs", "use leptos::prelude::*;", "1 names `leptos`"),
            ("app/src/state/mod.rs", "use engine::sim::run;", "1 names `engine::sim`"),
            ("server/src/routes.rs", "use scenario::v1::Scenario;", "1 names `scenario`"),
        ] {
            assert_eq!(said(path, text), [expected], "{path}: {text}");
        }
    }

    #[test]
    fn what_is_allowed_stays_allowed() {
        for (path, text) in [
            ("crates/engine/src/math.rs", "pub fn ln(x: f64) -> f64 { libm::log(x) }"),
            ("crates/engine/src/a.rs", "use crate::math::ln; fn a(x: f64) -> f64 { ln(x).sqrt() }"),
            ("crates/engine/src/a.rs", "#[cfg(test)]\nmod tests { fn a(x: f64) -> f64 { x.ln() } }"),
            ("crates/engine/tests/laws.rs", "fn a(x: f64) -> f64 { x.ln() }"),
            ("crates/study/src/a.rs", "use std::time::Duration;"),
            ("app/src/platform/clock.rs", "use web_sys::window;"),
            ("app/src/chart/svg.rs", "use plotters::prelude::*;"),
            ("app/src/chart/hover.rs", "use leptos::prelude::*;"),
            ("crates/cli/src/files.rs", "use std::fs;"),
            ("server/src/a.rs", "let scenario = 1; scenario + engine"),
            ("server/src/a.rs", "use base64::engine::general_purpose::STANDARD;"),
        ] {
            assert_eq!(said(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }
}
