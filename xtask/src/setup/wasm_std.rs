//! The standard library for wasm32-unknown-unknown.
//!
//! Where rustup's server does not answer, it is built once from its source and kept by compiler commit. The result is the same
//! set of `.rlib`s rustup would bring, so that plain stable builds, LTO and tests work from then on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::debian;
use crate::command;
use crate::project::Project;
use crate::steps::{Result, Trouble};

const TARGET: &str = "wasm32-unknown-unknown";

/// rustup retries a silent server for minutes; an answering one needs seconds for these 20 MB.
const RUSTUP_PATIENCE: Duration = Duration::from_secs(180);

/// Makes sure the toolchain in use can build for the browser.
pub fn bring_up(project: &Project) -> Result<()> {
    let compiler = Compiler::ask(&project.root)?;
    if compiler.has_std() {
        println!("there, for rustc {}", compiler.release);
        return Ok(());
    }
    let kept = project.cache.join("wasm32-std").join(format!("{}-{}", compiler.release, compiler.commit));
    if !libraries(&kept).is_empty() {
        println!("from the cache");
        return place(&kept, &compiler);
    }
    if let Err(trouble) = add_with_rustup(&project.root) {
        println!("{trouble}\nbuilding the standard library from its source instead");
        build(&compiler, project, &kept).map_err(|trouble| {
            let remedy = format!("rustup target add {TARGET}");
            Trouble::missing(format!("the standard library for {TARGET} ({trouble})"), remedy)
        })?;
        return place(&kept, &compiler);
    }
    Ok(())
}

/// The compiler in use, as it describes itself.
struct Compiler {
    release: String,
    commit: String,
    sysroot: PathBuf,
}

impl Compiler {
    fn ask(root: &Path) -> Result<Compiler> {
        let ask = |arguments: &[&str]| command::capture(rustc().args(arguments).current_dir(root));
        let about = ask(&["-vV"])?;
        let field = |name: &str| {
            let value = about.lines().find_map(|line| line.strip_prefix(name));
            value
                .map(|value| value.trim().to_owned())
                .ok_or_else(|| Trouble::Failed(format!("rustc -vV names no {name}")))
        };
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
        Ok(Compiler { release: field("release:")?, commit: field("commit-hash:")?, sysroot })
    }

    fn library_folder(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET).join("lib")
    }

    fn has_std(&self) -> bool {
        let names = libraries(&self.library_folder());
        let has = |prefix: &str| names.iter().any(|file| file_name(file).starts_with(prefix));
        has("libstd-") && has("libtest-")
    }
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn add_with_rustup(root: &Path) -> Result<()> {
    if command::find_program("rustup").is_none() {
        return Err(Trouble::Failed("there is no rustup".to_owned()));
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(root).env("RUSTUP_MAX_RETRIES", "1");
    println!("$ {}", command::shown(&rustup));
    let mut child = rustup.spawn()?;
    let deadline = Instant::now() + RUSTUP_PATIENCE;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(Trouble::Failed(format!("rustup ended with {status}"))),
            None if Instant::now() > deadline => {
                child.kill()?;
                child.wait()?;
                return Err(Trouble::Failed("rustup's server does not answer".to_owned()));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Builds the libraries from the compiler's own source into `kept`.
fn build(compiler: &Compiler, project: &Project, kept: &Path) -> Result<()> {
    let workshop = project.cache.join("build").join("wasm32-std");
    if workshop.exists() {
        std::fs::remove_dir_all(&workshop)?;
    }
    std::fs::create_dir_all(workshop.join("crate/src"))?;
    let source = SourceLink::make(compiler, &workshop)?;
    let package = workshop.join("crate");
    std::fs::write(package.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n")?;
    std::fs::write(package.join("src/lib.rs"), "")?;
    let mut cargo = command::cargo();
    cargo.args(["build", "--release", "-Z", "build-std=std,panic_abort,proc_macro,test", "--target", TARGET]);
    cargo.current_dir(&package).env("CARGO_TARGET_DIR", workshop.join("target"));
    // Named as in the compiler's own builds: a panic message must not tell where this machine keeps its toolchain.
    let named = [source.folder.clone(), source.folder.join("library").canonicalize()?.join("..").canonicalize()?]
        .map(|folder| format!("--remap-path-prefix={}=/rustc/{}", folder.display(), compiler.commit))
        .join(" ");
    // The standard library's source uses the compiler's unfinished features; nothing of the project is built this way.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", format!("-Cembed-bitcode=yes {named}"));
    command::run(&mut cargo)?;
    drop(source);
    let built = workshop.join("target").join(TARGET).join("release/deps");
    let fresh = kept.with_extension("new");
    std::fs::create_dir_all(&fresh)?;
    for library in libraries(&built) {
        if !file_name(&library).starts_with("libempty-") {
            std::fs::copy(&library, fresh.join(file_name(&library)))?;
        }
    }
    std::fs::rename(&fresh, kept)?;
    std::fs::remove_dir_all(&workshop)?;
    Ok(())
}

/// The library source where `-Z build-std` looks for it, taken away again when dropped.
struct SourceLink {
    /// The compiler's source folder; `library` stands in it.
    folder: PathBuf,
    made: Option<PathBuf>,
}

impl SourceLink {
    fn make(compiler: &Compiler, workshop: &Path) -> Result<SourceLink> {
        let folder = compiler.sysroot.join("lib/rustlib/src/rust");
        let expected = folder.join("library");
        if expected.join("std").is_dir() {
            return Ok(SourceLink { folder, made: None });
        }
        let files = debian::unpack("rust-src", &compiler.release, &workshop.join("debian"))?;
        let found = library_source(&files, &compiler.release)?;
        std::fs::create_dir_all(&folder)?;
        // Left over from a run that was cut off.
        let _ = std::fs::remove_file(&expected);
        link(&found, &expected)?;
        Ok(SourceLink { folder, made: Some(expected) })
    }
}

impl Drop for SourceLink {
    fn drop(&mut self) {
        if let Some(link) = &self.made {
            // A link that stays behind is replaced by the next run.
            let _ = std::fs::remove_file(link);
        }
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(from, to)?)
}

#[cfg(not(unix))]
fn link(_from: &Path, _to: &Path) -> Result<()> {
    Err(Trouble::Failed("only built from Debian's source package, on Linux".to_owned()))
}

fn library_source(files: &Path, release: &str) -> Result<PathBuf> {
    let places = [format!("usr/src/rustc-{release}/library"), "usr/lib/rustlib/src/rust/library".to_owned()];
    let found = places.iter().map(|place| files.join(place)).find(|place| place.join("std").is_dir());
    found.ok_or_else(|| Trouble::Failed(format!("Debian's rust-src holds no library folder for {release}")))
}

/// Puts the kept libraries into the toolchain.
fn place(kept: &Path, compiler: &Compiler) -> Result<()> {
    let folder = compiler.library_folder();
    let placed = std::fs::create_dir_all(&folder).and_then(|()| {
        libraries(kept).iter().try_for_each(|file| std::fs::copy(file, folder.join(file_name(file))).map(drop))
    });
    placed.map_err(|error| {
        let remedy = format!("rustup target add {TARGET}, as the owner of {}", compiler.sysroot.display());
        Trouble::missing(format!("{TARGET} in the toolchain ({error})"), remedy)
    })
}

fn libraries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rlib")).collect()
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
