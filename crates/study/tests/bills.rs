//! Every form of bill reaches the components, and files of one run count once.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{data, drawn, map};
use ingest::{Measurements, Outcome, import_bytes};
use scenario::Scenario;
use study::calibrate::{CalibrateInput, Calibration, calibrate};

fn read(name: &str, text: &str) -> Measurements {
    match import_bytes(name, text.as_bytes()) {
        Outcome::Measured(found) => *found,
        other => panic!("{name}: {other:?}"),
    }
}

/// The shop's load tests and metrics with this bill in place of its own.
fn with(bill: &[Measurements]) -> Calibration {
    edited(bill, &|_| ())
}

/// [`with`], from the scenario as it is drawn but for an edit.
fn edited(bill: &[Measurements], edit: &dyn Fn(&mut Scenario)) -> Calibration {
    let mut scenario = drawn();
    edit(&mut scenario);
    let mut files: Vec<Measurements> = data().into_iter().filter(|file| file.costs.is_empty()).collect();
    files.extend(bill.iter().cloned());
    calibrate(&CalibrateInput { scenario: Some(&scenario), data: &files, map: Some(&map()), only_up_to_rps: None })
        .unwrap()
}

/// Money a month that the scenario keeps of an import's bill, explained or not.
fn kept(scenario: &Scenario, import: &str) -> f64 {
    let record = scenario.imports.iter().find(|record| record.id.contains(import)).unwrap();
    record.monthly_costs.values().chain(record.unexplained_costs.values()).sum()
}

fn days(row: impl Fn(u32) -> String) -> String {
    (1..=31).map(row).collect()
}

/// One month of a database for 3 a day, tax of 31 and a credit of 10 beside it, in each form. A month has 730 hours of October's
/// 744.
#[test]
fn every_form_of_bill_reaches_the_component() {
    let day = |day: u32| format!("2026-10-{day:02}");
    let next = |day: u32| if day == 31 { "2026-11-01".to_owned() } else { format!("2026-10-{:02}", day + 1) };
    let cur = "lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/LineItemType,lineItem/UnblendedCost,lineItem/CurrencyCode\n".to_owned()
        + &days(|d| format!("{}T00:00:00Z,{}T00:00:00Z,AmazonRDS,Usage,3,USD\n", day(d), next(d)))
        + "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,AmazonRDS,Tax,31,USD\n2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,AmazonRDS,Credit,-10,USD\n";
    let focus =
        "ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeCategory,BilledCost,EffectiveCost,BillingCurrency\n"
            .to_owned()
            + &days(|d| {
                format!("{}T00:00:00Z,{}T00:00:00Z,Amazon Relational Database Service,Usage,3,3,USD\n", day(d), next(d))
            })
            + "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Amazon Relational Database Service,Tax,31,31,USD\n2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,X,Credit,-10,-10,USD\n";
    let gcp = "service.description,usage_start_time,usage_end_time,cost,currency,credits,invoice.month,cost_type\n"
        .to_owned()
        + &days(|d| {
            let credits = if d == 1 { "\"[{\"\"amount\"\":-10,\"\"type\"\":\"\"PROMOTION\"\"}]\"" } else { "[]" };
            format!("Cloud SQL,{}T00:00:00,{}T00:00:00,3,USD,{credits},202610,regular\n", day(d), next(d))
        })
        + "Cloud SQL,2026-10-01T00:00:00,2026-11-01T00:00:00,31,USD,[],202610,tax\n";
    let azure = "Date,MeterCategory,ChargeType,CostInBillingCurrency,BillingCurrencyCode\n".to_owned()
        + &days(|d| format!("10/{d:02}/2026,Azure Database for PostgreSQL,Usage,3,USD\n"))
        + "10/31/2026,Azure Database for PostgreSQL,Tax,31,USD\n10/31/2026,Azure Database for PostgreSQL,Credit,-10,USD\n";
    let plain = "date,service,category,amount,currency\n".to_owned()
        + &days(|d| format!("{},PostgreSQL,Usage,3,USD\n", day(d)))
        + "2026-10-31,PostgreSQL,Tax,31,USD\n2026-10-31,PostgreSQL,Credit,-10,USD\n";
    for (name, text) in [("cur", cur), ("focus", focus), ("gcp", gcp), ("azure", azure), ("plain", plain)] {
        let report = with(&[read(&format!("{name}.csv"), &text)]).report;
        let row = |service: &str| report.bill.iter().find(|row| row.service.contains(service));
        let database = report
            .bill
            .iter()
            .find(|row| row.components == ["db"])
            .unwrap_or_else(|| panic!("{name}: {:?}", report.bill));
        assert!((database.billed_monthly - 93.0 * 730.0 / 744.0).abs() < 1e-6, "{name}: {database:?}");
        assert!(database.modelled_monthly.is_some(), "{name}");
        assert!((row("tax").unwrap().billed_monthly - 31.0 * 730.0 / 744.0).abs() < 1e-6, "{name}: {:?}", report.bill);
        assert!(
            (row("credit").unwrap().billed_monthly + 10.0 * 730.0 / 744.0).abs() < 1e-6,
            "{name}: {:?}",
            report.bill
        );
        assert!(report.notes.iter().any(|note| note.code == "tax"), "{name}");
    }
}

