//! The session as the page drives it, natively.

mod importing;

use super::{Analyst, Importer, Session, Solver};
use crate::protocol::{
    Bound, Compared, LeaveOut, Origin, PlanView, Projection, Request, Response, Shared, Sharing, SilentView, Study,
    Work,
};
use std::path::PathBuf;

fn shop() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/shop-stack")
}

fn run(session: &mut impl Session) -> Vec<Response> {
    while session.step() {}
    session.desk().take_answers()
}

fn project(session: &mut Solver, generation: u64, text: String) -> Result<Vec<Projection>, Vec<String>> {
    session.handle(Request::Document { generation, text });
    let mut projections = Vec::new();
    for answer in run(session) {
        match answer {
            Response::Projection { projection, .. } => projections.push(*projection),
            Response::Refused { problems, .. } => {
                return Err(problems.into_iter().map(|problem| problem.path).collect());
            }
            _ => {}
        }
    }
    Ok(projections)
}

#[test]
fn links_come_back_and_bad_ones_say_why() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Solver::default();
    let view = r#"{"multiple":3.0,"tab":"spend","seed":7}"#.to_owned();
    let mut analyst = Analyst::default();
    let leave_out = LeaveOut::default();
    analyst.handle(Request::Share { asked: 4, document: scenario.clone(), leave_out, view: view.clone() });
    let Some(Response::Link { asked: 4, fragment, .. }) = run(&mut analyst).pop() else { panic!("a link") };
    for request in [Request::OpenLink(fragment.clone()), Request::OpenText(format!("https://example.org/#{fragment}"))]
    {
        session.handle(request);
        let Some(Response::Opened { text, origin, losses, view: shown }) = run(&mut session).pop() else {
            panic!("a document")
        };
        assert_eq!((origin, losses.len(), &shown), (Origin::Link, 0, &view));
        assert_eq!(scenario::parse(&text).unwrap().scenario, scenario::parse(&scenario).unwrap().scenario);
    }
    for bad in ["", "s=1AAAA", "nonsense", "s=9abc"] {
        session.handle(Request::OpenLink(bad.to_owned()));
        assert!(matches!(run(&mut session).as_slice(), [Response::NotDone { .. }]), "{bad}");
    }
}

#[test]
fn a_link_can_keep_money_and_names_back() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Solver::default();
    let mut analyst = Analyst::default();
    analyst.handle(Request::Share {
        asked: 1,
        document: scenario,
        leave_out: LeaveOut { money: true, names: true, ..LeaveOut::default() },
        view: r#"{"multiple": 3, "tab": "spend", "selected": "payment", "more": {"class": "browse", "percentile": "p99"}}"#.into(),
    });
    let Some(Response::Link { fragment, left, .. }) = run(&mut analyst).pop() else { panic!("a link") };
    assert!(left.iter().any(|words| words == "6 components with their times and limits"), "{left:?}");
    session.handle(Request::OpenLink(fragment));
    let Some(Response::Opened { text, losses, view, .. }) = run(&mut session).pop() else { panic!("a document") };
    assert!(losses.is_empty(), "{losses:?}");
    assert_eq!(
        view, r#"{"multiple":3.0,"tab":"spend","more":{"percentile":"p99"}}"#,
        "what is looked at has a name too"
    );
    for secret in ["browse", "PostgreSQL", "payment", "per_replica_hour", "Shop", "aiohttp"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(scenario::parse(&text).is_ok());
}

#[test]
fn every_ready_scenario_opens_and_is_projected() {
    let mut session = Solver::default();
    session.handle(Request::Gallery);
    let Some(Response::Gallery(examples)) = run(&mut session).pop() else { panic!("a list") };
    assert!(examples.len() >= 20);
    for example in examples {
        assert!(!example.title.is_empty() && !example.lesson.is_empty() && example.components > 0, "{example:?}");
        session.handle(Request::OpenExample(example.id.clone()));
        let Some(Response::Opened { text, .. }) = session.desk().take_answers().pop() else { panic!("{}", example.id) };
        assert!(scenario::parse(&text).is_ok(), "{}", example.id);
        // Hit ratios that follow from a million keys take seconds unoptimized; the scenario's own tests pin their results.
        if text.contains("\"keys\"") {
            continue;
        }
        session.handle(Request::Document { generation: 1, text });
        assert!(session.step(), "{}", example.id);
        let answers = session.desk().take_answers();
        assert!(matches!(answers.first(), Some(Response::Projection { .. })), "{}: {answers:?}", example.id);
    }
}

