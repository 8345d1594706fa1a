//! Settings of `headroom serve` from a file: what neither an option nor a variable says.
//!
//! The file's values become the options' defaults before the command line is read, so that they are checked by the same
//! parsers, and options and variables win.

use crate::arguments::Arguments;
use crate::failure::Failure;
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};
use server::{Credentials, Target};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The key of the metrics servers with credentials.
const TARGETS: &str = "prometheus";

/// Why the command line could not be read.
pub(crate) enum Unread {
    /// What was typed is not understood, or help was asked for.
    Usage(clap::Error),
    /// The configuration file is bad.
    File(Failure),
}

/// Reads the command line, with a configuration file's values as defaults of `serve`.
pub(crate) fn arguments(typed: impl Iterator<Item = OsString>) -> Result<Arguments, Unread> {
    let typed: Vec<OsString> = typed.collect();
    let mut command = Arguments::command();
    if typed.get(1).is_some_and(|verb| verb == "serve")
        && let Some(file) = named(&typed)
    {
        let settings = read(&file).map_err(Unread::File)?;
        command = command.mut_subcommand("serve", |serve| with_defaults(serve, &settings));
    }
    let matches = command.try_get_matches_from(typed).map_err(Unread::Usage)?;
    Arguments::from_arg_matches(&matches).map_err(Unread::Usage)
}

/// The file that `--config` or the environment names.
fn named(typed: &[OsString]) -> Option<PathBuf> {
    let text = |word: &OsString| word.to_str().map(str::to_owned);
    let joined = typed.iter().filter_map(text).find_map(|word| word.strip_prefix("--config=").map(PathBuf::from));
    let apart = typed.iter().position(|word| word == "--config").and_then(|at| typed.get(at + 1)).map(PathBuf::from);
    let variable = || std::env::var_os("HEADROOM_CONFIG").filter(|file| !file.is_empty()).map(PathBuf::from);
    joined.or(apart).or_else(variable)
}

fn read(file: &Path) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let table = table(file)?;
    let name = file.display().to_string();
    let command = Arguments::command();
    let known: Vec<String> = command
        .find_subcommand("serve")
        .map(|serve| settings(serve).into_iter().map(|arg| arg.get_id().to_string()).collect())
        .unwrap_or_default();
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for (key, value) in &table {
        let path = format!("{name}: {key}");
        if !known.contains(key) || key == "config" {
            let all = known.iter().filter(|key| *key != "config").cloned().collect::<Vec<_>>().join(", ");
            problems.push(scenario::Problem::new(path, "is no setting", format!("there are {all}")));
        } else if key == TARGETS {
            // Read once more where the targets are made, with their credentials.
        } else if let Some(text) = scalar(value) {
            found.push((key.clone(), vec![text]));
        } else {
            problems.push(scenario::Problem::new(path, "must be a text, a number, true or false", "give one value"));
        }
    }
    if table.contains_key("data") && table.contains_key("database_url") {
        let text = "stands beside database_url";
        problems.push(scenario::Problem::new(format!("{name}: data"), text, "shares are kept in one place: give one"));
    }
    if problems.is_empty() { Ok(found) } else { Err(Failure::Input(problems)) }
}