#[test]
fn clusters_and_plans_reach_the_component_by_name() {
    let opencost = r#"{"code":200,"data":[{"deployment:app":{"window":{"start":"2026-10-01T00:00:00Z","end":"2026-10-31T10:00:00Z"},"start":"2026-10-01T00:00:00Z","minutes":43800,"properties":{"controller":"app"},"totalCost":73.0}}]}"#;
    let infracost = r#"{"version":"0.2","currency":"USD","projects":[{"name":"p","breakdown":{"resources":[{"name":"aws_db_instance.shop","resourceType":"aws_db_instance","monthlyCost":"73","costComponents":[{"name":"x","monthlyCost":"73"}]}]}}]}"#;
    for (text, component) in [(opencost, "app"), (infracost, "db")] {
        let report = with(&[read("costs.json", text)]).report;
        let row =
            report.bill.iter().find(|row| row.components == [component]).unwrap_or_else(|| panic!("{:?}", report.bill));
        assert!((row.billed_monthly - 73.0).abs() < 0.1, "{row:?}");
    }
}

#[test]
fn months_of_a_bill_are_weighed_by_their_length() {
    // A service in one month of two costs half of it a month on average; amounts of another currency are left out.
    let text = "month,service,cost,currency\n2026-01,PostgreSQL,74.4,USD\n2026-02,PostgreSQL,67.2,USD\n2026-01,Redis,59,USD\n2026-01,Redis,7,EUR\n";
    let report = with(&[read("bill.csv", text)]).report;
    let billed = |service: &str| report.bill.iter().find(|row| row.service == service).unwrap().billed_monthly;
    assert!((billed("PostgreSQL") - 73.0).abs() < 1e-6, "{}", billed("PostgreSQL"));
    assert!((billed("Redis") - 59.0 * 730.0 / 1416.0).abs() < 1e-6, "{}", billed("Redis"));
    assert!(report.contradictions.iter().any(|note| note.code == "currency"));
}

/// Exports come a month at a time, overlap, and say the same twice; two accounts of one service do not.
#[test]
fn files_of_one_bill_are_one_bill() {
    let head = "month,service,cost,currency\n";
    let months = [("2026-08", 200.0), ("2026-09", 210.0), ("2026-10", 220.0)];
    let file = |name: &str, months: &[(&str, f64)]| {
        let rows: String = months.iter().map(|(month, cost)| format!("{month},PostgreSQL,{cost},USD\n")).collect();
        read(name, &format!("{head}{rows}"))
    };
    let billed = |files: &[Measurements]| {
        let report = with(files).report;
        let rows: Vec<f64> =
            report.bill.iter().filter(|row| row.service == "PostgreSQL").map(|row| row.billed_monthly).collect();
        let codes: Vec<String> = report.notes.iter().map(|note| note.code.clone()).collect();
        let texts: Vec<String> = report.contradictions.iter().map(|note| note.text.clone()).collect();
        (rows, codes.contains(&"bill-twice".to_owned()), texts.iter().any(|text| text.contains("two accounts")))
    };
    let (whole, _, _) = billed(&[file("all.csv", &months)]);
    let apart = billed(&[file("a.csv", &months[..2]), file("b.csv", &months[2..])]);
    assert_eq!(apart, (whole.clone(), false, false), "a file a month");
    let overlapping = billed(&[file("a.csv", &months[..2]), file("b.csv", &months[1..])]);
    assert_eq!(overlapping, (whole.clone(), true, false), "a month in two files");
    let (rows, copies, accounts) = billed(&[file("a.csv", &months), file("b.csv", &[("2026-10", 50.0)])]);
    assert_eq!((rows.len(), copies, accounts), (2, false, true), "another account: {rows:?}");
    // An export in another form says the same.
    let line = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,PostgreSQL,Usage,220,220,USD\n";
    let other = read(
        "focus.csv",
        &format!(
            "ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeCategory,BilledCost,EffectiveCost,BillingCurrency\n{line}"
        ),
    );
    let (rows, copies, accounts) = billed(&[file("all.csv", &months), other]);
    assert_eq!((rows, copies, accounts), (whole, true, false), "in another form");
}