#[test]
fn a_simulation_tells_how_far_it_is_and_can_be_stopped() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let request = |seconds: f64| Request::Simulate {
        run: 1,
        part: (0, 1),
        document: document.clone(),
        multiple: 2.0,
        seconds,
        replications: 3,
        seed: 7,
    };
    let mut session = Analyst::default();
    session.handle(request(60.0));
    let answers = run(&mut session);
    let simulations: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| match answer {
            Response::Simulation(it) => Some(it),
            _ => None,
        })
        .collect();
    let last = simulations.last().unwrap();
    assert!(last.done && last.share == 1.0 && last.replications == 3 && !last.times.is_empty());
    let p95 = last.figures.iter().find(|figure| figure.class && figure.of == "browse" && figure.name == "p95").unwrap();
    let (low, high) = p95.interval.unwrap();
    assert!(low <= p95.value && p95.value <= high && low > 0.0);
    assert!(simulations.windows(2).all(|pair| pair[0].share <= pair[1].share));
    assert_eq!(last.warnings, Vec::<String>::new());

    session.handle(request(1e6));
    assert!(session.step());
    session.handle(Request::Cancel(Work::Study(Study::Plan)));
    assert!(session.step(), "a plan was stopped, not this");
    session.handle(Request::Cancel(Work::Simulation));
    assert!(!session.step());
    session.handle(request(-1.0));
    assert!(matches!(run(&mut session).pop(), Some(Response::NotSimulated { run: 1, .. })));
}

#[test]
fn an_event_that_a_run_does_not_reach_is_told_once_it_is_over() {
    let text = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (at, told) in [(10, 0), (30, 1)] {
        document["events"] = serde_json::json!([{"at_s": at, "for_s": 5, "kind": "traffic_spike", "amount": 1}]);
        let (part, document) = ((0, 1), document.to_string());
        let mut session = Analyst::default();
        session.handle(Request::Simulate {
            run: 1,
            part,
            document,
            multiple: 1.0,
            seconds: 30.0,
            replications: 1,
            seed: 7,
        });
        let answers = run(&mut session);
        let warned = answers.iter().map(|answer| match answer {
            Response::Simulation(it) => (it.done, it.warnings.len()),
            other => panic!("{other:?}"),
        });
        let warned: Vec<_> = warned.collect();
        assert_eq!(warned.last(), Some(&(true, told)), "{at}");
        assert!(warned.iter().all(|(done, count)| *done || *count == 0), "{warned:?}");
    }
}

/// However many workers play it, the page gets the same figures.
#[test]
fn parts_give_what_one_gives() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let request = |part: (u32, u32)| Request::Simulate {
        run: 4,
        part,
        document: document.clone(),
        multiple: 1.0,
        seconds: 30.0,
        replications: 5,
        seed: 7,
    };
    let last = |answers: Vec<Response>| match answers.into_iter().next_back() {
        Some(Response::Simulation(it)) => it,
        other => panic!("{other:?}"),
    };
    let mut alone = Analyst::default();
    alone.handle(request((0, 1)));
    let whole = last(run(&mut alone));
    assert!(whole.done && whole.replications == 5 && whole.cost.is_some() && !whole.slow.is_empty());
    for of in [2, 3, 5] {
        let mut first = Analyst::default();
        first.handle(request((0, of)));
        assert!(!last(run(&mut first)).done, "it waits for the others");
        let found = (1..of).map(|index| {
            let mut other = Analyst::default();
            other.handle(request((index, of)));
            match run(&mut other).as_slice() {
                [Response::SimulationPart { run: 4, found }] => found.clone(),
                unexpected => panic!("{unexpected:?}"),
            }
        });
        let found: Vec<Vec<u8>> = found.collect();
        first.handle(Request::SimulationParts { run: 3, found: Vec::new() });
        assert!(!first.step(), "another run's parts are none of this one's");
        for bad in [found[1..].to_vec(), vec![vec![0xff]; found.len()]] {
            let mut short = Analyst::default();
            short.handle(request((0, of)));
            run(&mut short);
            short.handle(Request::SimulationParts { run: 4, found: bad });
            assert!(
                matches!(run(&mut short).as_slice(), [Response::NotSimulated { run: 4, .. }]),
                "fewer replications are no answer"
            );
        }
        first.handle(Request::SimulationParts { run: 4, found });
        assert_eq!(last(run(&mut first)), whole, "{of} parts");
    }
}

