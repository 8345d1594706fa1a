//! Bills against their true sums. Sums of fixtures were taken with exact decimals by another program (Python's `decimal`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, measured, measured_bytes, root};
use ingest::measurements::{CostLine, Measurements, Warning};
use ingest::{Outcome, import_bytes};

/// Sum of the lines of a service; of all with an empty name.
fn sum(found: &Measurements, service: &str) -> f64 {
    found.costs.iter().filter(|line| service.is_empty() || line.service == service).map(|line| line.amount).sum()
}

fn category(found: &Measurements, category: &str) -> f64 {
    let lines = found.costs.iter().filter(|line| line.category.as_deref() == Some(category));
    lines.map(|line| line.amount).sum()
}

fn monthly(found: &Measurements, service: &str) -> f64 {
    let lines = found.costs.iter().filter(|line| service.is_empty() || line.service == service);
    lines.map(|line| line.monthly.unwrap()).sum()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

fn warning<'a>(found: &'a Measurements, code: &str) -> Option<&'a Warning> {
    found.warnings.iter().find(|warning| warning.code == code)
}

fn check(name: &str, found: &Measurements, kind: &str, total: f64, codes: &[&str]) {
    assert_eq!(found.kind, kind, "{name}");
    assert!(near(sum(found, ""), total), "{name}: {} instead of {total}", sum(found, ""));
    let mut seen: Vec<&str> = found.warnings.iter().map(|warning| warning.code.as_str()).collect();
    seen.sort_unstable();
    assert_eq!(seen, codes, "{name}");
    finite(name, &serde_json::to_value(found).unwrap());
}

#[test]
fn samples() {
    for (name, kind, total, services, codes) in [
        (
            "money/aws_cur1.csv",
            "aws-cur",
            3_095.775_580_602_692,
            &[("AmazonEC2", 71.233_936_648_617_99), ("AmazonS3", 2_955.659_854_028_292_4), ("AmazonRDS", 1.8)][..],
            &["billed-and-effective", "mixed-environments", "partial-month"][..],
        ),
        (
            "money/gcp_billing.csv",
            "gcp-billing",
            0.810_634_2,
            &[("Compute Engine", 0.177_168_9), ("Red Hat® OpenShift® Container Platform", 0.160_756_8)],
            &["partial-month"],
        ),
        (
            "money/focus_1.0_head100.csv",
            "focus",
            FOCUS_TOTAL,
            &[("Amazon Elastic Compute Cloud", FOCUS_EC2)],
            &["effective-cost-missing", "mixed-environments"],
        ),
        ("money/infracost.json", "infracost", 1361.3075, &[("aws_instance.web_app", 742.64)], &["estimate"]),
        ("money/azure_Enterprise.csv", "azure-cost", 0.0, &[("Virtual Machines", 0.0)], &["partial-month"]),
        ("money/azure_EnterpriseCamel.csv", "azure-cost", 0.012, &[("Virtual Network", 0.012)], &["partial-month"]),
        ("money/azure_German.csv", "azure-cost", 0.075, &[("Load Balancer", 0.075)], &["partial-month"]),
        ("money/azure_PayAsYouGo.csv", "azure-cost", 0.075, &[("Load Balancer", 0.075)], &["partial-month"]),
        ("money/azure_YA.csv", "azure-cost", 0.075, &[("Load Balancer", 0.075)], &["partial-month"]),
        ("money/azure_vm.csv", "azure-cost", 4.0, &[("Virtual Machines", 4.0)], &["partial-month"]),
    ] {
        let found = measured(name);
        check(name, &found, kind, total, codes);
        for (service, expected) in services {
            assert!(near(sum(&found, service), *expected), "{name}: {service}: {}", sum(&found, service));
        }
    }
    // Two days of October, by the clock of the usage.
    let cur = measured("money/aws_cur1.csv");
    assert!(cur.costs.iter().all(|line| line.period == Some(("2026-10-01".to_owned(), "2026-10-03".to_owned()))));
    assert!(near(monthly(&cur, "AmazonS3"), 2_955.659_854_028_292_4 * 730.0 / 48.0));
    // A Savings Plan covers use at 0.099 instead of 0.199 an hour.
    let spread = warning(&cur, "billed-and-effective").unwrap();
    assert!(near(spread.evidence["billed"].as_f64().unwrap() - spread.evidence["effective"].as_f64().unwrap(), 2.5));
    let Outcome::Nothing(refusal) = import_bytes("bom", &common::fixture("money/azure_BOM.csv")) else { panic!() };
    assert_eq!((refusal.expected.as_str(), refusal.found.as_str()), ("rows with an amount", "`` in line 2"));
}

