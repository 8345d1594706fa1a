//! The importer: files in any order and number, what replaces what, what is cancelled, undone and done again.

use super::{project, run, shop};
use crate::protocol::{FileRole, Imported, REPLACES, Request, Response, Work};
use crate::session::{Importer, Session, Solver};

fn drop_files(session: &mut Importer, document: Option<String>, files: &[(String, Vec<u8>)]) -> Imported {
    session.handle(Request::Import { asked: 1, document });
    for (name, bytes) in files {
        session.file_begin(session.import(), name, bytes.len() as f64);
        // Odd chunks: a reader must not depend on where they end.
        for chunk in bytes.chunks(1013) {
            session.file_chunk(session.import(), chunk);
        }
        session.file_end(session.import());
    }
    session.import_end(session.import());
    let answers = run(session);
    let imported = answers.into_iter().find_map(|answer| match answer {
        Response::Imported(imported) => Some(*imported),
        _ => None,
    });
    imported.expect("an import is answered")
}

fn all_shop_files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(shop())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_whole_shop_in_one_drop() {
    let mut session = Importer::default();
    let imported = drop_files(&mut session, None, &all_shop_files());
    assert!(imported.fresh && imported.document.is_some(), "{:?}", imported.problems);
    let role = |name: &str| imported.files.iter().find(|file| file.file == name).unwrap().role;
    assert_eq!(role("scenario.json"), FileRole::Scenario);
    assert_eq!(role("map.json"), FileRole::Map);
    assert_eq!(role("levels.json"), FileRole::Nothing);
    assert_eq!(role("shop_stats_history.csv"), FileRole::Measurements);
    let fit = imported.fit.unwrap();
    assert!(
        fit.backtest
            .as_ref()
            .is_some_and(|tested| tested.worst_error.is_some_and(|worst| worst < 0.25) && !tested.residuals.is_empty())
    );
    assert!(!fit.quantities.is_empty() && !fit.residuals.is_empty() && !fit.mapping.is_empty());

    let projections = project(&mut Solver::default(), 1, imported.document.unwrap()).unwrap();
    let (first, last) = (projections.first().unwrap(), projections.last().unwrap());
    assert!(!first.banded && last.banded);
    assert_eq!(last.multiples.len(), 91);
    assert!((last.multiples[1] - 1.1).abs() < 1e-9);
    assert!(last.headroom.as_ref().unwrap().band.is_some());
    assert!(!last.measured.is_empty());
    let browse = &last.classes[0];
    assert_eq!(browse.id, "browse");
    assert!(browse.bands["p95"][0].is_some() && browse.latency_ms["p95"][0].is_some());
    assert!(!browse.waterfall[0].is_empty());
    for (low, high) in browse.bands["p95"].iter().flatten() {
        assert!(low.is_finite() && high.is_none_or(|high| *low <= high && high.is_finite()));
    }
}

#[test]
fn a_bad_file_loses_nothing() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let negative = scenario.replace("\"rate\": 24", "\"rate\": -24");
    assert_ne!(negative, scenario);
    let rows: [(&str, Vec<u8>); 5] = [
        ("truncated.json", scenario.as_bytes()[..scenario.len() / 2].to_vec()),
        ("empty.csv", Vec::new()),
        ("picture.png", vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13]),
        ("negative.json", negative.into_bytes()),
        ("words.txt", b"just a note\n".to_vec()),
    ];
    for (name, bytes) in rows {
        let mut session = Importer::default();
        let imported = drop_files(&mut session, Some(scenario.clone()), &[(name.to_owned(), bytes)]);
        assert!(imported.document.is_none(), "{name}");
        assert!(
            imported.problems.iter().any(|problem| problem.path.starts_with(name) && !problem.text.is_empty()),
            "{name}: {imported:?}"
        );
    }
}