#[test]
fn each_component_is_lost_once() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let components = document.matches("\"kind\": \"").count();
    let mut session = Analyst::default();
    session.handle(Request::LoseEach { asked: 3, document, seed: 1 });
    session.now(1.0);
    let Some(Response::Losses(losses)) = run(&mut session).pop() else { panic!("no table") };
    assert_eq!((losses.asked, losses.share), (3, 1.0));
    assert!(losses.cells.len() >= losses.multiples.len() && losses.cells.len() % losses.multiples.len() == 0);
    assert!(losses.cells.len() <= components * losses.multiples.len());
    assert!(losses.cells.iter().any(|cell| cell.error_ratio > 0.5), "a shop without its database answers nobody");
    session.handle(Request::LoseEach { asked: 4, document: "{}".into(), seed: 1 });
    assert!(matches!(run(&mut session).as_slice(), [Response::NoStudy { what: Study::Losses, asked: 4, .. }]));
}

/// An API over a database of so many connections, which refuses what does not fit into them.
fn refusing(connections: u32, slos: &str) -> String {
    format!(
        r#"{{"format": "headroom/1", "name": "refusing",
        "traffic": [{{"id": "browse", "entry": "api", "arrivals": {{"open": {{"rate": 100}}}}}}],
        "components": [
            {{"id": "api", "kind": "service", "service": {{"mean_ms": 1}}, "concurrency": 20, "calls": [{{"to": "db"}}]}},
            {{"id": "db", "kind": "database", "service": {{"mean_ms": 20}}, "cores": 4, "max_connections": {connections}}}],
        "slos": [{slos}]}}"#
    )
}

/// Three connections for twenty callers of 20 ms at 100/s: nothing is overloaded, as what does not fit is refused. No objective asks
/// for errors; one that does breaks instead.
#[test]
fn refusals_that_no_objective_is_about_are_in_the_headline() {
    let of =
        |slos: &str| project(&mut Solver::default(), 1, refusing(3, slos)).unwrap().pop().unwrap().headroom.unwrap();
    let open = of("");
    let Some(SilentView::Failing { class, share, .. }) = &open.silent else { panic!("{open:?}") };
    assert!(open.multiple.is_none() && class == "browse" && *share > 0.05, "{open:?}");
    let asked = of(r#"{"traffic": "browse", "max_error_ratio": 0.01}"#);
    assert!(asked.multiple.is_some() && asked.silent.is_none(), "{asked:?}");
}

/// The page looks at more multiples than the command does; of the limit and what is at its end they say the same.
#[test]
fn the_page_and_the_command_agree_on_the_headline() {
    let all = std::fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scenario/gallery")).unwrap();
    for path in all.map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = scenario::parse(&text).unwrap().scenario;
        let said = study::solve(&scenario, &[]).unwrap();
        let sentence = study::headline::headline(&said, &scenario).sentence;
        let limit = said.headroom.clone().unwrap();
        let mut session = Solver::default();
        session.handle(Request::Document { generation: 1, text });
        // The first answer is enough: what draws add to it is the band.
        let first = loop {
            assert!(session.step());
            let mut answers = session.desk().take_answers().into_iter();
            if let Some(Response::Projection { projection, .. }) = answers.next() {
                break projection.headroom.unwrap();
            }
        };
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.01;
        assert_eq!(first.multiple.is_some(), limit.multiple.is_some(), "{name}: {sentence} {first:?}");
        let both = first.multiple.or(first.at_least).zip(limit.multiple.or(limit.at_least));
        assert!(both.is_some_and(|(a, b)| near(a, b)), "{name}: {sentence} {first:?}");
        assert_eq!(
            (first.no_limit, &first.component, &first.resource, first.objective),
            (limit.no_limit, &limit.component, &limit.resource, limit.objective),
            "{name}: {sentence}"
        );
        let holds = sentence.contains("very objective holds up to") && !sentence.contains("holds up to there");
        let below = sentence.contains("With less load than today's");
        assert!(!below || !first.fails_below.is_empty(), "{name}: {sentence} {first:?}");
        assert_eq!(first.silent.is_some() && !first.no_limit, holds, "{name}: {sentence} {first:?}");
        assert!(first.collapses || !sentence.contains("Retries can hold it in collapse"), "{name}: {sentence}");
        assert!(!first.unsettled.is_empty() || !sentence.contains("did not settle"), "{name}: {sentence}");
    }
}

