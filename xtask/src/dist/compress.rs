//! `FILE.br` and `FILE.gz` beside each file that gains from it, so that the server or any static host need not compress.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::steps::{Result, Trouble};

/// Smaller files fit one packet anyway.
const WORTH_IT: u64 = 256;

/// Kinds of file that gain from compression.
const TEXT_LIKE: &[&str] = &["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt", "csv", "map"];

/// Writes the compressed forms of everything in `folder`, on all cores.
pub fn folder(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    // The largest first: it alone decides how long the last of them takes.
    files.sort_by_key(|(size, _)| *size);
    let waiting = Mutex::new(files);
    let next = || waiting.lock().ok()?.pop();
    let work = || {
        while let Some((_, path)) = next() {
            file(&path)?;
        }
        Ok(())
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let ended = |worker: std::thread::ScopedJoinHandle<Result<()>>| {
            worker.join().unwrap_or_else(|_| Err(Trouble::Failed("compressing a file panicked".to_owned())))
        };
        // All of them, so that none is left behind.
        workers.into_iter().map(ended).fold(Ok(()), Result::and)
    })
}

/// Sizes and paths of what gains from compression.
fn list(folder: &Path, files: &mut Vec<(u64, PathBuf)>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
            continue;
        }
        let size = std::fs::metadata(&path)?.len();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if TEXT_LIKE.contains(&&*extension) && size >= WORTH_IT {
            files.push((size, path));
        }
    }
    Ok(())
}

fn file(path: &Path) -> Result<()> {
    let plain = std::fs::read(path)?;
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    for (suffix, form) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
        if form.len() < plain.len() {
            std::fs::write(path.with_extension(format!("{extension}.{suffix}")), form)?;
        }
    }
    Ok(())
}

/// The strongest brotli form.
pub fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut form = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &plain[..], &mut form, &parameters)?;
    Ok(form)
}

/// The strongest gzip form; the same input gives the same bytes.
pub fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_forms_hold_the_same_content() {
        let plain: Vec<u8> = (0..20_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(gzip(&plain).unwrap().as_slice()).read_to_end(&mut from_gzip).unwrap();
        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut brotli(&plain).unwrap().as_slice(), &mut from_brotli).unwrap();
        assert!(from_gzip == plain && from_brotli == plain);
    }
}
