//! Feeds changed fixtures to the importer for a while and counts: `cargo run --profile bench -p ingest --example fuzz -- SECONDS
//! [SEED]`. A panic ends it with the seed of the input; inputs that take longer than a second are named.

use ingest::{Import, Options, Outcome};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// SplitMix64: every input follows from one number.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Numbers that a file may hold and a reader may not expect.
const NUMBERS: [&[u8]; 12] = [
    b"0",
    b"-1",
    b"1e308",
    b"1e-320",
    b"99999999999999999999",
    b"0.0000001",
    b"null",
    b"true",
    b"[]",
    b"-0.0",
    b"1e17",
    b"4294967296",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Changes bytes, cuts, doubles, splices parts of another file in, swaps numbers for odd ones.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let odd: [&[u8]; 12] = [
        b"NaN",
        b"-1",
        b"1e308",
        b"1e-320",
        b"99999999999999999999",
        b"\"",
        b"\n",
        b"\0\0\0\0",
        b"\xff\xfe",
        b"{",
        b"[",
        b",,,",
    ];
    for _ in 0..1 + random.below(8) {
        let place = random.below(bytes.len());
        let end = (place + random.below(200)).min(bytes.len());
        match random.below(9) {
            // A number for another one leaves the shape of a document as it is: what is behind the parser gets to see it.
            7 | 8 => {
                let from = bytes[place..].iter().position(u8::is_ascii_digit).map_or(place, |digit| place + digit);
                let number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'e');
                let length = bytes[from..].iter().take_while(|byte| number(byte)).count();
                bytes.splice(from..from + length, NUMBERS[random.below(NUMBERS.len())].iter().copied());
            }
            0 if !bytes.is_empty() => bytes[place] = random.next() as u8,
            1 => bytes.truncate(place),
            2 => {
                bytes.drain(place..end);
            }
            3 => {
                let part = bytes[place..end].to_vec();
                bytes.splice(place..place, part);
            }
            4 => {
                let from = random.below(other.len());
                let part = &other[from..(from + random.below(400)).min(other.len())];
                bytes.splice(place..place, part.iter().copied());
            }
            _ => {
                let end = (place + random.below(4)).min(bytes.len());
                bytes.splice(place..end, odd[random.below(odd.len())].iter().copied());
            }
        }
    }
}

/// White space behind a comma: what makes a document so long that its list is read item by item.
fn lengthen(bytes: &mut Vec<u8>, random: &mut Random) {
    let commas: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] == b',').collect();
    if let Some(place) = commas.get(random.below(commas.len())) {
        bytes.splice(place + 1..place + 1, std::iter::repeat_n(b' ', 1_200_000));
    }
}

fn import(bytes: &[u8], chunk: usize) -> Outcome {
    let mut import = Import::new("fuzz", Options::default());
    for part in bytes.chunks(chunk) {
        if import.push(part).is_err() {
            break;
        }
    }
    import.finish()
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (seconds, first) = (arguments.next().unwrap_or(60), arguments.next().unwrap_or(1));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("tests/fixtures"), &mut paths);
    files(&root.join("../../tests/fixtures/shop-stack"), &mut paths);
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .map(|mut bytes| {
            bytes.truncate(60_000);
            bytes
        })
        .collect();
    let (begin, mut seed, mut kinds) = (Instant::now(), first, std::collections::BTreeMap::new());
    while begin.elapsed() < Duration::from_secs(seconds) {
        let mut random = Random(seed);
        let mut bytes = corpus[random.below(corpus.len())].clone();
        let other = &corpus[random.below(corpus.len())];
        change(&mut bytes, other, &mut random);
        if random.below(40) == 0 {
            lengthen(&mut bytes, &mut random);
        }
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(|| import(&bytes, 1 + random_chunk(seed)));
        match outcome {
            Err(_) => {
                eprintln!("seed {seed}: panic on {} bytes", bytes.len());
                std::process::exit(1);
            }
            Ok(Outcome::Measured(found)) => {
                if serde_json::to_value(&found).is_ok_and(|value| has_null(&value)) {
                    eprintln!("seed {seed}: a figure that is not finite in {}", found.kind);
                    std::process::exit(1);
                }
                *kinds.entry(found.kind).or_insert(0_u64) += 1;
            }
            Ok(Outcome::Question(_)) => *kinds.entry("(question)".to_owned()).or_insert(0) += 1,
            Ok(Outcome::Nothing(_)) => *kinds.entry("(refused)".to_owned()).or_insert(0) += 1,
        }
        if start.elapsed() > Duration::from_secs(1) {
            println!("seed {seed}: {:.1} s for {} bytes", start.elapsed().as_secs_f64(), bytes.len());
        }
        seed += 1;
    }
    println!("{} executions from seed {first} in {} s: {kinds:?}", seed - first, begin.elapsed().as_secs());
}

/// JSON has no NaN and no infinity: they are written as null, which the measurements never hold otherwise.
fn has_null(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::Array(items) => items.iter().any(has_null),
        serde_json::Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

fn random_chunk(seed: u64) -> usize {
    [16, 333, 4096, 65_536][(seed % 4) as usize]
}