#[test]
fn a_broken_document_is_refused_with_its_places() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let broken = scenario.replace("\"rate\": 24", "\"rate\": -24").replace("\"prefetch\": 1", "\"prefetsch\": 1");
    let paths = project(&mut Solver::default(), 3, broken).unwrap_err();
    assert!(paths.iter().any(|path| path.contains("traffic[0].arrivals.open.rate")), "{paths:?}");
    assert!(paths.iter().any(|path| path.contains("prefetsch")), "{paths:?}");
}

#[test]
fn a_newer_document_drops_the_older_work() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Solver::default();
    session.handle(Request::Document { generation: 1, text: scenario.clone() });
    assert!(session.step());
    session.handle(Request::Document { generation: 2, text: scenario });
    let generations: Vec<u64> = run(&mut session)
        .into_iter()
        .filter_map(|answer| match answer {
            Response::Projection { generation, .. } => Some(generation),
            _ => None,
        })
        .collect();
    assert_eq!(generations.iter().filter(|generation| **generation == 1).count(), 1);
    assert!(generations.last() == Some(&2));
}

#[test]
fn a_plan_comes_multiple_by_multiple_and_can_be_stopped() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Analyst::default();
    let request = Request::Plan { asked: 7, generation: 5, document: document.clone(), multiples: vec![1.0, 8.0] };
    session.handle(request.clone());
    let plans: Vec<PlanView> = run(&mut session)
        .into_iter()
        .filter_map(|answer| match answer {
            Response::Planned(plan) => Some(*plan),
            _ => None,
        })
        .collect();
    // Steps first, one by one; then options and designs; shares that only grow.
    let mut steps: Vec<(usize, bool)> = plans.iter().map(|plan| (plan.steps.len(), plan.done)).collect();
    steps.dedup();
    assert_eq!(steps, [(1, false), (2, false), (2, true)]);
    assert!(plans.windows(2).all(|pair| pair[0].share <= pair[1].share));
    let last = plans.last().unwrap();
    assert_eq!((last.asked, last.generation, last.share, last.priced), (7, 5, 1.0, true));
    let step = &last.steps[1];
    assert!(step.feasible && step.multiple == 8.0, "{step:?}");
    let (_, before, after) = step.latency.iter().find(|(class, _, _)| class == "browse").unwrap();
    assert!(after.is_some() && before.is_none_or(|before| after.unwrap() <= before), "{step:?}");
    // What it proposes can be made, with the figures it promised.
    assert!(!last.designs.is_empty() && !last.method.is_empty(), "{last:?}");
    let designs = last.designs.iter().map(|design| (&design.edit, design.headroom));
    let options = last.options.iter().map(|option| (&option.edit, option.headroom));
    for (edit, headroom) in
        designs.chain(options).chain([(&step.edit, step.headroom)]).filter(|(edit, _)| !edit.is_empty())
    {
        let (document, what) = (document.clone(), "so".to_owned());
        session.handle(Request::Change { document, edit: edit.clone(), what });
        let Some(Response::Changed { document, what }) = run(&mut session).pop() else { panic!("{edit}") };
        assert_eq!(what, "so");
        let changed = scenario::parse(&document).unwrap().scenario;
        let now = study::solve(&changed, &[1.0]).unwrap().headroom.and_then(|headroom| headroom.multiple);
        assert_eq!(now.map(|now| (100.0 * now).round()), headroom.map(|then| (100.0 * then).round()), "{edit}");
    }
    session.handle(Request::Change { document: document.clone(), edit: "{}".into(), what: String::new() });
    // What is under way is not touched by a change that cannot be made, nor by a share that cannot.
    assert!(matches!(run(&mut session).as_slice(), [Response::NotDone { .. }]));
    let leave_out = LeaveOut::default();
    session.handle(Request::Share { asked: 1, document: "{}".into(), leave_out, view: String::new() });
    assert!(matches!(run(&mut session).as_slice(), [Response::NotDone { .. }]));
    session.handle(Request::Plan { asked: 8, generation: 6, document: "{}".into(), multiples: Vec::new() });
    assert!(matches!(run(&mut session).as_slice(), [Response::NoStudy { what: Study::Plan, asked: 8, .. }]));
    for (stopped, goes_on) in [
        (Work::Import, true),
        (Work::Simulation, true),
        (Work::Study(Study::Losses), true),
        (Work::Study(Study::Plan), false),
        (Work::Analysis, false),
        (Work::Everything, false),
    ] {
        session.handle(request.clone());
        assert!(session.step());
        session.handle(Request::Cancel(stopped));
        assert_eq!(session.step(), goes_on, "{stopped:?}");
        session.handle(Request::Cancel(Work::Everything));
    }
}