const FOCUS_TOTAL: f64 = 1.059_803_593_4;
const FOCUS_EC2: f64 = 0.988_359_416_1;

/// A table of one October with a row per day for the whole month: `row` gives the fields after the dates.
fn october(header: &str, row: &str) -> String {
    let days = (1..=31).map(|day| {
        let end = if day == 31 { "2026-11-01".to_owned() } else { format!("2026-10-{:02}", day + 1) };
        format!("2026-10-{day:02}T00:00:00Z,{end}T00:00:00Z,{row}\n")
    });
    format!("{header}\n{}", days.collect::<String>())
}

#[test]
fn aws_line_items() {
    let header = "lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/LineItemType,lineItem/UnblendedCost,\
                  lineItem/CurrencyCode,savingsPlan/SavingsPlanEffectiveCost,savingsPlan/TotalCommitmentToDate,\
                  savingsPlan/UsedCommitment,reservation/ReservationARN,reservation/EffectiveCost,\
                  reservation/UnusedAmortizedUpfrontFeeForBillingPeriod,reservation/UnusedRecurringFee,resourceTags/user:Env";
    let month = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z";
    let mut text = october(header, "AmazonEC2,Usage,1.00,USD,,,,,,,,prod");
    for row in [
        // 31 of covered use that cost 20 of the plan; 5 of the commitment went unused.
        "ComputeSavingsPlans,SavingsPlanRecurringFee,25.00,USD,,25,20,,,,,",
        "AmazonEC2,SavingsPlanCoveredUsage,31.00,USD,20.00,,,,,,,prod",
        "AmazonEC2,SavingsPlanNegation,-31.00,USD,,,,,,,,prod",
        // An all-upfront reservation for 1200 a year: 100 of it this month, 10 of these unused.
        "AmazonRDS,Fee,1200.00,USD,,,,arn:aws:rds:x,,,,",
        "AmazonRDS,DiscountedUsage,0.00,USD,,,,arn:aws:rds:x,90.00,,,prod",
        "AmazonRDS,RIFee,0.00,USD,,,,arn:aws:rds:x,,10.00,0.00,",
        "AmazonEC2,Tax,6.20,USD,,,,,,,,",
        "AmazonEC2,Credit,-4.00,USD,,,,,,,,",
        "AmazonS3,Refund,-1.50,USD,,,,,,,,",
        "AWSSupportBusiness,Fee,100.00,USD,,,,,,,,",
    ] {
        text.push_str(&format!("{month},{row}\n"));
    }
    let found = measured_bytes("cur.csv", text.as_bytes());
    // 31 + 25 + 31 - 31 + 1200 + 0 + 0 + 6.2 - 4 - 1.5 + 100
    check("cur", &found, "aws-cur", 1356.7, &["billed-and-effective", "negative-lines"]);
    let scale = 730.0 / 744.0;
    for (service, expected) in [
        // Use 31, covered 20, tax 6.2, credit -4.
        ("AmazonEC2", 53.2),
        ("AmazonRDS", 100.0),
        ("ComputeSavingsPlans", 5.0),
        ("AWSSupportBusiness", 100.0),
    ] {
        assert!(near(monthly(&found, service), expected * scale), "{service}: {}", monthly(&found, service));
    }
    let negative = &warning(&found, "negative-lines").unwrap().evidence;
    assert_eq!(
        (negative["rows"].as_u64(), negative["Credit"].as_f64(), negative["Refund"].as_f64()),
        (Some(3), Some(-4.0), Some(-1.5))
    );
    assert!(found.costs.iter().any(|line| line.tags.get("environment").is_some_and(|name| name == "prod")));

    // Version 2.0 and the Athena flavour have other spellings of the same names.
    let header = "line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_line_item_type,\
                  line_item_unblended_cost,line_item_currency_code,bill_billing_period_start_date,resource_tags";
    let row = "AmazonEC2,Usage,0.5,USD,2026-10-01 00:00:00,\"{\"\"user_environment\"\":\"\"prod\"\"}\"";
    let mut text = october(header, row);
    text.push_str("2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,AmazonEC2,Usage,1,EUR,2026-10-01 00:00:00,\"{\"\"user_env\"\":\"\"test\"\"}\"\n");
    let found = measured_bytes("cur2.csv", text.as_bytes());
    check("cur2", &found, "aws-cur", 16.5, &["mixed-currencies", "mixed-environments"]);
    assert_eq!(warning(&found, "mixed-currencies").unwrap().evidence["EUR"].as_f64(), Some(1.0));
    assert_eq!(warning(&found, "mixed-environments").unwrap().evidence["prod"].as_f64(), Some(15.5));
}

