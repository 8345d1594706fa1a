//! Own times: exactly one way of stating them, and figures that fit the family.

use super::problems::Findings;
use crate::path::Path;
use crate::v1::{DistKind, Quantity, Service, ServiceTime};

pub(super) fn check(service: &Service, path: &Path, findings: &mut Findings) {
    match service {
        Service::All(time) => check_time(time, path, findings),
        Service::By(map) => map.iter().for_each(|(class, time)| check_time(time, &path.key(class), findings)),
    }
}

fn check_time(time: &ServiceTime, path: &Path, findings: &mut Findings) {
    let percentiles = [("p50_ms", &time.p50_ms), ("p95_ms", &time.p95_ms), ("p99_ms", &time.p99_ms)];
    let stated: Vec<(&str, f64)> = percentiles.iter().filter_map(|(k, q)| q.as_ref().map(|q| (*k, q.value))).collect();
    let ways = [time.mean_ms.is_some(), !stated.is_empty(), !time.points.is_empty()];
    match ways.iter().filter(|way| **way).count() {
        0 => findings.problem(
            path,
            "the own time is not stated",
            "give mean_ms, or two of p50_ms, p95_ms, p99_ms, or points",
        ),
        1 => {}
        _ => {
            let text = "the own time is stated in more than one way";
            findings.problem(path, text, "keep one of mean_ms, the percentiles, and points");
        }
    }
    if stated.len() == 1 {
        let text = format!("{} alone does not fix a lognormal", stated[0].0);
        findings.problem(&path.key(stated[0].0), text, "give two of p50_ms, p95_ms and p99_ms");
    }
    for pair in stated.windows(2).filter(|pair| pair[1].1 < pair[0].1) {
        let text = format!("{} is {}, less than {} with {}", pair[1].0, pair[1].1, pair[0].0, pair[0].1);
        findings.problem(&path.key(pair[1].0), text, "give ascending percentiles");
    }
    if !stated.is_empty() && time.cv.is_some() {
        findings.problem(&path.key("cv"), "the percentiles already say how much the time varies", "remove cv");
    }
    family(time, !stated.is_empty(), path, findings);
    points(&time.points, &path.key("points"), findings);
}

fn family(time: &ServiceTime, by_percentiles: bool, path: &Path, findings: &mut Findings) {
    let Some(dist) = time.dist else {
        return;
    };
    let cv = time.cv.as_ref().map(|cv: &Quantity| cv.value);
    let own = path.key("dist");
    if by_percentiles && dist != DistKind::Lognormal {
        findings.problem(&own, "percentiles are fitted by a lognormal", "remove dist, or give mean_ms and cv");
    }
    if (dist == DistKind::Empirical) == time.points.is_empty() {
        findings.problem(&own, "points and the family empirical belong together", "give both, or neither");
    }
    let fault = match (dist, cv) {
        (DistKind::Exponential, Some(cv)) if cv != 1.0 => Some("an exponential time has cv 1"),
        (DistKind::Deterministic, Some(cv)) if cv != 0.0 => Some("a deterministic time has cv 0"),
        (DistKind::Hyperexponential, None) => Some("a hyperexponential time needs its cv"),
        (DistKind::Hyperexponential, Some(cv)) if cv <= 1.0 => Some("a hyperexponential time has cv above 1"),
        (DistKind::Gamma | DistKind::Lognormal, Some(0.0)) => Some("a time with cv 0 is deterministic"),
        _ => None,
    };
    if let Some(fault) = fault {
        let stated = cv.map_or_else(|| "none is given".to_owned(), |cv| format!("{cv} is given"));
        findings.problem(
            &path.key("cv"),
            format!("{fault}; {stated}"),
            "mend cv, or leave out dist: the family follows from cv",
        );
    }
}

fn points(points: &[(f64, f64)], path: &Path, findings: &mut Findings) {
    for (i, pair) in points.windows(2).enumerate().filter(|(_, p)| p[1].0 < p[0].0 || p[1].1 < p[0].1) {
        let text = format!("[{}, {}] does not follow [{}, {}]", pair[1].0, pair[1].1, pair[0].0, pair[0].1);
        findings.problem(&path.index(i + 1), text, "give times and probabilities ascending");
    }
    if let Some(last) = points.last().filter(|last| last.1 != 1.0) {
        let text = format!("the last probability is {}", last.1);
        findings.problem(&path.index(points.len() - 1), text, "end at probability 1");
    }
}
