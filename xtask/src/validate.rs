//! `cargo xtask validate`: the long proofs, and the report that they write: `docs/validation.md`, and the same as a page of the app.
//!
//! Each section is the output of one program, between marks that name it, so that one section can be run anew alone. No figure
//! is written by hand.

use std::fmt::Write as _;

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Steps, Trouble};

/// One proof.
struct Section {
    /// Its name on the command line.
    name: &'static str,
    /// Its heading.
    title: &'static str,
    /// What it shows and how to read it.
    about: &'static str,
    /// Arguments of Cargo.
    command: &'static [&'static str],
    /// Whether the output is Markdown; else it stands as it was printed.
    markdown: bool,
    /// A picture that the program draws into the file that it is given, and what it shows.
    picture: Option<(&'static str, &'static str)>,
}

const SECTIONS: &[Section] = &[
    Section {
        name: "known",
        title: "Published and exact results",
        about: "Cases with known answers, each as a scenario file through the same path as a user's, then published fits. Nothing here is random. *Allowed* is the rounding of the source, or the error its method states.",
        command: &["run", "--release", "--quiet", "-p", "study", "--example", "known"],
        markdown: true,
        picture: None,
    },
    Section {
        name: "simulator",
        title: "The simulator's intervals",
        about: "How often the 95 % interval of a run holds the exact value, seeds 1 to 400, none left out; 92 to 98 % is what 400 runs allow.",
        command: &["run", "--release", "--quiet", "-p", "engine", "--example", "sim_coverage"],
        markdown: false,
        picture: None,
    },
    Section {
        name: "features",
        title: "The closed form against the simulator, feature by feature",
        about: "Small systems with one feature each, the simulator with seed 1. *Mean* and *p95* are the closed form's, in relation to the simulator's.",
        command: &["run", "--release", "--quiet", "-p", "engine", "--example", "compare", "400"],
        markdown: false,
        picture: None,
    },
    Section {
        name: "gallery",
        title: "The closed form against the simulator, over the gallery",
        about: "Every ready scenario without its events (the simulator with seed 1), at the largest multiple up to 1 at which nothing is busier than 0.9. Known reasons for gaps stand in [model.md](model.md).",
        command: &["run", "--release", "--quiet", "-p", "study", "--example", "engines", "300"],
        markdown: false,
        picture: None,
    },
    Section {
        name: "shop",
        title: "Back-test on a real system",
        about: "The shop of the tutorial (a real Redis, PostgreSQL pool, RabbitMQ and payment API): fitted on the levels at ×1 and ×2, asked for ×3, which it has not seen. Draws with seed 1.",
        command: &["run", "--release", "--quiet", "-p", "study", "--example", "shop_back_test"],
        markdown: false,
        picture: Some((
            "validation-shop.svg",
            "Lines: the model that was fitted on the first two levels, with the band that one run of that length may stray in. Dots: measured from the record of every request, the hollow ones at the level that it has not seen.",
        )),
    },
    Section {
        name: "coverage",
        title: "How often the bands hold the truth",
        about: "Synthetic systems of known truth, measured by the simulator at ×1, ×2 and ×3 (seeds 1001 to 1200), calibrated and projected; how often the 90 % band holds the truth.",
        command: &["run", "--release", "--quiet", "-p", "study", "--example", "coverage", "200"],
        markdown: false,
        picture: None,
    },
    Section {
        name: "fuzz",
        title: "Files that are not what they seem",
        about: "Real files of every format changed at random (bytes, cuts, spliced parts of others, odd numbers) for ten minutes: no panic, no figure that is not finite; what took over a second is named. By kind: what was still read, asked about or refused.",
        command: &["run", "--profile", "bench", "--quiet", "-p", "ingest", "--example", "fuzz", "600"],
        markdown: false,
        picture: None,
    },
];

const REPORT: &str = "docs/validation.md";
const PAGE: &str = "public/validation.html";

const HEAD: &str = "# Validation: how far the figures can be trusted\n\n\
    Written by `cargo xtask validate`; every figure comes from the run that its section names. What is not modelled, and what error that may cause, \
    stands in [model.md](model.md#not-modelled-in-the-closed-form).\n";