#[test]
fn focus_charges() {
    let header = "ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeCategory,BilledCost,EffectiveCost,BillingCurrency,\
                  CommitmentDiscountId,InvoiceId,x_Vendor";
    let mut text = october(header, "Databases,Usage,0,3.0,EUR,plan-1,NULL,");
    for row in [
        "2026-10-01T00:00:00Z,2027-10-01T00:00:00Z,Databases,Purchase,1095.00,0,EUR,plan-1,I1,",
        "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Databases,Tax,208.05,208.05,EUR,NULL,I1,",
        "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Databases,Credit,-10,-10,EUR,NULL,I1,",
    ] {
        text.push_str(row);
        text.push('\n');
    }
    let found = measured_bytes("focus.csv", text.as_bytes());
    check("focus", &found, "focus", 1293.05, &["billed-and-effective", "negative-lines"]);
    assert!(near(category(&found, "Purchase"), 1095.0) && near(category(&found, "Tax"), 208.05));
    assert!(near(monthly(&found, ""), (93.0 + 208.05 - 10.0) * 730.0 / 744.0), "{}", monthly(&found, ""));
    // Names in any case and order, as warehouses write them.
    let text = "SERVICENAME;EFFECTIVECOST;BILLEDCOST;CHARGEPERIODSTART;CHARGEPERIODEND\nVMs;1,5;1,5;2026-10-01 00:00:00;2026-10-02 00:00:00\n";
    check("upper case", &measured_bytes("f.csv", text.as_bytes()), "focus", 1.5, &["partial-month"]);
}