fn table(file: &Path) -> Result<Table, Failure> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|cause| crate::input::unreadable(&name, &cause))?;
    text.parse().map_err(|cause: toml::de::Error| {
        let line = cause.span().map_or(0, |span| text.get(..span.start).map_or(0, |before| before.lines().count()));
        Failure::input(
            format!("{name}:{}", line.max(1)),
            format!("is not TOML: {}", cause.message()),
            "check the text there",
        )
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// The settings of `serve`, in the order of its help.
pub(crate) fn settings(serve: &Command) -> Vec<&Arg> {
    serve.get_arguments().filter(|arg| arg.get_long().is_some_and(|long| !matches!(long, "help" | "version"))).collect()
}

fn with_defaults(serve: Command, found: &[(String, Vec<String>)]) -> Command {
    found.iter().fold(serve, |serve, (key, values)| {
        serve.mut_arg(key.clone(), |arg| match arg.get_action() {
            // A switch has `true` and `false` as its values.
            ArgAction::SetTrue => arg.default_value(values.concat()),
            _ => arg.default_values(values.clone()),
        })
    })
}

/// The metrics servers: those of the option (`NAME=URL`), and those of the file, which can have credentials.
pub(crate) fn targets(typed: &[String], file: Option<&Path>) -> Result<Vec<Target>, Failure> {
    let mut problems = Vec::new();
    let mut targets: Vec<Target> = Vec::new();
    let mut add =
        |place: &str, name: &str, url: &str, credentials: Credentials| match Target::new(name, url, credentials) {
            Ok(target) if targets.iter().any(|known| known.name == target.name) => {
                problems.push(scenario::Problem::new(
                    place,
                    format!("`{name}` is listed twice"),
                    "give each its own name",
                ));
            }
            Ok(target) => targets.push(target),
            Err(error) => problems.push(scenario::Problem::new(place, error.what, error.remedy)),
        };
    for entry in typed {
        let (name, url) = entry.split_once('=').unwrap_or(("", entry));
        add("--prometheus", name, url, Credentials::None);
    }
    if let Some(file) = file {
        let listed = table(file)?.remove(TARGETS).unwrap_or(Value::Array(Vec::new()));
        for (index, entry) in listed.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate() {
            let place = format!("{}: {TARGETS}[{index}]", file.display());
            let word = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            add(&place, &word("name"), &word("url"), credentials(&place, entry)?);
        }
    }
    if problems.is_empty() { Ok(targets) } else { Err(Failure::Input(problems)) }
}

/// Secrets stand in files of their own, which can be mounted and kept from others.
fn credentials(place: &str, entry: &Value) -> Result<Credentials, Failure> {
    let known = ["name", "url", "bearer_file", "user", "password_file"];
    if let Some(odd) = entry.as_table().and_then(|table| table.keys().find(|key| !known.contains(&key.as_str()))) {
        return Err(Failure::input(place, format!("`{odd}` is no setting"), format!("there are {}", known.join(", "))));
    }
    let secret = |key: &str| -> Result<Option<String>, Failure> {
        let Some(file) = entry.get(key).and_then(Value::as_str) else { return Ok(None) };
        let text = fs::read_to_string(file).map_err(|cause| crate::input::unreadable(file, &cause))?;
        Ok(Some(text.trim().to_owned()))
    };
    let user = entry.get("user").and_then(Value::as_str).map(str::to_owned);
    Ok(match (secret("bearer_file")?, user, secret("password_file")?) {
        (Some(token), None, None) => Credentials::Bearer(token),
        (None, Some(user), Some(password)) => Credentials::Basic(user, password),
        (None, None, None) => Credentials::None,
        _ => {
            let remedy = "give bearer_file, or user with password_file, or none";
            return Err(Failure::input(place, "its credentials do not fit together", remedy));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/server.md`, made of the command itself.
    fn documented() -> String {
        let command = Arguments::command();
        let serve = command.find_subcommand("serve").expect("it is there");
        let mut table = "| option | variable | in the file | default | meaning |\n|---|---|---|---|---|\n".to_owned();
        for arg in settings(serve) {
            let long = arg.get_long().expect("only such");
            let variable = arg.get_env().expect("each has one").to_str().expect("text");
            let key = match arg.get_id().as_str() {
                "config" => String::new(),
                "prometheus" => "`[[prometheus]]`".to_owned(),
                id => format!("`{id}`"),
            };
            let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let help = arg.get_help().expect("each says what it is").to_string();
            let (help, otherwise) = help.split_once(" [default: ").unwrap_or((&help, ""));
            let default =
                if otherwise.is_empty() { default.join(",") } else { otherwise.trim_end_matches(']').to_owned() };
            table.push_str(&format!(
                "| `--{long}` | `{variable}` | {key} | {default} | {} |\n",
                help.replace('\n', " ")
            ));
        }
        table
    }

    #[test]
    fn the_documented_table_is_the_command() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/server.md");
        let text = fs::read_to_string(&path).expect("the document");
        let start = text.find("| option |").expect("the table");
        let end = start + text[start..].find("\n\n").expect("its end") + 1;
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, format!("{}{}{}", &text[..start], documented(), &text[end..])).expect("written");
            return;
        }
        assert_eq!(&text[start..end], documented(), "UPDATE=1 writes it anew");
    }

    #[test]
    fn a_file_gives_what_the_command_line_does_not() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("headroom.toml");
        let serve = |text: &str, more: &[&str]| {
            fs::write(&file, text).expect("written");
            let typed =
                ["headroom", "serve", "--config", file.to_str().expect("text")].into_iter().chain(more.iter().copied());
            arguments(typed.map(OsString::from))
        };
        let text = "addr = \"0.0.0.0:9000\"\nproxies = 2\nhsts = true\ndata = \"/srv/shares.db\"\nlog = \"json\"\n";
        for (more, address, proxies) in
            [(&[][..], "0.0.0.0:9000", 2), (&["--addr", "127.0.0.1:1", "--proxies=1"], "127.0.0.1:1", 1)]
        {
            let Ok(Arguments { verb: crate::arguments::Verb::Serve(serve) }) = serve(text, more) else {
                panic!("settings")
            };
            assert_eq!((serve.addr.to_string().as_str(), serve.proxies, serve.hsts), (address, proxies, true));
            assert_eq!(serve.data.as_deref(), Some("/srv/shares.db"));
        }
        let rows = [
            ("adr = 1\nprxies = 2", vec!["adr: is no setting", "prxies: is no setting"]),
            ("addr = [1]", vec!["addr: must be a text"]),
            ("addr = ", vec!["headroom.toml:1: is not TOML"]),
            ("data = \"a\"\ndatabase_url = \"b\"", vec!["data: stands beside database_url"]),
        ];
        for (text, said) in rows {
            let Err(Unread::File(Failure::Input(problems))) = serve(text, &[]) else { panic!("{text}") };
            assert_eq!(problems.len(), said.len(), "{problems:?}");
            for (problem, said) in problems.iter().zip(said) {
                assert!(problem.to_string().contains(said), "{problem}");
            }
        }
        assert!(matches!(serve("proxies = \"many\"", &[]), Err(Unread::Usage(_))), "checked as the option is");
    }

    #[test]
    fn metrics_servers_with_their_credentials() {
        let folder = tempfile::tempdir().expect("folder");
        let (file, secret) = (folder.path().join("headroom.toml"), folder.path().join("token"));
        fs::write(&secret, "hush\n").expect("written");
        let list = |text: &str| {
            fs::write(&file, text.replace("SECRET", secret.to_str().expect("text"))).expect("written");
            targets(&["a=http://a.example".to_owned()], Some(&file))
        };
        let entry = "[[prometheus]]\nname = \"b\"\nurl = \"https://b.example\"\n";
        let listed = list(&format!("{entry}bearer_file = \"SECRET\"\n")).expect("two");
        assert_eq!(listed[0].credentials, Credentials::None);
        assert_eq!(listed[1].credentials, Credentials::Bearer("hush".to_owned()));
        let basic = list(&format!("{entry}user = \"u\"\npassword_file = \"SECRET\"\n")).expect("two");
        assert_eq!(basic[1].credentials, Credentials::Basic("u".to_owned(), "hush".to_owned()));
        for bad in ["user = \"u\"", "token = \"x\"", "bearer_file = \"/no/such/file\"", "name = \"a\""] {
            let text =
                if bad.starts_with("name") { entry.replace("\"b\"", "\"a\"") } else { format!("{entry}{bad}\n") };
            assert!(list(&text).is_err(), "{bad}");
        }
    }
}
