//! `headroom serve`: the app over HTTP.

use crate::arguments::{Log, Serve};
use crate::carried;
use crate::config;
use crate::failure::{Done, Failure, note_line};
use server::{AppFiles, Config, Limits, LogFormat, PerMinute, ShareRules, StoreAt};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Serves until told to stop.
pub(crate) fn run(arguments: Serve) -> Result<Done, Failure> {
    let shares = shares(&arguments);
    let app = match arguments.app {
        Some(folder) => AppFiles::Folder(folder),
        None => carried::APP.or_else(built_app).ok_or_else(no_app)?,
    };
    let log = match arguments.log {
        Log::Text => LogFormat::Text,
        Log::Json => LogFormat::Json,
        Log::Off => LogFormat::Off,
    };
    let config = Config {
        address: arguments.addr,
        app: Some(app),
        hsts: arguments.hsts,
        log,
        limits: Limits { per_address: NonZeroU32::new(arguments.connections_per_address), ..Limits::default() },
        store: match arguments.database_url {
            Some(url) => StoreAt::Postgres { url, authority: arguments.database_ca },
            None => store(arguments.data),
        },
        targets: config::targets(&arguments.prometheus, arguments.config.as_deref())?,
        shares,
        proxies: arguments.proxies,
        ..Config::default()
    };
    server::run(config).map_err(|error| refused(&error))?;
    Ok(Done::Fine)
}

/// What shares may be like.
fn shares(arguments: &Serve) -> ShareRules {
    let rules = ShareRules::default();
    ShareRules {
        share_bytes: u64::from(arguments.share_kilobytes) << 10,
        total_bytes: u64::from(arguments.total_megabytes) << 20,
        default_days: rules.default_days.min(arguments.longest_days),
        longest_days: arguments.longest_days,
        reads: PerMinute(NonZeroU32::new(arguments.reads_per_minute)),
        writes: PerMinute(NonZeroU32::new(arguments.writes_per_minute)),
    }
}

/// Where shares are kept.
fn store(wish: Option<String>) -> StoreAt {
    match wish.as_deref() {
        Some("none") => StoreAt::Nowhere,
        Some("memory") => StoreAt::Memory,
        Some(file) => StoreAt::File(PathBuf::from(file)),
        None => data_folder().map_or_else(
            || {
                note_line("there is no home folder to keep shares in, so there are no short links; give --data FILE");
                StoreAt::Nowhere
            },
            |folder| StoreAt::File(folder.join("headroom/shares.db")),
        ),
    }
}

/// The user's data folder as the systems' conventions have it.
pub(super) fn data_folder() -> Option<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return folder("LOCALAPPDATA");
    }
    folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
}

/// The built app where `cargo xtask dist` and the packages put it.
fn built_app() -> Option<AppFiles> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("app")));
    [Some(PathBuf::from("dist")), beside].into_iter().flatten().find(|folder| is_app(folder)).map(AppFiles::Folder)
}

fn is_app(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

fn no_app() -> Failure {
    let remedy = "build it with `cargo xtask dist` or give --app FOLDER";
    Failure::input("dist", "no built app here or beside the program", remedy)
}

/// Everything that keeps a server from starting is the operator's to change, but for the system's own limits.
fn refused(error: &server::Error) -> Failure {
    match error {
        server::Error::Runtime(_) => Failure::fault(error.subject(), error.what(), error.remedy()),
        _ => Failure::input(error.subject(), error.what(), error.remedy()),
    }
}
