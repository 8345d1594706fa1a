//! Compressed forms of a file and which of them a client takes.

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// How a file's bytes are encoded on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Plain,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

/// Whether a client with this `Accept-Encoding` takes the encoding (RFC 9110, 12.5.3): named without `q=0`, or by `*`.
pub(super) fn accepts(accepted: &str, encoding: &str) -> bool {
    let weight = |wanted: &str| {
        accepted.split(',').find_map(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let name = pieces.next()?;
            let quality = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            name.eq_ignore_ascii_case(wanted).then_some(quality)
        })
    };
    weight(encoding).or_else(|| weight("*")).unwrap_or(0.0) > 0.0_f64
}

/// The gzip form of a file that gains from it: pictures and fonts do not, and tiny ones only grow.
pub(super) fn gzip(plain: &Bytes, path: &str) -> Option<Bytes> {
    const COMPRESSED_ALREADY: [&str; 6] = [".png", ".jpg", ".webp", ".woff2", ".gz", ".br"];
    if plain.len() < 256 || COMPRESSED_ALREADY.iter().any(|suffix| path.ends_with(suffix)) {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::new(6));
    encoder.write_all(plain).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < plain.len()).then(|| Bytes::from(compressed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_encoding() {
        let rows = [
            ("gzip, deflate, br, zstd", "br", true),
            ("gzip", "br", false),
            ("GZIP", "gzip", true),
            ("", "gzip", false),
            ("*", "gzip", true),
            ("*;q=0", "gzip", false),
            ("gzip;q=0, *", "gzip", false),
            ("gzip; q=0.5", "gzip", true),
            ("gzip;q=nonsense", "gzip", false),
            ("brotli", "br", false),
        ];
        for (accepted, encoding, taken) in rows {
            assert_eq!(accepts(accepted, encoding), taken, "{accepted:?} {encoding}");
        }
    }
}
