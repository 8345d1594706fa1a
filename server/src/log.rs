//! The log: to standard error, so that standard output stays a machine's.

use crate::config::LogFormat;
use tracing::Level;

/// Starts the log of the whole process; a second call changes nothing.
pub fn install(format: LogFormat) {
    let builder = tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(std::io::stderr).with_target(false);
    // A log that is already there (an embedding program's) stays.
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(builder.finish()).is_ok(),
        LogFormat::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()).is_ok(),
        LogFormat::Off => true,
    };
}