#[test]
fn the_headline_has_its_tornado() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Analyst::default();
    let busy = document.replace("\"rate\": 24", "\"rate\": 120");
    assert_ne!(busy, document);
    session.handle(Request::Sensitivity { asked: 4, generation: 2, document: busy });
    let Some(Response::Sensitivity(found)) = run(&mut session).pop() else { panic!("an answer") };
    assert_eq!((found.asked, found.generation, found.of.as_str()), (4, 2, "headroom"));
    assert!(!found.rows.is_empty() && found.rows.windows(2).all(|pair| pair[0].share >= pair[1].share));
    // One slot: the headroom is 100 ms over the time; nothing breaks up to the last multiple at 1 ms, all does at 2 s.
    for (low, high, bounds) in [
        (3.0, 40.0, (Bound::Exact, Bound::Exact)),
        (1.0, 40.0, (Bound::More, Bound::Exact)),
        (9.0, 2000.0, (Bound::Exact, Bound::Less)),
    ] {
        let document = format!(
            r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":10}}}}}}],
            "components":[{{"id":"api","kind":"service","concurrency":1,
            "service":{{"mean_ms":{{"value":10,"low":{low},"high":{high}}}}}}}],"growth":{{"multiples":[1,50]}}}}"#
        );
        session.handle(Request::Sensitivity { asked: 6, generation: 2, document });
        let Some(Response::Sensitivity(found)) = run(&mut session).pop() else { panic!("an answer") };
        let row = &found.rows[0];
        assert_eq!((row.low_bound, row.high_bound), bounds, "{low} to {high}: {row:?}");
        assert_eq!(found.value_bound, Bound::Exact);
    }
    session.handle(Request::Sensitivity { asked: 5, generation: 2, document: "{}".into() });
    assert!(matches!(run(&mut session).pop(), Some(Response::NoStudy { what: Study::Sensitivity, asked: 5, .. })));
}

#[test]
fn scenarios_stand_side_by_side() {
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let bigger = document.replace("\"pg\": 4", "\"pg\": 8");
    assert_ne!(bigger, document);
    let mut session = Analyst::default();
    session
        .handle(Request::Compare { asked: 6, items: vec![Compared::Text(document.clone()), Compared::Text(bigger)] });
    let Some(Response::Compared(found)) = run(&mut session).pop() else { panic!("an answer") };
    assert!(found.asked == 6 && found.done && found.names.len() == 2 && found.headrooms.len() == 2);
    assert_eq!(found.inputs, [("components.app.pools.pg".to_owned(), vec![Some(4.0), Some(8.0)])]);
    assert!(found.p95.iter().all(|(_, lines)| lines.len() == 2 && lines[0].len() == found.multiples.len()));
    let renamed = document.replace("\"browse\"", "\"look\"");
    assert_ne!(renamed, document);
    session
        .handle(Request::Compare { asked: 8, items: vec![Compared::Text(document.clone()), Compared::Text(renamed)] });
    let Some(Response::Compared(apart)) = run(&mut session).pop() else { panic!("an answer") };
    let (_, lines) = apart.p95.iter().find(|(id, _)| id == "look").expect("its lines");
    assert!(lines[0].is_empty() && lines[1].len() == apart.multiples.len(), "who has no such class has no line");
    let (few, many) = (Compared::Text(refusing(3, "")), Compared::Text(refusing(400, "")));
    session.handle(Request::Compare { asked: 9, items: vec![few, many] });
    for answer in run(&mut session) {
        let Response::Compared(refusing) = answer else { panic!("an answer") };
        let silent: Vec<bool> = refusing.headrooms.iter().map(|one| one.silent.is_some()).collect();
        assert!(silent[0] && refusing.headrooms[0].multiple.is_none(), "who refuses says so: {:?}", refusing.headrooms);
        assert!(!silent[1], "{:?}", refusing.headrooms[1]);
    }
    let one = vec![Compared::Text(document.clone())];
    let unknown = vec![Compared::Text(document), Compared::Example("no such".into())];
    for bad in [one, unknown] {
        session.handle(Request::Compare { asked: 7, items: bad });
        assert!(matches!(run(&mut session).pop(), Some(Response::NoStudy { what: Study::Compare, asked: 7, .. })));
    }
}

