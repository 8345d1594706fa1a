use super::Decoder;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

fn decoded(bytes: &[u8], chunk: usize) -> (Vec<u8>, bool) {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for part in bytes.chunks(chunk) {
        decoder
            .push(part, &mut |part| {
                out.extend_from_slice(part);
                Ok(())
            })
            .unwrap();
    }
    let cut = decoder
        .finish(&mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })
        .unwrap();
    (out, cut)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn every_packing_and_encoding_gives_the_same_text_at_any_chunk_size() {
    let long: String = (0..40_000).map(|index| format!("row {index} naïve 𝄞\n")).collect();
    for text in ["a,b\n1,2\n", "", "x", long.as_str()] {
        let plain = text.as_bytes();
        let rows = [
            ("plain", plain.to_vec()),
            ("mark", [b"\xef\xbb\xbf", plain].concat()),
            ("gzip", gzip(plain)),
            ("zstd", zstd(plain)),
            ("two gzip members", [gzip(&plain[..plain.len() / 2]), gzip(&plain[plain.len() / 2..])].concat()),
            ("two zstd frames", [zstd(&plain[..plain.len() / 2]), zstd(&plain[plain.len() / 2..])].concat()),
            ("skippable zstd frame", [b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc".to_vec(), zstd(plain)].concat()),
            ("utf-16 le", utf16(text, false, true)),
            ("utf-16 be in gzip", gzip(&utf16(text, true, true))),
        ];
        for (name, bytes) in rows {
            for chunk in [1, 7, 4096, 1 << 20] {
                let (out, cut) = decoded(&bytes, chunk);
                assert!(out == plain && !cut, "{name}, chunks of {chunk}, {} bytes of {}", out.len(), plain.len());
            }
        }
    }
}

#[test]
fn utf16_without_a_mark_is_recognised() {
    assert_eq!(decoded(&utf16("time,ms\n", false, false), 3).0, b"time,ms\n");
    assert_eq!(decoded(&utf16("time,ms\n", true, false), 3).0, b"time,ms\n");
}

#[test]
fn a_cut_file_gives_what_came_before() {
    let text: Vec<u8> =
        (0..20_000).flat_map(|index| format!("{index},{}\n", index * 7919 % 1000).into_bytes()).collect();
    // The zstd decoder keeps a window back until the frame ends, so a short cut file gives nothing.
    for (packed, some) in [(gzip(&text), true), (zstd(&text), false)] {
        let (out, cut) = decoded(&packed[..packed.len() * 3 / 4], 1000);
        assert!(cut && (!out.is_empty() || !some) && text.starts_with(&out));
    }
}

#[test]
fn other_packings_are_named() {
    for (bytes, word) in [(&b"PK\x03\x04rest"[..], "zip"), (b"PAR1....", "Parquet"), (b"BZh91AY", "bzip2")] {
        let refusal = Decoder::default().push(bytes, &mut |_| Ok(())).unwrap_err();
        assert!(refusal.found.contains(word) && !refusal.remedy.is_empty(), "{refusal}");
    }
}