/// What a bill can be that no model explains: the case, its lines, the note or contradiction and where, and what of it counts.
#[test]
fn what_does_not_fit_the_model_is_said() {
    let head = "month,service,category,cost,currency\n";
    let rows: [(&str, &str, &str, &str, f64); 5] = [
        ("no match", "2026-10,Office plants,Usage,120,USD\n", "unexplained-cost", "Office plants", 120.0),
        ("another currency", "2026-10,PostgreSQL,Usage,211,EUR\n", "currency", "bill.csv", 0.0),
        (
            "two currencies",
            "2026-10,PostgreSQL,Usage,223.2,USD\n2026-10,PostgreSQL,Usage,9,EUR\n",
            "currency",
            "bill.csv",
            223.2,
        ),
        ("three times the model", "2026-10,PostgreSQL,Usage,700,USD\n", "bill", "PostgreSQL", 700.0),
        ("a negative line", "2026-10,PostgreSQL,Usage,-30,USD\n", "credit", "PostgreSQL", -30.0),
    ];
    for (name, lines, code, place, billed) in rows {
        let calibration = with(&[read("bill.csv", &format!("{head}{lines}"))]);
        let report = &calibration.report;
        let said = report.notes.iter().chain(&report.contradictions);
        let found: Vec<_> = said.filter(|note| note.code == code).collect();
        assert_eq!(found.iter().map(|note| note.place.as_str()).collect::<Vec<_>>(), [place], "{name}: {found:?}");
        let sum: f64 = report.bill.iter().map(|row| row.billed_monthly).sum();
        assert!((sum - billed * 730.0 / 744.0).abs() < 1e-6, "{name}: {sum}");
        assert!((kept(&calibration.scenario, "bill") - sum).abs() < 1e-6, "{name}: the scenario holds the whole bill");
        let explained = report.bill.iter().filter(|row| !row.components.is_empty());
        assert_eq!(explained.count(), usize::from(!["no match", "another currency"].contains(&name)), "{name}");
        // Nothing of it becomes a price.
        let price = |scenario: &Scenario| scenario.components.iter().map(|c| c.price.clone()).collect::<Vec<_>>();
        assert_eq!(price(&calibration.scenario), price(&drawn()), "{name}");
        assert!(study::text::fit(report).contains(&found[0].text), "{name}");
    }
}

