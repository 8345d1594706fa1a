//! `headroom import`: what files hold.

use crate::arguments::Import;
use crate::failure::{Done, Failure};
use crate::{measurements, output, text};

/// Reads every file; those that hold nothing are named on standard error, and it is bad input only if none was read.
pub(crate) fn run(arguments: &Import) -> Result<Done, Failure> {
    let read = measurements::read(&arguments.files, &arguments.reading)?;
    let mut out = String::new();
    for measurements in &read.measurements {
        if arguments.json {
            out.push_str(&output::to_line(measurements)?);
        } else {
            text::measurements::write(measurements, &mut out);
        }
    }
    output::text(&out)?;
    if read.measurements.is_empty() {
        return Err(Failure::Input(read.refused));
    }
    read.name_refused();
    Ok(Done::Fine)
}
