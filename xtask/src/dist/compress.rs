//! `FILE.br` and `FILE.gz` beside each file that gains from it, so that the server or any static host need not compress.

use std::io::Write;
use std::path::Path;

use crate::steps::Result;

/// Smaller files fit one packet anyway.
const WORTH_IT: usize = 256;

/// Kinds of file that gain from compression.
const TEXT_LIKE: &[&str] = &["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt", "csv", "map"];

/// Writes the compressed forms of everything in `folder`.
pub fn folder(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            self::folder(&path)?;
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if !TEXT_LIKE.contains(&extension.as_str()) {
            continue;
        }
        let plain = std::fs::read(&path)?;
        if plain.len() < WORTH_IT {
            continue;
        }
        for (suffix, form) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
            if form.len() < plain.len() {
                std::fs::write(path.with_extension(format!("{extension}.{suffix}")), form)?;
            }
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