#[test]
fn files_that_cannot_be_fitted_to_what_is_open_say_so() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let refused = scenario.replace("\"rate\": 24", "\"rate\": -24");
    let measured: Vec<_> = all_shop_files().into_iter().filter(|(name, _)| name == "shop_stats_history.csv").collect();
    let (own, nothing) =
        (("scenario.json".to_owned(), scenario.clone().into_bytes()), ("a.txt".to_owned(), vec![b'a']));
    let with_own = [measured.as_slice(), &[own]].concat();
    // What is open, what is dropped; whether it is refused, fresh, and a document comes of it.
    let rows = [
        ("open", Some(&scenario), measured.clone(), false, false, true),
        ("refused", Some(&refused), measured.clone(), true, true, true),
        ("refused, with its own", Some(&refused), with_own, false, true, true),
        ("refused, and nothing measured", Some(&refused), vec![nothing], true, false, false),
        ("none", None, measured.clone(), false, true, true),
    ];
    for (name, open, files, open_is_refused, fresh, made) in rows {
        let mut session = Importer::default();
        // What was imported before is of the scenario that is open.
        let earlier = drop_files(&mut session, Some(scenario.clone()), &[("earlier.csv".to_owned(), LEVELS.into())]);
        let now = if open == Some(&scenario) { earlier.document } else { open.cloned() };
        let found = drop_files(&mut session, now, &files);
        let is = (found.open_is_refused, found.fresh, found.document.is_some());
        assert_eq!(is, (open_is_refused, fresh, made), "{name}: {found:?}");
        let earlier = found.document.is_some_and(|document| document.contains("earlier.csv"));
        assert_eq!(earlier, open == Some(&scenario), "{name}: a copy is drawn from what was dropped alone");
    }
}

/// Three steady levels.
const LEVELS: &str = "users,rps,mean_ms\n1,24,40\n2,48,41\n4,85,46\n";

#[test]
fn of_several_scenarios_the_one_that_counts_says_so() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let (map, other) =
        (std::fs::read(shop().join("map.json")).unwrap(), scenario.replace("\"rate\": 24", "\"rate\": 25"));
    let files = [("a.json", scenario.into_bytes()), ("map.json", map), ("b.json", other.into_bytes())];
    let found = drop_files(&mut Importer::default(), None, &files.map(|(name, bytes)| (name.to_owned(), bytes)));
    let told: Vec<bool> =
        found.files.iter().map(|file| file.warnings.iter().any(|(code, _)| code == "several")).collect();
    assert_eq!(told, [false, false, true]);
    assert!(found.document.is_some_and(|document| document.contains("25")));
}

#[test]
fn a_file_of_the_same_name_says_that_it_counts() {
    let mut open = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Importer::default();
    for (name, replaces) in [("a.csv", false), ("b.csv", false), ("a.csv", true)] {
        let found = drop_files(&mut session, Some(open), &[(name.to_owned(), LEVELS.into())]);
        open = found.document.clone().unwrap();
        let said = found.files[0].warnings.iter().any(|(code, text)| code == REPLACES && text.contains("in its place"));
        assert_eq!(said, replaces, "{name}: {:?}", found.files);
    }
}

#[test]
fn a_question_is_answered_by_reading_again() {
    // A duration without its unit.
    let table = "time,duration,status\n1,0.25,200\n2,0.5,200\n";
    let mut session = Importer::default();
    let files = [("table.csv".to_owned(), table.as_bytes().to_vec())];
    let imported = drop_files(&mut session, None, &files);
    let question = imported.files[0].question.clone().unwrap();
    assert!(!question.text.is_empty() && question.choices.len() > 1, "{question:?}");
    for (label, options) in &question.choices {
        session.handle(Request::Answer { asked: 1, document: None, options: options.clone() });
        session.file_begin(session.import(), "table.csv", table.len() as f64);
        session.file_chunk(session.import(), table.as_bytes());
        session.file_end(session.import());
        session.import_end(session.import());
        let answers = run(&mut session);
        let read = answers.iter().any(|answer| match answer {
            Response::Imported(imported) => imported.files[0].role == FileRole::Measurements,
            _ => false,
        });
        assert!(read, "{label}: {answers:?}");
    }
    session.handle(Request::Answer { asked: 1, document: None, options: "no JSON".into() });
    assert!(matches!(run(&mut session).pop(), Some(Response::Failed { .. })));
}

