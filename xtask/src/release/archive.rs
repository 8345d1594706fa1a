//! Archives that come out the same from the same files, and their checksums.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::file_name;
use crate::steps::Result;

/// Writes files (where each is, its name in the archive) below one folder into a `.tar.gz`, without times, owners or order of
/// the disk.
pub fn write(archive: &Path, folder: &str, files: &[(PathBuf, String)]) -> Result<()> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    let mut tar = tar::Builder::new(GzEncoder::new(std::fs::File::create(archive)?, Compression::best()));
    for (path, name) in files {
        let content = std::fs::read(path)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(if is_program(path) { 0o755 } else { 0o644 });
        header.set_mtime(0);
        tar.append_data(&mut header, format!("{folder}/{name}"), content.as_slice())?;
    }
    tar.into_inner()?.finish()?;
    Ok(())
}

fn is_program(path: &Path) -> bool {
    file_name(path) == format!("headroom{}", std::env::consts::EXE_SUFFIX)
}

/// All files below a folder with their names from it.
pub fn below(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = format!("{prefix}{}", file_name(&path));
            if path.is_dir() {
                open.push((path, format!("{name}/")));
            } else {
                found.push((path, name));
            }
        }
    }
    Ok(found)
}

/// Lines as `sha256sum --check` reads them.
pub fn checksums(files: &[&Path]) -> Result<String> {
    let mut lines = String::new();
    for file in files {
        let digest = Sha256::digest(std::fs::read(file)?);
        for byte in digest {
            let _ = write!(lines, "{byte:02x}");
        }
        let _ = writeln!(lines, "  {}", file_name(file));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_archive() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("headroom-archive-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("in/deep"))?;
        std::fs::write(folder.join("in/b.txt"), "abc")?;
        std::fs::write(folder.join("in/deep/a.txt"), "")?;
        let mut files = below(&folder.join("in"))?;
        write(&folder.join("1.tar.gz"), "top", &files)?;
        files.reverse();
        write(&folder.join("2.tar.gz"), "top", &files)?;
        let sums = checksums(&[&folder.join("1.tar.gz"), &folder.join("2.tar.gz"), &folder.join("in/b.txt")])?;
        let lines: Vec<&str> = sums.lines().collect();
        assert_eq!(lines[0].split(' ').next(), lines[1].split(' ').next());
        // FIPS 180-2, appendix B.1.
        assert_eq!(lines[2], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt");
        std::fs::remove_dir_all(folder)?;
        Ok(())
    }
}
