//! Reading a folder into memory.

use crate::error::Error;
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::path::Path;

/// All files below a folder by their path from it, such as `/icons/app.svg`. Hidden files are left out.
pub(super) fn folder(folder: &Path) -> Result<BTreeMap<String, Bytes>, Error> {
    let mut files = BTreeMap::new();
    read_into(folder, "", &mut files)?;
    Ok(files)
}

fn read_into(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| Error::App { path, cause }
    };
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let address = format!("{prefix}/{name}");
        if entry.file_type().map_err(failed(&path))?.is_dir() {
            read_into(&path, &address, files)?;
        } else {
            files.insert(address, Bytes::from(std::fs::read(&path).map_err(failed(&path))?));
        }
    }
    Ok(())
}