/// Files dropped while others are still read: the bytes of the old ones reach nothing.
#[test]
fn an_import_that_was_replaced_is_over() {
    let table = "users,rps,mean_ms\n1,24,40\n2,48,41\n4,85,46\n";
    let mut session = Importer::default();
    session.handle(Request::Import { asked: 1, document: None });
    let old = session.import();
    session.file_begin(old, "old.csv", 1e9);
    session.file_chunk(old, b"users,rps,mean_ms\n1,9,9\n");
    session.handle(Request::Import { asked: 2, document: None });
    let new = session.import();
    session.file_begin(new, "new.csv", table.len() as f64);
    session.file_chunk(old, b"2,9,9\n3,9,9\n");
    assert!(!session.wants_more(old) && session.wants_more(new));
    session.file_unreadable(old);
    session.file_end(old);
    session.import_end(old);
    session.file_chunk(new, table.as_bytes());
    session.file_end(new);
    session.import_end(new);
    let answers = run(&mut session);
    let imported = answers.iter().find_map(|answer| match answer {
        Response::Imported(imported) => Some(imported),
        _ => None,
    });
    let Imported { asked, files, .. } = &**imported.unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!((*asked, names), (2, vec!["new.csv"]));
    // A fit has its own number too, with and without an answer.
    let document = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    session.handle(Request::Calibrate { asked: 3, document });
    assert!(matches!(run(&mut session).pop(), Some(Response::Imported(fit)) if fit.asked == 3));
    session.handle(Request::Calibrate { asked: 4, document: "{".into() });
    assert!(matches!(run(&mut session).pop(), Some(Response::NotCalibrated { asked: 4, .. })));
    assert!(files[0].found.iter().any(|found| found == "3 steady levels"), "{:?}", files[0].found);
}

/// An import that was undone counts in no later fit, until it is done again.
#[test]
fn what_was_undone_counts_once_it_is_done_again() {
    let drawn = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let file = |name: &str, text: &str| vec![(name.to_owned(), text.as_bytes().to_vec())];
    let mut session = Importer::default();
    let fitted = |session: &mut Importer, document: &str, name: &str| {
        let found = drop_files(session, Some(document.to_owned()), &file(name, LEVELS));
        found.document.unwrap()
    };
    let named = |document: &str| -> Vec<String> {
        let scenario = scenario::parse(document).unwrap().scenario;
        scenario.imports.into_iter().filter_map(|import| import.file).collect()
    };
    let one = fitted(&mut session, &drawn, "one.csv");
    let two = fitted(&mut session, &one, "two.csv");
    assert_eq!(named(&two), ["one.csv", "two.csv"]);
    // Undone once, then as often as it was done; then all of it done again.
    for (open, wanted) in
        [(&one, &["one.csv", "three.csv"][..]), (&drawn, &["three.csv"]), (&two, &["one.csv", "two.csv", "three.csv"])]
    {
        assert_eq!(named(&fitted(&mut session, open, "three.csv")), wanted);
    }
    // A fit alone, of what is open.
    session.handle(Request::Calibrate { asked: 9, document: one.clone() });
    let Some(Response::Imported(fit)) = run(&mut session).pop() else { panic!("no fit") };
    assert_eq!(named(&fit.document.unwrap()), ["one.csv"]);
}

/// What JMeter would write of a request about every tenth of a second, beginning in milliseconds from a moment.
fn jmeter(name: &str, first: u64, requests: u64) -> (String, Vec<u8>) {
    let head = "timeStamp,elapsed,label,responseCode,success,allThreads";
    let row = |at: u64| {
        let (start, elapsed) =
            (1_700_000_000_000 + first + at * 100 + at * (7 + first) % 60, 35 + at * (3 + first) % 11);
        format!("{start},{elapsed},browse,200,true,{}", 2 + at / 1200)
    };
    let rows: Vec<String> = (0..requests).map(row).collect();
    (name.to_owned(), format!("{head}\n{}\n", rows.join("\n")).into_bytes())
}

/// A run of the same name as one that counts takes its place; undone, the first counts again.
#[test]
fn an_undone_run_of_the_same_name_gives_its_place_back() {
    let drawn = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Importer::default();
    let mut dropped = |open: &str, files: &[(String, Vec<u8>)]| {
        drop_files(&mut session, Some(open.to_owned()), files).document.unwrap()
    };
    let requests = |document: &str| -> Vec<Option<u64>> {
        let imports = scenario::parse(document).unwrap().scenario.imports;
        imports.into_iter().filter(|import| import.file.as_deref() == Some("run.jtl")).map(|i| i.requests).collect()
    };
    let first = dropped(&drawn, &[jmeter("run.jtl", 0, 3600)]);
    let second = dropped(&first, &[jmeter("run.jtl", 0, 3000)]);
    assert_eq!((requests(&first), requests(&second)), (vec![Some(3600)], vec![Some(3000)]));
    let later = [("levels.csv".to_owned(), LEVELS.as_bytes().to_vec())];
    assert_eq!(requests(&dropped(&first, &later)), [Some(3600)], "it was undone");
    assert_eq!(requests(&dropped(&second, &later)), [Some(3000)], "it was done again");
}