/// Machines and their disks are two lines of one database: together they are its price, and together they are compared with it.
#[test]
fn lines_of_one_component_are_added() {
    let bill = "month,service,cost,currency\n2026-10,PostgreSQL,400,USD\n2026-10,Disks,100,USD\n";
    let mut map = map();
    map.costs.insert("Disks".into(), scenario::v1::OneOrMany::One("db".into()));
    let fit = |edit: &dyn Fn(&mut Scenario)| {
        let mut scenario = drawn();
        edit(&mut scenario);
        let mut files: Vec<Measurements> = data().into_iter().filter(|file| file.costs.is_empty()).collect();
        files.push(read("bill.csv", bill));
        calibrate(&CalibrateInput { scenario: Some(&scenario), data: &files, map: Some(&map), only_up_to_rps: None })
            .unwrap()
    };
    let of_bill = |found: &Calibration| {
        let notes = found.report.contradictions.iter().filter(|note| note.code == "bill");
        notes.map(|note| note.place.clone()).collect::<Vec<_>>()
    };
    let open = fit(&|scenario| scenario.components.iter_mut().for_each(|c| c.price = None));
    let price = open.scenario.components.iter().find(|c| c.id == "db").unwrap().price.clone().unwrap();
    let month = price.per_replica_hour.unwrap().value * 730.0;
    assert!((month / (500.0 * 730.0 / 744.0) - 1.0).abs() < 1e-9, "{month}");
    assert_eq!(of_bill(&open), Vec::<String>::new());
    for row in &open.report.bill {
        assert!((row.modelled_monthly.unwrap() / row.billed_monthly - 1.0).abs() < 1e-9, "{row:?}");
    }
    let rows = open.report.fitted.iter().filter(|row| row.path == "components.db.price.per_replica_hour");
    assert_eq!(rows.map(|row| row.how.clone()).collect::<Vec<_>>(), [r#"the bill's line "Disks" and "PostgreSQL""#]);
    // With a price in the scenario the two are one contradiction.
    assert_eq!(of_bill(&fit(&|_| ())), ["Disks and PostgreSQL"]);
}

/// Lines that share some of their components are one bill for all of these: what is read off them adds up to them, and against prices
/// of the scenario they stand as one, in which nothing counts twice. Lines, what each pays for, and who contradicts whom.
#[test]
fn lines_that_share_a_component_are_set_beside_the_model_once() {
    type Lines<'a> = &'a [(&'a str, &'a str, f64)];
    let rows: [(Lines, &str, &[&str]); 3] = [
        (&[("Machines", "app db", 300.0), ("Disks", "db redis", 200.0)], "Disks and Machines", &["app", "db", "redis"]),
        (&[("Machines", "app db", 300.0), ("Memory", "redis", 200.0)], "Machines", &["app", "db"]),
        (
            &[("Machines", "app db", 100.0), ("Disks", "db redis", 100.0), ("Support", "redis receipt-worker", 100.0)],
            "Disks and Machines and Support",
            &["app", "db", "receipt-worker", "redis"],
        ),
    ];
    for (lines, place, components) in rows {
        let fit = |times: f64, edit: &dyn Fn(&mut Scenario)| {
            let mut scenario = drawn();
            edit(&mut scenario);
            let mut map = map();
            let mut bill = "month,service,cost,currency\n".to_owned();
            for (line, pays_for, cost) in lines {
                bill.push_str(&format!("2026-10,{line},{},USD\n", times * cost));
                let ids = pays_for.split(' ').map(str::to_owned).collect();
                map.costs.insert((*line).into(), scenario::v1::OneOrMany::Many(ids));
            }
            let mut files: Vec<Measurements> = data().into_iter().filter(|file| file.costs.is_empty()).collect();
            files.push(read("bill.csv", &bill));
            calibrate(&CalibrateInput {
                scenario: Some(&scenario),
                data: &files,
                map: Some(&map),
                only_up_to_rps: None,
            })
            .unwrap()
        };
        let sums = |found: &Calibration| {
            let sum =
                |figure: &dyn Fn(&study::calibrate::BillRow) -> f64| found.report.bill.iter().map(figure).sum::<f64>();
            (sum(&|row| row.billed_monthly), sum(&|row| row.modelled_monthly.unwrap()))
        };
        // Read off the bill, the prices come to the bill.
        let open = fit(1.0, &|scenario| scenario.components.iter_mut().for_each(|c| c.price = None));
        let (billed, modelled) = sums(&open);
        assert!((modelled / billed - 1.0).abs() < 1e-9, "{place}: {modelled} for {billed}");
        assert!(open.report.contradictions.iter().all(|note| note.code != "bill"), "{:?}", open.report.contradictions);
        // Beside the scenario's prices, ten times the bill: one contradiction, with each component once.
        let priced = fit(10.0, &|_| ());
        let (_, modelled) = sums(&priced);
        let found: Vec<_> = priced.report.contradictions.iter().filter(|note| note.code == "bill").collect();
        let told = found.iter().find(|note| note.place == place).unwrap_or_else(|| panic!("{place}: {found:?}"));
        assert!(told.text.contains(&components.join(" and ")), "{told:?}");
        // The same components paid for by one line come to the same.
        let whole = {
            let mut one = map();
            let ids = lines
                .iter()
                .flat_map(|(_, pays_for, _)| pays_for.split(' '))
                .collect::<std::collections::BTreeSet<_>>();
            one.costs.insert("All".into(), scenario::v1::OneOrMany::Many(ids.into_iter().map(str::to_owned).collect()));
            let mut files: Vec<Measurements> = data().into_iter().filter(|file| file.costs.is_empty()).collect();
            files.push(read("bill.csv", "month,service,cost,currency\n2026-10,All,9000,USD\n"));
            let scenario = drawn();
            let input =
                CalibrateInput { scenario: Some(&scenario), data: &files, map: Some(&one), only_up_to_rps: None };
            calibrate(&input).unwrap().report.bill[0].modelled_monthly.unwrap()
        };
        assert!((modelled / whole - 1.0).abs() < 1e-9, "{place}: {modelled}, as one line {whole}");
    }
}

/// Six months of 80 fixed and of 300 that follow traffic, which grows by 8 % a month up to 21 November: 380 today, whatever the mean
/// of the months; by request where no machine is billed. One month does not tell, and is asked for.
#[test]
fn months_tell_what_a_price_follows() {
    let as_of = 20_778.0;
    let starts = [20_574.0, 20_605.0, 20_635.0, 20_666.0, 20_697.0, 20_727.0];
    let traffic = |start: f64| 1.08_f64.powf((start - as_of) / (365.2425 / 12.0) + 0.5);
    let days = [31.0, 30.0, 31.0, 31.0, 30.0, 31.0];
    let months = |service: &str, least: usize| -> String {
        let rows = (least..6).map(|k| {
            let mean = 80.0 + 300.0 * traffic(starts[k]);
            format!("2026-{:02},{service},{},USD\n", k + 5, mean * days[k] / (365.2425 / 12.0))
        });
        format!("month,service,cost,currency\n{}", rows.collect::<String>())
    };
    let unpriced = |scenario: &mut Scenario| scenario.components.iter_mut().for_each(|c| c.price = None);
    let fit = |service: &str, least: usize| edited(&[read("bill.csv", &months(service, least))], &unpriced);
    let price =
        |found: &Calibration, id: &str| found.scenario.components.iter().find(|c| c.id == id).unwrap().price.clone();
    let near = |found: Option<scenario::v1::Quantity>, wanted: f64| {
        let found = found.map_or(0.0, |found| found.value);
        assert!((found / wanted - 1.0).abs() < 0.01, "{found} is not {wanted}");
    };
    // Six checkouts a second are 15.77 million messages a month.
    let by_request = fit("SQS", 0);
    let receipts = price(&by_request, "receipts").unwrap();
    near(receipts.per_million_requests, 300.0 / (6.0 * 2.628));
    near(receipts.fixed_monthly, 80.0);
    let database = price(&fit("PostgreSQL", 0), "db").unwrap();
    near(database.per_replica_hour, 380.0 / 730.0);
    for found in [&by_request, &fit("SQS", 5)] {
        assert!(
            found.report.contradictions.iter().all(|note| note.code != "bill"),
            "{:?}",
            found.report.contradictions
        );
        let asked = found.report.notes.iter().any(|note| note.code == "how-it-moves" && note.place == "SQS");
        let receipts = price(found, "receipts").unwrap();
        assert_eq!(asked, receipts.per_million_requests.is_none(), "{:?}", found.report.notes);
    }
}

/// A scenario calibrated with bills alone.
fn billed(scenario: &Scenario, bills: &[Measurements]) -> Calibration {
    calibrate(&CalibrateInput { scenario: Some(scenario), data: bills, map: None, only_up_to_rps: None }).unwrap()
}

/// Four hours a day at a peak of 100 a second and a fifth of it for the rest: the bill is of that month, and so are the prices read
/// off it, as in every later answer.
#[test]
fn a_bill_is_of_a_month_that_follows_the_profile() {
    let scenario = |component: &str| -> Scenario {
        let factors: Vec<String> =
            (0..24).map(|hour| if (8..12).contains(&hour) { "1" } else { "0.2" }.into()).collect();
        let text = format!(
            r#"{{"format":"headroom/1","name":"p","as_of":"2026-11-01","growth":{{"per_month":0.05}},
            "traffic":[{{"id":"web","entry":"part","arrivals":{{"open":{{"rate":100}}}},"profile":[{}]}}],
            "components":[{{"id":"part",{component}}}]}}"#,
            factors.join(",")
        );
        scenario::parse(&text).unwrap().scenario
    };
    let machines = r#""kind":"service","concurrency":4,"service":{"mean_ms":100},
        "autoscale":{"min":1,"max":50,"metric":"slots","target":0.5}"#;
    let priced = format!(r#"{machines},"price":{{"per_replica_hour":0.583}}"#);
    let months =
        "2026-06,80,USD\npart,2026-07,84,USD\npart,2026-08,88.2,USD\npart,2026-09,92.61,USD\npart,2026-10,97.24";
    // The component, its bill, and its month at today's traffic.
    let rows = [
        (machines, "2026-10,730", 730.0 * 730.0 / 744.0),
        (r#""kind":"load_balancer","service":{"mean_ms":1}"#, months, 98.39),
        (&priced, "2026-10,730", 730.0 * 730.0 / 744.0),
    ];
    for (component, lines, wanted) in rows {
        let bill = read("bill.csv", &format!("service,month,cost,currency\npart,{lines},USD\n"));
        let found = billed(&scenario(component), &[bill]);
        assert_eq!(found.report.contradictions, [], "{component}");
        let month = study::solve(&found.scenario, &[1.0]).unwrap().points[0].cost.monthly;
        let modelled = found.report.bill[0].modelled_monthly.unwrap();
        assert!((modelled - month).abs() < 1e-6, "{component}: {modelled} is reported, {month} projected");
        assert!((month / wanted - 1.0).abs() < 0.01, "{component}: {month} is not {wanted}");
    }
}

/// Amounts without a currency are in US dollars: a bill in another one does not rename them.
#[test]
fn a_bill_renames_no_amounts() {
    let with = |key: &str, value: &str| -> Scenario {
        let text = format!(
            r#"{{"format":"headroom/1","name":"p","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":10}}}}}}],
            "components":[{{"id":"api","kind":"service","replicas":2,"service":{{"mean_ms":100}}{}}}]{}}}"#,
            if key == "price" { format!(r#","price":{value}"#) } else { String::new() },
            if key == "price" { String::new() } else { format!(r#","{key}":{value}"#) },
        );
        scenario::parse(&text).unwrap().scenario
    };
    let row = r#"{"provider":"aws","region":"x","type":"m1","vcpu":2,"mem_gib":8,"usd_per_hour":0.1,"as_of":"2026-06-01","source":"list"}"#;
    // What the scenario states, the bill's currency, the scenario's then, what the contradiction names.
    let rows = [
        ("notes", r#""nothing""#.to_owned(), "EUR", Some("EUR"), None),
        ("price", r#"{"per_replica_hour":0.5}"#.to_owned(), "EUR", None, Some("in EUR, the scenario in USD")),
        ("price", r#"{"per_replica_hour":0.5}"#.to_owned(), "USD", Some("USD"), None),
        // A size is no amount.
        ("price", r#"{"gb":10}"#.to_owned(), "EUR", Some("EUR"), None),
        ("costs", r#"[{"id":"support","monthly":300,"drive":"fixed"}]"#.to_owned(), "EUR", None, Some("in USD")),
        ("slos", r#"[{"max_monthly_cost":1200}]"#.to_owned(), "EUR", None, Some("in USD")),
        ("price_book", format!("[{row}]"), "EUR", None, Some("in USD")),
        ("currency", r#""GBP""#.to_owned(), "EUR", Some("GBP"), Some("in EUR, the scenario in GBP")),
    ];
    for (key, value, code, then, named) in rows {
        let bill = read("bill.csv", &format!("service,month,cost,currency\nBucket,2026-10,744,{code}\n"));
        let found = billed(&with(key, &value), &[bill]);
        assert_eq!(found.scenario.currency.as_deref(), then, "{key} {code}");
        let said: Vec<&str> = found.report.contradictions.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(said.len(), usize::from(named.is_some()), "{key} {code}: {said:?}");
        assert!(named.is_none_or(|named| said[0].contains(named)), "{key} {code}: {said:?}");
        let sum = if named.is_some() { 0.0 } else { 730.0 };
        assert!((kept(&found.scenario, "bill") - sum).abs() < 1e-9, "{key} {code}: nothing is converted");
    }
}

/// Prices that were read off one bill are no amounts of the scenario's own for the next.
#[test]
fn a_bill_that_priced_something_makes_no_dollars() {
    let text = r#"{"format":"headroom/1","name":"p","traffic":[{"id":"web","entry":"api","arrivals":{"open":{"rate":10}}}],
        "components":[{"id":"api","kind":"service","replicas":2,"service":{"mean_ms":100}}]}"#;
    let scenario = scenario::parse(text).unwrap().scenario;
    let first = read("one.csv", "service,month,cost\napi,2026-10,744\n");
    let focus = "ServiceName,BilledCost,EffectiveCost,ChargeCategory,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n\
        Bucket,900,900,Usage,EUR,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z\n";
    let found = billed(&scenario, &[first, read("two.csv", focus)]);
    assert!(found.scenario.components[0].price.is_some(), "the first prices the service");
    assert_eq!(found.report.contradictions, [], "nobody said dollars");
    assert_eq!(found.scenario.currency.as_deref(), Some("EUR"));
    assert!(kept(&found.scenario, "two") > 800.0);
}

/// What is paid once for a year is worth the same in each of its months, however many of them are in the file, and whatever of the
/// same service is paid by use beside it.
#[test]
fn what_is_paid_for_a_term_is_in_all_of_its_months() {
    let csv = |months: &[(u32, u32)], service: &str| {
        let head = "MeterCategory,ChargeType,Frequency,Term,Date,CostInBillingCurrency,BillingCurrencyCode\n";
        let bought = format!("{service},Purchase,OneTime,12,2026-08-05,1200,USD\n");
        let used = months.iter().flat_map(|(month, days)| (1..=*days).map(move |day| (month, day)));
        let used: String =
            used.map(|(month, day)| format!("Redis,Usage,UsageBased,,2026-{month:02}-{day:02},10,USD\n")).collect();
        read("az.csv", &format!("{head}{bought}{used}"))
    };
    let (one, three) = ([(8, 31)], [(8, 31), (9, 30), (10, 31)]);
    for (months, service, wanted) in [
        (&one[..], "Reservation", 100.0),
        (&three[..], "Reservation", 100.0),
        (&three[..], "Redis", 100.0 + 10.0 * 730.0 / 24.0),
    ] {
        let report = with(&[csv(months, service)]).report;
        let row = report.bill.iter().find(|row| row.service == service).unwrap();
        assert!((row.billed_monthly / wanted - 1.0).abs() < 1e-3, "{service} in {} months: {row:?}", months.len());
        if let Some(split) = &row.split {
            assert!((split.fixed / wanted - 1.0).abs() < 1e-3, "{service}: {split:?}");
        }
    }
}

/// A charge of one day beside monthly rows does not make a day of their month.
#[test]
fn a_charge_of_a_day_is_one_of_its_month() {
    let plain = "service,start_date,end_date,cost,currency\nCompute,2026-10-01,2026-10-31,900,USD\nDomain,2026-10-12,2026-10-12,15,USD\n";
    let focus = "ServiceName,BilledCost,EffectiveCost,ChargeCategory,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n\
        Compute,900,900,Usage,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z\n\
        Domain,15,15,Purchase,USD,2026-10-12T00:00:00Z,2026-10-13T00:00:00Z\n";
    for text in [plain, focus] {
        let bill = read("bill.csv", text);
        assert!(bill.warnings.iter().all(|warning| warning.code != "partial-month"), "{:?}", bill.warnings);
        let report = with(&[bill]).report;
        let sum: f64 = report.bill.iter().map(|row| row.billed_monthly).sum();
        assert!((sum - 915.0 * 730.0 / 744.0).abs() < 1e-6, "{:?}", report.bill);
    }
}

/// Bills that are calibrated one after the other: other days stay beside each other, the same days count once.
#[test]
fn later_bills_of_the_same_days_replace_earlier_ones() {
    let text = |month: &str, cost: f64| format!("service,month,cost,currency\nPostgreSQL,{month},{cost},USD\n");
    let october = read("b10.csv", &text("2026-10", 744.0));
    let undated = "service,cost,currency\nPostgreSQL,744,USD\n".to_owned();
    // The later bill, what stays of October's, the days of the later one.
    let rows = [
        (text("2026-11", 720.0), 730.0, Some(("2026-11-01", "2026-12-01"))),
        (text("2026-10", 800.0), 0.0, Some(("2026-10-01", "2026-11-01"))),
        (undated, 0.0, None),
        (text("2026-10", 800.0).replace("PostgreSQL", "SQS"), 730.0, Some(("2026-10-01", "2026-11-01"))),
    ];
    for (later, left, days) in rows {
        let first = with(std::slice::from_ref(&october)).scenario;
        let map = map();
        let bills = [read("next.csv", &later)];
        let input = CalibrateInput { scenario: Some(&first), data: &bills, map: Some(&map), only_up_to_rps: None };
        let found = calibrate(&input).unwrap();
        assert!((kept(&found.scenario, "b10") - left).abs() < 1e-9, "{later}: {}", kept(&found.scenario, "b10"));
        let said = found.report.notes.iter().any(|note| note.code == "bill-replaced" && note.place == "b10.csv");
        assert_eq!(said, left == 0.0, "{later}");
        let record = found.scenario.imports.iter().find(|record| record.id == "next").unwrap();
        assert_eq!(record.billed_from.as_deref().zip(record.billed_until.as_deref()), days, "{later}");
        scenario::lower(&found.scenario).unwrap();
    }
}

#[test]
fn a_price_book_fills_the_scenarios() {
    let text = "provider,region,type,vcpu,mem_gib,usd_per_hour,as_of,source\naws,x,m1,2,8,0.1,2026-06-01,list\naws,x,m2,,8,0.2,2026-06-01,list\n";
    let calibration = with(&[read("prices.csv", text)]);
    assert_eq!(calibration.scenario.price_book.len(), 1);
    assert_eq!(calibration.scenario.price_book[0].kind, "m1");
    assert!(calibration.report.notes.iter().any(|note| note.code == "price-book"));
}

/// A JTL of one generator: `rate` requests a second for 60 s.
fn generator(name: &str, start_ms: u64, rate: u64) -> Measurements {
    let rows: String = (0..60 * rate)
        .map(|index| format!("{},{},GET /a,200,true,{rate}\n", start_ms + index * 1000 / rate, 10 + index % 7))
        .collect();
    read(name, &format!("timeStamp,elapsed,label,responseCode,success,allThreads\n{rows}"))
}

#[test]
fn generators_of_one_run_are_one_load_and_copies_count_once() {
    let start = 1_700_000_000_000;
    let parts =
        [generator("x/a.jtl", start, 20), generator("x/b.jtl", start + 500, 40), generator("copy of a.jtl", start, 20)];
    let fit = |data: &[Measurements]| {
        calibrate(&CalibrateInput { scenario: None, data, map: None, only_up_to_rps: None }).unwrap()
    };
    let found = fit(&parts);
    assert_eq!(found.levels.len(), 1, "{:?}", found.levels);
    let rate: f64 = found.levels[0].classes.values().map(|class| class.rate).sum();
    assert!((rate - 60.0).abs() < 1.5, "{rate}");
    let codes: Vec<&str> = found.report.notes.iter().map(|note| note.code.as_str()).collect();
    assert!(codes.contains(&"runs-merged") && codes.contains(&"duplicate-file"), "{codes:?}");
    assert_eq!(found.scenario.imports.len(), 1);
    // Hours apart they are two runs.
    let apart = fit(&[generator("a.jtl", start, 20), generator("b.jtl", start + 7_200_000, 40)]);
    assert_eq!(apart.levels.len(), 2);
    // A back-test says it too.
    let data =
        [generator("a.jtl", start, 20), generator("b.jtl", start + 7_200_000, 40), generator("c.jtl", start, 20)];
    let input = CalibrateInput { scenario: None, data: &data, map: None, only_up_to_rps: None };
    let tested = study::backtest(&input, None).unwrap();
    assert!(tested.notes.iter().any(|note| note.code == "duplicate-file"), "{:?}", tested.notes);
    assert!(study::text::backtest(&tested).contains("given twice"), "{}", study::text::backtest(&tested));
}