/// `cargo xtask validate [SECTION ...]`: every proof, or those named.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    if let Some(unknown) = arguments.iter().find(|name| !SECTIONS.iter().any(|section| section.name == **name)) {
        let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
        return steps.note(Trouble::Failed(format!("there is no section `{unknown}`; there are {}", names.join(", "))));
    }
    for section in SECTIONS {
        if arguments.is_empty() || arguments.iter().any(|name| name == section.name) {
            steps.step(section.title, |_| prove(project, section));
        }
    }
    steps.step("the page of the app", |_| {
        let report = std::fs::read_to_string(project.root.join(REPORT))?;
        Ok(std::fs::write(project.root.join(PAGE), page(&report))?)
    });
}

/// Runs a proof and puts its output into the report.
fn prove(project: &Project, section: &Section) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(section.command);
    if let Some((picture, _)) = section.picture {
        cargo.arg(project.root.join("docs").join(picture));
    }
    println!("$ {}", command::shown(&cargo));
    let output = command::capture(&mut cargo)?;
    print!("{output}");
    if let Some((picture, _)) = section.picture {
        std::fs::copy(project.root.join("docs").join(picture), project.root.join("public").join(picture))?;
    }
    let built = built_from(project)?;
    let file = project.root.join(REPORT);
    let report = match std::fs::read_to_string(&file) {
        // A report that is not there yet begins empty.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    Ok(std::fs::write(file, with(&report, section, &text(section, &output, &built)))?)
}

/// Version and commit.
fn built_from(project: &Project) -> Result<String> {
    let mut git = std::process::Command::new("git");
    git.current_dir(&project.root).args(["rev-parse", "--short=12", "HEAD"]);
    Ok(format!("version {}, commit {}", project.locked_version("cli")?, command::capture(&mut git)?.trim()))
}

fn text(section: &Section, output: &str, built: &str) -> String {
    let words: Vec<&str> = section.command.iter().copied().filter(|word| *word != "--quiet").collect();
    let output = output.trim_end();
    let output = if section.markdown { output.to_owned() } else { format!("```text\n{output}\n```") };
    let picture = section
        .picture
        .map_or_else(String::new, |(file, about)| format!("![{}]({file})\n\n{about}\n\n", section.title));
    format!("## {}\n{}\n\n`cargo {}` ({built})\n\n{picture}{output}\n", section.title, section.about, words.join(" "))
}

fn marks(section: &Section) -> (String, String) {
    (format!("<!-- {} -->\n", section.name), format!("<!-- /{} -->\n", section.name))
}

/// The report with a section's new text, all sections in their order.
fn with(report: &str, section: &Section, text: &str) -> String {
    let mut out = HEAD.to_owned();
    for each in SECTIONS {
        let (open, close) = marks(each);
        let old = report.split_once(&open).and_then(|(_, rest)| rest.split_once(&close)).map(|(inside, _)| inside);
        let inside = if each.name == section.name { Some(text) } else { old };
        if let Some(inside) = inside {
            let _ = write!(out, "\n{open}{inside}{close}");
        }
    }
    out
}

/// The report as a page beside the app.
fn page(report: &str) -> String {
    use pulldown_cmark::{Options, Parser, html};
    let mut body = String::new();
    html::push_html(&mut body, Parser::new_ext(report, Options::ENABLE_TABLES));
    // The documents it speaks of stand in the repository, not beside the app.
    let body = body
        .replace("<a href=\"model.md#not-modelled-in-the-closed-form\">", "<a>")
        .replace("<a href=\"model.md\">", "<a>");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Headroom: validation</title>\n<link rel=\"stylesheet\" href=\"/validation.css\">\n</head>\n<body>\n<main>\n<p><a href=\"/\">Headroom</a></p>\n{body}</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let first = with("", &SECTIONS[1], &text(&SECTIONS[1], "95 %\n", "version 1"));
        let both = with(&first, &SECTIONS[0], &text(&SECTIONS[0], "| a |\n|---|\n| b |\n", "version 1"));
        assert!(both.find("Published") < both.find("intervals"), "{both}");
        let again = with(&both, &SECTIONS[1], &text(&SECTIONS[1], "94 %\n", "version 2"));
        assert!(again.contains("94 %") && !again.contains("95 %\n```"), "{again}");
        assert!(again.contains("| b |"), "{again}");
        let page = page(&again);
        assert!(page.contains("<td>b</td>") || page.contains("<th>a</th>"), "{page}");
        assert!(!page.contains("<script"), "{page}");
        let shop = text(&SECTIONS[4], "", "version 1");
        assert!(self::page(&shop).contains("<img src=\"validation-shop.svg\""), "{shop}");
    }
}