/// Files of one run are one record: all of them go on counting.
#[test]
fn generators_of_one_run_go_on_counting() {
    let drawn = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let mut session = Importer::default();
    let found = drop_files(&mut session, Some(drawn), &[jmeter("a.jtl", 0, 3600), jmeter("b.jtl", 50, 3600)]);
    let open = found.document.unwrap();
    let files = |document: &str| -> Vec<String> {
        scenario::parse(document).unwrap().scenario.imports.into_iter().filter_map(|import| import.file).collect()
    };
    assert_eq!(files(&open), ["a.jtl + b.jtl"]);
    session.handle(Request::Calibrate { asked: 3, document: open.clone() });
    let Some(Response::Imported(fit)) = run(&mut session).pop() else { panic!("no fit") };
    assert_eq!(files(&fit.document.unwrap()), ["a.jtl + b.jtl"]);
}

/// Cancelled while it is fitted, or when it was fitted and nobody waited for it any more: no later fit knows of it.
#[test]
fn what_was_cancelled_counts_in_no_later_fit() {
    let scenario = std::fs::read_to_string(shop().join("scenario.json")).unwrap();
    let file = |name: &str, text: &str| vec![(name.to_owned(), text.as_bytes().to_vec())];
    let slower = LEVELS.replace("40", "90").replace("41", "95").replace("46", "99");
    let later = LEVELS.replace("85", "80");
    let begun = |session: &mut Importer, document: Option<String>, files: &[(String, Vec<u8>)]| {
        session.handle(Request::Import { asked: 7, document });
        for (name, bytes) in files {
            session.file_begin(session.import(), name, bytes.len() as f64);
            session.file_chunk(session.import(), bytes);
            session.file_end(session.import());
        }
        session.import_end(session.import());
    };
    // What is cancelled: another file, one of a name that counts already, a scenario with a file of its own.
    let mut own = file("scenario.json", &scenario);
    own.extend(file("own.csv", &slower));
    let rows =
        [("another", file("cancelled.csv", &slower)), ("the same name", file("first.csv", &slower)), ("its own", own)];
    for (what, cancelled) in rows {
        for is_fitted in [false, true] {
            let fitted = |with: bool| {
                let mut session = Importer::default();
                let first = drop_files(&mut session, Some(scenario.clone()), &file("first.csv", LEVELS));
                if with {
                    begun(&mut session, first.document.clone(), &cancelled);
                    if is_fitted {
                        run(&mut session);
                    }
                    session.handle(Request::Cancel(Work::Import));
                    session.handle(Request::Drop { asked: 7 });
                    // Of one that was answered nothing is taken back.
                    session.handle(Request::Drop { asked: 1 });
                    assert!(run(&mut session).iter().all(|answer| !matches!(answer, Response::Imported(_))));
                }
                drop_files(&mut session, first.document, &file("later.csv", &later))
            };
            let found = fitted(true);
            assert!(found.document.is_some(), "{what}: {found:?}");
            assert!(found == fitted(false), "{what}, {is_fitted}: it still counts");
        }
    }
}

#[test]
fn a_file_too_large_to_be_held_is_refused_early_and_told_sparingly() {
    const CHUNK: usize = 512 * 1024;
    const SIZE: f64 = 2e9;
    // beginning, what follows, whether it is read to its end
    let rows: [(&str, &[u8], &str, bool); 2] = [
        ("whole.json", b"{\"list\":[", "1234567,", false),
        ("rows.csv", b"time,duration_ms,status,endpoint\n", "2026-11-03T10:00:00Z,12.5,200,/browse\n", true),
    ];
    for (name, start, piece, all) in rows {
        let mut session = Importer::default();
        session.handle(Request::Import { asked: 1, document: None });
        session.file_begin(session.import(), name, SIZE);
        session.file_chunk(session.import(), start);
        let chunk = piece.repeat(CHUNK / piece.len()).into_bytes();
        let mut chunks = 0;
        while chunks < 128 && session.wants_more(session.import()) {
            session.file_chunk(session.import(), &chunk);
            chunks += 1;
        }
        assert_eq!(chunks == 128, all, "{name}: {chunks} chunks");
        session.file_end(session.import());
        session.import_end(session.import());
        let answers = run(&mut session);
        let told = answers.iter().filter(|answer| matches!(answer, Response::Progress { .. })).count();
        assert!(told <= 20, "{name}: told {told} times of 64 MB in 2 GB");
        let refused = answers.iter().find_map(|answer| match answer {
            Response::Imported(imported) => imported.problems.first(),
            _ => None,
        });
        assert_eq!(refused.is_some_and(|problem| problem.text.contains("48 MB") && !problem.remedy.is_empty()), !all);
    }
}