#[test]
fn google_credits() {
    let row = |day: u32, cost: &str, credits: &str| {
        format!(
            r#"{{"billing_account_id":"a","service":{{"id":"1","description":"Cloud SQL"}},"sku":{{"description":"db"}},"usage_start_time":"2026-10-{day:02} 00:00:00 UTC","usage_end_time":"2026-10-{day:02} 23:00:00 UTC","labels":[{{"key":"env","value":"prod"}}],"cost":{cost},"currency":"EUR","credits":{credits},"invoice":{{"month":"202610"}},"cost_type":"regular"}}"#
        )
    };
    let rows: Vec<String> = (1..=31)
        .map(|day| match day {
            1 => row(
                day,
                "\"2.5\"",
                r#"[{"name":"promo","amount":-0.5,"type":"PROMOTION"},{"amount":"-0.25","type":"DISCOUNT"}]"#,
            ),
            day => row(day, "1", "[]"),
        })
        .collect();
    let (lines, list) = (rows.join("\n"), format!("[\n{}\n]\n", rows.join(",\n")));
    for (name, text) in [("lines", &lines), ("list", &list)] {
        let found = measured_bytes(name, text.as_bytes());
        check(name, &found, "gcp-billing-json", 31.75, &["negative-lines"]);
        assert!(near(category(&found, "Usage"), 32.5) && near(category(&found, "Credit"), -0.75));
        assert!(found.costs.iter().any(|line| line.tags.get("credit").is_some_and(|kind| kind == "PROMOTION")));
        assert!(near(monthly(&found, ""), 31.75 * 730.0 / 744.0), "{}", monthly(&found, ""));
        assert_eq!(found.costs[0].tags["environment"], "prod");
    }
    let cut = measured_bytes("cut", &list.as_bytes()[..list.len() - 20]);
    assert!(near(sum(&cut, ""), 30.75) && warning(&cut, "truncated").is_some(), "{:?}", cut.warnings);
    // The table with nested fields as JSON, and with what Python prints.
    for (service, credits) in [
        (r#""{""id"": ""1"", ""description"": ""Cloud SQL""}""#, r#""[{""amount"": -0.5}]""#),
        ("Cloud SQL", "\"[{'name': \"\"x's\"\", 'amount': -0.5, 'id': None}]\""),
        ("Cloud SQL", "-0.5"),
    ] {
        let text = format!(
            "service,usage_start_time,usage_end_time,cost,credits,currency\n{service},2026-10-01T00:00:00,2026-10-02T00:00:00,2,{credits},USD\n"
        );
        let found = measured_bytes("gcp.csv", text.as_bytes());
        check(credits, &found, "gcp-billing", 1.5, &["negative-lines", "partial-month"]);
        assert!(near(sum(&found, "Cloud SQL"), 1.5));
    }
}

/// Whether `1.234` is more than a thousand is told by the other amounts of its column, and by nothing else.
#[test]
fn amounts_are_read_by_their_column() {
    let azure = |amounts: &[&str], delimiter: &str| {
        let header = ["Date", "MeterCategory", "CostInBillingCurrency", "BillingCurrencyCode"].join(delimiter);
        let row = |(day, amount): (usize, &&str)| {
            format!("\n{}", [&format!("2026-10-{:02}", day + 1), "SQL", amount, "EUR"].join(delimiter))
        };
        header + &amounts.iter().enumerate().map(row).collect::<String>() + "\n"
    };
    for (amounts, delimiter, total, changed) in [
        (&["1.234", "2.345,50"][..], ";", 3579.5, 1),
        (&["2.345,50", "1.234", "1.234 €"], ";", 4813.5, 1),
        (&["1.234", "9,5"], ";", 1243.5, 1),
        (&["1.234", "9.5"], ";", 10.734, 0),
        // A point elsewhere makes a comma one of thousands, and the other way.
        (&["1,234", "9.5"], ";", 1243.5, 1),
        (&["\"1,234\"", "\"9,50\""], ",", 10.734, 1),
        (&["\"1,234\"", "9.50"], ",", 1243.5, 0),
        // Of an exponent no digit is one of thousands.
        (&["1.5E-05", "9.5", "1,5E+02"], ";", 159.500015, 0),
        // Nothing tells, or one says this and one that.
        (&["1.234", "2.345"], ";", 3.579, 0),
        (&["9,5", "9.5", "1.234"], ";", 20.234, 0),
    ] {
        let found = measured_bytes("azure.csv", azure(amounts, delimiter).as_bytes());
        assert!(near(sum(&found, "SQL"), total), "{amounts:?}: {:?}", found.costs);
        let said = warning(&found, "notation-by-column");
        assert_eq!(said.map_or(0, |said| said.evidence["rows"].as_u64().unwrap()), changed, "{amounts:?}");
        assert!(said.is_none_or(|said| said.text.contains("`CostInBillingCurrency`")), "{said:?}");
    }
    // The column of one says nothing of another, and a number that tells may stand far behind.
    let two = "Service;Kosten;Rabatt\nDB;1.234;-1.000\nAPI;1,5;-2.000\n";
    let found = measured_bytes("bill.csv", two.as_bytes());
    assert!(near(sum(&found, "DB"), 1234.0), "{:?}", found.costs);
    let late = azure(&[&vec!["1.234"; 30][..], &["0,5"]].concat(), ";");
    assert!(near(sum(&measured_bytes("azure.csv", late.as_bytes()), "SQL"), 37_020.5));
}

#[test]
fn azure_variants() {
    let rows = |order: fn(u32) -> String, fields: &str| -> String {
        (1..=31).map(|day| format!("{},{fields}\n", order(day))).collect()
    };
    let american = rows(|day| format!("10/{day:02}/2026"), "Storage,Usage,1.25,USD,\"{\"\"env\"\":\"\"prod\"\"}\"");
    let european = rows(
        |day| format!("{day:02}/10/2026"),
        "Storage,Usage,1.25,USD,\"\"\"Env\"\":\"\"prod\"\",\"\"a\"\":\"\"b\"\"\"",
    );
    let iso = rows(|day| format!("2026-10-{day:02}"), "Storage,Usage,1.25,USD,");
    for (name, text) in [
        (
            "american",
            format!("Date,MeterCategory,ChargeType,CostInBillingCurrency,BillingCurrencyCode,Tags\n{american}"),
        ),
        ("european", format!("date,meterCategory,chargeType,costInBillingCurrency,billingCurrency,tags\n{european}")),
        ("upper", format!("USAGEDATETIME,METERCATEGORY,CHARGETYPE,PRETAXCOST,CURRENCY,TAGS\n{iso}")),
    ] {
        let found = measured_bytes(name, text.as_bytes());
        check(name, &found, "azure-cost", 38.75, &[]);
        assert_eq!(found.costs[0].period, Some(("2026-10-01".to_owned(), "2026-11-01".to_owned())), "{name}");
        assert_eq!(found.costs[0].category.as_deref(), Some("Usage"), "{name}");
    }
    // A reservation bought upfront for a year is a twelfth of it a month; a refund is negative.
    let header = "Date,MeterCategory,ProductName,ChargeType,Frequency,Term,CostInBillingCurrency,BillingCurrencyCode";
    let mut text =
        format!("{header}\n{}", rows(|day| format!("10/{day:02}/2026"), "Virtual Machines,,Usage,UsageBased,,0,USD"));
    text.push_str("10/05/2026,,Reserved VM Instance,Purchase,OneTime,12,1200,USD\n10/06/2026,,Reserved VM Instance,Refund,OneTime,12,-200,USD\n");
    let found = measured_bytes("actual", text.as_bytes());
    check("actual", &found, "azure-cost", 1000.0, &["negative-lines"]);
    let purchase = found.costs.iter().find(|line| line.category.as_deref() == Some("Purchase")).unwrap();
    assert!((purchase.monthly.unwrap() - 100.0).abs() < 0.2, "{purchase:?}");
    // Decimal commas, with semicolons and in quotes.
    for text in [
        "Datum (Date);Kategorie (MeterCategory);Kosten (PreTaxCost);Währung (Currency)\n01.10.2026;Storage;1.234,56;EUR\n",
        "Date,MeterCategory,PreTaxCost,Currency\n01.10.2026,Storage,\"1.234,56\",EUR\n",
    ] {
        let found = measured_bytes("german", text.as_bytes());
        assert!(near(sum(&found, "Storage"), 1234.56), "{:?}", found.costs);
    }
}

#[test]
fn clusters() {
    let step = |day: u32, cost: f64| {
        let window =
            format!(r#""window":{{"start":"2026-10-{day:02}T00:00:00Z","end":"2026-10-{:02}T00:00:00Z"}}"#, day + 1);
        let item = |name: &str, cost: f64, minutes: u32| {
            format!(
                r#""{name}":{{"name":"{name}","properties":{{"namespace":"shop"}},{window},"start":"2026-10-{day:02}T00:00:00Z","end":"2026-10-{day:02}T12:00:00Z","minutes":{minutes},"cpuCoreUsageAverage":0.5,"cpuCoreRequestAverage":2,"ramByteUsageAverage":1073741824,"totalCost":{cost}}}"#
            )
        };
        format!("{{{},{}}}", item("api", cost, 720), item("__idle__", 1.0, 1440))
    };
    let text = format!(r#"{{"code":200,"data":[{},null,{}]}}"#, step(1, 2.0), step(2, 4.0));
    let found = measured_bytes("opencost.json", text.as_bytes());
    check("opencost", &found, "opencost", 8.0, &["partial-month"]);
    // Two days: by the window, not by the twelve hours a day the pods ran.
    assert!(near(monthly(&found, "api"), 6.0 * 730.0 / 48.0));
    assert_eq!(category(&found, "Idle"), 2.0);
    let api = found.resources.iter().find(|resource| resource.name == "api").unwrap();
    assert_eq!(
        (api.figures["cpu_cores"], api.figures["cpu_cores_requested"], api.figures["memory_gib"]),
        (0.5, 2.0, 1.0)
    );
}

#[test]
fn consoles_and_plain_tables() {
    let text = "\"Service\",\"EC2-Instances($)\",\"Relational Database Service($)\",\"Total costs($)\"\n\
                \"Service total\",\"30\",\"7.5\",\"37.5\"\n\"2026-08-01\",\"10\",\"2.5\",\"12.5\"\n\"2026-09-01\",\"20\",\"5\",\"25\"\n";
    let found = measured_bytes("costs.csv", text.as_bytes());
    check("console", &found, "aws-cost-explorer-csv", 37.5, &[]);
    assert_eq!(found.costs[0].currency.as_deref(), Some("USD"));
    assert_eq!(found.costs[3].period, Some(("2026-09-01".to_owned(), "2026-10-01".to_owned())));
    let daily = "Service,EC2-Instances($),Total costs($)\n2026-08-01,1,1\n2026-08-02,2,2\n";
    check("daily", &measured_bytes("costs.csv", daily.as_bytes()), "aws-cost-explorer-csv", 3.0, &["partial-month"]);

    for (name, text, total, codes) in [
        ("plain", "service,cost,currency,month\ndb,\"$1,200.50\",USD,2026-10\napi,300,USD,2026-10\n", 1500.5, &[][..]),
        (
            "undated",
            "Service;Cost (EUR)\ndb;1.200,50\napi;300\nTotal;1.500,50\n",
            1500.5,
            &["dates-missing", "period-guessed", "totals-left-out"],
        ),
        (
            "azure portal",
            "UsageDate,ServiceName,Cost,CostUSD,Currency\n20261001,Storage,1.5,1.6,EUR\n",
            1.5,
            &["partial-month"],
        ),
        (
            "google console",
            "Service description,Cost ($),Discounts ($)\nCloud SQL,12.5,-2\nSubtotal,12.5,-2\n",
            12.5,
            &["dates-missing", "discounts-left-out", "period-guessed", "totals-left-out"],
        ),
        (
            "two columns of discounts",
            "Service description,Cost ($),Discounts ($),Promotions and others ($)\nCloud SQL,12.5,-2,-1.5\nGKE,4,-0.25,0\n",
            16.5,
            &["dates-missing", "discounts-left-out", "period-guessed"],
        ),
        (
            "google console with subtotals",
            "Service description,Cost type,Usage start date,Usage end date,Cost ($),Discounts ($),Promotions and others ($),Unrounded subtotal ($),Subtotal ($)\n\
             Cloud SQL,Usage,2026-10-01,2026-10-31,\"1,234.50\",-34.5,0,1200.00,1200.00\n,,,,,,,Total,1200.00\n",
            1200.0,
            &["totals-left-out"],
        ),
        (
            "hoster",
            "product,group_description,description,hours,start,end,USD,project_name,category\n\
             Droplets,,web,744,2026-10-01 00:00:00 +0000,2026-11-01 00:00:00 +0000,$6.00,shop,iaas\n\
             Managed Databases,,db,744,2026-10-01 00:00:00 +0000,2026-11-01 00:00:00 +0000,$15.00,shop,paas\n",
            21.0,
            &[],
        ),
        ("german", "Monat;Dienst;Betrag (EUR)\n2026-10;DB;1.200,50\n;Summe;1.200,50\n", 1200.5, &["totals-left-out"]),
        ("german dates", "Datum;Service;Kosten\n01.10.2026;DB;1.200,50\n31.10.2026;DB;1\n", 1201.5, &[]),
        ("credit", "date,service,amount\n2026-10-01,db,10\n2026-10-31,db,(2.50)\n", 7.5, &["negative-lines"]),
        (
            "mixed",
            "date,service,amount,currency\n2026-10-01,db,10,USD\n2026-10-31,db,5,EUR\n",
            15.0,
            &["mixed-currencies"],
        ),
        (
            "broken row",
            "date,service,amount\n2026-10-01,db,10\n2026-10-31,db,n/a\n",
            10.0,
            &["partial-month", "rows-skipped"],
        ),
    ] {
        let found = measured_bytes(name, text.as_bytes());
        check(name, &found, "bill", total, codes);
        for line in &found.costs {
            assert_ne!(line.service, "Total", "{name}");
        }
        if name == "two columns of discounts" {
            assert_eq!(warning(&found, "discounts-left-out").unwrap().evidence["sum"], -3.75);
        }
    }
    // Prices of a piece are no costs; midnight is of the day it is written as; billing periods are months; months by their names.
    for (text, total, period) in [
        ("Service,Quantity,Price,EUR\nDroplet,10,3.79,37.90\n", 37.9, None),
        (
            "service,cost,date\ndb,2,2026-08-01T00:00:00+02:00\ndb,2,2026-08-31T00:00:00+02:00\n",
            4.0,
            Some(("2026-08-01", "2026-09-01")),
        ),
        ("service,cost,Billing period\ndb,62,2026-10-01\n", 62.0, Some(("2026-10-01", "2026-11-01"))),
        ("service,cost,BillingPeriod\ndb,62,01/10/2026\n", 62.0, Some(("2026-10-01", "2026-11-01"))),
        ("service,cost,Billing period\ndb,2,2026-10-05\n", 2.0, Some(("2026-10-05", "2026-10-06"))),
        ("Dienst;Kosten;Monat\ndb;62;Oktober 2026\n", 62.0, Some(("2026-10-01", "2026-11-01"))),
        ("servicio;importe;fecha\ndb;62;1 de octubre de 2026\n", 62.0, Some(("2026-10-01", "2026-10-02"))),
    ] {
        let found = measured_bytes("bill.csv", text.as_bytes());
        assert!(near(sum(&found, ""), total), "{text}: {:?}", found.costs);
        assert_eq!(found.costs.len(), 1, "{text}");
        if let Some((from, to)) = period {
            assert_eq!(found.costs[0].period, Some((from.to_owned(), to.to_owned())), "{text}");
        }
    }
    // A month as a timestamp is no day of it.
    for written in ["2026-10-05T07:00:00Z", "2026-10-01T00:00:00+02:00", "01/10/2026", "2026-10-31", "Oct 2026"] {
        let found = measured_bytes(written, format!("month,service,cost\n{written},db,62\n").as_bytes());
        check(written, &found, "bill", 62.0, &[]);
        assert_eq!(found.costs[0].period, Some(("2026-10-01".to_owned(), "2026-11-01".to_owned())), "{written}");
        assert!(near(found.costs[0].monthly.unwrap(), 62.0 * 730.0 / 744.0), "{written}");
    }
}

#[test]
fn cost_explorer_by_the_hour_and_dates_told_by_their_period() {
    let hour = |start: &str, end: &str| {
        format!(
            "{{\"TimePeriod\":{{\"Start\":\"{start}\",\"End\":\"{end}\"}},\"Total\":{{}},\"Groups\":[{{\"Keys\":[\"Amazon EC2\"],\"Metrics\":{{\"UnblendedCost\":{{\"Amount\":\"2\",\"Unit\":\"USD\"}}}}}}],\"Estimated\":false}}"
        )
    };
    let text = format!(
        "{{\"ResultsByTime\":[{},{}]}}",
        hour("2026-10-01T22:00:00Z", "2026-10-01T23:00:00Z"),
        hour("2026-10-01T23:00:00Z", "2026-10-02T00:00:00Z")
    );
    let found = measured_bytes("hourly.json", text.as_bytes());
    check("hourly", &found, "aws-cost-explorer", 4.0, &[]);
    assert_eq!(found.costs.len(), 1);
    assert_eq!(found.costs[0].period, Some(("2026-10-01".to_owned(), "2026-10-02".to_owned())));
    assert!(near(found.costs[0].monthly.unwrap(), 1460.0));
    // Fourteen days of $0.30 an hour are 219 a month, as the calibration adds up: run rates by their share of the days.
    let amount = |text: String| text.replace("\"2\"", "\"0.3\"");
    let hours: Vec<String> = (0..14 * 24)
        .map(|at| {
            let stamp = |at: i32| format!("2026-10-{:02}T{:02}:00:00Z", 1 + at / 24, at % 24);
            amount(hour(&stamp(at), &stamp(at + 1)))
        })
        .collect();
    let found = measured_bytes("fortnight.json", format!("{{\"ResultsByTime\":[{}]}}", hours.join(",")).as_bytes());
    check("fortnight", &found, "aws-cost-explorer", 0.3 * 336.0, &[]);
    assert_eq!(found.costs.len(), 14);
    assert!(near(found.costs.iter().map(|line| line.monthly.unwrap() / 14.0).sum(), 219.0));
    // A service of one hour in a day that has two cost nothing in the other.
    let text = format!(
        "{{\"ResultsByTime\":[{},{}]}}",
        hour("2026-10-01T22:00:00Z", "2026-10-01T23:00:00Z").replace("Amazon EC2", "AWS Glue"),
        hour("2026-10-01T23:00:00Z", "2026-10-02T00:00:00Z")
    );
    let found = measured_bytes("hourly.json", text.as_bytes());
    assert!(found.costs.iter().all(|line| near(line.monthly.unwrap(), 730.0)), "{:?}", found.costs);
    // Azure: only the end of the billing period says that the month stands first.
    let text = "Date,MeterCategory,CostInBillingCurrency,BillingCurrency,ChargeType,BillingPeriodStartDate,BillingPeriodEndDate\n\
                10/05/2026,Virtual Machines,2.4,EUR,Usage,10/01/2026,10/31/2026\n";
    let found = measured_bytes("mca.csv", text.as_bytes());
    check("mca", &found, "azure-cost", 2.4, &["partial-month"]);
    assert_eq!(found.costs[0].period.as_ref().unwrap().0, "2026-10-05");
    let turned = text
        .replace("10/05/2026", "05/10/2026")
        .replace("10/01/2026", "01/10/2026")
        .replace("10/31/2026", "31/10/2026");
    let found = measured_bytes("mca.csv", turned.as_bytes());
    check("mca, day first", &found, "azure-cost", 2.4, &["partial-month"]);
    assert_eq!(found.costs[0].period.as_ref().unwrap().0, "2026-10-05");
}

#[test]
fn packed_bills_in_odd_encodings() {
    let text = "service,cost,currency,month\r\nBüro,\"1,200.50\",USD,2026-10\r\n";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [wide, bom] {
        let found = measured_bytes("bill.csv", &bytes);
        assert_eq!((found.costs[0].service.as_str(), found.costs[0].amount), ("Büro", 1200.5));
    }
}

#[test]
fn price_book() {
    let example = std::fs::read(root().join("docs/examples/price-book.csv")).unwrap();
    let found = measured_bytes("price-book.csv", &example);
    assert_eq!((found.kind.as_str(), found.prices.len()), ("price-book", 2));
    let price = &found.prices[1];
    assert_eq!(
        (price.machine.as_str(), price.vcpu, price.mem_gib, price.usd_per_hour),
        ("m7g.large", Some(2.0), Some(8.0), 0.0816)
    );
    assert_eq!(warning(&found, "prices-as-of").unwrap().evidence["to"], "2026-06-17");
    let twice = "provider,region,type,vcpu,mem_gib,usd_per_hour,as_of,source\na,b,c,1,2,0.5,2026-02-01,x\na,b,c,1,2,0.4,2026-01-01,x\na,b,d,1,2,free,,\n";
    let found = measured_bytes("p.csv", twice.as_bytes());
    assert_eq!((found.prices.len(), found.prices[0].usd_per_hour), (1, 0.5));
    assert!(warning(&found, "doubled").is_some() && warning(&found, "rows-skipped").is_some());
}

#[test]
fn what_cannot_be_read_says_what_to_export() {
    for (bytes, words) in [
        (&b"PAR1\x15\x04\x15\x00rest of a file"[..], &["Parquet", "CSV", "BigQuery"][..]),
        (b"Obj\x01\x04\x16avro.schema", &["Avro", "CSV"]),
        (b"lineItem/ProductCode,lineItem/UnblendedCost\nAmazonEC2,n/a\n", &["amount", "line 2"]),
        (
            b"{\"version\": \"0.2\", \"projects\": [{\"breakdown\": {\"resources\": []}}]}",
            &["monthly cost", "infracost breakdown"],
        ),
        (b"{\"assemblyId\": \"1\", \"reportKeys\": [\"a.csv.gz\"], \"columns\": []}", &["manifest", "csv.gz"]),
    ] {
        let Outcome::Nothing(refusal) = import_bytes("file", bytes) else { panic!("{words:?}") };
        let text = refusal.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}

#[test]
fn lines_of_many_months_are_apart() {
    let rows: String = (1..=12).map(|month| format!("2026-{month:02},db,{month}\n")).collect();
    let found = measured_bytes("year.csv", format!("month,service,cost\n{rows}").as_bytes());
    assert_eq!(found.costs.len(), 12);
    let february: &CostLine = &found.costs[1];
    assert!(near(february.monthly.unwrap(), 2.0 * 730.0 / 672.0), "{february:?}");
}
