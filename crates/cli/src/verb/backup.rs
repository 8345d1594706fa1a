//! `headroom backup`: a consistent copy of the share store, while servers use it.

use super::serve::data_folder;
use crate::arguments::Backup;
use crate::failure::{Done, Failure, note_line};
use server::store::Sqlite;

/// Copies the store.
pub(crate) fn run(arguments: &Backup) -> Result<Done, Failure> {
    let default = || data_folder().map(|folder| folder.join("headroom/shares.db"));
    let data = arguments.data.clone().or_else(default);
    let data =
        data.ok_or_else(|| Failure::input("--data", "there is no home folder to look in", "give --data FILE"))?;
    let copy = &arguments.copy;
    if copy.exists() {
        return Err(Failure::input(copy.display().to_string(), "exists already", "give the copy another name"));
    }
    Sqlite::backup(&data, copy).map_err(|cause| {
        let remedy = "give the store of a server with --data, and a place with room for the copy";
        Failure::input(data.display().to_string(), format!("cannot be copied ({cause})"), remedy)
    })?;
    note_line(&format!("{} holds all shares; put it in the store's place to go back to them", copy.display()));
    Ok(Done::Fine)
}
