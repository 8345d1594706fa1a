//! The wasm files without their function names: a third of the page's download, of use only to a debugger.
//!
//! Done here because `strip` in the profile leaves what wasm-opt then refuses.

use std::path::Path;

use crate::steps::{Result, Trouble};

/// Magic number and version.
const HEADER: usize = 8;
/// Identifier of custom sections.
const CUSTOM: u8 = 0;

/// Rewrites every wasm file of a folder without its section `name`.
pub fn folder(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let module = std::fs::read(&path)?;
            let stripped = without_names(&module)
                .ok_or_else(|| Trouble::Failed(format!("{} is not a whole wasm module", path.display())))?;
            std::fs::write(&path, stripped)?;
        }
    }
    Ok(())
}

/// The module without its custom section `name`; nothing when it is cut or no module.
fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let mut kept = module.get(..HEADER)?.to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let (length, body) = number(module, at + 1)?;
        let end = body.checked_add(length)?;
        let section = module.get(at..end)?;
        let named = |start| {
            let (length, name) = number(module, start)?;
            module.get(name..name.checked_add(length)?)
        };
        if section[0] != CUSTOM || named(body) != Some(b"name".as_slice()) {
            kept.extend_from_slice(section);
        }
        at = end;
    }
    Some(kept)
}

/// An unsigned LEB128 number of at most 32 bits, and where it ends.
fn number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_go() {
        let header = b"\0asm\x01\0\0\0".to_vec();
        let types = [1, 1, 0];
        let names = [&[CUSTOM, 0x87, 0][..], b"\x04name\xff\xff"].concat();
        let other = [&[CUSTOM, 7][..], b"\x05other\x01"].concat();
        let module = [header.clone(), types.to_vec(), names, other.clone()].concat();
        assert_eq!(without_names(&module), Some([header, types.to_vec(), other].concat()));
        for cut in (0..module.len()).filter(|cut| ![8, 11, 21].contains(cut)) {
            assert_eq!(without_names(&module[..cut]), None, "cut after {cut} bytes");
        }
    }
}
