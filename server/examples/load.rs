//! A small load generator for the share API, and what it finds: `cargo run --release -p server --example load [FOLDER]`.
//!
//! It starts a server with a share store in a temporary folder in a process of its own (this program with `serve`), so that
//! its memory can be told apart, and measures reads of a 20 KB share, durable writes beside the disk's own fsync rate, memory
//! at rest, and what an idle connection costs. Generator and server share the machine.

use server::share::ShareId;
use server::{Config, Limits, LogFormat, PerMinute, Server, ShareRules, StoreAt};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Length of each measurement.
const SECONDS: u64 = 8;
const TOKEN: &str = "owner-token-0123456789";
/// Bytes of a share.
const SIZE: usize = 20 * 1024;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.get(1).map(String::as_str) {
        Some("serve") => runtime.block_on(serve(Path::new(&arguments[2]))),
        folder => runtime.block_on(measure(folder)),
    }
}

async fn serve(folder: &Path) -> Outcome<()> {
    let free = PerMinute(None);
    let config = Config {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        store: StoreAt::File(folder.join("shares.db")),
        shares: ShareRules { reads: free, writes: free, ..ShareRules::default() },
        limits: Limits { per_address: None, ..Limits::default() },
        log: LogFormat::Off,
        ..Config::default()
    };
    let server = Server::bind(config).await?;
    fs::write(folder.join("address"), server.address().to_string())?;
    server.serve(std::future::pending()).await;
    Ok(())
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn measure(folder: Option<&str>) -> Outcome<()> {
    let folder = tempfile::tempdir_in(folder.unwrap_or("."))?;
    let program = std::env::current_exe()?;
    let server = Running(Command::new(program).arg("serve").arg(folder.path()).stdin(Stdio::null()).spawn()?);
    let file = folder.path().join("address");
    while !fs::read_to_string(&file).is_ok_and(|text| text.contains(':')) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let address: SocketAddr = fs::read_to_string(&file)?.parse()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("memory at rest: {:.1} MB", memory(server.0.id())? / 1024.0);

    let share = ShareId([7; 16]).to_string();
    ask(&mut TcpStream::connect(address).await?, &put(&share), &mut Vec::new()).await?;
    let read = format!("GET /api/v1/shares/{share} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes();
    let mut answered = 0;
    // A million requests and then some: memory after each round of them.
    for (round, connections) in [16, 64].into_iter().chain(std::iter::repeat(16)).enumerate() {
        let read = read.clone();
        let reads = run(address, connections, move || read.clone()).await?;
        report(&format!("reads of 20 KB, {connections} connections, round {}", round + 1), &reads);
        answered += reads.times.len();
        println!("  memory after {answered} requests: {:.1} MB", memory(server.0.id())? / 1024.0);
        if answered > 1_000_000 {
            break;
        }
    }
    println!("the disk alone: {:.0} fsync/s", fsyncs(folder.path())?);
    for connections in [16_u64, 128] {
        let counter = Arc::new(AtomicU64::new(connections << 32));
        let new = move || {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            put(&ShareId(id).to_string())
        };
        let writes = run(address, usize::try_from(connections)?, new).await?;
        report(&format!("durable writes of 20 KB, {connections} connections"), &writes);
    }
    println!("memory after that: {:.1} MB", memory(server.0.id())? / 1024.0);
    idle(address, server.0.id()).await?;
    Ok(())
}

fn put(share: &str) -> Vec<u8> {
    let head = format!(
        "PUT /api/v1/shares/{share} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\nif-none-match: *\r\n\
         content-type: application/octet-stream\r\ncontent-length: {SIZE}\r\n\r\n"
    );
    let mut request = head.into_bytes();
    request.extend((0..SIZE).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8));
    request
}

/// Sends a request on a connection and reads its whole answer; gives the status.
async fn ask(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Outcome<u16> {
    stream.write_all(request).await?;
    answer.clear();
    let mut whole = None;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        if whole.is_none()
            && let Some(head) = answer.windows(4).position(|part| part == b"\r\n\r\n")
        {
            let text = std::str::from_utf8(&answer[..head])?;
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            whole = Some(head + 4 + length.map_or(Ok(0), str::parse::<usize>)?);
        }
        if whole.is_some_and(|whole| answer.len() >= whole) {
            return Ok(std::str::from_utf8(&answer[9..12])?.parse()?);
        }
    }
}

struct Measured {
    seconds: f64,
    errors: u64,
    /// Milliseconds, ascending.
    times: Vec<f64>,
}

async fn run(
    address: SocketAddr,
    connections: usize,
    request: impl Fn() -> Vec<u8> + Clone + Send + Sync + 'static,
) -> Outcome<Measured> {
    let started = Instant::now();
    let tasks: Vec<_> =
        (0..connections).map(|_| tokio::spawn(keep_asking(address, request.clone(), started))).collect();
    let mut measured = Measured { seconds: 0.0, errors: 0, times: Vec::new() };
    for task in tasks {
        let (times, errors) = task.await??;
        measured.times.extend(times);
        measured.errors += errors;
    }
    measured.seconds = started.elapsed().as_secs_f64();
    measured.times.sort_by(f64::total_cmp);
    Ok(measured)
}

async fn keep_asking(address: SocketAddr, request: impl Fn() -> Vec<u8>, started: Instant) -> Outcome<(Vec<f64>, u64)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut errors, mut answer) = (Vec::new(), 0_u64, Vec::with_capacity(2 * SIZE));
    while started.elapsed() < Duration::from_secs(SECONDS) {
        let request = request();
        let asked = Instant::now();
        let status = ask(&mut stream, &request, &mut answer).await?;
        times.push(asked.elapsed().as_secs_f64() * 1000.0);
        errors += u64::from(!(200..300).contains(&status));
    }
    Ok((times, errors))
}

fn report(what: &str, measured: &Measured) {
    let count = measured.times.len();
    let at = |share: f64| measured.times.get((count as f64 * share) as usize).copied().unwrap_or(0.0);
    let rate = count as f64 / measured.seconds;
    println!("{what}: {rate:.0}/s, p50 {:.2} ms, p99 {:.2} ms, {} errors", at(0.5), at(0.99), measured.errors);
}

/// How often a second the disk makes a write of 4 KB durable, one after another.
fn fsyncs(folder: &Path) -> Outcome<f64> {
    let mut file = fs::File::create(folder.join("fsync"))?;
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(2) {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Resident kilobytes of a process (Linux).
fn memory(process: u32) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

async fn idle(address: SocketAddr, process: u32) -> Outcome<()> {
    let before = memory(process)?;
    let mut open = Vec::new();
    for _ in 0..10_000 {
        let Ok(mut stream) = TcpStream::connect(address).await else { break };
        ask(&mut stream, b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", &mut Vec::new()).await?;
        open.push(stream);
    }
    let each = (memory(process)? - before) / open.len() as f64;
    println!("{} idle connections, each after one answer: {each:.1} KB each", open.len());
    Ok(())
}
