//! Lines by priority: where an order of the line can be kept, and where it or a priority has no effect.

use super::names::Names;
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{CallMode, Component, ComponentKind, Discipline, Scenario};

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let scenario = names.scenario;
    let root = Path::ROOT;
    let (traffic, components) = (root.key("traffic"), root.key("components"));
    let differ = differ(scenario);
    for (i, component) in scenario.components.iter().enumerate() {
        let Some(discipline) = component.discipline.filter(|discipline| *discipline != Discipline::Fifo) else {
            continue;
        };
        let own = components.index(i);
        let path = own.key("discipline");
        if let Some(kind) = names.kind(i)
            && let Some((text, remedy)) = impossible(component, kind, discipline)
        {
            findings.problem(&path, text, remedy);
        } else if !differ {
            findings.note(
                &path,
                "all classes have the same priority: first come, first served",
                "give the classes priorities",
            );
        } else if !has_line(component) {
            findings.note(&path, "without a limit nobody waits in line here", "give the slots, cores or consumers");
        }
    }
    if differ && !scenario.components.iter().any(|c| c.discipline.is_some_and(|d| d != Discipline::Fifo)) {
        let raised = scenario.traffic.iter().position(|class| class.priority.is_some_and(|priority| priority > 0));
        let class = traffic.index(raised.unwrap_or_default());
        let path = class.key("priority");
        let remedy = "set discipline of a component to priority or preemptive";
        findings.note(&path, "no component looks at priorities", remedy);
    }
}

/// Whether any two classes have different priorities.
fn differ(scenario: &Scenario) -> bool {
    let priority = |i: usize| scenario.traffic[i].priority.unwrap_or(0);
    (1..scenario.traffic.len()).any(|i| priority(i) != priority(0))
}

/// Why an order cannot be kept, and what to do instead.
fn impossible(
    component: &Component,
    kind: ComponentKind,
    discipline: Discipline,
) -> Option<(&'static str, &'static str)> {
    let waits = component.calls.iter().any(|call| call.mode != Some(CallMode::Async));
    match (kind, discipline) {
        (ComponentKind::Service, _) if component.cpu_cores.is_some() => Some((
            "on shared cores nobody is first: all in a slot progress at once",
            "leave out cpu_cores, or give fifo",
        )),
        (ComponentKind::Database, _) if component.usl.is_some() => {
            Some(("under contention all queries progress at once", "leave out usl, or give fifo"))
        }
        (ComponentKind::Service, Discipline::Preemptive) if waits => {
            Some(("a slot that is held over a call cannot be taken away", "give priority, or make its calls async"))
        }
        (ComponentKind::Queue, Discipline::Preemptive) => {
            Some(("a consumer holds its message until its calls answer", "give priority"))
        }
        _ => None,
    }
}

/// Whether anybody can wait in line.
fn has_line(c: &Component) -> bool {
    c.kind == ComponentKind::Queue || c.concurrency.is_some() || c.cores.is_some()
}