#[test]
fn a_request_for_another_worker_is_refused_not_dropped() {
    fn refuses(mut session: impl Session, request: Request) -> bool {
        session.handle(request);
        matches!(run(&mut session).pop(), Some(Response::Failed { .. }))
    }
    assert!(refuses(Solver::default(), Request::Forget));
    assert!(refuses(Importer::default(), Request::Gallery));
    assert!(refuses(Analyst::default(), Request::Gallery));
}

fn share(session: &mut impl Session, step: Sharing) -> Result<Shared, Vec<String>> {
    session.handle(Request::Sharing { number: 3, step });
    match run(session).pop() {
        Some(Response::Shared { number: 3, answer }) => {
            answer.map_err(|problems| problems.into_iter().map(|p| p.text).collect())
        }
        other => panic!("an answer, not {other:?}"),
    }
}

#[test]
fn a_stored_share_is_packed_read_compared_and_merged() {
    let base = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let view = r#"{"multiple":2.5,"seed":9,"more":{"class":"browse"}}"#;
    let cover = r#"{"name":"Before the sale","comments":[{"author":"Ada","at":"2026-11-03","text":"why?"}]}"#;
    let mut session = Solver::default();
    let mut analyst = Analyst::default();
    let pack = Sharing::Pack {
        document: base.clone(),
        leave_out: LeaveOut { money: true, ..LeaveOut::default() },
        view: view.into(),
        cover: cover.into(),
    };
    let Ok(Shared::Packed(bytes)) = share(&mut analyst, pack) else { panic!("bytes") };
    let Ok(Shared::Unpacked(unpacked)) = share(&mut session, Sharing::Unpack(bytes.clone())) else { panic!("a share") };
    assert_eq!((unpacked.view.as_str(), unpacked.cover.as_str(), unpacked.losses.len()), (view, cover, 0));
    assert!(unpacked.text.contains("Shop") && !unpacked.text.contains("per_replica_hour"));
    let broken = share(&mut session, Sharing::Unpack(bytes[..bytes.len() / 8].to_vec())).unwrap_err();
    assert!(broken[0].contains("damaged"), "{broken:?}");

    let mine = base.replace("\"prefetch\": 1", "\"prefetch\": 4");
    let theirs = base.replace("\"rate\": 24", "\"rate\": 30").replace("\"prefetch\": 1", "\"prefetch\": 2");
    let compare = Sharing::Compare { before: base.clone(), after: theirs.clone() };
    let Ok(Shared::Compared(difference)) = share(&mut analyst, compare) else { panic!("a difference") };
    assert!(difference.changes.iter().any(|change| change.contains("Rate 24 /s → 30 /s")), "{difference:?}");
    assert!(difference.figures.iter().any(|(what, _, _)| what.contains("p95 ms at")), "{difference:?}");
    assert!(difference.figures.iter().all(|(_, before, after)| before != after));
    let step = Sharing::Merge { base, mine, theirs, prefer_mine: true };
    let Ok(Shared::Merged(merged)) = share(&mut analyst, step) else { panic!("a document") };
    assert!(merged.text.contains("\"prefetch\":4") && merged.text.contains("\"rate\":30"), "{}", merged.text);
    assert_eq!((merged.mine.len(), merged.theirs.len(), merged.conflicts.len()), (1, 2, 1), "{merged:?}");
}
